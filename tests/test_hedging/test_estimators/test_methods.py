"""Every method of estimating beta: against outside truth, and what must hold for all of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import theilslopes

from hedging import (
    BetaPrior,
    DegenerateDataError,
    EstimatorOptions,
    InputError,
    InsufficientDataError,
    estimate_beta,
    prior_from_betas,
    regression_line,
)
from hedging.estimators.results import COVARIANCES, METHODS, STANDARD_ERRORS
from hedging.estimators.weighted import decay_weights, equivalent_window
from tests.test_hedging.examples import check_error, days, noisy_pair
from tests.tolerances import (
    COVERAGE_METHODS,
    FITTED_BY_ITERATION,
    SAME_FORMULA,
    STATSMODELS,
)

QUICK = settings(max_examples=15, deadline=None, derandomize=True)
OPTIONS = EstimatorOptions(prior=BetaPrior(1.0, 0.1), half_life=20, replications=199)
EVERY_ERROR = [(method, kind) for method in METHODS for kind in STANDARD_ERRORS[method]]


def estimate(y, x, method, **arguments):
    return estimate_beta(y, x, method=method, options=OPTIONS, **arguments)


class TestEveryMethod:
    @pytest.mark.parametrize("method", METHODS)
    def test_says_what_it_is(self, method):
        y, x = noisy_pair(1)
        found = estimate(pd.Series(y, index=days(120)), pd.Series(x, index=days(120)), method)
        assert found.method == method
        assert found.covariance == STANDARD_ERRORS[method][0]
        assert found.band == {"kalman": "today", "ewma": "weighted average"}.get(method, "window average")
        assert (found.first, found.last) == (days(120)[0], days(120)[-1])
        assert found.beta_low < found.beta < found.beta_high
        assert found.beta_standard_error == pytest.approx(np.sqrt(found.parameter_covariance[1, 1]))

    @pytest.mark.parametrize("method", METHODS)
    def test_on_a_clean_line_with_little_noise_all_agree(self, method):
        generator = np.random.default_rng(5)
        x = 0.03 * generator.standard_normal(240)
        y = 0.001 + 1.3 * x + 1e-5 * generator.standard_normal(240)
        found = estimate(y, x, method)
        expected = 2 / 3 * 1.3 + 1 / 3 if method == "blume" else 1.3
        assert found.beta == pytest.approx(expected, abs=1e-3)
        assert found.r_squared == pytest.approx(1.0 if method != "blume" else 0.99, abs=0.02)

    # Kalman's variances come from a search on a flat likelihood; test_kalman.py scales its filter.
    @pytest.mark.parametrize("method", [m for m in METHODS if m not in ("blume", "vasicek", "kalman")])
    @QUICK
    @given(factor=st.floats(0.1, 10.0), seed=st.integers(0, 1000))
    def test_scaling_the_asset_scales_beta(self, method, factor, seed):
        y, x = noisy_pair(seed, 80)
        plain, scaled = estimate(y, x, method), estimate(factor * y, x, method)
        for name in ("beta", "beta_standard_error", "beta_low", "beta_high", "residual_volatility"):
            assert getattr(scaled, name) == pytest.approx(
                factor * getattr(plain, name), rel=FITTED_BY_ITERATION, abs=FITTED_BY_ITERATION
            )

    @pytest.mark.parametrize("method", [m for m in METHODS if m not in ("blume", "vasicek", "huber")])
    def test_benchmark_on_itself_is_one(self, method):
        _, x = noisy_pair(2)
        found = estimate(x, x, method)
        assert found.beta == pytest.approx(1.0, abs=1e-6)
        # Kalman's likelihood has no bound on a perfect line: its search stops at a small noise.
        assert found.beta_standard_error == pytest.approx(0.0, abs=1e-3 if method == "kalman" else 1e-7)

    @pytest.mark.parametrize("method", METHODS)
    def test_the_line_can_be_drawn(self, method):
        y, x = noisy_pair(3)
        found = estimate(y, x, method)
        line = regression_line(found, np.array([0.0, 0.01]))
        assert np.diff(line.fitted)[0] == pytest.approx(0.01 * found.beta, rel=1e-9)
        assert (line.prediction_high > line.line_high).all()

    @pytest.mark.parametrize("method", [m for m in METHODS if len(STANDARD_ERRORS[m]) == 1])
    def test_a_standard_error_it_does_not_have(self, method):
        y, x = noisy_pair(4)
        with pytest.raises(InputError) as caught:
            estimate(y, x, method, covariance="nonrobust")
        check_error(caught, parameter="covariance", names="nonrobust")

    @pytest.mark.parametrize("method", METHODS)
    def test_too_few(self, method):
        y, x = noisy_pair(5, 4)
        with pytest.raises(InsufficientDataError) as caught:
            estimate(y, x, method)
        check_error(caught)

    def test_unknown(self):
        y, x = noisy_pair(6)
        with pytest.raises(InputError) as caught:
            estimate(y, x, "lasso")
        check_error(caught, parameter="method", names="lasso")

    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("half_life", 0.5),
            ("half_life", float("nan")),
            ("lead_lags", 0),
            ("replications", 10),
            ("seed", -1),
            ("refit_every", 0),
            ("block_length", 0.5),
        ],
    )
    def test_settings_out_of_range(self, setting, value):
        with pytest.raises(InputError) as caught:
            EstimatorOptions(**{setting: value})
        check_error(caught, parameter=setting)


@pytest.mark.parametrize(
    ("method", "kind"),
    [(m, k) for m, k in EVERY_ERROR if k != "hac" and m not in ("kalman", "bootstrap", "blume", "vasicek")],
)
def test_coverage_of_a_constant_beta(method, kind):
    """300 samples of 60 fat-tailed returns; hac is narrow at 60, which its docstring says."""
    hits = []
    for seed in range(300):
        generator = np.random.default_rng([seed, 77])
        x = 0.03 * generator.standard_t(5, 60)
        y = 1.5 * x + 0.02 * generator.standard_t(5, 60)
        found = estimate(y, x, method, covariance=kind if kind in COVARIANCES else None)
        hits.append(found.beta_low <= 1.5 <= found.beta_high)
    low, high = COVERAGE_METHODS
    assert low <= np.mean(hits) <= high


class TestEwma:
    def test_is_weighted_least_squares_of_statsmodels(self):
        y, x = noisy_pair(11)
        found = estimate(y, x, "ewma")
        fitted = sm.WLS(y, sm.add_constant(x), weights=decay_weights(120, 20)).fit()
        assert [found.alpha, found.beta] == pytest.approx(fitted.params.tolist(), rel=STATSMODELS)
        hc3 = sm.WLS(y, sm.add_constant(x), weights=decay_weights(120, 20)).fit(cov_type="HC3")
        np.testing.assert_allclose(found.parameter_covariance, hc3.cov_params(), rtol=1e-9)

    def test_by_hand(self):
        # Half-life 1: weights 1/16, 1/8, 1/4, 1/2, 1; the effective number is (31/16)^2 / (341/256).
        assert decay_weights(5, 1.0).tolist() == [0.0625, 0.125, 0.25, 0.5, 1.0]
        assert equivalent_window(1.0) == pytest.approx(3.0)  # (1 + 1/2) / (1 - 1/2)

    def test_a_very_long_half_life_is_least_squares(self):
        y, x = noisy_pair(12)
        equal = estimate_beta(y, x, method="ewma", options=EstimatorOptions(half_life=10_000))
        plain = estimate_beta(y, x, covariance="hc3")
        assert equal.beta == pytest.approx(plain.beta, rel=1e-2)
        assert equal.beta_standard_error == pytest.approx(plain.beta_standard_error, rel=1e-2)
        assert equal.effective_observations == pytest.approx(120, rel=1e-4)

    def test_effective_observations_reach_the_formula(self):
        y, x = noisy_pair(13, 600)
        found = estimate(y, x, "ewma")
        assert found.effective_observations == pytest.approx(equivalent_window(20), rel=1e-6)

    def test_too_short_a_half_life(self):
        y, x = noisy_pair(14)
        with pytest.raises(InsufficientDataError) as caught:
            estimate_beta(y, x, method="ewma", options=EstimatorOptions(half_life=1))
        check_error(caught, parameter="half_life")


class TestHuber:
    @pytest.mark.parametrize("seed", range(5))
    def test_is_rlm_of_statsmodels(self, seed):
        y, x = noisy_pair(seed)
        found = estimate(y, x, "huber", covariance="nonrobust")
        fitted = sm.RLM(y * 100, sm.add_constant(x * 100), M=sm.robust.norms.HuberT()).fit(
            maxiter=500, tol=1e-13
        )
        assert found.beta == pytest.approx(fitted.params[1], rel=FITTED_BY_ITERATION)
        assert found.alpha == pytest.approx(fitted.params[0] / 100, rel=1e-6)
        assert found.beta_standard_error == pytest.approx(fitted.bse[1], rel=FITTED_BY_ITERATION)

    def test_wild_days_hardly_move_it(self):
        y, x = noisy_pair(21)
        wild = y.copy()
        wild[[5, 60, 100]] += 1.0
        moved = abs(estimate(wild, x, "huber").beta - estimate(y, x, "huber").beta)
        assert moved < 0.2 * abs(estimate(wild, x, "ols").beta - estimate(y, x, "ols").beta)

    def test_a_perfect_line(self):
        _, x = noisy_pair(22)
        with pytest.raises(DegenerateDataError) as caught:
            estimate(1.2 * x, x, "huber")
        check_error(caught, parameter="asset_returns")


class TestTheilSen:
    def test_is_scipy(self):
        y, x = noisy_pair(31)
        found = estimate(y, x, "theil_sen", confidence=0.9)
        slope, intercept, low, high = theilslopes(y, x, alpha=0.9)
        assert (found.beta, found.alpha, found.beta_low, found.beta_high) == (slope, intercept, low, high)

    def test_too_many_pairs(self):
        y, x = noisy_pair(32, 5_001)
        with pytest.raises(InputError) as caught:
            estimate(y, x, "theil_sen")
        check_error(caught, names="5000")


class TestDimson:
    @pytest.mark.parametrize("kind", ["nonrobust", "hc3", "hac"])
    @pytest.mark.parametrize("reach", [1, 2])
    def test_is_a_sum_of_statsmodels_coefficients(self, kind, reach):
        y, x = noisy_pair(41)
        found = estimate_beta(
            y, x, method="dimson", covariance=kind, options=EstimatorOptions(lead_lags=reach)
        )
        frame = pd.DataFrame({k: pd.Series(x).shift(k) for k in range(-reach, reach + 1)}).dropna()
        model = sm.OLS(pd.Series(y)[frame.index], sm.add_constant(frame))
        lags = int(4.0 * (len(frame) / 100.0) ** (2.0 / 9.0))
        fitted = {
            "nonrobust": model.fit,
            "hc3": lambda: model.fit(cov_type="HC3"),
            "hac": lambda: model.fit(cov_type="HAC", cov_kwds={"maxlags": lags}),
        }[kind]()
        ones = np.r_[0.0, np.ones(2 * reach + 1)]
        assert found.beta == pytest.approx(ones @ fitted.params, rel=STATSMODELS)
        assert found.beta_standard_error == pytest.approx(
            np.sqrt(ones @ fitted.cov_params() @ ones), rel=STATSMODELS
        )
        assert found.alpha_standard_error == pytest.approx(fitted.bse.iloc[0], rel=STATSMODELS)
        assert found.degrees_of_freedom == fitted.df_resid
        assert found.residual_volatility == pytest.approx(np.sqrt(fitted.scale), rel=STATSMODELS)

    def test_finds_what_reacts_a_day_late(self):
        generator = np.random.default_rng(42)
        x = 0.03 * generator.standard_normal(400)
        y = 0.9 * x + 0.6 * np.r_[0.0, x[:-1]] + 0.01 * generator.standard_normal(400)
        assert estimate(y, x, "ols").beta == pytest.approx(0.9, abs=0.1)
        assert estimate(y, x, "dimson").beta == pytest.approx(1.5, abs=0.1)


class TestConditional:
    def test_is_least_squares_on_the_chosen_rows(self):
        y, x = noisy_pair(51)
        for method, rows in (("downside", x < 0), ("upside", x > 0)):
            found = estimate(y, x, method)
            side = estimate_beta(y[rows], x[rows], covariance="hc3")
            assert (found.beta, found.beta_standard_error) == (side.beta, side.beta_standard_error)
            assert found.n_observations == rows.sum()

    def test_no_falling_day(self):
        y, x = noisy_pair(52)
        with pytest.raises(InsufficientDataError) as caught:
            estimate(y, np.abs(x), "downside")
        check_error(caught, names="falling")


class TestShrinkage:
    def test_blume(self):
        y, x = noisy_pair(61)
        plain, drawn = estimate(y, x, "ols"), estimate(y, x, "blume")
        assert drawn.beta == pytest.approx(2 / 3 * plain.beta + 1 / 3, rel=SAME_FORMULA)
        assert drawn.beta_standard_error == pytest.approx(2 / 3 * plain.beta_standard_error, rel=1e-9)
        assert drawn.alpha == pytest.approx(y.mean() - drawn.beta * x.mean(), rel=1e-9)

    def test_vasicek_is_the_normal_posterior(self):
        y, x = noisy_pair(62)
        plain = estimate(y, x, "ols")
        drawn = estimate_beta(
            y,
            x,
            method="vasicek",
            options=EstimatorOptions(prior=BetaPrior(0.8, plain.beta_standard_error**2)),
        )
        # Prior and data equally sure: the mean of both, with half the variance.
        assert drawn.beta == pytest.approx((plain.beta + 0.8) / 2, rel=1e-9)
        assert drawn.beta_standard_error == pytest.approx(plain.beta_standard_error / np.sqrt(2), rel=1e-9)

    def test_vasicek_wants_a_prior(self):
        y, x = noisy_pair(63)
        with pytest.raises(InputError) as caught:
            estimate_beta(y, x, method="vasicek")
        check_error(caught, parameter="prior")

    def test_prior_by_hand(self):
        # Equal errors: the variance of 0.8, 1.0, 1.2, 1.4 is 0.2 / 3, errors of 0.1 explain 0.01 of it.
        prior = prior_from_betas(np.array([0.8, 1.0, 1.2, 1.4]), np.full(4, 0.1))
        assert (prior.mean, prior.variance) == pytest.approx((1.1, 0.2 / 3 - 0.01), rel=FITTED_BY_ITERATION)

    def test_a_wild_error_hardly_counts(self):
        betas, errors = np.array([0.8, 1.0, 1.2, 1.4]), np.full(4, 0.1)
        calm = prior_from_betas(betas, errors)
        wild = prior_from_betas(np.append(betas, 9.0), np.append(errors, 20.0))
        assert wild.mean == pytest.approx(calm.mean, rel=0.01)
        # It still counts as one more asset without spread of its own; the plain variance would be 12.
        assert 0.7 * calm.variance < wild.variance < calm.variance

    def test_prior_of_a_cross_section_helps(self):
        """30 betas from N(1.3, 0.3^2), each drawn towards the others: the error falls."""
        generator = np.random.default_rng(64)
        true = 1.3 + 0.3 * generator.standard_normal(30)
        x = 0.03 * generator.standard_normal(60)
        plain, drawn = [], []
        returns = [b * x + 0.05 * generator.standard_normal(60) for b in true]
        estimates = [estimate_beta(y, x, covariance="hc3") for y in returns]
        for i, y in enumerate(returns):
            others = [e for j, e in enumerate(estimates) if j != i]
            prior = prior_from_betas(
                np.array([e.beta for e in others]), np.array([e.beta_standard_error for e in others])
            )
            drawn.append(
                estimate_beta(
                    y, x, method="vasicek", covariance="hc3", options=EstimatorOptions(prior=prior)
                ).beta
            )
            plain.append(estimates[i].beta)
        assert np.square(drawn - true).mean() < 0.9 * np.square(plain - true).mean()

    @pytest.mark.parametrize(
        ("betas", "errors", "kind"),
        [
            ([1.0, 1.1], [0.1, 0.1], InsufficientDataError),
            ([1.0, 1.1, 1.2], [0.1, 0.1], InputError),
            ([1.0, 1.1, 1.2], [0.1, 0.1, -0.1], InputError),
            ([1.0, 1.0, 1.01], [0.1, 0.1, 0.1], DegenerateDataError),
        ],
    )
    def test_prior_of_too_little(self, betas, errors, kind):
        with pytest.raises(kind) as caught:
            prior_from_betas(np.array(betas), np.array(errors))
        check_error(caught)

    @pytest.mark.parametrize(("mean", "variance"), [(1.0, 0.0), (1.0, -1.0), (float("nan"), 1.0)])
    def test_prior_out_of_range(self, mean, variance):
        with pytest.raises(InputError) as caught:
            BetaPrior(mean, variance)
        check_error(caught)


def test_one_day_decides_a_weighted_slope():
    x = np.zeros(60)
    x[30] = 0.05
    y, _ = noisy_pair(71, 60)
    with pytest.raises(DegenerateDataError) as caught:
        estimate(y, x, "ewma")
    check_error(caught, parameter="benchmark_returns")


def test_theil_sen_refuses_levels_that_scipy_would_turn_round():
    y, x = noisy_pair(72)
    with pytest.raises(InputError) as caught:
        estimate(y, x, "theil_sen", confidence=0.3)
    check_error(caught, parameter="confidence", names="0.3")


@pytest.mark.parametrize("confidence", [0.0, 1.0, 1 - 1e-16, 1e-12])
def test_levels_whose_quantile_is_infinite(confidence):
    y, x = noisy_pair(77)
    with pytest.raises(InputError) as caught:
        estimate_beta(y, x, confidence=confidence)
    check_error(caught, parameter="confidence")


def test_settings_of_the_wrong_kind():
    y, x = noisy_pair(78)
    with pytest.raises(InputError) as caught:
        EstimatorOptions(prior=1.0)
    check_error(caught, parameter="prior")
    with pytest.raises(InputError) as caught:
        estimate_beta(y, x, options=None)
    check_error(caught, parameter="options")
