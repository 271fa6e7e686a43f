"""Beta by least squares: hand-worked, against statsmodels, and what must hold for any data."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging import (
    DegenerateDataError,
    InputError,
    InsufficientDataError,
    estimate_beta,
    regression_line,
)
from hedging.estimators.regression import newey_west_lags
from hedging.estimators.results import COVARIANCES
from tests.test_hedging.examples import check_error, days, noisy_pair
from tests.tolerances import COVERAGE_REGRESSION, ROUNDING_NOISE, SAME_FORMULA, STATSMODELS

SEEDS = st.integers(0, 10_000)
FACTORS = st.floats(0.01, 100.0) | st.floats(-100.0, -0.01)
QUICK = settings(max_examples=40, deadline=None, derandomize=True)


def statsmodels_fit(y, x, covariance):
    model = sm.OLS(y, sm.add_constant(x, has_constant="add"))
    if covariance == "nonrobust":
        return model.fit()
    if covariance == "hc3":
        return model.fit(cov_type="HC3", use_t=True)
    lags = int(np.floor(4.0 * (len(y) / 100.0) ** (2.0 / 9.0)))
    return model.fit(cov_type="HAC", cov_kwds={"maxlags": lags}, use_t=True)


class TestByHand:
    # x - mean = -2 -1 0 1 2, S_xx = 10; y - mean = -3 -1 1 0 3, S_xy = 13, S_yy = 20;
    # SSE = 20 - 169 / 10 = 3.1, so Var(beta) = 3.1 / 3 / 10. In hundredths.
    x = np.array([1.0, 2.0, 3.0, 4.0, 5.0]) / 100
    y = np.array([-1.0, 1.0, 3.0, 2.0, 5.0]) / 100

    def test_slope_intercept_and_error(self):
        estimate = estimate_beta(self.y, self.x, covariance="nonrobust")
        assert estimate.beta == pytest.approx(1.3, rel=SAME_FORMULA)
        assert estimate.alpha == pytest.approx(0.02 - 1.3 * 0.03, rel=SAME_FORMULA)
        assert estimate.beta_standard_error == pytest.approx(math.sqrt(3.1 / 30), rel=SAME_FORMULA)
        assert estimate.alpha_standard_error == pytest.approx(
            math.sqrt(3.1e-4 / 3 * (1 / 5 + 9 / 10)), rel=SAME_FORMULA
        )

    def test_shares_and_volatilities(self):
        estimate = estimate_beta(self.y, self.x, covariance="nonrobust")
        assert estimate.r_squared == pytest.approx(16.9 / 20, rel=SAME_FORMULA)
        assert estimate.correlation == pytest.approx(13 / math.sqrt(200), rel=SAME_FORMULA)
        assert estimate.residual_volatility == pytest.approx(math.sqrt(3.1e-4 / 3), rel=SAME_FORMULA)
        assert estimate.asset_volatility == pytest.approx(math.sqrt(20e-4 / 4), rel=SAME_FORMULA)
        assert estimate.benchmark_volatility == pytest.approx(math.sqrt(10e-4 / 4), rel=SAME_FORMULA)
        assert estimate.benchmark_mean == pytest.approx(0.03, rel=SAME_FORMULA)

    def test_interval_uses_student_t_with_three_degrees_of_freedom(self):
        estimate = estimate_beta(self.y, self.x, covariance="nonrobust", confidence=0.95)
        assert estimate.degrees_of_freedom == 3
        assert estimate.n_observations == 5
        assert estimate.critical_value == pytest.approx(3.182446305284263, rel=1e-12)
        reach = 3.182446305284263 * math.sqrt(3.1 / 30)
        assert estimate.beta_low == pytest.approx(1.3 - reach, rel=SAME_FORMULA)
        assert estimate.beta_high == pytest.approx(1.3 + reach, rel=SAME_FORMULA)

    def test_what_was_asked_for_is_kept(self):
        index = days(5)
        estimate = estimate_beta(
            pd.Series(self.y, index), pd.Series(self.x, index), covariance="hac", confidence=0.9
        )
        assert (estimate.first, estimate.last) == (index[0], index[-1])
        assert (estimate.method, estimate.covariance, estimate.confidence) == ("ols", "hac", 0.9)
        assert estimate.hac_lags == 2  # floor(4 * 0.05 ** (2 / 9)) = floor(2.056)
        plain = estimate_beta(self.y, self.x, covariance="hc3")
        assert (plain.first, plain.last, plain.hac_lags) == (None, None, None)


class TestAgainstStatsmodels:
    @pytest.mark.parametrize("covariance", COVARIANCES)
    @pytest.mark.parametrize("n", [5, 12, 60, 365, 1500])
    def test_every_number(self, covariance, n):
        y, x = noisy_pair(n, n)
        ours = estimate_beta(y, x, covariance=covariance, confidence=0.9)
        theirs = statsmodels_fit(y, x, covariance)
        low, high = theirs.conf_int(alpha=0.1)[1]
        pairs = {
            "beta": (ours.beta, theirs.params[1]),
            "alpha": (ours.alpha, theirs.params[0]),
            "beta_se": (ours.beta_standard_error, theirs.bse[1]),
            "alpha_se": (ours.alpha_standard_error, theirs.bse[0]),
            "low": (ours.beta_low, low),
            "high": (ours.beta_high, high),
            "r_squared": (ours.r_squared, theirs.rsquared),
            "scale": (ours.residual_volatility, math.sqrt(theirs.scale)),
        }
        for name, (found, expected) in pairs.items():
            assert found == pytest.approx(expected, rel=STATSMODELS), name
        np.testing.assert_allclose(ours.parameter_covariance, theirs.cov_params(), rtol=STATSMODELS)

    @pytest.mark.parametrize("covariance", COVARIANCES)
    def test_bands_of_the_line(self, covariance):
        y, x = noisy_pair(8, 90)
        at = np.linspace(-0.15, 0.15, 31)
        line = regression_line(estimate_beta(y, x, covariance=covariance, confidence=0.9), at)
        frame = statsmodels_fit(y, x, covariance).get_prediction(sm.add_constant(at)).summary_frame(alpha=0.1)
        for found, expected in (
            (line.fitted, "mean"),
            (line.line_low, "mean_ci_lower"),
            (line.line_high, "mean_ci_upper"),
            (line.prediction_low, "obs_ci_lower"),
            (line.prediction_high, "obs_ci_upper"),
        ):
            np.testing.assert_allclose(found, frame[expected], rtol=STATSMODELS, err_msg=expected)
        np.testing.assert_array_equal(line.benchmark_returns, at)

    def test_a_mean_far_above_the_spread_costs_no_accuracy(self):
        y, x = noisy_pair(3, 60)
        moved = estimate_beta(y, x + 10.0, covariance="hc3")
        plain = estimate_beta(y, x, covariance="hc3")
        assert moved.beta == pytest.approx(plain.beta, rel=1e-12)
        assert moved.beta_standard_error == pytest.approx(plain.beta_standard_error, rel=1e-12)

    @pytest.mark.parametrize(
        ("n", "lags"), [(5, 2), (27, 2), (28, 3), (99, 3), (100, 4), (272, 4), (273, 5), (1000, 6)]
    )
    def test_lags_of_newey_and_west(self, n, lags):
        assert newey_west_lags(n) == lags


class TestForAnyData:
    @pytest.mark.parametrize("covariance", COVARIANCES)
    @QUICK
    @given(seed=SEEDS)
    def test_benchmark_on_itself(self, covariance, seed):
        _, x = noisy_pair(seed, 40)
        estimate = estimate_beta(x, x, covariance=covariance)
        assert estimate.beta == pytest.approx(1.0, rel=SAME_FORMULA)
        assert estimate.alpha == pytest.approx(0.0, abs=ROUNDING_NOISE)
        assert estimate.beta_standard_error == pytest.approx(0.0, abs=ROUNDING_NOISE)
        assert estimate.r_squared == pytest.approx(1.0, rel=SAME_FORMULA)

    @pytest.mark.parametrize("covariance", COVARIANCES)
    @QUICK
    @given(seed=SEEDS, factor=FACTORS)
    def test_a_larger_asset_has_a_larger_beta(self, covariance, seed, factor):
        y, x = noisy_pair(seed, 40)
        plain = estimate_beta(y, x, covariance=covariance)
        scaled = estimate_beta(factor * y, x, covariance=covariance)
        assert scaled.beta == pytest.approx(factor * plain.beta, rel=1e-9)
        assert scaled.alpha == pytest.approx(factor * plain.alpha, rel=1e-9, abs=1e-14)
        assert scaled.beta_standard_error == pytest.approx(abs(factor) * plain.beta_standard_error, rel=1e-9)
        assert scaled.r_squared == pytest.approx(plain.r_squared, rel=1e-9)

    @pytest.mark.parametrize("covariance", COVARIANCES)
    @QUICK
    @given(seed=SEEDS, factor=FACTORS)
    def test_a_larger_benchmark_has_a_smaller_beta(self, covariance, seed, factor):
        y, x = noisy_pair(seed, 40)
        plain = estimate_beta(y, x, covariance=covariance)
        scaled = estimate_beta(y, factor * x, covariance=covariance)
        assert scaled.beta == pytest.approx(plain.beta / factor, rel=1e-9)
        assert scaled.beta_standard_error == pytest.approx(plain.beta_standard_error / abs(factor), rel=1e-9)

    @pytest.mark.parametrize("covariance", COVARIANCES)
    @QUICK
    @given(seed=SEEDS, asset_shift=st.floats(-0.5, 0.5), benchmark_shift=st.floats(-0.5, 0.5))
    def test_a_constant_moves_alpha_only(self, covariance, seed, asset_shift, benchmark_shift):
        y, x = noisy_pair(seed, 40)
        plain = estimate_beta(y, x, covariance=covariance)
        moved = estimate_beta(y + asset_shift, x + benchmark_shift, covariance=covariance)
        assert moved.beta == pytest.approx(plain.beta, rel=1e-10)
        assert moved.beta_standard_error == pytest.approx(plain.beta_standard_error, rel=1e-10)
        expected = plain.alpha + asset_shift - plain.beta * benchmark_shift
        assert moved.alpha == pytest.approx(expected, abs=ROUNDING_NOISE)

    @pytest.mark.parametrize("covariance", ["nonrobust", "hc3"])
    @QUICK
    @given(seed=SEEDS)
    def test_the_order_of_pairs_does_not_matter(self, covariance, seed):
        y, x = noisy_pair(seed, 40)
        order = np.random.default_rng(seed).permutation(40)
        plain = estimate_beta(y, x, covariance=covariance)
        mixed = estimate_beta(y[order], x[order], covariance=covariance)
        assert mixed.beta == pytest.approx(plain.beta, rel=SAME_FORMULA * 10)
        assert mixed.beta_standard_error == pytest.approx(plain.beta_standard_error, rel=1e-11)

    def test_the_order_does_matter_to_hac(self):
        y, x = noisy_pair(5, 40)
        order = np.random.default_rng(1).permutation(40)
        plain, mixed = estimate_beta(y, x), estimate_beta(y[order], x[order])
        assert mixed.beta_standard_error != pytest.approx(plain.beta_standard_error, rel=1e-3)

    @pytest.mark.parametrize("covariance", COVARIANCES)
    @QUICK
    @given(seed=SEEDS)
    def test_the_sign_flips(self, covariance, seed):
        y, x = noisy_pair(seed, 40)
        plain, flipped = (estimate_beta(sign * y, x, covariance=covariance) for sign in (1, -1))
        # Not to the last bit: dot products round by where their arrays lie in memory.
        assert flipped.beta == pytest.approx(-plain.beta, rel=SAME_FORMULA)
        assert flipped.correlation == pytest.approx(-plain.correlation, rel=SAME_FORMULA)
        assert flipped.beta_standard_error == pytest.approx(plain.beta_standard_error, rel=1e-11)
        assert flipped.beta_low == pytest.approx(-plain.beta_high, rel=1e-10)

    @QUICK
    @given(seed=SEEDS)
    def test_after_a_perfect_hedge_no_beta_is_left(self, seed):
        y, x = noisy_pair(seed, 40)
        hedged = y - estimate_beta(y, x).beta * x
        assert estimate_beta(hedged, x).beta == pytest.approx(0.0, abs=ROUNDING_NOISE)

    @QUICK
    @given(seed=SEEDS, confidence=st.floats(0.5, 0.99))
    def test_more_confidence_is_a_wider_band(self, seed, confidence):
        y, x = noisy_pair(seed, 40)
        narrow = estimate_beta(y, x, confidence=confidence)
        wide = estimate_beta(y, x, confidence=confidence + 0.009)
        assert wide.beta_low < narrow.beta_low < narrow.beta < narrow.beta_high < wide.beta_high
        line = regression_line(narrow, x)
        assert (line.prediction_low < line.line_low).all()
        assert (line.prediction_high > line.line_high).all()

    @QUICK
    @given(seed=SEEDS)
    def test_correlation_is_the_signed_root_of_r_squared(self, seed):
        y, x = noisy_pair(seed, 40, beta=-0.7)
        estimate = estimate_beta(y, x)
        signed_root = math.copysign(math.sqrt(estimate.r_squared), estimate.beta)
        assert estimate.correlation == pytest.approx(signed_root, rel=1e-9)

    def test_a_correlation_never_leaves_its_range(self):
        _, x = noisy_pair(1, 60)
        found = [estimate_beta(k * x + 0.1, x).correlation for k in np.linspace(0.1, 3.0, 60)]
        assert max(found) <= 1.0

    def test_shares_of_variance_never_leave_their_range(self):
        # An even function on a symmetric benchmark has correlation 0 up to rounding, and rounding
        # falls on the wrong side of 0 about once in a hundred.
        lowest = 0.0
        for seed in range(2000):
            half = 0.02 * np.random.default_rng(seed).standard_normal(20)
            symmetric = np.r_[half, -half]
            lowest = min(lowest, estimate_beta(np.abs(symmetric), symmetric).r_squared)
        assert lowest == 0.0


def test_the_interval_holds_the_truth_as_often_as_it_says():
    generator = np.random.default_rng(20240601)
    hits = 0
    for _ in range(1000):
        x = 0.03 * generator.standard_normal(60)
        y = 1.5 * x + 0.02 * generator.standard_normal(60)
        estimate = estimate_beta(y, x, covariance="nonrobust")
        hits += estimate.beta_low <= 1.5 <= estimate.beta_high
    assert COVERAGE_REGRESSION[0] <= hits / 1000 <= COVERAGE_REGRESSION[1]


def test_hc3_holds_the_truth_where_the_noise_follows_the_benchmark():
    generator = np.random.default_rng(20240602)
    hits = {"nonrobust": 0, "hc3": 0}
    for _ in range(600):
        x = 0.03 * generator.standard_normal(60)
        y = 1.5 * x + np.abs(x) * generator.standard_normal(60)
        for covariance in hits:
            estimate = estimate_beta(y, x, covariance=covariance)
            hits[covariance] += estimate.beta_low <= 1.5 <= estimate.beta_high
    assert hits["hc3"] / 600 > 0.91
    assert hits["nonrobust"] / 600 < 0.85


class TestUnusable:
    def test_other_indexes(self):
        y, x = noisy_pair(1, 20)
        with pytest.raises(InputError, match="different indexes") as caught:
            estimate_beta(pd.Series(y, days(20)), pd.Series(x, days(20, "2024-01-02")))
        check_error(caught, parameter="benchmark_returns", names="align")

    def test_other_lengths(self):
        y, x = noisy_pair(1, 20)
        with pytest.raises(InputError) as caught:
            estimate_beta(y, x[1:])
        check_error(caught, parameter="benchmark_returns", names="19")
        assert "20" in str(caught.value)

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 2e6, -2e6])
    @pytest.mark.parametrize("which", ["asset_returns", "benchmark_returns"])
    def test_values_that_are_no_returns(self, bad, which):
        y, x = noisy_pair(1, 20)
        (y if which == "asset_returns" else x)[7] = bad
        with pytest.raises(InputError) as caught:
            estimate_beta(y, x)
        check_error(caught, parameter=which, names=f"{which} holds {bad} at position 7")

    @pytest.mark.parametrize("level", [0.0, 0.01, 0.1])
    def test_a_benchmark_that_stands_still(self, level):
        y, _ = noisy_pair(1, 20)
        with pytest.raises(DegenerateDataError, match="benchmark_returns did not move") as caught:
            estimate_beta(y, np.full(20, level))
        check_error(caught, parameter="benchmark_returns", names=f"{level:.6g}")

    def test_constant_up_to_rounding(self):
        y, x = noisy_pair(1, 20)
        prices = 100 * 1.01 ** np.arange(21)  # returns differ in their last bits only
        with pytest.raises(DegenerateDataError) as caught:
            estimate_beta(prices[1:] / prices[:-1] - 1, x)
        check_error(caught, parameter="asset_returns")
        with pytest.raises(DegenerateDataError):
            estimate_beta(y, prices[1:] / prices[:-1] - 1)

    @pytest.mark.parametrize("n", [0, 1, 4])
    def test_too_few(self, n):
        y, x = noisy_pair(1, 20)
        with pytest.raises(InsufficientDataError) as caught:
            estimate_beta(y[:n], x[:n])
        check_error(caught, names=n)

    def test_two_dimensions(self):
        y, x = noisy_pair(1, 20)
        with pytest.raises(InputError, match="2 dimensions") as caught:
            estimate_beta(pd.DataFrame({"a": y}), x)
        check_error(caught, parameter="asset_returns")

    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("method", "ridge"),
            ("covariance", "HC3"),
            ("covariance", "hc0"),
            ("confidence", 0.0),
            ("confidence", 1.0),
            ("confidence", 95),
            ("confidence", -0.5),
            ("confidence", float("nan")),
            ("confidence", "high"),
            ("confidence", None),
        ],
    )
    def test_wrong_options(self, option, value):
        y, x = noisy_pair(1, 20)
        with pytest.raises(InputError) as caught:
            estimate_beta(y, x, **{option: value})
        error = caught.value
        assert error.parameter == option
        assert error.allowed
        assert error.remedy
        assert str(value) in str(error)

    def test_hc3_refuses_a_point_that_alone_decides_the_slope(self):
        y, _ = noisy_pair(1, 10)
        alone = np.r_[np.zeros(9), 0.05]
        with pytest.raises(DegenerateDataError, match="alone decides the slope") as caught:
            estimate_beta(y, alone, covariance="hc3")
        check_error(caught, parameter="benchmark_returns")
        assert caught.value.value == 9
        assert math.isfinite(estimate_beta(y, alone, covariance="nonrobust").beta_standard_error)

    def test_hc3_names_the_point(self):
        y, _ = noisy_pair(1, 10)
        with pytest.raises(DegenerateDataError) as caught:
            estimate_beta(y, np.r_[np.zeros(9), 0.05], covariance="hc3")
        assert "9" in str(caught.value)

    def test_text_is_no_return(self):
        y, x = noisy_pair(1, 20)
        with pytest.raises(InputError) as caught:
            estimate_beta(pd.Series(["n/a"] * 20, dtype=object), x)
        check_error(caught, parameter="asset_returns", names="n/a")
        assert y.size == 20

    def test_a_numpy_confidence_is_a_number(self):
        y, x = noisy_pair(1, 20)
        assert estimate_beta(y, x, confidence=np.float32(0.9)).confidence == pytest.approx(0.9)

    def test_time_must_run_forward(self):
        # Newey-West takes its lags from the order of rows.
        y, x = noisy_pair(1, 20)
        mixed = days(20)[np.random.default_rng(1).permutation(20)]
        with pytest.raises(InputError) as caught:
            estimate_beta(pd.Series(y, mixed), pd.Series(x, mixed), covariance="hac")
        check_error(caught)

    def test_the_line_needs_numbers(self):
        y, x = noisy_pair(1, 20)
        with pytest.raises(InputError) as caught:
            regression_line(estimate_beta(y, x), np.array([0.01, np.nan]))
        check_error(caught, parameter="benchmark_returns", names="nan")

    def test_the_line_needs_one_dimension(self):
        y, x = noisy_pair(1, 20)
        with pytest.raises(InputError) as caught:
            regression_line(estimate_beta(y, x), np.zeros((2, 2)))
        check_error(caught, parameter="benchmark_returns")
