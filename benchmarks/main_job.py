"""The main job on real prices, with the same figures from statsmodels alone beside it.

HEDGING_DATA_DIR=folder/of/price/files python -m benchmarks.main_job
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import statsmodels.api as sm

from data.environment import DATA_FOLDER_VARIABLE, configured_folder, utc_now
from data.files import FolderSource
from hedging import AlignedReturns, StrategyResult, align, backtest_hedge, estimate_beta

BENCHMARK = "BTCUSDT"
ASSETS = ("SOLUSDT", "ETHUSDT", "AVAXUSDT", "LINKUSDT", "DOGEUSDT", "XRPUSDT", "ADAUSDT")
LOOKBACKS = (30, 60, 90)
POSITION_USD = 10_000.0


def statsmodels_alone(returns: AlignedReturns, window: int) -> tuple[float, float, float, float]:
    """Beta, its HC3 interval and the walk-forward effectiveness without any code of ours."""
    fit = sm.OLS(returns.asset.iloc[-window:], sm.add_constant(returns.benchmark.iloc[-window:])).fit(
        cov_type="HC3", use_t=True
    )
    low, high = fit.conf_int().iloc[1]
    y, x = returns.asset.to_numpy(), returns.benchmark.to_numpy()
    hedged = [
        y[t] - sm.OLS(y[t - window : t], sm.add_constant(x[t - window : t])).fit().params[1] * x[t]
        for t in range(window, len(y))
    ]
    return float(fit.params.iloc[1]), float(low), float(high), 1.0 - np.var(hedged) / np.var(y[window:])


def effectiveness(strategy: StrategyResult) -> float:
    """Share of the unhedged variance that a hedge removed."""
    if strategy.effectiveness is None:
        raise ValueError(f"{strategy.name} is no hedge")
    return strategy.effectiveness.effectiveness


def main() -> None:
    """Print a row for each asset and lookback, and the largest difference to statsmodels."""
    folder = configured_folder()
    if folder is None or not folder.is_dir():
        sys.exit(f"{DATA_FOLDER_VARIABLE} names no folder of price files; nothing to measure")
    source, now = FolderSource(folder), utc_now()
    benchmark = source.fetch(BENCHMARK, interval="daily", now=now).prices
    rows = []
    for symbol in ASSETS:
        returns = align(source.fetch(symbol, interval="daily", now=now).prices, benchmark)
        for window in LOOKBACKS:
            y, x = returns.asset.iloc[-window:], returns.benchmark.iloc[-window:]
            estimate = estimate_beta(y, x, covariance="hc3")
            walk = backtest_hedge(returns, window=window, position_usd=POSITION_USD)
            beta, low, high, effect = statsmodels_alone(returns, window)
            rows.append(
                {
                    "asset": symbol,
                    "days": window,
                    "beta": estimate.beta,
                    "low": estimate.beta_low,
                    "high": estimate.beta_high,
                    "R2": estimate.r_squared,
                    "HE beta": effectiveness(walk.beta),
                    "HE dollar": effectiveness(walk.dollar),
                    "sm beta": beta,
                    "sm low": low,
                    "sm high": high,
                    "sm HE": effect,
                }
            )
    table = pd.DataFrame(rows)
    print(f"on {BENCHMARK}, daily, to {benchmark.index[-1]:%Y-%m-%d}, HC3 interval, 95 %")
    print(table.to_string(index=False, float_format=lambda value: f"{value:.4f}"))
    for ours_name, theirs in (
        ("beta", "sm beta"),
        ("low", "sm low"),
        ("high", "sm high"),
        ("HE beta", "sm HE"),
    ):
        print(f"largest difference {ours_name}: {(table[ours_name] - table[theirs]).abs().max():.2e}")


if __name__ == "__main__":
    main()
