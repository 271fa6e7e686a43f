"""Chow's F and the search for a break: by hand, against fits of each side, and the size of the test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging.errors import DegenerateDataError, InputError, InsufficientDataError
from hedging.stability.breaks import chow_test, sup_f_break
from tests.test_hedging.examples import check_error, days, noisy_pair
from tests.tolerances import ANDREWS, FALSE_ALARMS_OF_60, FALSE_BREAKS, RUNNING_SUMS, SAME_FORMULA

QUICK = settings(max_examples=30, deadline=None, derandomize=True)
SEEDS = st.integers(0, 10_000)
FACTORS = st.floats(0.01, 100.0) | st.floats(-100.0, -0.01)


def stepped(seed, *, n=250, beta=(1.5, 0.8), at=150):
    generator = np.random.default_rng(seed)
    x, e = 0.03 * generator.standard_t(4, (2, n))
    return np.where(np.arange(n) < at, *beta) * x + e, x


class TestChowByHand:
    # q is orthogonal to 1 and x, so each side has its own slope (1 and 3) and SSE = 14 / 4 = 3.5;
    # one line has slope 2 and SSE = 7 + 10 + 10. F = (20 / 2) / (7 / 6) = 60 / 7 with 2 and 6 degrees
    # of freedom, and P(F > f) = (1 + 2 f / 6)^-3 = (7 / 27)^3. In hundredths.
    side = np.arange(-2.0, 3.0) / 100
    q = np.array([2.0, -1.0, -2.0, -1.0, 2.0]) / 200
    x = np.r_[side, side]
    y = np.r_[side + q, 3 * side + q]

    def test_classical(self):
        found = chow_test(self.y, self.x, at=5, covariance="classical")
        assert found.statistic == pytest.approx(60 / 7, rel=SAME_FORMULA)
        assert found.p_value == pytest.approx((7 / 27) ** 3, rel=SAME_FORMULA)
        assert found.critical_value == pytest.approx(3 * (0.05 ** (-1 / 3) - 1), rel=SAME_FORMULA)
        assert found.rejected
        assert (found.beta_before, found.beta_after) == pytest.approx((1.0, 3.0), rel=SAME_FORMULA)
        assert (found.n_before, found.n_after, found.break_at) == (5, 5, 5)

    def test_robust(self):
        # Each side: sum e^2 = 3.5, sum x e^2 = 0, sum x^2 e^2 = (4*4 + 1 + 1 + 4*4) / 4 = 8.5, so
        # Var(slope) = 5/3 * 8.5 / 100; the intercepts are equal and uncorrelated with the slopes.
        found = chow_test(self.y, self.x, at=5)
        assert found.statistic == pytest.approx(4 / (2 * 5 / 3 * 0.085) / 2, rel=SAME_FORMULA)
        assert found.covariance == "robust"


def robust_by_side(y, x, split):
    """Wald statistic of two separate statsmodels fits."""
    fits = [
        sm.OLS(y[rows], sm.add_constant(x[rows])).fit(cov_type="HC1")
        for rows in (slice(None, split), slice(split, None))
    ]
    change = fits[1].params - fits[0].params
    return change @ np.linalg.solve(fits[0].cov_params() + fits[1].cov_params(), change) / 2


def classical_by_sums(y, x, split):
    def sse(rows):
        return sm.OLS(y[rows], sm.add_constant(x[rows])).fit().ssr

    parts = sse(slice(None, split)) + sse(slice(split, None))
    return (sse(slice(None)) - parts) / 2 / (parts / (len(y) - 4))


@pytest.mark.parametrize("split", [6, 40, 113])
@pytest.mark.parametrize(
    ("covariance", "truth"), [("robust", robust_by_side), ("classical", classical_by_sums)]
)
def test_chow_against_fits_of_each_side(split, covariance, truth):
    y, x = noisy_pair(4, 120)
    y, x = y + 0.3, x - 0.2  # sums of powers must survive a mean far from 0
    found = chow_test(y, x, at=split, covariance=covariance)
    assert found.statistic == pytest.approx(truth(y, x, split), rel=RUNNING_SUMS)


class TestSearch:
    def test_the_path_is_chows(self):
        y, x = stepped(3, n=80, at=50)
        found = sup_f_break(y, x, replications=99)
        assert list(found.path.index) == list(range(12, 69))
        for at, value in found.path.items():
            assert value == pytest.approx(chow_test(y, x, at=at).statistic, rel=RUNNING_SUMS)
        assert found.statistic == found.path.max()
        assert found.break_at == found.path.idxmax()

    @pytest.mark.parametrize("covariance", ["robust", "classical"])
    def test_finds_the_day(self, covariance):
        y, x = stepped(5, beta=(1.5, 0.3))
        found = sup_f_break(pd.Series(y, days(250)), pd.Series(x, days(250)), covariance=covariance)
        assert found.rejected
        assert found.p_value == 1 / 1000
        assert found.statistic > found.critical_value
        assert abs((found.break_at - days(250)[150]).days) <= 5
        assert found.beta_before == pytest.approx(1.5, abs=0.3)
        assert found.beta_after == pytest.approx(0.3, abs=0.3)

    def test_critical_value_is_andrews(self):
        # Normal, equal noise is what his table is for; W = 2 F.
        generator = np.random.default_rng(8)
        x, y = generator.standard_normal((2, 400))
        found = sup_f_break(y, x, covariance="classical")
        assert 2 * found.critical_value == pytest.approx(11.72, abs=ANDREWS)

    @pytest.mark.parametrize("covariance", ["robust", "classical"])
    def test_no_more_false_alarms_than_it_says(self, covariance):
        rejected = [
            sup_f_break(
                *stepped(seed, n=150, beta=(1.2, 1.2)), covariance=covariance, replications=99, seed=seed
            ).rejected
            for seed in range(200)
        ]
        assert FALSE_BREAKS[0] <= np.mean(rejected) <= FALSE_BREAKS[1]

    def test_noise_that_grows_is_no_break(self):
        rejected = []
        for seed in range(60):
            generator = np.random.default_rng(seed)
            x, e = 0.03 * generator.standard_normal((2, 150))
            e[100:] *= 4
            rejected.append(sup_f_break(1.2 * x + e, x, replications=99, seed=seed).rejected)
        assert np.mean(rejected) <= FALSE_ALARMS_OF_60

    def test_the_same_seed_gives_the_same_answer(self):
        y, x = noisy_pair(2, 90)
        first, second = (
            sup_f_break(y, x, replications=150, seed=4),
            sup_f_break(y, x, replications=150, seed=4),
        )
        assert first.p_value == second.p_value
        assert first.critical_value == second.critical_value
        assert first.critical_value != sup_f_break(y, x, replications=150, seed=5).critical_value

    def test_trim(self):
        y, x = noisy_pair(2, 100)
        found = sup_f_break(y, x, trim=0.3, replications=99)
        assert (found.path.index[0], found.path.index[-1]) == (30, 70)
        assert found.trim == 0.3
        shortest = sup_f_break(y, x, trim=0.01, replications=99)
        assert (shortest.path.index[0], shortest.path.index[-1]) == (5, 95)


@QUICK
@given(seed=SEEDS, scale=FACTORS, own=FACTORS, line=st.floats(-3, 3))
@pytest.mark.parametrize("covariance", ["robust", "classical"])
def test_units_and_a_line_added_change_nothing(covariance, seed, scale, own, line):
    y, x = noisy_pair(seed, 60)
    plain = chow_test(y, x, at=25, covariance=covariance)
    changed = chow_test(own * (y + line * x + 0.001), scale * x, at=25, covariance=covariance)
    assert changed.statistic == pytest.approx(plain.statistic, rel=1e-6)
    assert changed.beta_after == pytest.approx(own / scale * (plain.beta_after + line), rel=1e-6, abs=1e-9)


class TestDates:
    def test_a_date(self):
        y, x = stepped(3)
        series = pd.Series(y, days(250)), pd.Series(x, days(250))
        by_label = chow_test(*series, at=days(250)[150])
        assert by_label.statistic == chow_test(y, x, at=150).statistic
        assert by_label.break_at == days(250)[150]
        assert chow_test(*series, at=days(250)[150] - pd.Timedelta(hours=5)).n_before == 150

    @pytest.mark.parametrize("at", ["no date", pd.Timestamp("2024-03-01"), None, 3.5j])
    def test_no_date(self, at):
        y, x = stepped(3, n=100)
        with pytest.raises(InputError) as caught:
            chow_test(pd.Series(y, days(100)), pd.Series(x, days(100)), at=at)
        check_error(caught, parameter="at")

    @pytest.mark.parametrize("at", [1000, "later", [1, 2]])
    def test_no_position(self, at):
        with pytest.raises(InputError) as caught:
            chow_test(*stepped(3, n=100), at=at)
        check_error(caught, parameter="at", names=at)

    def test_a_label_that_is_there_twice(self):
        y, x = stepped(3, n=20)
        labels = [*range(10), *range(10)]
        with pytest.raises(InputError) as caught:
            chow_test(pd.Series(y, labels), pd.Series(x, labels), at=7)
        check_error(caught, parameter="at", names=7)

    @pytest.mark.parametrize("at", [0, 4, 96])
    def test_too_near_an_end(self, at):
        with pytest.raises(InputError, match="leaves") as caught:
            chow_test(*stepped(3, n=100), at=at)
        check_error(caught, parameter="at")

    @pytest.mark.parametrize("when", ["1990-01-01", "2100-01-01"])
    def test_outside_of_the_history(self, when):
        y, x = stepped(3, n=100)
        with pytest.raises(InputError) as caught:
            chow_test(pd.Series(y, days(100)), pd.Series(x, days(100)), at=pd.Timestamp(when, tz="UTC"))
        check_error(caught, parameter="at")


class TestUnusable:
    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("covariance", "hac"),
            ("significance", 5),
            ("trim", 0.5),
            ("trim", 0.0),
            ("replications", 98),
            ("replications", 99.5),
            ("seed", -1),
        ],
    )
    def test_options(self, option, value):
        with pytest.raises(InputError) as caught:
            sup_f_break(*noisy_pair(1, 60), **{option: value})
        check_error(caught, parameter=option, names=value)

    @pytest.mark.parametrize(("option", "value"), [("covariance", "hc3"), ("significance", 1.0)])
    def test_options_of_chow(self, option, value):
        with pytest.raises(InputError) as caught:
            chow_test(*noisy_pair(1, 60), at=30, **{option: value})
        check_error(caught, parameter=option, names=value)

    def test_too_few(self):
        with pytest.raises(InsufficientDataError) as caught:
            sup_f_break(*noisy_pair(1, 39))
        check_error(caught, names=39)
        with pytest.raises(InsufficientDataError):
            chow_test(*noisy_pair(1, 9), at=5)

    @pytest.mark.parametrize("name", ["before", "after"])
    def test_a_side_that_stands_still(self, name):
        y, x = noisy_pair(1, 60)
        x[slice(None, 10) if name == "before" else slice(50, None)] = 0.0
        with pytest.raises(DegenerateDataError, match=f"{name} the break did not move") as caught:
            sup_f_break(y, x)
        check_error(caught)

    def test_one_observation_that_carries_a_side(self):
        y, x = noisy_pair(1, 60)
        x[:9] = 0.0
        with pytest.raises(DegenerateDataError, match="alone decides the slope before") as caught:
            chow_test(y, x, at=10)
        check_error(caught, parameter="benchmark_returns", names="classical")
        assert chow_test(y, x, at=10, covariance="classical").statistic >= 0.0
