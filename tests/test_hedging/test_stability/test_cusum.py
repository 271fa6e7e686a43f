"""CUSUM of squares: against lines fitted one by one, the band, and what it misses."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging.errors import DegenerateDataError, InputError, InsufficientDataError
from hedging.stability.cusum import cusum_of_squares
from hedging.stability.hansen import hansen_stability
from tests.test_hedging.examples import check_error, days, noisy_pair
from tests.tolerances import FALSE_BREAKS, PRINTED_4, RUNNING_SUMS, SAME_FORMULA

QUICK = settings(max_examples=30, deadline=None, derandomize=True)


def pair(seed, n=250, *, beta=1.2, tails=4):
    generator = np.random.default_rng(seed)
    x, e = 0.03 * generator.standard_t(tails, (2, n))
    return beta * x + e, x


def test_path_from_lines_fitted_one_by_one():
    y, x = noisy_pair(3, 60)
    design = sm.add_constant(x)
    squares = []
    for t in range(10, 60):
        past, now = design[:t], design[t]
        line = np.linalg.lstsq(past, y[:t], rcond=None)[0]
        error = (y[t] - now @ line) / math.sqrt(1 + now @ np.linalg.solve(past.T @ past, now))
        squares.append(error**2)
    found = cusum_of_squares(pd.Series(y, days(60)), pd.Series(x, days(60)))
    np.testing.assert_allclose(found.path, np.cumsum(squares) / np.sum(squares), rtol=RUNNING_SUMS)
    assert found.path.index.equals(days(60)[10:])


def test_the_textbook_band():
    # 1.3581 is Kolmogorov's 5 % value; the half-width is that times sqrt(2 / n).
    found = cusum_of_squares(*pair(1, 210), normal_errors=True)
    assert found.critical_value == pytest.approx(1.3581, abs=PRINTED_4)
    half = found.critical_value * math.sqrt(2 / 200)
    np.testing.assert_allclose(found.high - found.expected, half, rtol=SAME_FORMULA)
    np.testing.assert_allclose(found.expected - found.low, half, rtol=SAME_FORMULA)
    assert found.expected.iloc[-1] == 1.0
    assert found.path.iloc[-1] == pytest.approx(1.0, rel=SAME_FORMULA)


def test_leaves_the_band_exactly_when_rejected():
    for seed in range(30):
        found = cusum_of_squares(*pair(seed, 80), significance=0.3)
        outside = (found.path > found.high) | (found.path < found.low)
        assert outside.any() == found.rejected
        assert found.rejected == (found.p_value < 0.3)


def test_false_alarms_with_fat_tails():
    robust = [cusum_of_squares(*pair(seed)).rejected for seed in range(150)]
    textbook = [cusum_of_squares(*pair(seed), normal_errors=True).rejected for seed in range(150)]
    assert np.mean(robust) <= FALSE_BREAKS[1]
    assert np.mean(textbook) > 0.3


def test_noise_that_grows_is_found_and_dated():
    y, x = pair(5, 300, beta=0.0, tails=30)
    y[180:] *= 2.5
    found = cusum_of_squares(y + 1.2 * x, x)
    assert found.rejected
    assert abs(found.largest_at - 180) <= 15


def test_misses_a_break_of_beta_that_hansen_finds():
    missed = seen = 0
    for seed in range(30):
        y, x = pair(seed)
        y[150:] -= 0.7 * x[150:]
        missed += not cusum_of_squares(y, x).rejected
        seen += hansen_stability(y, x).rejected
    assert missed >= 25
    assert seen >= 25


@QUICK
@given(seed=st.integers(0, 10_000), scale=st.floats(0.01, 100.0), line=st.floats(-3, 3))
def test_units_and_a_line_added_change_nothing(seed, scale, line):
    y, x = noisy_pair(seed, 60)
    plain, changed = cusum_of_squares(y, x), cusum_of_squares(scale * (y + line * x), -scale * x)
    np.testing.assert_allclose(changed.path, plain.path, rtol=1e-6)
    assert changed.statistic == pytest.approx(plain.statistic, rel=1e-6)


class TestUnusable:
    def test_too_few(self):
        with pytest.raises(InsufficientDataError) as caught:
            cusum_of_squares(*noisy_pair(1, 39))
        check_error(caught, names=39)

    def test_a_start_that_stands_still(self):
        y, x = noisy_pair(1, 60)
        x[:10] = 0.01
        with pytest.raises(DegenerateDataError, match=r"\[:10\] did not move") as caught:
            cusum_of_squares(y, x)
        check_error(caught)

    def test_significance(self):
        with pytest.raises(InputError) as caught:
            cusum_of_squares(*noisy_pair(1, 60), significance=1.0)
        check_error(caught, parameter="significance", names="1.0")
