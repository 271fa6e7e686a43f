"""Volatility, drawdown and hedging effectiveness with its interval and paired test."""

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
    annualise,
    annualised_volatility,
    drawdown,
    estimate_beta,
    hedging_effectiveness,
)
from hedging.estimators.regression import newey_west_lags
from tests.test_hedging.examples import check_error, days, noisy_pair
from tests.tolerances import COVERAGE_EFFECTIVENESS, ROUNDING_NOISE, SAME_FORMULA

QUICK = settings(max_examples=40, deadline=None, derandomize=True)
SEEDS = st.integers(0, 10_000)


class TestEffectiveness:
    def test_by_hand(self):
        # Variances of 1 2 3 4 5 6 7 8 9 10 (8.25) and of half the alternating series.
        unhedged = np.arange(1.0, 11.0)
        hedged = np.array([1.0, -1.0] * 5)
        assert hedging_effectiveness(unhedged, hedged).effectiveness == pytest.approx(1 - 1 / 8.25)

    @pytest.mark.parametrize("confidence", [0.8, 0.95])
    def test_interval_and_test_against_statsmodels(self, confidence):
        y, x = noisy_pair(2, 200)
        hedged = y - 1.2 * x
        found = hedging_effectiveness(y, hedged, confidence=confidence)
        before, after = (y - y.mean()) ** 2, (hedged - hedged.mean()) ** 2
        influence = after / after.mean() - before / before.mean()
        # The mean of the influence function by HAC regression on a constant.
        fit = sm.OLS(influence, np.ones(200)).fit(cov_type="HAC", cov_kwds={"maxlags": newey_west_lags(200)})
        centre = math.log(1 - found.effectiveness)
        assert centre == pytest.approx(math.log(after.mean() / before.mean()), rel=1e-10)
        low, high = fit.conf_int(alpha=1 - confidence)[0]
        assert math.log(1 - found.high) - centre == pytest.approx(low, rel=1e-8)
        assert math.log(1 - found.low) - centre == pytest.approx(high, rel=1e-8)
        assert (found.confidence, found.n_observations) == (confidence, 200)
        expected = math.erfc(abs(centre) / fit.bse[0] / math.sqrt(2))
        assert found.p_value == pytest.approx(expected, rel=1e-8, abs=1e-300)

    @QUICK
    @given(seed=SEEDS, h=st.floats(-1.0, 4.0))
    def test_parabola_of_the_hedge_ratio(self, seed, h):
        # HE(h) = rho^2 [1 - ((h - h*) / h*)^2], Ederington.
        y, x = noisy_pair(seed, 60)
        fit = estimate_beta(y, x)
        expected = fit.r_squared * (1 - ((h - fit.beta) / fit.beta) ** 2)
        found = hedging_effectiveness(y, y - h * x).effectiveness
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-10)

    @QUICK
    @given(seed=SEEDS)
    def test_the_best_hedge_reaches_r_squared_and_no_more(self, seed):
        y, x = noisy_pair(seed, 60)
        fit = estimate_beta(y, x)
        best = hedging_effectiveness(y, y - fit.beta * x).effectiveness
        assert best == pytest.approx(fit.r_squared, rel=1e-9)
        for other in (0.9, 1.1):
            assert hedging_effectiveness(y, y - other * fit.beta * x).effectiveness < best
        twice = hedging_effectiveness(y, y - 2 * fit.beta * x).effectiveness
        assert twice == pytest.approx(0.0, abs=ROUNDING_NOISE)

    @QUICK
    @given(seed=SEEDS, h=st.floats(0.0, 3.0), unit=st.sampled_from([1e-6, 1.0, 1e4, 1e9, 1e12]))
    def test_the_unit_does_not_matter(self, seed, h, unit):
        y, x = noisy_pair(seed, 40)
        plain = hedging_effectiveness(y, y - h * x)
        in_units = hedging_effectiveness(unit * y, unit * (y - h * x))
        for name in ("effectiveness", "low", "high", "p_value"):
            assert getattr(in_units, name) == pytest.approx(getattr(plain, name), rel=1e-6, abs=1e-9)

    @QUICK
    @given(seed=SEEDS, h=st.floats(0.0, 3.0))
    def test_the_interval_holds_the_value(self, seed, h):
        y, x = noisy_pair(seed, 40)
        found = hedging_effectiveness(y, y - h * x)
        assert found.low <= found.effectiveness <= found.high < 1.0
        assert 0.0 <= found.p_value <= 1.0

    @QUICK
    @given(seed=SEEDS, shift=st.floats(-10.0, 10.0))
    def test_a_constant_gain_is_no_risk(self, seed, shift):
        y, x = noisy_pair(seed, 40)
        plain = hedging_effectiveness(y, y - x)
        assert hedging_effectiveness(y, y - x + shift).effectiveness == pytest.approx(
            plain.effectiveness, abs=1e-9
        )

    def test_a_perfect_hedge(self):
        y, _ = noisy_pair(3, 60)
        for rest in (np.zeros(60), np.full(60, 0.01), 1e-15 * y):
            found = hedging_effectiveness(y, rest)
            assert (found.effectiveness, found.low, found.high, found.p_value) == (1.0, 1.0, 1.0, 0.0)

    @pytest.mark.parametrize("sign", [1, -1])
    def test_an_equal_stream_removes_nothing(self, sign):
        y, _ = noisy_pair(3, 60)
        found = hedging_effectiveness(y, sign * y)
        assert (found.effectiveness, found.low, found.high, found.p_value) == (0.0, 0.0, 0.0, 1.0)

    @pytest.mark.parametrize("share", [0.5, 0.25, 0.1, 1 / 3, 2.0])
    def test_a_fixed_share_of_the_position_is_certain(self, share):
        # Selling half the position cuts the variance to a quarter in every sample there could be.
        y, _ = noisy_pair(3, 60)
        found = hedging_effectiveness(y, share * y)
        assert found.effectiveness == pytest.approx(1 - share**2, rel=1e-12)
        assert found.low == pytest.approx(found.high, rel=1e-12)
        assert found.p_value == 0.0

    def test_a_harmful_hedge_is_negative(self):
        y, x = noisy_pair(4, 200)
        found = hedging_effectiveness(y, y + x)
        assert found.high < 0
        assert found.p_value < 0.001

    def test_swapping_the_streams_inverts_the_ratio(self):
        y, x = noisy_pair(5, 80)
        one, two = hedging_effectiveness(y, y - x), hedging_effectiveness(y - x, y)
        assert (1 - one.effectiveness) * (1 - two.effectiveness) == pytest.approx(1.0, rel=1e-12)
        assert (1 - one.low) * (1 - two.high) == pytest.approx(1.0, rel=1e-9)
        assert one.p_value == pytest.approx(two.p_value, rel=1e-6)

    @pytest.mark.parametrize("tails", [None, 6], ids=["normal", "fat"])
    def test_the_interval_holds_the_truth_as_often_as_it_says(self, tails):
        generator = np.random.default_rng(7)

        def draw():
            return generator.standard_normal(250) if tails is None else generator.standard_t(tails, 250)

        truth = 1 - 0.7**2 / (1.2**2 + 0.7**2)
        hits = 0
        for _ in range(400):
            benchmark, noise = draw(), draw()
            asset = 1.2 * benchmark + 0.7 * noise
            found = hedging_effectiveness(asset, asset - 1.2 * benchmark)
            hits += found.low <= truth <= found.high
        assert COVERAGE_EFFECTIVENESS[0] <= hits / 400 <= COVERAGE_EFFECTIVENESS[1]

    def test_the_test_of_equal_variances_has_its_size(self):
        generator = np.random.default_rng(8)
        rejected = 0
        for _ in range(400):
            common, one, two = generator.standard_normal((3, 250))
            rejected += hedging_effectiveness(common + one, common + two).p_value < 0.05
        assert 0.02 <= rejected / 400 <= 0.10


