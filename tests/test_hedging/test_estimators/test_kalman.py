"""The filter of a wandering beta: against its own recursion, least squares and a known truth."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging import EstimatorOptions, InsufficientDataError, estimate_beta, rolling_beta
from hedging.estimators.kalman import filter_beta, fit_steps
from tests.test_hedging.examples import check_error, noisy_pair
from tests.tolerances import (
    AFTER_DIFFUSE_START,
    COVERAGE_FILTER,
    FITTED_BY_LIKELIHOOD,
    SAME_FORMULA,
    UNCHANGED,
)

ALL = slice(None)
QUICK = settings(max_examples=20, deadline=None, derandomize=True)


def wandering(seed: int, n: int = 250, step: float = 0.05):
    generator = np.random.default_rng([seed, 5])
    beta = 1.5 + np.cumsum(step * generator.standard_normal(n))
    x = 0.03 * generator.standard_normal(n)
    return beta * x + 0.02 * generator.standard_normal(n), x, beta


def by_hand(y, x, steps):
    """The textbook recursion from a very wide prior (Harvey 1989, section 3.2)."""
    q = np.diag(np.square(steps[:2]))
    state, p = np.zeros(2), 1e6 * np.eye(2)
    states, variances = [], []
    for t in range(len(y)):
        if t:
            p = p + q
        z = np.array([1.0, x[t]])
        spread = z @ p @ z + steps[2] ** 2
        gain = p @ z / spread
        state = state + gain * (y[t] - z @ state)
        p = (np.eye(2) - np.outer(gain, z)) @ p @ (np.eye(2) - np.outer(gain, z)).T
        p = p + np.outer(gain, gain) * steps[2] ** 2
        states.append(state)
        variances.append(p)
    return np.array(states), np.array(variances)


def test_is_the_textbook_recursion():
    y, x, _ = wandering(1)
    steps = np.array([0.0005, 0.04, 0.02])
    found = filter_beta(y, x, steps, units_from=ALL)
    states, variances = by_hand(y, x, steps)
    np.testing.assert_allclose(found.beta[5:], states[5:, 1], rtol=AFTER_DIFFUSE_START)
    np.testing.assert_allclose(found.alpha[5:], states[5:, 0], rtol=1e-4, atol=1e-8)
    np.testing.assert_allclose(found.covariance[5:], variances[5:], rtol=1e-4, atol=1e-9)


def test_a_beta_that_cannot_move_is_least_squares_on_the_past():
    y, x = noisy_pair(2)
    found = filter_beta(y, x, np.array([0.0, 0.0, 0.02]), units_from=ALL)
    for end in (10, 60, 120):
        fitted = sm.OLS(y[:end], sm.add_constant(x[:end])).fit()
        assert found.beta[end - 1] == pytest.approx(fitted.params[1], rel=1e-7)
        assert found.alpha[end - 1] == pytest.approx(fitted.params[0], rel=1e-6)
        # With the residual's variance given: the classical covariance scaled to it.
        expected = fitted.bse[1] * 0.02 / np.sqrt(fitted.scale)
        assert np.sqrt(found.covariance[end - 1, 1, 1]) == pytest.approx(expected, rel=1e-6)


@QUICK
@given(a=st.floats(0.1, 10.0), b=st.floats(0.1, 10.0))
def test_scaling(a, b):
    y, x, _ = wandering(3, 60)
    steps = np.array([0.0005, 0.04, 0.02])
    plain = filter_beta(y, x, steps, units_from=ALL)
    scaled = filter_beta(a * y, b * x, steps * np.array([a, a / b, a]), units_from=ALL)
    np.testing.assert_allclose(scaled.beta, a / b * plain.beta, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(scaled.prediction_errors, a * plain.prediction_errors, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("factor", [0.2, 7.0])
def test_fitted_steps_scale(factor):
    y, x, _ = wandering(4)
    scaled = fit_steps(factor * y, x)
    np.testing.assert_allclose(scaled[1:], factor * fit_steps(y, x)[1:], rtol=FITTED_BY_LIKELIHOOD)


def test_steps_are_found():
    """Mean of the fitted steps over 16 histories of 500 days against the truth, 0.05 and 0.02."""
    fitted = np.array([fit_steps(*wandering(seed, 500)[:2]) for seed in range(16)])
    assert fitted[:, 1].mean() == pytest.approx(0.05, rel=0.15)
    assert fitted[:, 2].mean() == pytest.approx(0.02, rel=0.02)


def test_band_covers_todays_beta_and_a_window_does_not():
    hits, window_hits = [], []
    for seed in range(120):
        y, x, beta = wandering(seed, 200)
        today = estimate_beta(y, x, method="kalman")
        hits.append(today.beta_low <= beta[-1] <= today.beta_high)
        average = estimate_beta(y[-90:], x[-90:], covariance="hc3")
        window_hits.append(average.beta_low <= beta[-1] <= average.beta_high)
    low, high = COVERAGE_FILTER
    assert low <= np.mean(hits) <= high
    assert np.mean(window_hits) < 0.7  # it is about the window's average


def test_too_few():
    y, x, _ = wandering(6, 19)
    with pytest.raises(InsufficientDataError) as caught:
        estimate_beta(y, x, method="kalman")
    check_error(caught)


class TestRolling:
    options = EstimatorOptions(refit_every=20)

    def test_the_first_value_is_the_estimate_on_the_first_window(self):
        y, x, _ = wandering(7, 120)
        rolling = rolling_beta(y, x, window=60, method="kalman", options=self.options)
        first = estimate_beta(y[:60], x[:60], method="kalman")
        assert rolling.beta[59] == pytest.approx(first.beta, rel=SAME_FORMULA)
        assert rolling.standard_error[59] == pytest.approx(first.beta_standard_error, rel=SAME_FORMULA)
        assert rolling.low[59] == pytest.approx(first.beta_low, rel=SAME_FORMULA)
        assert rolling.beta.isna().sum() == 59
        assert rolling.band == "today"

    @pytest.mark.parametrize("at", [75, 100])
    def test_knows_no_future(self, at):
        y, x, _ = wandering(8, 120)
        plain = rolling_beta(y, x, window=60, method="kalman", options=self.options)
        later_y, later_x = y.copy(), x.copy()
        later_y[at:] += 5.0
        later_x[at:] *= -3.0
        changed = rolling_beta(later_y, later_x, window=60, method="kalman", options=self.options)
        np.testing.assert_allclose(changed.beta[:at], plain.beta[:at], rtol=UNCHANGED)
        np.testing.assert_allclose(changed.low[:at], plain.low[:at], rtol=UNCHANGED)
        assert changed.beta[at] != pytest.approx(plain.beta[at])

    def test_tells_its_progress(self):
        y, x, _ = wandering(9, 120)
        told: list[float] = []
        rolling_beta(y, x, window=60, method="kalman", options=self.options, progress=told.append)
        assert told == sorted(told)
        assert told[-1] == 1.0


def test_residual_volatility_is_that_of_the_predictions():
    """The first two predictions fix the line; the others count one each."""
    y, x, _ = wandering(9, 40)
    found = estimate_beta(y, x, method="kalman")
    errors = filter_beta(y, x, fit_steps(y, x), units_from=ALL).prediction_errors[2:]
    assert found.residual_volatility == pytest.approx(np.sqrt(np.mean(errors**2)), rel=SAME_FORMULA)
