"""Rolling beta side by side with what a user would pick instead, as ratios in one run.

make bench
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.regression.rolling import RollingOLS

from hedging import beta_atlas, rolling_beta
from hedging.estimators.results import COVARIANCES

WINDOW = 60
REPEATS = 7


def median_ms(work: Callable[[], object], repeats: int) -> float:
    """Median wall time of a call in milliseconds, after one call to warm up."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def contenders(y: pd.Series, x: pd.Series) -> list[tuple[str, Callable[[], object]]]:
    """Ours first, then what a user would pick instead."""
    design = sm.add_constant(x)
    return [
        ("hedging, beta and classical SE", lambda: rolling_beta(y, x, window=WINDOW, covariance="nonrobust")),
        ("hedging, beta and HC3 SE", lambda: rolling_beta(y, x, window=WINDOW, covariance="hc3")),
        ("hedging, beta and HAC SE", lambda: rolling_beta(y, x, window=WINDOW, covariance="hac")),
        ("pandas rolling cov/var, no SE", lambda: y.rolling(WINDOW).cov(x) / x.rolling(WINDOW).var()),
        ("statsmodels RollingOLS, classical SE", lambda: RollingOLS(y, design, WINDOW).fit().bse),
    ]


def main() -> None:
    """Print one table per history length, and the time of an atlas."""
    generator = np.random.default_rng(7)
    for rows, repeats, slow_repeats in ((2_000, 25, REPEATS), (43_800, REPEATS, 3), (1_000_000, REPEATS, 1)):
        index = pd.date_range("2020-01-01", periods=rows, freq="min", tz="UTC")
        x = pd.Series(0.01 * generator.standard_t(4, rows), index=index)
        y = 1.4 * x + pd.Series(0.01 * generator.standard_t(4, rows), index=index)
        timings = [
            (name, median_ms(work, slow_repeats if "statsmodels" in name else repeats))
            for name, work in contenders(y, x)
        ]
        base = timings[0][1]
        print(f"\nrolling beta, {rows:,} rows, window {WINDOW}, median of {repeats}")
        for name, milliseconds in timings:
            print(f"  {name:<40}{milliseconds:>10.2f} ms{milliseconds / base:>9.1f} x")
    windows = range(20, 366)
    x = pd.Series(0.01 * generator.standard_t(4, 2_000))
    y = 1.4 * x + pd.Series(0.01 * generator.standard_t(4, 2_000))
    print(f"\natlas of {len(windows)} lookbacks, 2,000 rows")
    for covariance in COVARIANCES:
        milliseconds = median_ms(partial(beta_atlas, y, x, windows=windows, covariance=covariance), REPEATS)
        print(f"  {covariance:<40}{milliseconds:>10.2f} ms")


if __name__ == "__main__":
    main()
