"""All lookbacks at once are each lookback by itself, in compiled code that sums nothing twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging import (
    BetaPrior,
    DegenerateDataError,
    EstimatorOptions,
    InputError,
    InsufficientDataError,
    align,
    backtest_hedge,
    beta_atlas,
    compare_lookbacks,
    estimate_beta,
    rolling_beta,
)
from hedging.estimators import _compiled
from hedging.estimators.regression import newey_west_lags
from hedging.estimators.results import COVARIANCES
from tests.test_hedging.examples import aligned_pair, check_error, days, noisy_pair
from tests.tolerances import AFTER_BAD_TICK, SAME_FORMULA, UNCHANGED

WINDOWS = [5, 17, 60, 90]
KINDS = {"nonrobust": _compiled.NONROBUST, "hc3": _compiled.HC3, "hac": _compiled.HAC}


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_each_row_is_its_rolling_beta(covariance):
    y, x = (pd.Series(part, index=days(120)) for part in noisy_pair(1))
    atlas = beta_atlas(y, x, windows=WINDOWS, covariance=covariance)
    assert atlas.beta.shape == atlas.standard_error.shape == (4, 120)
    for window in WINDOWS:
        single = rolling_beta(y, x, window=window, covariance=covariance)
        found = atlas.rolling(window)
        for name in ("beta", "standard_error", "low", "high"):
            pd.testing.assert_series_equal(getattr(found, name), getattr(single, name))


@pytest.mark.parametrize("method", ["blume", "vasicek"])
def test_shrinkage(method):
    y, x = noisy_pair(2)
    options = EstimatorOptions(prior=BetaPrior(1.2, 0.1))
    atlas = beta_atlas(y, x, windows=[40, 30], method=method, options=options)
    assert atlas.windows.tolist() == [30, 40]
    single = estimate_beta(y[-30:], x[-30:], method=method, options=options)
    assert atlas.beta[0, -1] == pytest.approx(single.beta, rel=SAME_FORMULA)
    assert atlas.standard_error[0, -1] == pytest.approx(single.beta_standard_error, rel=1e-10)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(at=st.integers(0, 99), change=st.floats(0.05, 2.0))
def test_knows_no_future(at, change):
    y, x = noisy_pair(3, 100)
    plain = beta_atlas(y, x, windows=WINDOWS)
    y[at:] += change
    x[at:] *= 1 + change
    changed = beta_atlas(y, x, windows=WINDOWS)
    np.testing.assert_allclose(changed.beta[:, :at], plain.beta[:, :at], rtol=UNCHANGED)
    np.testing.assert_allclose(changed.standard_error[:, :at], plain.standard_error[:, :at], rtol=UNCHANGED)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_a_bad_tick_leaves_no_trace(covariance):
    y, x = noisy_pair(4, 400)
    spoilt_y, spoilt_x = y.copy(), x.copy()
    spoilt_y[150] = 1e6
    if covariance != "hc3":  # which refuses windows that one observation decides
        spoilt_x[150] = -1e6
    plain = rolling_beta(y, x, window=60, covariance=covariance)
    spoilt = rolling_beta(spoilt_y, spoilt_x, window=60, covariance=covariance)
    for rows in (slice(59, 150), slice(210, 400)):
        np.testing.assert_allclose(spoilt.beta[rows], plain.beta[rows], rtol=AFTER_BAD_TICK)
        np.testing.assert_allclose(
            spoilt.standard_error[rows], plain.standard_error[rows], rtol=AFTER_BAD_TICK
        )


@pytest.mark.parametrize("shift", [0.0, 1.0, 1e3])
def test_a_mean_far_from_zero_costs_few_digits(shift):
    """Sums are kept about their means, so that even prices instead of returns would do."""
    y, x = noisy_pair(5, 200)
    moved = rolling_beta(y + shift, x + shift, window=50, covariance="nonrobust")
    plain = rolling_beta(y, x, window=50, covariance="nonrobust")
    np.testing.assert_allclose(moved.beta, plain.beta, rtol=1e-13 + 1e-13 * shift**2)


def test_a_line_without_noise_has_no_error():
    _, x = noisy_pair(6)
    found = rolling_beta(1.7 * x, x, window=30, covariance="nonrobust")
    assert found.standard_error.max() < 1e-15
    np.testing.assert_allclose(found.beta[29:], 1.7, rtol=SAME_FORMULA)


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("n", [12, 13, 24, 25, 37])
def test_the_source_is_what_is_compiled(covariance, n):
    """The same function without numba, at lengths on both sides of a block's border."""
    y, x = noisy_pair(7, n)
    numbers = np.full((4, n), np.nan)
    arguments = (y, x, 12, KINDS[covariance], newey_west_lags(12))
    assert _compiled.rolling_slopes(*arguments, numbers[0], numbers[1]) == (_compiled.FINE, 0)
    assert _compiled.rolling_slopes.py_func(*arguments, numbers[2], numbers[3]) == (_compiled.FINE, 0)
    np.testing.assert_allclose(numbers[:2], numbers[2:], rtol=SAME_FORMULA)


