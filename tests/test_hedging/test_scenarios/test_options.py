"""Black's model against the integral it solves and against Hull; protection and collars by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from hedging import InputError, NoHedgeError
from hedging.scenarios.options import buy_collar, buy_protection, implied_volatility, price_option
from tests.test_hedging.examples import check_error
from tests.tolerances import CENT, PRINTED_4, SAME_FORMULA

QUICK = settings(max_examples=60, deadline=None, derandomize=True)
MARKET = {"future_usd": 60_000.0, "days_to_expiry": 30.0, "volatility_annual": 0.6}
FUTURES = st.floats(1.0, 1e5)
STRIKES = st.floats(0.5, 2.0)
DAYS = st.floats(1.0, 700.0)
VOLATILITIES = st.floats(0.05, 3.0)


class TestBlack:
    def test_hull_crude_oil(self):
        """Hull's put on a crude oil future: F 20, K 20, 9 % interest, 25 % volatility, 4 months: 1.12."""
        found = price_option(
            "put",
            future_usd=20.0,
            strike_usd=20.0,
            days_to_expiry=365 / 3,
            volatility_annual=0.25,
            rate_annual=0.09,
        )
        assert found.price_usd == pytest.approx(1.12, abs=100 * PRINTED_4)

    @QUICK
    @given(future=FUTURES, moneyness=STRIKES, days=DAYS, volatility=VOLATILITIES, rate=st.floats(-0.05, 0.2))
    def test_put_call_parity(self, future, moneyness, days, volatility, rate):
        terms = {
            "future_usd": future,
            "strike_usd": moneyness * future,
            "days_to_expiry": days,
            "volatility_annual": volatility,
            "rate_annual": rate,
        }
        call, put = price_option("call", **terms), price_option("put", **terms)
        forward = math.exp(-rate * days / 365) * future * (1 - moneyness)
        assert call.price_usd - put.price_usd == pytest.approx(forward, abs=1e-9 * future)
        assert call.delta - put.delta == pytest.approx(math.exp(-rate * days / 365), rel=1e-9)
        assert call.gamma == pytest.approx(put.gamma, rel=SAME_FORMULA)

    @pytest.mark.parametrize("kind", ["call", "put"])
    @pytest.mark.parametrize("moneyness", [0.7, 1.0, 1.3])
    def test_is_the_expected_payoff(self, kind, moneyness):
        root = 0.6 * math.sqrt(30 / 365)
        sign = 1 if kind == "call" else -1

        def payoff(z: float) -> float:
            price = math.exp(root * z - 0.5 * root * root)
            return max(sign * (price - moneyness), 0.0) * norm.pdf(z)

        edge = (math.log(moneyness) + 0.5 * root * root) / root
        expected = quad(payoff, -12, edge, epsabs=1e-12)[0] + quad(payoff, edge, 12, epsabs=1e-12)[0]
        found = price_option(
            kind, future_usd=1.0, strike_usd=moneyness, days_to_expiry=30, volatility_annual=0.6
        )
        assert found.price_usd == pytest.approx(expected, abs=1e-9)

    @pytest.mark.parametrize("kind", ["call", "put"])
    def test_sensitivities_are_slopes(self, kind):
        def value(**change):
            terms = {**MARKET, "strike_usd": 55_000.0, "rate_annual": 0.04, **change}
            return price_option(kind, **terms)

        here, step = value(), 1.0
        up, down = value(future_usd=60_000 + step), value(future_usd=60_000 - step)
        assert here.delta == pytest.approx((up.price_usd - down.price_usd) / (2 * step), rel=1e-6)
        assert here.gamma == pytest.approx((up.delta - down.delta) / (2 * step), rel=1e-6)
        vega = (value(volatility_annual=0.601).price_usd - value(volatility_annual=0.599).price_usd) / 0.002
        assert here.vega_usd == pytest.approx(vega, rel=1e-5)
        day = value(days_to_expiry=29.95).price_usd - value(days_to_expiry=30.05).price_usd
        assert here.theta_usd_daily == pytest.approx(day / 0.1, rel=1e-4)

    @QUICK
    @given(moneyness=STRIKES, days=DAYS, volatility=st.floats(0.2, 2.0))
    def test_implied_volatility_gives_it_back(self, moneyness, days, volatility):
        terms = {"future_usd": 100.0, "strike_usd": 100.0 * moneyness, "days_to_expiry": days}
        option = price_option("call", **terms, volatility_annual=volatility)
        if option.vega_usd < 1e-3:  # hardly any time value to read it from
            return
        assert implied_volatility("call", option.price_usd, **terms) == pytest.approx(volatility, rel=1e-6)

    def test_a_price_with_arbitrage(self):
        for price in (0.0, 150.0):
            with pytest.raises(InputError) as caught:
                implied_volatility("call", price, future_usd=100.0, strike_usd=100.0, days_to_expiry=30)
            check_error(caught, parameter="price_usd")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("future_usd", 0.0),
            ("strike_usd", -1.0),
            ("days_to_expiry", 0.0),
            ("volatility_annual", 0.0),
            ("volatility_annual", 60.0),
            ("rate_annual", 5.0),
        ],
    )
    def test_unusable(self, name, value):
        with pytest.raises(InputError) as caught:
            price_option("put", **{**MARKET, "strike_usd": 60_000.0, name: value})
        check_error(caught, parameter=name)
        with pytest.raises(InputError):
            price_option("straddle", **MARKET, strike_usd=60_000.0)


