"""Which estimator finds the true beta, and is its interval honest? Writes docs/estimators.md.

python -m benchmarks.estimators
"""

from __future__ import annotations

import math
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from data.simulation import simulate_market
from hedging import (
    BetaEstimate,
    BetaPrior,
    Covariance,
    DegenerateDataError,
    EstimatorOptions,
    HedgingError,
    Method,
    align,
    estimate_beta,
    prior_from_betas,
)

SEEDS = range(1000, 1012)
DAYS = 730
LOOKBACKS = (30, 60, 90, 180)
EVERY_DAYS = 45
PAGE = Path(__file__).resolve().parents[1] / "docs" / "estimators.md"

# (name in the table, method, standard error, evaluated at every how many of the days)
ROWS: tuple[tuple[str, Method, Covariance | None, int], ...] = (
    ("ols, classical", "ols", "nonrobust", 1),
    ("ols, HC3", "ols", "hc3", 1),
    ("ols, HAC", "ols", "hac", 1),
    ("ewma, half-life a third of the lookback", "ewma", None, 1),
    ("kalman", "kalman", None, 3),
    ("huber", "huber", None, 2),
    ("theil_sen", "theil_sen", None, 1),
    ("dimson, HC3", "dimson", "hc3", 1),
    ("downside, HC3", "downside", "hc3", 1),
    ("upside, HC3", "upside", "hc3", 1),
    ("blume, HC3", "blume", "hc3", 1),
    ("vasicek, HC3", "vasicek", "hc3", 1),
    ("bootstrap", "bootstrap", None, 2),
)

INTRODUCTION = """\
# Which estimator finds the true beta?

Written by `python -m benchmarks.estimators`: {seeds} simulated markets of {days} days with 12 assets whose
true, wandering beta is known (volatility clusters, fat tails, jumps, breaks, decouplings), daily returns,
one estimate every {every} days (slow methods every second or third of these). RMSE is the root of the mean
squared error of beta; coverage is how often the 95 % interval held the truth. "Today" is the true beta of
the window's last day, "average" the mean true beta over the window. Vasicek's prior comes from the other
assets' last 180 days; "refused" counts the days on which these scattered no more than their errors. A
coverage from n estimates has a simulation error of about 0.22 / sqrt(n), more where windows overlap.

"""


@dataclass
class Score:
    """Errors and hits of one estimator at one lookback."""

    today: list[float] = field(default_factory=list)
    average: list[float] = field(default_factory=list)
    covers_today: list[bool] = field(default_factory=list)
    covers_average: list[bool] = field(default_factory=list)
    refused: int = 0

    def add(self, estimate: BetaEstimate, today: float, average: float) -> None:
        """Count one estimate against both truths."""
        self.today.append(estimate.beta - today)
        self.average.append(estimate.beta - average)
        self.covers_today.append(estimate.beta_low <= today <= estimate.beta_high)
        self.covers_average.append(estimate.beta_low <= average <= estimate.beta_high)


def main() -> None:
    """Score every estimator and write the page."""
    started = time.perf_counter()
    scores: dict[tuple[str, int], Score] = defaultdict(Score)
    for seed in SEEDS:
        market = simulate_market(seed=seed, days=DAYS)
        pairs = {
            symbol: align(market.prices[symbol], market.prices[market.benchmark])
            for symbol in market.symbols
            if symbol != market.benchmark
        }
        returns = {symbol: (pair.asset, pair.benchmark) for symbol, pair in pairs.items()}
        for lookback in LOOKBACKS:
            for turn, end in enumerate(range(max(LOOKBACKS), DAYS - 2, EVERY_DAYS)):
                score_one_day(scores, returns, market.true_beta, lookback=lookback, end=end, turn=turn)
        print(f"seed {seed}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    PAGE.write_text(page(scores), encoding="utf-8")


def score_one_day(
    scores: dict[tuple[str, int], Score],
    returns: dict[str, tuple[pd.Series, pd.Series]],
    true_beta: pd.DataFrame,
    *,
    lookback: int,
    end: int,
    turn: int,
) -> None:
    """Every estimator on the ``lookback`` returns before position ``end``, for all assets."""
    window = slice(end - lookback, end)
    longest = slice(end - max(LOOKBACKS), end)
    long_run = {
        symbol: estimate_beta(y.iloc[longest], x.iloc[longest], covariance="hc3")
        for symbol, (y, x) in returns.items()
    }
    for symbol, (y, x) in returns.items():
        others = [estimate for name, estimate in long_run.items() if name != symbol]
        truth = true_beta[symbol].reindex(y.index[window])
        options = EstimatorOptions(half_life=lookback / 3, replications=299, prior=prior_of(others))
        for name, method, covariance, every in ROWS:
            if turn % every:
                continue
            score = scores[name, lookback]
            try:
                estimate = estimate_beta(
                    y.iloc[window], x.iloc[window], method=method, covariance=covariance, options=options
                )
            except HedgingError:
                score.refused += 1
                continue
            score.add(estimate, float(truth.iloc[-1]), float(truth.mean()))


def prior_of(estimates: list[BetaEstimate]) -> BetaPrior | None:
    """Prior from a cross-section, None (so that Vasicek refuses) where it has no spread."""
    betas = np.array([estimate.beta for estimate in estimates])
    errors = np.array([estimate.beta_standard_error for estimate in estimates])
    try:
        return prior_from_betas(betas, errors)
    except DegenerateDataError:
        return None


def page(scores: dict[tuple[str, int], Score]) -> str:
    """The document, in Markdown."""
    lines = INTRODUCTION.format(seeds=len(SEEDS), days=DAYS, every=EVERY_DAYS).splitlines()
    for lookback in LOOKBACKS:
        lines += [
            f"## Lookback of {lookback} days",
            "",
            "| estimator | RMSE today | RMSE average | covers today | covers average | estimates | refused |",
            "|---|---|---|---|---|---|---|",
        ]
        for name, *_ in ROWS:
            score = scores[name, lookback]
            lines.append(
                f"| {name} | {rms(score.today):.3f} | {rms(score.average):.3f} "
                f"| {np.mean(score.covers_today):.1%} | {np.mean(score.covers_average):.1%} "
                f"| {len(score.today):,} | {score.refused} |"
            )
        lines.append("")
    return "\n".join(lines)


def rms(errors: list[float]) -> float:
    """Root of the mean square."""
    return math.sqrt(sum(error * error for error in errors) / len(errors))


if __name__ == "__main__":
    main()
