"""An entered hedge by hand, against the walk of the backtest, and properties of the order."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedging import (
    EnteredHedge,
    HedgeStrategy,
    InputError,
    InverseContract,
    LinearContract,
    MaintenanceTiers,
    NoHedgeError,
    Triggers,
    check_hedge,
    entered_liquidation,
    estimate_beta,
    is_closed_before_move,
    simulate_hedges,
    size_hedge,
)
from tests.test_hedging.examples import BTC, check_error, noisy_pair
from tests.test_hedging.test_backtesting.test_simulate import market
from tests.tolerances import SAME_FORMULA

ENTRY = pd.Timestamp("2026-01-01 08:00", tz="UTC")
ESTIMATE = replace(
    estimate_beta(*noisy_pair(1)), beta=1.40, beta_low=1.20, beta_high=1.60, beta_standard_error=0.1
)
HEDGE = EnteredHedge(
    entered_at=ENTRY,
    contract=BTC,
    contracts=-0.200,
    price_usd=50_000.0,
    beta=1.0,
    beta_low=0.8,
    beta_high=1.2,
    position_usd=10_000.0,
)
ALL = Triggers(
    every_hours=24,
    benchmark_move_fraction=0.05,
    beta_outside_interval=True,
    position_drift_fraction=0.1,
    hedge_drift_fraction=0.1,
)


def look(entered=HEDGE, *, hours=5.0, price=50_000.0, position=10_000.0, triggers=ALL, estimate=ESTIMATE):
    return check_hedge(
        entered,
        now=entered.entered_at + pd.Timedelta(hours=hours),
        price_usd=price,
        estimate=estimate,
        plan=size_hedge(position, estimate, entered.contract, price),
        triggers=triggers,
    )


class TestByHand:
    def test_an_hour_before_everything(self):
        calm = replace(ESTIMATE, beta=1.02)
        found = look(hours=23, price=51_000.0, estimate=calm)
        assert [check.trigger for check in found.triggers] == [
            "time",
            "benchmark move",
            "beta interval",
            "position drift",
            "hedge drift",
        ]
        assert found.fired == ()
        assert found.due_at == pd.Timestamp("2026-01-02 08:00", tz="UTC")
        assert found.time_left(found.now) == pd.Timedelta(hours=1)
        assert found.benchmark_move_fraction == pytest.approx(0.02)
        assert found.hedge_pnl_usd == pytest.approx(-200.0)  # short 0.2 BTC, 1,000 USD up
        # 1.02 * 10,000 / 51,000 is 0.2 BTC, which is held
        assert found.order == 0
        assert not found.too_small

    def test_everything_fires(self):
        found = look(hours=24, price=55_000.0, position=12_000.0)
        assert len(found.fired) == 5
        time, move, beta, position, hedge = found.triggers
        assert (time.measured, time.high) == (24.0, 24.0)
        assert move.measured == pytest.approx(0.1)
        assert (beta.measured, beta.low, beta.high) == (1.40, 0.8, 1.2)
        assert position.measured == pytest.approx(0.2)
        # wanted 1.4 * 12,000 / 55,000 = 0.305454...
        assert hedge.measured == pytest.approx(0.2 / 0.3054545454 - 1)
        assert found.order_exact == pytest.approx(-0.1054545454)
        assert found.order == Decimal("-0.105")
        assert found.order_usd == pytest.approx(-0.105 * 55_000)
        assert found.held_after == Decimal("-0.305")
        assert found.time_left(found.now) == pd.Timedelta(0)
        assert time.reason == "24 hours have passed since entry."
        assert move.reason == "The benchmark has moved by more than 5%."
        assert beta.reason == "Today's beta lies outside the interval that beta had at entry."

    def test_a_limit_that_is_just_met_does_not_fire_but_a_full_day_does(self):
        binary = replace(ALL, benchmark_move_fraction=0.0625, position_drift_fraction=0.125)
        found = look(hours=24, price=53_125.0, position=11_250.0, triggers=binary)
        fired = {check.trigger for check in found.fired}
        assert {"time"} <= fired
        assert "benchmark move" not in fired
        assert "position drift" not in fired

    def test_a_short_that_is_too_large_is_bought_back(self):
        found = look(position=5_000.0)  # wanted 0.14
        assert found.order == Decimal("0.060")
        assert found.held_after == Decimal("-0.140")

    def test_an_inverse_contract(self):
        contract = InverseContract("BTCUSD", contract_size=Decimal(100))
        entered = replace(HEDGE, contract=contract, contracts=-100.0)
        found = look(entered, price=40_000.0)
        assert found.hedge_pnl_usd == pytest.approx(10_000 * 0.2)  # -Q r in USD
        assert found.order == -40  # 14,000 USD wanted, 10,000 held
        assert found.order_usd == -4_000

    def test_without_the_interval_of_then_beta_then_is_held_against_todays(self):
        unknown = replace(HEDGE, beta_low=None, beta_high=None)
        (check,) = look(unknown, triggers=Triggers(beta_outside_interval=True)).triggers
        assert (check.measured, check.low, check.high, check.fired) == (1.0, 1.2, 1.6, True)
        assert "The beta at entry lies outside today's interval" in check.reason
        within = look(replace(unknown, beta=1.3), triggers=Triggers(beta_outside_interval=True))
        assert within.fired == ()

    def test_what_is_not_known_cannot_be_told(self):
        unknown = replace(HEDGE, beta=None, beta_low=None, beta_high=None, position_usd=None)
        found = check_hedge(unknown, now=ENTRY, price_usd=5e4, estimate=ESTIMATE, plan=None, triggers=ALL)
        assert {check.trigger: check.fired for check in found.triggers} == {
            "time": False,
            "benchmark move": False,
            "beta interval": None,
            "position drift": None,
            "hedge drift": None,
        }
        assert (found.order, found.order_exact, found.order_usd, found.held_after) == (None,) * 4
        assert all("Unknown" in check.reason for check in found.triggers if check.fired is None)

    def test_no_hedge_is_wanted_any_more(self):
        plan = size_hedge(1e4, ESTIMATE, BTC, 5e4, beta_target=1.4)
        found = check_hedge(HEDGE, now=ENTRY, price_usd=5e4, estimate=ESTIMATE, plan=plan, triggers=ALL)
        assert found.triggers[-1].measured == np.inf
        assert found.triggers[-1].fired
        assert found.order == Decimal("0.200")

    def test_an_order_below_the_exchanges_smallest_is_none(self):
        large = LinearContract("L", quantity_step=Decimal("0.001"), minimum_notional_usd=Decimal(5_000))
        found = look(replace(HEDGE, contract=large))  # wanted 0.280, 4,000 USD more
        assert found.order_exact == pytest.approx(-0.08)
        assert found.order == 0
        assert found.too_small

    def test_a_price_from_before_the_entry_fires_nothing(self):
        # Filled at 66,000 at 11:00; the last close is 62,000 of midnight.
        entered = replace(HEDGE, price_usd=66_000.0)
        plan = size_hedge(20_000.0, ESTIMATE, BTC, 62_000.0)
        found = check_hedge(
            entered,
            now=ENTRY + pd.Timedelta(hours=1),
            price_usd=62_000.0,
            estimate=ESTIMATE,
            plan=plan,
            triggers=replace(ALL, beta_outside_interval=False),
            price_at=ENTRY - pd.Timedelta(hours=8),
        )
        assert found.hedge_pnl_usd is None
        assert found.benchmark_move_fraction is None
        assert found.fired == ()
        assert [each.trigger for each in found.unknown] == ["benchmark move", "position drift", "hedge drift"]
        assert all("no price since entry" in each.reason for each in found.unknown)

    def test_a_price_of_the_entry_is_one_since(self):
        found = look(price=51_000.0)
        same = check_hedge(
            HEDGE,
            now=found.now,
            price_usd=51_000.0,
            estimate=ESTIMATE,
            plan=found.plan,
            triggers=ALL,
            price_at=ENTRY,
        )
        assert same.hedge_pnl_usd == found.hedge_pnl_usd == pytest.approx(-200.0)

    @pytest.mark.parametrize("price_at", [None, ENTRY - pd.Timedelta(hours=8)])
    def test_a_position_that_is_sold_closes_the_hedge(self, price_at):
        found = check_hedge(
            HEDGE,
            now=ENTRY,
            price_usd=5e4,
            estimate=ESTIMATE,
            plan=None,
            triggers=ALL,
            price_at=price_at,
            position_usd=0.0,
        )
        assert found.none_wanted
        assert found.order == Decimal("0.200")
        assert found.held_after == 0
        fired = {each.trigger: each.measured for each in found.fired}
        assert fired["hedge drift"] == np.inf
        assert fired["position drift"] == -1.0

    def test_an_order_too_small_to_be_taken_closes_what_is_held_however_small(self):
        dear = LinearContract("D", quantity_step=Decimal("0.001"), minimum_notional_usd=Decimal(20_000))
        with pytest.raises(NoHedgeError) as small:
            size_hedge(1e4, ESTIMATE, dear, 5e4)
        found = check_hedge(
            replace(HEDGE, contract=dear),
            now=ENTRY,
            price_usd=5e4,
            estimate=ESTIMATE,
            plan=small.value,
            triggers=Triggers(),
        )
        assert found.wanted_exact == 0.0
        assert (found.order, found.too_small) == (Decimal("0.200"), False)

    def test_a_beta_by_hand_is_not_held_against_the_estimates_interval(self):
        typed = replace(HEDGE, beta=2.0, beta_low=None, beta_high=None, beta_by_hand=True)
        (check,) = look(typed, triggers=Triggers(beta_outside_interval=True)).triggers
        assert check.fired is None
        assert "set by hand" in check.reason
        known = replace(typed, beta_low=0.8, beta_high=1.2)
        (check,) = look(known, triggers=Triggers(beta_outside_interval=True)).triggers
        assert (check.measured, check.fired) == (1.40, True)
        assert "the estimate had at entry" in check.reason

    def test_no_trigger(self):
        found = look(triggers=Triggers())
        assert found.triggers == ()
        assert found.due_at is None
        assert found.time_left(ENTRY) is None


sizes = st.floats(0.01, 100).map(lambda x: round(x, 3))


@given(
    held=sizes,
    short=st.booleans(),
    beta=st.floats(0.2, 3),
    position=st.floats(100, 1e6),
    price=st.floats(1_000, 1e5),
)
def test_the_order_leads_to_what_is_wanted_to_half_a_step(held, short, beta, position, price):
    estimate = replace(ESTIMATE, beta=beta)
    free = LinearContract("FREE", quantity_step=Decimal("0.001"))
    entered = replace(HEDGE, contract=free, contracts=-held if short else held)
    plan = size_hedge(position, replace(estimate), free, price) if beta * position / price > 0.001 else None
    found = check_hedge(entered, now=ENTRY, price_usd=price, estimate=estimate, plan=plan, triggers=ALL)
    if plan is None:
        assert found.order is None
        return
    assert found.order % free.quantity_step == 0
    assert abs(float(found.held_after) - plan.contracts_exact) <= 0.0005 * (1 + 1e-9)
    assert found.held_after == plan.contracts or found.held_after == pytest.approx(plan.contracts)


def test_triggers_mean_what_they_mean_in_the_backtest():
    """Replayed hour by hour: with a step so fine that every renewal is an order, both fire alike."""
    fine = LinearContract("FINE", quantity_step=Decimal("1e-12"))
    pair = market(3, 260)
    triggers = Triggers(
        every_hours=240,
        benchmark_move_fraction=0.06,
        beta_outside_interval=True,
        position_drift_fraction=0.12,
        hedge_drift_fraction=0.25,
    )
    strategy = HedgeStrategy("x", window=30, triggers=triggers)
    found = simulate_hedges(pair, [strategy], position_usd=1e4, contract=fine)
    run = found.runs[0]
    returns = pair.returns
    prices = returns.benchmark_prices if pair.hedge_prices is None else pair.hedge_prices
    expected = dict(zip(run.rebalances.index, run.rebalances["fired"], strict=True))
    stamps = pd.DatetimeIndex(prices.index)
    first = stamps.get_loc(run.rebalances.index[0])
    entered, n_compared = None, 0
    for t in range(first, len(stamps) - 1):
        estimate = estimate_beta(returns.asset.iloc[t - 30 : t], returns.benchmark.iloc[t - 30 : t])
        value, price = float(found.position_usd.iloc[t - first]), float(prices.iloc[t])
        plan = size_hedge(value, estimate, fine, price)
        if entered is not None:
            check = check_hedge(
                entered, now=stamps[t], price_usd=price, estimate=estimate, plan=plan, triggers=triggers
            )
            fired = ",".join(each.trigger for each in check.fired)
            assert fired == expected.get(stamps[t], "").replace(", ", ","), stamps[t]
            n_compared += bool(check.fired)
        if entered is None or stamps[t] in expected:
            entered = EnteredHedge(
                stamps[t],
                fine,
                float(plan.contracts),
                price,
                estimate.beta,
                estimate.beta_low,
                estimate.beta_high,
                value,
            )
            assert float(run.contracts.iloc[t - first]) == pytest.approx(
                entered.contracts, rel=1e3 * SAME_FORMULA
            )
    assert n_compared > 20
    assert {"time", "benchmark move", "beta interval", "position drift", "hedge drift"} <= {
        each for text in expected.values() for each in text.replace(", ", ",").split(",")
    }


class TestLiquidation:
    """Short 0.2 BTC at 50,000, 0.5 % maintenance."""

    def of(self, **changes):
        asked = {"price_usd": 55_000.0, "leverage": 5.0, "extra_margin_usd": 0.0, "convention": "binance"}
        entered = changes.pop("entered", HEDGE)
        unit = "coin" if isinstance(entered.contract, InverseContract) else "usd"
        return entered_liquidation(
            entered, tiers=MaintenanceTiers.flat(0.005, unit=unit), **(asked | changes)
        )

    def test_by_hand(self):
        found = self.of()
        # (2,000 + 0.2 * 50,000) / (0.2 * 1.005)
        assert found.price_usd == pytest.approx(12_000 / 0.201)
        assert found.distance_fraction == pytest.approx(12_000 / 0.201 / 55_000 - 1)
        assert self.of(extra_margin_usd=1_000.0).price_usd == pytest.approx(13_000 / 0.201)

    def test_coin_margined_at_leverage_1_is_covered_at_every_price(self):
        contract = InverseContract("BTCUSD", contract_size=Decimal(100))
        entered = replace(HEDGE, contract=contract, contracts=-100.0)
        assert self.of(entered=entered, leverage=1.0).outcome == "never"
        # u = 1/P: (M - Q (u0 - u)) meets 0.005 Q u, M = Q u0 / 5
        assert self.of(entered=entered).price_usd == pytest.approx(50_000 * 0.995 / 0.8)

    def test_a_trigger_that_comes_too_late(self):
        closing = self.of()  # 59,701, 19.4 % above entry
        assert is_closed_before_move(HEDGE, closing, benchmark_move_fraction=0.2)
        assert not is_closed_before_move(HEDGE, closing, benchmark_move_fraction=0.19)
        gone = self.of(price_usd=60_000.0)
        assert gone.outcome == "already"
        assert is_closed_before_move(HEDGE, gone, benchmark_move_fraction=0.01)

    @pytest.mark.parametrize(("name", "value"), [("leverage", 0.5), ("extra_margin_usd", -1.0)])
    def test_unusable(self, name, value):
        with pytest.raises(InputError) as caught:
            self.of(**{name: value})
        check_error(caught, parameter=name)


class TestErrors:
    def test_a_plan_for_another_position(self):
        plan = size_hedge(1e4, ESTIMATE, BTC, 5e4)
        with pytest.raises(InputError) as caught:
            check_hedge(
                HEDGE,
                now=ENTRY,
                price_usd=5e4,
                estimate=ESTIMATE,
                plan=plan,
                triggers=ALL,
                position_usd=2e4,
            )
        check_error(caught, parameter="position_usd")

    def test_a_price_at_an_instant_without_a_time_zone(self):
        with pytest.raises(InputError) as caught:
            check_hedge(
                HEDGE,
                now=ENTRY,
                price_usd=5e4,
                estimate=ESTIMATE,
                plan=None,
                triggers=ALL,
                price_at=ENTRY.tz_localize(None),
            )
        check_error(caught, parameter="price_at")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("contracts", 0.0),
            ("contracts", float("nan")),
            ("price_usd", 0.0),
            ("price_usd", -1.0),
            ("beta", float("inf")),
            ("position_usd", 0.0),
            ("beta_low", 1.3),
            ("beta_low", None),
            ("entered_at", pd.Timestamp("2026-01-01")),
            ("entered_at", pd.NaT),
            ("entered_at", "2026-01-01"),
            ("contract", "BTC"),
        ],
    )
    def test_an_unusable_entry(self, name, value):
        with pytest.raises(InputError) as caught:
            replace(HEDGE, **{name: value})
        check_error(caught, parameter=name)

    def test_entered_in_the_future(self):
        with pytest.raises(InputError) as caught:
            look(hours=-0.1)
        check_error(caught, parameter="entered_at", names="2026-01-01 08:00")

    def test_now_without_a_time_zone(self):
        with pytest.raises(InputError) as caught:
            check_hedge(
                HEDGE,
                now=ENTRY.tz_localize(None),
                price_usd=1.0,
                estimate=ESTIMATE,
                plan=None,
                triggers=ALL,
            )
        check_error(caught, parameter="now")

    def test_a_plan_in_another_contract(self):
        plan = size_hedge(1e4, ESTIMATE, LinearContract("OTHER", quantity_step=Decimal("0.1")), 5e3)
        with pytest.raises(InputError) as caught:
            check_hedge(HEDGE, now=ENTRY, price_usd=5e3, estimate=ESTIMATE, plan=plan, triggers=ALL)
        check_error(caught, parameter="plan", names="OTHER")

    @pytest.mark.parametrize(
        "triggers", [Triggers(margin_ratio=0.5), Triggers(funding_flip=True), Triggers(risk_aversion=3)]
    )
    def test_triggers_that_cannot_be_judged(self, triggers):
        with pytest.raises(InputError) as caught:
            look(triggers=triggers)
        check_error(caught, names="is set")