class TestUnusableStreams:
    @pytest.mark.parametrize("n", [0, 2, 9])
    def test_too_few(self, n):
        y, x = noisy_pair(1, 20)
        with pytest.raises(InsufficientDataError) as caught:
            hedging_effectiveness(y[:n], x[:n])
        check_error(caught, names=n)

    @pytest.mark.parametrize("level", [0.0, 5.0])
    def test_an_unhedged_stream_that_stands_still(self, level):
        with pytest.raises(DegenerateDataError, match="unhedged did not move") as caught:
            hedging_effectiveness(np.full(20, level), np.arange(20.0))
        check_error(caught, parameter="unhedged")

    @pytest.mark.parametrize("confidence", [0.0, 1.0, 95])
    def test_confidence(self, confidence):
        y, x = noisy_pair(1, 20)
        with pytest.raises(InputError) as caught:
            hedging_effectiveness(y, x, confidence=confidence)
        check_error(caught, parameter="confidence", names=confidence)

    @pytest.mark.parametrize("bad", [np.nan, np.inf])
    @pytest.mark.parametrize("which", ["unhedged", "hedged"])
    def test_values(self, bad, which):
        y, x = noisy_pair(1, 20)
        (y if which == "unhedged" else x)[3] = bad
        with pytest.raises(InputError) as caught:
            hedging_effectiveness(y, x)
        check_error(caught, names=bad)
        assert "position 3" in str(caught.value)

    def test_other_indexes_and_lengths(self):
        y, x = noisy_pair(1, 20)
        with pytest.raises(InputError):
            hedging_effectiveness(y, x[1:])
        with pytest.raises(InputError, match="different indexes"):
            hedging_effectiveness(pd.Series(y, days(20)), pd.Series(x, days(20, "2025-01-01")))

    @pytest.mark.parametrize("which", ["unhedged", "hedged"])
    def test_the_stream_at_fault_is_named(self, which):
        y, x = noisy_pair(1, 20)
        (y if which == "unhedged" else x)[3] = np.nan
        with pytest.raises(InputError) as caught:
            hedging_effectiveness(y, x)
        check_error(caught, parameter=which, names=f"{which} holds nan")

    def test_streams_of_other_lengths_are_named(self):
        y, x = noisy_pair(1, 20)
        with pytest.raises(InputError) as caught:
            hedging_effectiveness(y, x[1:])
        check_error(caught, parameter="hedged", names="unhedged")


