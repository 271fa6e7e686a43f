"""The answer in six figures: what to short, from which beta, how sure, as of when."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from data.contract_terms import coin_of
from data.prices import PriceHistory
from hedging import AlignedReturns, BetaEstimate, HedgePlan, HedgingError, annualise
from hedging.plots.formats import beta_text, order_text, percent_text, price_text
from pages.shared import words
from pages.shared.settings import Settings


@dataclass(frozen=True)
class Figure:
    """One figure of a strip: label, number, small print, and a help text with its formula."""

    label: str
    value: str
    small: str
    help: str


@dataclass(frozen=True, eq=False)
class Quotes:
    """What the figures of a pair need beside an estimate, the same at every lookback."""

    asset: PriceHistory
    aligned: AlignedReturns
    asset_price_usd: float
    benchmark_price_usd: float
    as_of: pd.Timestamp
    contract_note: str


def beta_figures(
    estimate: BetaEstimate,
    plan: HedgePlan | HedgingError,
    quotes: Quotes,
    settings: Settings,
    *,
    lookback: int,
) -> tuple[Figure, ...]:
    """The strip of the Beta page at one lookback."""
    asset, benchmark, aligned = settings.asset, settings.benchmark, quotes.aligned
    year = annualise(estimate.residual_volatility, periods_per_year=aligned.periods_per_year)
    if isinstance(plan, HedgePlan):
        order = order_text(plan, coin_of(benchmark).name)
        hedge = Figure(
            "Hedge", order, words.hedge_small_print(plan), words.hedge_help(plan, quotes.contract_note)
        )
    else:
        hedge = Figure(
            "Hedge", "none", "see the message below", "The order that cancels the position's market risk."
        )
    return (
        hedge,
        Figure(
            f"Beta, {words.span_text(lookback, settings, aligned.report)}",
            beta_text(estimate.beta),
            words.interval_text(estimate),
            words.beta_help(estimate, asset, benchmark),
        ),
        Figure(
            "R²",
            f"{estimate.r_squared:.2f}",
            f"correlation {beta_text(estimate.correlation)}",
            words.r_squared_help(estimate, benchmark),
        ),
        Figure(
            "Residual vol. a year",
            percent_text(year),
            f"{percent_text(estimate.residual_volatility)} per period",
            words.residual_help(estimate, aligned),
        ),
        Figure(
            "Observations",
            f"{estimate.n_observations}",
            f"{estimate.first:%Y-%m-%d} to {estimate.last:%Y-%m-%d}",
            words.observations_help(aligned),
        ),
        Figure(
            asset,
            price_text(quotes.asset_price_usd),
            f"{benchmark} {price_text(quotes.benchmark_price_usd)} · {quotes.as_of:%Y-%m-%d %H:%M} UTC",
            words.price_help(quotes.asset.source),
        ),
    )