def test_what_stops_a_pass():
    y, x = noisy_pair(8, 40)
    numbers = np.full((2, 40), np.nan)
    still = x.copy()
    still[10:25] = 0.01
    assert _compiled.rolling_slopes(y, still, 12, 0, 0, *numbers) == (_compiled.STILL, 21)
    one = np.zeros(40)
    one[5] = 0.1
    assert _compiled.rolling_slopes(y, one, 12, _compiled.HC3, 0, *numbers)[0] == _compiled.DECIDED


class TestLookbacks:
    def test_is_the_walk_forward_of_each(self):
        returns = aligned_pair(9, 300)
        atlas = beta_atlas(returns.asset, returns.benchmark, windows=[20, 60])
        found = compare_lookbacks(returns, atlas)
        walk = backtest_hedge(returns, window=60, position_usd=1.0)
        assert found.table.loc[60, "effectiveness"] == pytest.approx(walk.beta.effectiveness.effectiveness)
        assert found.table.loc[60, "low"] == pytest.approx(walk.beta.effectiveness.low)
        assert found.dollar == pytest.approx(walk.dollar.effectiveness.effectiveness)
        assert (found.n_periods, found.first) == (240, returns.asset.index[60])
        short = backtest_hedge(returns, window=20, position_usd=1.0).beta.pnl_usd.iloc[40:]
        expected = 1 - short.var() / walk.unhedged.pnl_usd.var()
        assert found.table.loc[20, "effectiveness"] == pytest.approx(expected)
        assert found.best == found.table["effectiveness"].idxmax()

    def test_unusable(self):
        returns = aligned_pair(10, 100)
        other = aligned_pair(10, 90)
        atlas = beta_atlas(other.asset, other.benchmark, windows=[20])
        with pytest.raises(InputError) as caught:
            compare_lookbacks(returns, atlas)
        check_error(caught, parameter="atlas")
        logs = align(returns.asset_prices, returns.benchmark_prices, log_returns=True)
        with pytest.raises(InputError):
            compare_lookbacks(logs, beta_atlas(logs.asset, logs.benchmark, windows=[20]))
        long = beta_atlas(returns.asset, returns.benchmark, windows=[91])
        with pytest.raises(InsufficientDataError) as few:
            compare_lookbacks(returns, long)
        check_error(few, parameter="windows", names=91)


@pytest.mark.parametrize(
    ("windows", "kind"),
    [
        (30, InputError),
        ([], InputError),
        ([20, 20], InputError),
        ([4], InputError),
        ([121], InsufficientDataError),
    ],
)
def test_unusable_windows(windows, kind):
    with pytest.raises(kind) as caught:
        beta_atlas(*noisy_pair(11), windows=windows)
    check_error(caught, parameter="windows")


def test_unusable_arguments():
    y, x = noisy_pair(12)
    for arguments, parameter in (
        ({"method": "kalman"}, "method"),
        ({"method": "vasicek"}, "prior"),
        ({"covariance": "hc9"}, "covariance"),
    ):
        with pytest.raises(InputError) as caught:
            beta_atlas(y, x, windows=[30], **arguments)
        check_error(caught, parameter=parameter)
    with pytest.raises(InputError) as caught:
        beta_atlas(y, x, windows=[30]).rolling(31)
    check_error(caught, parameter="window", names=31)
    with pytest.raises(DegenerateDataError):
        beta_atlas(y, np.zeros(120), windows=[30])
    long = np.random.default_rng(1).standard_normal(200_000)
    with pytest.raises(InputError) as caught:
        beta_atlas(long, long, windows=list(range(5, 206)))
    check_error(caught, parameter="windows", names="memory")
