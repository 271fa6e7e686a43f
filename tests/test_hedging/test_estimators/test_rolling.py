"""Beta over a moving window: against one fit per window, and windows that must not leak."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.regression.rolling import RollingOLS

import hedging.estimators._windows
from hedging import DegenerateDataError, InputError, InsufficientDataError, estimate_beta, rolling_beta
from hedging.estimators.results import COVARIANCES
from tests.test_hedging.examples import check_error, days, noisy_pair
from tests.test_hedging.test_estimators.test_regression import statsmodels_fit
from tests.tolerances import (
    AFTER_BAD_TICK,
    SAME_FORMULA,
    STATSMODELS,
    STATSMODELS_ROLLING,
)


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("window", [5, 30, 60])
def test_against_a_loop_of_statsmodels(covariance, window):
    y, x = noisy_pair(11, 150)
    ours = rolling_beta(y, x, window=window, covariance=covariance, confidence=0.9)
    for end in range(window, 151, 3):
        fit = statsmodels_fit(y[end - window : end], x[end - window : end], covariance)
        row = end - 1
        low, high = fit.conf_int(alpha=0.1)[1]
        assert ours.beta[row] == pytest.approx(fit.params[1], rel=STATSMODELS)
        assert ours.standard_error[row] == pytest.approx(fit.bse[1], rel=STATSMODELS)
        assert ours.low[row] == pytest.approx(low, rel=STATSMODELS, abs=STATSMODELS)
        assert ours.high[row] == pytest.approx(high, rel=STATSMODELS, abs=STATSMODELS)


def test_against_rolling_ols_of_statsmodels():
    y, x = noisy_pair(12, 400)
    theirs = RollingOLS(y, sm.add_constant(x), window=60).fit()
    ours = rolling_beta(y, x, window=60, covariance="nonrobust")
    np.testing.assert_allclose(ours.beta, theirs.params[:, 1], rtol=STATSMODELS_ROLLING)
    np.testing.assert_allclose(ours.standard_error, theirs.bse[:, 1], rtol=STATSMODELS_ROLLING)


def test_a_stretch_on_a_line_is_looked_at_more_closely_than_its_neighbours():
    # A block of windows is worked out at once unless one of them lies on its line up to rounding.
    y, x = noisy_pair(12, 400)
    y[150:260] = 1.3 * x[150:260] + 1e-7 * np.sin(np.arange(110.0))
    ours = rolling_beta(y, x, window=20, covariance="nonrobust")
    for end in range(130, 300):
        fit = statsmodels_fit(y[end - 20 : end], x[end - 20 : end], "nonrobust")
        assert ours.beta[end - 1] == pytest.approx(fit.params[1], rel=STATSMODELS)
        assert ours.standard_error[end - 1] == pytest.approx(fit.bse[1], rel=STATSMODELS)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_equals_the_estimate_of_each_window(covariance):
    y, x = noisy_pair(13, 80)
    index = days(80)
    asset, benchmark = pd.Series(y, index), pd.Series(x, index)
    rolling = rolling_beta(asset, benchmark, window=20, covariance=covariance)
    for end in (20, 47, 80):
        one = estimate_beta(asset[end - 20 : end], benchmark[end - 20 : end], covariance=covariance)
        assert one.last == index[end - 1]
        assert rolling.beta[one.last] == pytest.approx(one.beta, rel=SAME_FORMULA)
        assert rolling.low[one.last] == pytest.approx(one.beta_low, rel=1e-11)
        assert rolling.high[one.last] == pytest.approx(one.beta_high, rel=1e-11)


def test_a_window_holds_w_and_not_w_plus_one_observations():
    # Beta is 1 in the first ten rows and 3 in the next ten; a window that ends on the tenth row or
    # starts on the eleventh must not see the other side.
    _, x = noisy_pair(14, 20)
    y = np.r_[x[:10], 3 * x[10:]]
    beta = rolling_beta(y, x, window=10).beta
    assert beta.isna().sum() == 9
    assert beta[9] == pytest.approx(1.0, rel=SAME_FORMULA)
    assert beta[10] != pytest.approx(1.0, rel=1e-3)
    assert beta[18] != pytest.approx(3.0, rel=1e-3)
    assert beta[19] == pytest.approx(3.0, rel=SAME_FORMULA)


def test_only_the_warm_up_is_empty():
    y, x = noisy_pair(15, 50)
    result = rolling_beta(y, x, window=12)
    for series in (result.beta, result.standard_error, result.low, result.high):
        assert series.isna().to_numpy().tolist() == [True] * 11 + [False] * 39
        assert list(series.index) == list(range(50))
    assert (result.window, result.covariance, result.confidence) == (12, "hac", 0.95)
    assert (result.low[11:] < result.beta[11:]).all()
    assert (result.beta[11:] < result.high[11:]).all()


def test_a_window_of_everything_is_the_estimate():
    y, x = noisy_pair(16, 40)
    assert rolling_beta(y, x, window=40).beta[39] == pytest.approx(estimate_beta(y, x).beta, rel=1e-12)


@pytest.mark.parametrize("method", ["ewma", "dimson"])
def test_the_size_of_a_block_does_not_matter(method, monkeypatch):
    y, x = noisy_pair(17, 90)
    whole = rolling_beta(y, x, window=20, method=method)
    for elements in (1, 20, 140):
        monkeypatch.setattr(hedging.estimators._windows, "BLOCK_ELEMENTS", elements)
        parts = rolling_beta(y, x, window=20, method=method)
        np.testing.assert_allclose(parts.beta, whole.beta, rtol=SAME_FORMULA)
        np.testing.assert_allclose(parts.standard_error, whole.standard_error, rtol=SAME_FORMULA)


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("which", ["asset", "benchmark", "both"])
def test_a_bad_price_leaves_no_trace_in_later_windows(covariance, which):
    y, x = noisy_pair(18, 200)
    spoilt_y, spoilt_x = y.copy(), x.copy()
    if which != "benchmark":
        spoilt_y[50] = 1e6
    if which != "asset":
        # HC3 refuses a benchmark tick of 1e6: that point alone decides the slope.
        spoilt_x[50] = 1e3 if covariance == "hc3" else 1e6
    clean = rolling_beta(y, x, window=30, covariance=covariance)
    spoilt = rolling_beta(spoilt_y, spoilt_x, window=30, covariance=covariance)
    for name in ("beta", "standard_error", "low", "high"):
        np.testing.assert_allclose(getattr(spoilt, name)[80:], getattr(clean, name)[80:], rtol=AFTER_BAD_TICK)
    assert spoilt.beta[50] != pytest.approx(clean.beta[50], rel=1e-3)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), window=st.integers(5, 40), factor=st.floats(0.01, 100.0))
def test_scaling(seed, window, factor):
    y, x = noisy_pair(seed, 40)
    plain = rolling_beta(y, x, window=window)
    larger = rolling_beta(factor * y, x, window=window)
    wider = rolling_beta(y, factor * x, window=window)
    np.testing.assert_allclose(larger.beta, factor * plain.beta, rtol=1e-9)
    np.testing.assert_allclose(larger.standard_error, factor * plain.standard_error, rtol=1e-9)
    np.testing.assert_allclose(wider.beta, plain.beta / factor, rtol=1e-9)
    np.testing.assert_allclose(wider.standard_error, plain.standard_error / factor, rtol=1e-9)


def test_benchmark_on_itself():
    _, x = noisy_pair(19, 60)
    result = rolling_beta(x, x, window=10)
    np.testing.assert_allclose(result.beta[9:], 1.0, rtol=SAME_FORMULA)
    np.testing.assert_allclose(result.standard_error[9:], 0.0, atol=1e-14)


class TestUnusable:
    @pytest.mark.parametrize("window", [4, 0, -3, 10.0, 7.5, True, "ten", None])
    def test_windows_that_are_none(self, window):
        y, x = noisy_pair(1, 20)
        with pytest.raises(InputError) as caught:
            rolling_beta(y, x, window=window)
        assert caught.value.parameter == "window"
        assert caught.value.allowed
        assert caught.value.remedy
        assert str(window) in str(caught.value)

    def test_a_numpy_window_is_a_number(self):
        y, x = noisy_pair(1, 20)
        assert rolling_beta(y, x, window=np.int32(6)).window == 6

    def test_window_longer_than_the_series(self):
        y, x = noisy_pair(1, 20)
        with pytest.raises(InsufficientDataError) as caught:
            rolling_beta(y, x, window=21)
        check_error(caught, parameter="window", names="21")
        assert "20" in str(caught.value)

    def test_a_benchmark_that_stands_still_in_one_window(self):
        y, x = noisy_pair(1, 60)
        x[20:30] = 0.01
        index = days(60)
        with pytest.raises(DegenerateDataError) as caught:
            rolling_beta(pd.Series(y, index), pd.Series(x, index), window=10)
        check_error(caught, parameter="benchmark_returns", names=index[29])
        assert not rolling_beta(y, x, window=11).beta[10:].isna().any()

    def test_still_up_to_rounding(self):
        y, x = noisy_pair(1, 60)
        prices = 50_000 * 1.001 ** np.arange(11)
        x[20:30] = prices[1:] / prices[:-1] - 1
        with pytest.raises(DegenerateDataError):
            rolling_beta(y, x, window=10)

    def test_hc3_refuses_a_point_that_alone_decides_a_window(self):
        y, x = noisy_pair(1, 60)
        x[20:30] = np.r_[np.zeros(9), 0.05]
        with pytest.raises(DegenerateDataError, match="alone decides the slope") as caught:
            rolling_beta(y, x, window=10, covariance="hc3")
        check_error(caught, parameter="benchmark_returns")
        assert math.isfinite(rolling_beta(y, x, window=10, covariance="hac").beta[29])

    def test_hc3_names_the_window(self):
        y, x = noisy_pair(1, 60)
        x[20:30] = np.r_[np.zeros(9), 0.05]
        index = days(60)
        with pytest.raises(DegenerateDataError) as caught:
            rolling_beta(pd.Series(y, index), pd.Series(x, index), window=10, covariance="hc3")
        # Rows 19 to 28 hold one value that differs from the rest, as rows 20 to 29 do.
        assert "2024-01-29" in str(caught.value)

    @pytest.mark.parametrize(("option", "value"), [("covariance", "white"), ("confidence", 95.0)])
    def test_wrong_options(self, option, value):
        y, x = noisy_pair(1, 20)
        with pytest.raises(InputError) as caught:
            rolling_beta(y, x, window=10, **{option: value})
        check_error(caught, parameter=option, names=value)

    def test_newest_first_is_refused(self):
        # On a falling index the window "ending" at t would hold the days after t.
        y, x = noisy_pair(1, 20)
        newest_first = days(20)[::-1]
        with pytest.raises(InputError) as caught:
            rolling_beta(pd.Series(y, newest_first), pd.Series(x, newest_first), window=10)
        check_error(caught)

    def test_a_repeated_instant_is_refused(self):
        y, x = noisy_pair(1, 20)
        twice = days(20)[[0, *range(19)]]
        with pytest.raises(InputError) as caught:
            rolling_beta(pd.Series(y, twice), pd.Series(x, twice), window=10)
        check_error(caught)
