"""Hansen's test: the printed table, statsmodels, and what it finds and does not find."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.diagnostic import breaks_hansen

from hedging.errors import DegenerateDataError, InputError, InsufficientDataError
from hedging.stability.hansen import hansen_critical_value, hansen_p_value, hansen_stability
from tests.test_hedging.examples import check_error, noisy_pair
from tests.tolerances import FALSE_BREAKS, HANSEN_TABLE, LAPLACE_INVERSION, PRINTED_4, STATSMODELS

QUICK = settings(max_examples=30, deadline=None, derandomize=True)
SEEDS = st.integers(0, 10_000)
FACTORS = st.floats(0.01, 100.0) | st.floats(-100.0, -0.01)


class TestDistribution:
    @pytest.mark.parametrize(
        ("n_parameters", "printed"),
        [(1, (0.748, 0.470, 0.353)), (2, (1.07, 0.749, 0.610)), (3, (1.35, 1.01, 0.846))],
    )
    def test_hansens_table(self, n_parameters, printed):
        found = [hansen_critical_value(level, n_parameters) for level in (0.01, 0.05, 0.10)]
        assert found == pytest.approx(printed, abs=HANSEN_TABLE)

    @pytest.mark.parametrize(("level", "printed"), [(0.01, 0.74346), (0.05, 0.46136), (0.10, 0.34730)])
    def test_one_parameter_is_cramer_von_mises(self, level, printed):
        # Anderson and Darling (1952), table 1.
        assert hansen_critical_value(level, 1) == pytest.approx(printed, abs=PRINTED_4)

    @pytest.mark.parametrize("n_parameters", [1, 2, 3])
    def test_quantile_and_probability_are_inverse(self, n_parameters):
        for level in (0.001, 0.05, 0.5, 0.99):
            value = hansen_critical_value(level, n_parameters)
            assert hansen_p_value(value, n_parameters) == pytest.approx(level, abs=LAPLACE_INVERSION)

    def test_mean_is_a_sixth_for_each_parameter(self):
        grid = np.linspace(0.0, 8.0, 4001)
        for m in (1, 2, 3):
            mean = np.trapezoid([hansen_p_value(value, m) for value in grid], grid)
            assert mean == pytest.approx(m / 6, abs=PRINTED_4)

    def test_far_out(self):
        assert hansen_p_value(0.0, 1) == 1.0
        assert 0.0 <= hansen_p_value(30.0, 3) < LAPLACE_INVERSION

    def test_a_level_is_a_fraction(self):
        with pytest.raises(InputError) as caught:
            hansen_critical_value(5.0, 1)
        check_error(caught, parameter="significance", names="5.0")


class TestAgainstOthers:
    @pytest.mark.parametrize("seed", range(5))
    def test_statsmodels_joint_statistic(self, seed):
        y, x = noisy_pair(seed, 150)
        theirs = breaks_hansen(sm.OLS(y, sm.add_constant(x)).fit())[0]
        ours = hansen_stability(y, x).joint_with_variance
        assert ours.statistic == pytest.approx(theirs, rel=STATSMODELS)
        assert ours.n_parameters == 3

    def test_beta_by_its_definition(self):
        y, x = noisy_pair(7, 80)
        scores = (x - x.mean()) * sm.OLS(y, sm.add_constant(x)).fit().resid
        total, running = 0.0, 0.0
        for score in scores:
            running += score
            total += running**2
        found = hansen_stability(y, x).beta
        assert found.statistic == pytest.approx(total / 80 / (scores @ scores), rel=STATSMODELS)


def stepped(seed, *, n=250, beta=(1.5, 0.8), at=0.6):
    generator = np.random.default_rng(seed)
    x, e = 0.03 * generator.standard_t(4, (2, n))
    return np.where(np.arange(n) < at * n, *beta) * x + e, x


class TestWhatItFinds:
    def test_a_break_of_beta(self):
        found = hansen_stability(*stepped(1))
        assert found.rejected
        assert found.beta.rejected
        assert found.beta.p_value < 0.05
        assert found.beta.statistic > found.beta.critical_value
        assert not found.alpha.rejected

    def test_nine_breaks_in_ten(self):
        assert sum(hansen_stability(*stepped(seed)).rejected for seed in range(50)) >= 45

    def test_no_more_false_alarms_than_it_says(self):
        rejected = [hansen_stability(*stepped(seed, beta=(1.2, 1.2))).rejected for seed in range(200)]
        assert FALSE_BREAKS[0] <= np.mean(rejected) <= FALSE_BREAKS[1]

    def test_noise_that_grows_is_no_break_of_beta(self):
        generator = np.random.default_rng(3)
        x = 0.03 * generator.standard_normal(300)
        noise = generator.standard_normal(300) * np.where(np.arange(300) < 150, 0.01, 0.04)
        found = hansen_stability(1.2 * x + noise, x)
        assert found.variance.rejected
        assert found.joint_with_variance.rejected
        assert not found.rejected

    def test_the_level_decides(self):
        y, x = stepped(1)
        p_value = hansen_stability(y, x).beta.p_value
        assert not hansen_stability(y, x, significance=p_value / 2).rejected
        assert hansen_stability(y, x, significance=min(0.99, p_value * 2)).rejected


@QUICK
@given(seed=SEEDS, scale=FACTORS, own=FACTORS, line=st.floats(-3, 3))
def test_units_and_a_line_added_change_nothing(seed, scale, own, line):
    y, x = noisy_pair(seed, 60)
    plain = hansen_stability(y, x)
    changed = hansen_stability(own * (y + line * x + 0.001), scale * x)
    for name in ("alpha", "beta", "variance", "joint", "joint_with_variance"):
        assert getattr(changed, name).statistic == pytest.approx(getattr(plain, name).statistic, rel=1e-6)


@QUICK
@given(seed=SEEDS)
def test_time_turned_round_changes_nothing(seed):
    y, x = noisy_pair(seed, 60)
    forward, backward = hansen_stability(y, x).joint, hansen_stability(y[::-1], x[::-1]).joint
    assert backward.statistic == pytest.approx(forward.statistic, rel=1e-6)
    assert 0.0 <= forward.p_value <= 1.0


class TestUnusable:
    def test_too_few(self):
        with pytest.raises(InsufficientDataError) as caught:
            hansen_stability(*noisy_pair(1, 19))
        check_error(caught, names="19")

    def test_a_multiple_of_the_benchmark(self):
        _, x = noisy_pair(1, 50)
        with pytest.raises(DegenerateDataError, match="multiple of its benchmark") as caught:
            hansen_stability(2.0 * x + 0.001, x)
        check_error(caught, parameter="asset_returns")

    @pytest.mark.parametrize("which", [0, 1])
    def test_standing_still(self, which):
        pair = list(noisy_pair(1, 50))
        pair[which] = np.zeros(50)
        with pytest.raises(DegenerateDataError, match="did not move") as caught:
            hansen_stability(*pair)
        check_error(caught, parameter=("asset_returns", "benchmark_returns")[which])

    def test_significance(self):
        with pytest.raises(InputError) as caught:
            hansen_stability(*noisy_pair(1, 50), significance=0.0)
        check_error(caught, parameter="significance", names="0.0")
