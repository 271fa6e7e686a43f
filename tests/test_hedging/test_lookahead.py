"""Nothing known later may change anything earlier."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging import align, backtest_hedge, rolling_beta
from hedging.estimators.results import COVARIANCES
from tests.test_hedging.examples import days, noisy_pair, price_path, random_prices
from tests.tolerances import UNCHANGED

QUICK = settings(max_examples=30, deadline=None, derandomize=True)
CHANGES = st.floats(-0.5, 2.0).filter(lambda change: abs(change) > 0.01)
N = 70


def prices():
    y, x = noisy_pair(21, N)
    return price_path(y, days(N + 1)), price_path(x, days(N + 1), 50_000.0)


@pytest.mark.parametrize("covariance", COVARIANCES)
@QUICK
@given(at=st.integers(0, N - 1), change=CHANGES)
def test_rolling_beta(covariance, at, change):
    y, x = noisy_pair(22, N)
    plain = rolling_beta(y, x, window=15, covariance=covariance)
    later_y, later_x = y.copy(), x.copy()
    later_y[at:] += change
    later_x[at:] *= 1 + change
    changed = rolling_beta(later_y, later_x, window=15, covariance=covariance)
    for name in ("beta", "standard_error", "low", "high"):
        np.testing.assert_allclose(getattr(changed, name)[:at], getattr(plain, name)[:at], rtol=UNCHANGED)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_rolling_beta_grows_without_a_change(covariance):
    y, x = noisy_pair(23, N)
    whole = rolling_beta(y, x, window=15, covariance=covariance).beta
    for end in range(15, N):
        part = rolling_beta(y[:end], x[:end], window=15, covariance=covariance).beta
        np.testing.assert_allclose(part, whole[:end], rtol=UNCHANGED)


@QUICK
@given(at=st.integers(20, N - 1), change=CHANGES, which=st.sampled_from(["asset", "benchmark", "both"]))
def test_backtest(at, change, which):
    asset, benchmark = prices()
    plain = backtest_hedge(align(asset, benchmark), window=15, position_usd=1_000)
    # The return of period ``at`` ends on price ``at + 1``: that and every later price is changed.
    if which != "benchmark":
        asset.iloc[at + 1 :] *= 1 + change
    if which != "asset":
        benchmark.iloc[at + 1 :] *= 1 + change / 2
    changed = backtest_hedge(align(asset, benchmark), window=15, position_usd=1_000)
    known = at - 15  # rows of the walk before period ``at``
    for one, other in zip(plain.strategies, changed.strategies, strict=True):
        np.testing.assert_allclose(other.pnl_usd[:known], one.pnl_usd[:known], rtol=UNCHANGED, atol=1e-10)
        np.testing.assert_allclose(
            other.cumulative_pnl_usd[:known], one.cumulative_pnl_usd[:known], rtol=UNCHANGED, atol=1e-10
        )
        np.testing.assert_allclose(
            other.drawdown_usd[:known], one.drawdown_usd[:known], rtol=UNCHANGED, atol=1e-10
        )
    # The hedge OF period ``at`` was set before it: one row more is unchanged.
    np.testing.assert_allclose(
        changed.hedge_ratio[: known + 1], plain.hedge_ratio[: known + 1], rtol=UNCHANGED
    )


def test_a_changed_return_moves_the_hedge_of_the_next_period_first():
    asset, benchmark = prices()
    plain = backtest_hedge(align(asset, benchmark), window=15, position_usd=1_000)
    asset.iloc[41:] *= 1.3  # the return of period 40
    changed = backtest_hedge(align(asset, benchmark), window=15, position_usd=1_000)
    # Later returns are those of scaled prices: equal up to rounding.
    differs = ~np.isclose(changed.hedge_ratio, plain.hedge_ratio, rtol=1e-9)
    assert np.flatnonzero(differs).tolist() == list(range(41 - 15, 56 - 15))
    pnl_differs = ~np.isclose(changed.beta.pnl_usd, plain.beta.pnl_usd, rtol=1e-9)
    assert np.flatnonzero(pnl_differs).tolist() == list(range(40 - 15, 56 - 15))


@pytest.mark.parametrize("interval", ["daily", "weekly"])
@QUICK
@given(end=st.integers(15, N))
def test_alignment_grows_without_a_change(interval, end):
    asset = random_prices(1, days(N + 1)).drop(days(N + 1)[[5, 6, 20]])
    benchmark = random_prices(2, days(N + 1)).drop(days(N + 1)[[12]])
    whole = align(asset, benchmark, interval=interval)
    until = days(N + 1)[end]
    part = align(asset[:until], benchmark[:until], interval=interval)
    for name in ("asset", "benchmark"):
        found = getattr(part, name)
        pd.testing.assert_series_equal(found, getattr(whole, name)[: len(found)])
    # Nothing finished is held back either: a week is known on its last day.
    assert len(part.asset) == (whole.asset.index <= until).sum()


@QUICK
@given(at=st.integers(2, N), factor=st.floats(0.5, 2.0))
def test_alignment(at, factor):
    asset, benchmark = prices()
    plain = align(asset, benchmark)
    asset.iloc[at:] *= factor
    changed = align(asset, benchmark)
    np.testing.assert_array_equal(changed.asset[: at - 1], plain.asset[: at - 1])
    np.testing.assert_array_equal(changed.benchmark, plain.benchmark)