class TestProtection:
    def test_a_put_for_a_long_position(self):
        hedge = buy_protection(100_000, 1.5, strike_fraction=0.9, **MARKET)
        put = price_option("put", strike_usd=54_000.0, **MARKET)
        assert hedge.units == pytest.approx(2.5)
        assert hedge.premium_usd == pytest.approx(2.5 * put.price_usd)
        assert hedge.delta_usd == pytest.approx(2.5 * put.delta * 60_000)
        assert hedge.delta_usd < 0
        # Down 30 %: the put pays (54,000 - 42,000) for each of 2.5 units.
        payoff = hedge.payoff_usd(np.array([-0.3, 0.0, 0.2]))
        assert payoff + hedge.premium_usd == pytest.approx([30_000, 0, 0], abs=CENT)
        assert hedge.worst_market_loss_usd == pytest.approx(15_000 + hedge.premium_usd)
        moves = np.linspace(-0.9, 0.5, 50)
        market = 150_000 * moves + hedge.payoff_usd(moves)
        assert market.min() >= -hedge.worst_market_loss_usd - CENT

    def test_a_call_for_a_short_position(self):
        hedge = buy_protection(-100_000, 1.5, strike_fraction=1.1, **MARKET)
        assert hedge.delta_usd > 0
        assert hedge.payoff_usd(np.array([0.3])) + hedge.premium_usd == pytest.approx([30_000], abs=CENT)

    def test_a_collar_that_costs_nothing(self):
        hedge = buy_collar(100_000, 1.5, strike_fraction=0.9, **MARKET)
        assert hedge.premium_usd == pytest.approx(0.0, abs=CENT)
        assert hedge.financing_strike_usd > 60_000
        moves = np.array([-0.5, 0.0, 0.5])
        market = 150_000 * moves + hedge.payoff_usd(moves)
        assert market[0] == pytest.approx(-15_000, abs=CENT)
        assert market[1] == pytest.approx(0.0, abs=CENT)
        assert market[2] == pytest.approx(2.5 * (hedge.financing_strike_usd - 60_000), abs=CENT)

    def test_a_collar_with_a_strike(self):
        hedge = buy_collar(-50_000, 1.0, strike_fraction=1.1, financing_strike_fraction=0.9, **MARKET)
        bought = price_option("call", strike_usd=66_000.0, **MARKET)
        sold = price_option("put", strike_usd=54_000.0, **MARKET)
        assert hedge.premium_usd == pytest.approx(hedge.units * (bought.price_usd - sold.price_usd))

    def test_protection_nothing_pays_for(self):
        with pytest.raises(NoHedgeError) as caught:
            buy_collar(1e5, 1.0, strike_fraction=1.2, **MARKET)
        check_error(caught, parameter="strike_fraction")

    def test_crossed_strikes(self):
        with pytest.raises(InputError) as caught:
            buy_collar(1e5, 1.0, strike_fraction=0.9, financing_strike_fraction=0.8, **MARKET)
        check_error(caught, parameter="financing_strike_fraction")

    @pytest.mark.parametrize(
        ("position", "beta", "strike"), [(0.0, 1.0, 0.9), (1e5, -0.5, 0.9), (1e5, 1.0, 0.0)]
    )
    def test_unusable(self, position, beta, strike):
        with pytest.raises(InputError) as caught:
            buy_protection(position, beta, strike_fraction=strike, **MARKET)
        check_error(caught)

    @pytest.mark.parametrize(
        ("position", "strikes"),
        [(1e5, (1.2, None)), (1e5, (0.9, None)), (-1e5, (0.8, None)), (1e5, (1.05, 1.2)), (-1e5, (1.1, 0.9))],
    )
    def test_worst_market_loss_is_the_worst_of_a_fine_grid(self, position, strikes):
        protection, financing = strikes
        hedge = (
            buy_protection(position, 1.5, strike_fraction=protection, **MARKET)
            if financing is None
            else buy_collar(
                position,
                1.5,
                strike_fraction=protection,
                financing_strike_fraction=financing,
                **MARKET,
            )
        )
        moves = np.linspace(-0.999, 3.0, 40_000)
        market = 1.5 * position * moves + hedge.payoff_usd(moves)
        assert hedge.worst_market_loss_usd == pytest.approx(-market.min(), abs=CENT)

    def test_a_collar_at_the_money_that_costs_nothing_is_a_future_sold(self):
        hedge = buy_collar(1e5, 1.5, strike_fraction=1.0, **MARKET)
        moves = np.array([-0.5, 0.0, 0.5])
        assert hedge.payoff_usd(moves) == pytest.approx(-150_000 * moves, abs=CENT)
        assert hedge.premium_usd == pytest.approx(0.0, abs=CENT)

    def test_protection_too_cheap_to_be_paid_for(self):
        wild = {**MARKET, "days_to_expiry": 730.0, "volatility_annual": 3.0}
        with pytest.raises(NoHedgeError, match="costs less than an option at 100") as caught:
            buy_collar(1e5, 1.5, strike_fraction=0.05, **wild)
        check_error(caught, parameter="strike_fraction")
        assert caught.value.value == 0.05

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("days_to_expiry", 1e6),
            ("days_to_expiry", 5e-324),
            ("strike_usd", 1e200),
            ("volatility_annual", 1e-320),
            ("future_usd", 10**400),
        ],
    )
    def test_beyond_what_the_model_can_say(self, name, value):
        with pytest.raises(InputError) as caught:
            price_option("put", **{**MARKET, "strike_usd": 54_000.0, name: value})
        check_error(caught, parameter=name)

    def test_a_price_cannot_fall_by_more_than_everything(self):
        hedge = buy_protection(1e5, 1.5, strike_fraction=0.9, **MARKET)
        with pytest.raises(InputError) as caught:
            hedge.payoff_usd(np.array([-2.0]))
        check_error(caught, parameter="benchmark_returns")
