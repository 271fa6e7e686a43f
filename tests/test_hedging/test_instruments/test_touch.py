"""Probability of touching a price: against Brownian motion's reflection principle, and what must hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from hedging.errors import DegenerateDataError, InputError, InsufficientDataError
from hedging.instruments.touch import touch_probability
from tests.test_hedging.examples import check_error, noisy_pair
from tests.tolerances import STANDARD_ERRORS

QUICK = settings(max_examples=15, deadline=None, derandomize=True)
SIGMA = 0.03
# Zeta(1/2) / sqrt(2 pi) of Broadie, Glasserman and Kou (1997): a barrier watched only at closes works
# like a continuous one this many standard deviations of a step further away.
CONTINUITY_CORRECTION = 0.5825971579390106
RETURNS = noisy_pair(5, 400)[1]
ARGUMENTS = {"price_usd": 100.0, "barrier_usd": 120.0, "horizon": 5, "n_replications": 100}


def brownian(n=40_000, seed=3):
    """Log returns without drift and of exactly the volatility SIGMA, so that truth is known."""
    steps = np.random.default_rng(seed).standard_normal(n)
    return SIGMA * (steps - steps.mean()) / steps.std()


def reflected(distance, horizon):
    return 2.0 * norm.cdf(-distance / (SIGMA * math.sqrt(horizon)))


class TestAgainstReflection:
    @pytest.mark.parametrize("sign", [1, -1])
    @pytest.mark.parametrize(("sigmas", "horizon"), [(1.0, 30), (2.0, 100), (0.7, 60)])
    def test_closes_only(self, sign, sigmas, horizon):
        distance = sigmas * SIGMA * math.sqrt(horizon)
        found = touch_probability(
            np.expm1(brownian()),
            price_usd=100.0,
            barrier_usd=100.0 * math.exp(sign * distance),
            horizon=horizon,
            n_replications=20_000,
            block_length=1.0,
        )
        expected = reflected(distance + CONTINUITY_CORRECTION * SIGMA, horizon)
        assert abs(found.probability - expected) < STANDARD_ERRORS * found.standard_error
        assert found.low < found.probability < found.high
        assert not found.with_extremes

    @pytest.mark.parametrize("sign", [1, -1])
    def test_with_highs_or_lows_it_is_the_continuous_one(self, sign):
        # The largest value of a Brownian bridge from 0 to c: (c + sqrt(c^2 - 2 s^2 ln U)) / 2.
        steps = brownian()
        uniform = np.random.default_rng(4).random(steps.size)
        reach = np.sqrt(steps**2 - 2 * SIGMA**2 * np.log(uniform))
        extremes = (steps + sign * reach) / 2
        distance = 1.5 * SIGMA * math.sqrt(20)
        found = touch_probability(
            np.expm1(steps),
            price_usd=50.0,
            barrier_usd=50.0 * math.exp(sign * distance),
            horizon=20,
            extreme_returns=np.expm1(extremes),
            n_replications=20_000,
            block_length=1.0,
        )
        expected = reflected(distance, 20)
        assert abs(found.probability - expected) < STANDARD_ERRORS * found.standard_error
        assert found.with_extremes


class TestAlways:
    @QUICK
    @given(
        seed=st.integers(0, 100),
        move=st.floats(0.02, 0.4),
        side=st.sampled_from([1, -1]),
        horizon=st.integers(1, 40),
        more=st.tuples(st.floats(0.01, 0.3), st.integers(1, 40)),
    )
    def test_rises_with_the_horizon_and_falls_with_the_distance(self, seed, move, side, horizon, more):
        further, longer = more
        common = {"price_usd": 100.0, "n_replications": 300, "block_length": 5.0, "seed": seed}

        def at(distance, periods):
            barrier = 100.0 * math.exp(side * distance)
            return touch_probability(RETURNS, barrier_usd=barrier, horizon=periods, **common).probability

        here = at(move, horizon)
        assert at(move, horizon + longer) >= here
        assert at(move + further, horizon) <= here

    def test_one_period_is_the_share_of_returns_beyond(self):
        found = touch_probability(
            RETURNS, price_usd=100.0, barrier_usd=95.0, horizon=1, n_replications=20_000
        )
        share = float((RETURNS <= -0.05).mean())
        assert abs(found.probability - share) < STANDARD_ERRORS * max(found.standard_error, 1e-3)

    def test_one_seed_one_answer(self):
        common = {"price_usd": 100.0, "barrier_usd": 120.0, "horizon": 20, "n_replications": 500}
        first, again, other = (touch_probability(RETURNS, seed=s, **common) for s in (1, 1, 2))
        assert first == again
        assert first.probability != other.probability
        assert first.block_length > 1.0
        assert (first.horizon, first.n_replications, first.n_observations) == (20, 500, 400)
        assert first.distance_fraction == pytest.approx(0.2, rel=1e-12)

    def test_at_the_price_it_has_touched(self):
        found = touch_probability(RETURNS, price_usd=100.0, barrier_usd=100.0, horizon=5)
        assert (found.probability, found.standard_error, found.high) == (1.0, 0.0, 1.0)

    def test_never_touched_is_not_impossible(self):
        found = touch_probability(RETURNS, price_usd=100.0, barrier_usd=1e6, horizon=2, n_replications=1_000)
        assert (found.probability, found.low) == (0.0, 0.0)
        # Wilson at 95 % with no success in n: z^2 / (n + z^2).
        z = norm.ppf(0.975) ** 2
        assert found.high == pytest.approx(z / (1_000 + z), rel=1e-9)

    def test_blocks_keep_a_run_of_falls_together(self):
        # Ten falls in a row among 200 days: blocks meet a barrier that single days hardly reach.
        returns = np.where(np.arange(200) // 10 == 7, -0.05, 0.0027)
        common = {"price_usd": 100.0, "barrier_usd": 75.0, "horizon": 15, "n_replications": 2_000}
        single = touch_probability(returns, block_length=1.0, **common)
        blocks = touch_probability(returns, block_length=20.0, **common)
        assert blocks.low > single.high

    def test_two_valued_returns_have_no_clusters_in_their_squares(self):
        returns = np.expm1(np.where(np.random.default_rng(1).random(200) < 0.5, 0.01, -0.01))
        found = touch_probability(returns, price_usd=100.0, barrier_usd=105.0, horizon=20, n_replications=200)
        assert 0.0 < found.probability < 1.0


class TestUnusable:
    @pytest.mark.parametrize(
        ("changes", "parameter"),
        [
            ({"price_usd": 0.0}, "price_usd"),
            ({"barrier_usd": math.nan}, "barrier_usd"),
            ({"horizon": 0}, "horizon"),
            ({"horizon": 2.5}, "horizon"),
            ({"horizon": 10_000_001}, "horizon"),
            ({"n_replications": 99}, "n_replications"),
            ({"block_length": 0.5}, "block_length"),
            ({"confidence": 95}, "confidence"),
            ({"seed": -1}, "seed"),
        ],
    )
    def test_arguments(self, changes, parameter):
        with pytest.raises(InputError) as caught:
            touch_probability(RETURNS, **{**ARGUMENTS, **changes})
        check_error(caught, parameter=parameter)

    def test_returns(self):
        with pytest.raises(InsufficientDataError) as caught:
            touch_probability(RETURNS[:29], **ARGUMENTS)
        check_error(caught, names="29")
        with pytest.raises(DegenerateDataError) as caught:
            touch_probability(np.zeros(50), **ARGUMENTS)
        check_error(caught, parameter="benchmark_returns")
        with pytest.raises(InputError) as caught:
            touch_probability(np.r_[RETURNS, -1.0], **ARGUMENTS)
        check_error(caught, parameter="benchmark_returns", names="-1.0")

    @pytest.mark.parametrize(("barrier", "shift"), [(120.0, -0.001), (80.0, 0.001)])
    def test_extremes_inside_the_close(self, barrier, shift):
        with pytest.raises(InputError) as caught:
            touch_probability(
                RETURNS, extreme_returns=RETURNS + shift, **{**ARGUMENTS, "barrier_usd": barrier}
            )
        check_error(caught, parameter="extreme_returns")

    def test_extremes_of_another_length_or_below_minus_one(self):
        with pytest.raises(InputError) as caught:
            touch_probability(RETURNS, extreme_returns=RETURNS[1:], **ARGUMENTS)
        check_error(caught, parameter="extreme_returns")
        lows = np.minimum(RETURNS, 0.0)
        lows[3] = -1.0
        with pytest.raises(InputError) as caught:
            touch_probability(RETURNS, extreme_returns=lows, **{**ARGUMENTS, "barrier_usd": 80.0})
        check_error(caught, parameter="extreme_returns")
