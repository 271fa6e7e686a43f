"""The parabola of hedge sizes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedging import InputError, effectiveness_of_ratio, estimate_beta

RNG = np.random.default_rng(5)
X = 0.02 * RNG.standard_normal(80)
Y = 1.3 * X + 0.03 * RNG.standard_normal(80)
ESTIMATE = estimate_beta(Y, X)


@given(st.floats(-5, 5))
def test_it_is_one_less_the_share_of_variance_left(ratio):
    direct = 1 - np.var(Y - ratio * X, ddof=1) / np.var(Y, ddof=1)
    assert effectiveness_of_ratio(ESTIMATE, np.array([ratio]))[0] == pytest.approx(direct, abs=1e-12)


def test_no_hedge_removes_nothing_the_best_one_r_squared_and_twice_the_best_nothing():
    found = effectiveness_of_ratio(ESTIMATE, np.array([0.0, ESTIMATE.beta, 2 * ESTIMATE.beta]))
    assert found == pytest.approx([0.0, ESTIMATE.r_squared, 0.0], abs=1e-12)


def test_another_estimator_s_beta_moves_nothing_but_its_own_point():
    other = estimate_beta(Y, X, method="blume")
    ratios = np.linspace(0, 3, 7)
    assert effectiveness_of_ratio(other, ratios) == pytest.approx(effectiveness_of_ratio(ESTIMATE, ratios))


def test_a_ratio_that_is_no_number_is_refused():
    with pytest.raises(InputError, match="not finite"):
        effectiveness_of_ratio(ESTIMATE, np.array([1.0, np.nan]))