class TestVolatility:
    def test_by_hand(self):
        # 1 3 1 3: deviations of 1, sample variance 4 / 3.
        found = annualised_volatility(np.array([1.0, 3.0, 1.0, 3.0]), periods_per_year=365)
        assert found == pytest.approx(math.sqrt(4 / 3 * 365), rel=SAME_FORMULA)

    def test_series_and_array_agree(self):
        y, _ = noisy_pair(1, 50)
        one = annualised_volatility(pd.Series(y), periods_per_year=252)
        assert one == annualised_volatility(y, periods_per_year=252)
        assert one == pytest.approx(pd.Series(y).std() * math.sqrt(252), rel=SAME_FORMULA)

    def test_annualise(self):
        assert annualise(0.02, periods_per_year=100) == pytest.approx(0.2, rel=SAME_FORMULA)
        assert annualise(0.0, periods_per_year=365) == 0.0

    @pytest.mark.parametrize("periods", [0, -1, math.nan, math.inf])
    def test_periods(self, periods):
        for call in (
            lambda: annualise(0.02, periods_per_year=periods),
            lambda: annualised_volatility(np.array([1.0, 2.0]), periods_per_year=periods),
        ):
            with pytest.raises(InputError) as caught:
                call()
            check_error(caught, parameter="periods_per_year", names=periods)

    @pytest.mark.parametrize("n", [0, 1])
    def test_too_few(self, n):
        with pytest.raises(InsufficientDataError) as caught:
            annualised_volatility(np.ones(n), periods_per_year=365)
        check_error(caught, names=n)

    @pytest.mark.parametrize("bad", [math.nan, math.inf])
    def test_values_that_are_none(self, bad):
        with pytest.raises(InputError) as caught:
            annualised_volatility(np.array([0.01, bad, 0.02]), periods_per_year=365)
        check_error(caught, names=bad)

    @pytest.mark.parametrize("bad", [math.nan, math.inf, -0.01])
    def test_volatilities_that_are_none(self, bad):
        with pytest.raises(InputError) as caught:
            annualise(bad, periods_per_year=365)
        check_error(caught, parameter="volatility", names=bad)

    def test_periods_that_are_text(self):
        with pytest.raises(InputError) as caught:
            annualise(0.02, periods_per_year="365")
        check_error(caught, parameter="periods_per_year", names="365")


class TestDrawdown:
    def test_by_hand(self):
        cumulative = pd.Series([-1.0, 2.0, 1.0, 3.0, -2.0, 0.0], days(6))
        found = drawdown(cumulative)
        assert found.tolist() == [-1.0, 0.0, -1.0, 0.0, -5.0, -3.0]
        assert found.index.equals(cumulative.index)
        assert found.name == "drawdown"

    def test_a_first_loss_counts_from_zero(self):
        assert drawdown(pd.Series([-3.0, -1.0])).tolist() == [-3.0, -1.0]

    @QUICK
    @given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
    def test_never_positive_and_zero_at_every_high(self, values):
        cumulative = pd.Series(values)
        found = drawdown(cumulative)
        assert (found <= 0).all()
        peaks = np.maximum(cumulative.cummax(), 0.0)
        assert (found[cumulative == peaks] == 0).all()
        np.testing.assert_array_equal(found, cumulative - peaks)

    def test_a_gap_is_refused(self):
        with pytest.raises(InputError) as caught:
            drawdown(pd.Series([1.0, np.nan, 2.0]))
        check_error(caught, names="nan")
