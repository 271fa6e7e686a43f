"""Liquidation prices: the exchanges' printed examples, and equity that equals the margin there."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging.errors import InputError
from hedging.instruments.contracts import (
    InverseContract,
    LinearContract,
    contract_pnl_coin,
    contract_pnl_usd,
)
from hedging.instruments.liquidation import (
    MarginedPosition,
    cross_liquidation_prices,
    inverse_liquidation_price,
    liquidation_price,
)
from hedging.instruments.margin import MaintenanceTiers
from tests.test_hedging.examples import check_error
from tests.test_hedging.test_instruments.margins import BTC_2021, ETH_2021, tiers
from tests.tolerances import CENT, EQUITY_AT_LIQUIDATION, PRINTED_6, SAME_FORMULA

QUICK = settings(max_examples=60, deadline=None, derandomize=True)
LINEAR = LinearContract("LINEAR")
INVERSE = InverseContract("INVERSE", contract_size=Decimal(100))
STEEP = tiers((0, 0.005), (5e4, 0.01), (2e5, 0.025), (1e6, 0.1))
COINS = tiers((0, 0.004), (5, 0.01), (20, 0.05), (100, 0.125), unit="coin")
WALLET = 1_535_443.01
ETH = MarginedPosition(LINEAR, 3683.979, 1456.84, 1335.18, ETH_2021)
BTC = MarginedPosition(LINEAR, 109.488, 32_481.98, 31_967.27, BTC_2021)


def position(contracts=1.0, entry=100.0, mark=None, contract=LINEAR, table=None):
    table = table or MaintenanceTiers.flat(0.01, unit="coin" if contract is INVERSE else "usd")
    return MarginedPosition(contract, contracts, entry, mark or entry, table)


class TestPrinted:
    @pytest.mark.parametrize(("held", "printed"), [(ETH, 1_114.78), (BTC, 18_778.73)])
    def test_binance_isolated(self, held, printed):
        found = liquidation_price(held, margin_usd=WALLET, convention="binance")
        assert found.outcome == "at price"
        assert found.price_usd == pytest.approx(printed, abs=CENT)

    def test_binance_cross(self):
        eth, btc = cross_liquidation_prices([ETH, BTC], wallet_usd=WALLET, convention="binance")
        assert eth.price_usd == pytest.approx(1_153.26, abs=CENT)
        assert btc.price_usd == pytest.approx(26_316.89, abs=CENT)
        assert eth.distance_fraction == pytest.approx(1_153.26 / 1_335.18 - 1, abs=1e-5)

    def test_binance_short(self):
        # Rate .01 and amount .01 from a notional of 2 on: .01 = 2 (.01 - .005).
        held = position(-1.0, 10.0, table=tiers((0, 0.005), (2, 0.01)))
        found = liquidation_price(held, margin_usd=10 / 5, convention="binance")
        assert found.price_usd == pytest.approx(11.891089, abs=PRINTED_6)

    def test_bybit_long(self):
        held = position(1.0, 20_000.0, table=MaintenanceTiers.flat(0.005))
        found = liquidation_price(held, margin_usd=20_000 / 50, convention="bybit")
        assert found.price_usd == pytest.approx(19_700.0, rel=SAME_FORMULA)

    def test_bybit_short_with_margin_added(self):
        # E (1 + 1/L - rate) + extra / q = 20,000 x 1.015 + 3,000 / 2.
        held = position(-2.0, 20_000.0, table=MaintenanceTiers.flat(0.005))
        found = liquidation_price(held, margin_usd=40_000 / 50 + 3_000, convention="bybit")
        assert found.price_usd == pytest.approx(21_800.0, rel=SAME_FORMULA)


class TestEquityMeetsTheMargin:
    @QUICK
    @given(
        size=st.floats(0.01, 1e4),
        side=st.sampled_from([1, -1]),
        entry=st.floats(1, 1e3),
        share=st.floats(0.02, 1.5),
    )
    def test_linear_in_the_right_tier(self, size, side, entry, share):
        held = position(side * size, entry, table=STEEP)
        margin = share * size * entry
        found = liquidation_price(held, margin_usd=margin, convention="binance")
        if found.price_usd is None:
            assert (found.outcome, side) == ("never", 1)
            assert margin >= size * entry * (1 - 1e-12)
            return
        pnl = contract_pnl_usd(side * size, LINEAR, entry_price_usd=entry, exit_price_usd=found.price_usd)
        owed = STEEP.maintenance_margin(size * found.price_usd)
        assert margin + pnl == pytest.approx(
            owed, abs=EQUITY_AT_LIQUIDATION * size * (entry + found.price_usd)
        )
        if found.outcome == "at price":
            assert math.copysign(1, found.distance_fraction) == -side

    @QUICK
    @given(
        contracts=st.floats(1, 1e5),
        side=st.sampled_from([1, -1]),
        entry=st.floats(10, 1e5),
        share=st.floats(0.01, 1.5),
    )
    def test_inverse_in_the_right_tier(self, contracts, side, entry, share):
        held = position(side * contracts, entry, contract=INVERSE, table=COINS)
        margin = share * 100 * contracts / entry
        found = inverse_liquidation_price(held, margin_coins=margin, convention="binance")
        if found.price_usd is None:
            assert (found.outcome, side) == ("never", -1)
            assert share >= 1 - 1e-12
            return
        pnl = contract_pnl_coin(
            side * contracts, INVERSE, entry_price_usd=entry, exit_price_usd=found.price_usd
        )
        owed = COINS.maintenance_margin(100 * contracts / found.price_usd)
        scale = 100 * contracts * (1 / entry + 1 / found.price_usd)
        assert margin + pnl == pytest.approx(owed, abs=EQUITY_AT_LIQUIDATION * scale)

    @QUICK
    @given(
        contracts=st.floats(1, 1e4),
        side=st.sampled_from([1, -1]),
        entry=st.floats(10, 1e5),
        share=st.floats(0.2, 1.5),
        kind=st.sampled_from([LINEAR, INVERSE]),
    )
    def test_bybit_holds_the_margin_of_the_entry(self, contracts, side, entry, share, kind):
        table = COINS if kind is INVERSE else STEEP
        held = position(side * contracts, entry, contract=kind, table=table)
        notional = 100 * contracts / entry if kind is INVERSE else contracts * entry
        margin = share * notional
        if kind is INVERSE:
            found = inverse_liquidation_price(held, margin_coins=margin, convention="bybit")
            pnl_at = contract_pnl_coin
        else:
            found = liquidation_price(held, margin_usd=margin, convention="bybit")
            pnl_at = contract_pnl_usd
        if found.price_usd is None:
            assert found.outcome == "never"
            return
        pnl = pnl_at(side * contracts, kind, entry_price_usd=entry, exit_price_usd=found.price_usd)
        owed = table.maintenance_margin(notional)
        assert margin + pnl == pytest.approx(owed, abs=EQUITY_AT_LIQUIDATION * notional)

    @QUICK
    @given(
        sizes=st.lists(st.floats(-50, 50).filter(lambda q: abs(q) > 0.1), min_size=1, max_size=4),
        moves=st.lists(st.floats(-0.05, 0.05), min_size=4, max_size=4),
        convention=st.sampled_from(["binance", "bybit"]),
    )
    def test_cross_equity_of_the_whole_wallet(self, sizes, moves, convention):
        held = [
            position(q, 100.0 * (i + 1), 100.0 * (i + 1) * (1 + moves[i]), table=STEEP)
            for i, q in enumerate(sizes)
        ]
        wallet = 0.3 * sum(abs(p.contracts) * p.entry_price_usd for p in held)
        for i, found in enumerate(cross_liquidation_prices(held, wallet_usd=wallet, convention=convention)):
            if found.price_usd is None:
                continue
            one, others = held[i], held[:i] + held[i + 1 :]
            equity = wallet + sum(p.unrealised for p in others)
            equity += one.contracts * (found.price_usd - one.entry_price_usd)
            at = one.entry_price_usd if convention == "bybit" else found.price_usd
            owed = sum(p.maintenance for p in others) + STEEP.maintenance_margin(one.contracts * at)
            assert equity == pytest.approx(owed, abs=EQUITY_AT_LIQUIDATION * 10 * (1 + wallet))


class TestOutcome:
    def test_alone_cross_is_isolated(self):
        (cross,) = cross_liquidation_prices([ETH], wallet_usd=WALLET, convention="binance")
        isolated = liquidation_price(ETH, margin_usd=WALLET, convention="binance")
        assert cross == isolated

    @pytest.mark.parametrize("convention", ["binance", "bybit"])
    def test_a_long_paid_in_full_cannot_be_liquidated(self, convention):
        margin = 100.0 if convention == "binance" else 101.0
        found = liquidation_price(position(), margin_usd=margin, convention=convention)
        assert found.outcome == "never"
        assert (found.price_usd, found.distance_fraction, found.distance_daily_sigmas) == (None,) * 3
        assert "fall" in found.reason

    def test_a_short_of_its_own_coins_cannot_be_liquidated(self):
        held = position(-50.0, 50_000.0, contract=INVERSE)
        found = inverse_liquidation_price(held, margin_coins=0.1, convention="binance")
        assert (found.outcome, found.price_usd) == ("never", None)
        assert "rise" in found.reason
        half = inverse_liquidation_price(held, margin_coins=0.05, convention="binance")
        assert half.price_usd == pytest.approx(5_000 * 0.99 / 0.05, rel=SAME_FORMULA)

    def test_an_inverse_long_by_hand(self):
        held = position(50.0, 50_000.0, contract=INVERSE)
        found = inverse_liquidation_price(held, margin_coins=0.01, convention="binance")
        assert found.price_usd == pytest.approx(5_000 * 1.01 / (0.01 + 0.1), rel=SAME_FORMULA)
        fixed = inverse_liquidation_price(held, margin_coins=0.01, convention="bybit")
        assert fixed.price_usd == pytest.approx(1 / (1 / 50_000 + 0.009 / 5_000), rel=SAME_FORMULA)

    def test_distance_in_daily_sigmas(self):
        found = liquidation_price(
            position(-1.0), margin_usd=20.0, convention="bybit", daily_volatility_fraction=0.038
        )
        assert found.price_usd == pytest.approx(119.0, rel=SAME_FORMULA)
        assert found.distance_fraction == pytest.approx(0.19, rel=1e-9)
        assert found.distance_daily_sigmas == pytest.approx(5.0, rel=1e-9)

    @pytest.mark.parametrize("convention", ["binance", "bybit"])
    def test_already_below_the_margin(self, convention):
        found = liquidation_price(position(mark=91.0), margin_usd=9.5, convention=convention)
        assert found.outcome == "already"
        assert found.price_usd > 91.0
        assert "already" in found.reason

    def test_others_may_have_eaten_the_wallet(self):
        found = liquidation_price(
            position(-1.0),
            margin_usd=10.0,
            convention="binance",
            other_unrealised_usd=-300.0,
            daily_volatility_fraction=0.03,
        )
        assert (found.outcome, found.price_usd, found.distance_fraction) == ("already", None, None)

    @QUICK
    @given(margin=st.floats(3, 50), extra=st.floats(0.1, 40), side=st.sampled_from([1, -1]))
    def test_more_margin_moves_it_away(self, margin, extra, side):
        held = position(side)
        near = liquidation_price(held, margin_usd=margin, convention="binance")
        far = liquidation_price(held, margin_usd=margin + extra, convention="binance")
        assert abs(far.distance_fraction) > abs(near.distance_fraction)

    def test_the_tier_is_that_of_the_price_not_of_the_entry(self):
        # A short of 490 at 100 enters below 50,000 and is closed above it, in the next tier.
        held = position(-490.0, 100.0, table=STEEP)
        found = liquidation_price(held, margin_usd=10_000.0, convention="binance")
        assert 490 * found.price_usd > 50_000
        assert found.price_usd == pytest.approx((10_000 + 250 + 49_000) / (490 * 1.01), rel=SAME_FORMULA)


class TestUnusable:
    @pytest.mark.parametrize(
        ("changes", "parameter"),
        [
            ({"contracts": 0.0}, "contracts"),
            ({"contracts": math.nan}, "contracts"),
            ({"entry": -1.0}, "entry_price_usd"),
            ({"mark": -1.0}, "mark_price_usd"),
            ({"contract": INVERSE, "table": STEEP}, "tiers"),
            ({"table": COINS}, "tiers"),
        ],
    )
    def test_positions(self, changes, parameter):
        with pytest.raises(InputError) as caught:
            position(**changes)
        check_error(caught, parameter=parameter)

    def test_a_position_above_the_last_cap(self):
        capped = MaintenanceTiers((STEEP.tiers[0],))
        with pytest.raises(InputError) as caught:
            position(600.0, table=capped)
        check_error(caught, parameter="notional")

    @pytest.mark.parametrize(
        ("changes", "parameter"),
        [
            ({"margin_usd": -1.0}, "margin_usd"),
            ({"margin_usd": math.inf}, "margin_usd"),
            ({"convention": "ftx"}, "convention"),
            ({"other_maintenance_usd": -1.0}, "other_maintenance_usd"),
            ({"other_unrealised_usd": math.nan}, "other_unrealised_usd"),
            ({"daily_volatility_fraction": 0.0}, "daily_volatility_fraction"),
        ],
    )
    def test_arguments(self, changes, parameter):
        with pytest.raises(InputError) as caught:
            liquidation_price(position(), **{"margin_usd": 10.0, "convention": "binance", **changes})
        check_error(caught, parameter=parameter)

    def test_each_kind_has_its_function(self):
        inverse = position(contract=INVERSE)
        for call in (
            lambda: liquidation_price(inverse, margin_usd=1.0, convention="binance"),
            lambda: cross_liquidation_prices([ETH, inverse], wallet_usd=1.0, convention="binance"),
            lambda: inverse_liquidation_price(position(), margin_coins=1.0, convention="binance"),
        ):
            with pytest.raises(InputError) as caught:
                call()
            check_error(caught, parameter="position")
        with pytest.raises(InputError) as caught:
            inverse_liquidation_price(inverse, margin_coins=-1.0, convention="binance")
        check_error(caught, parameter="margin_coins")

    def test_no_positions(self):
        with pytest.raises(InputError) as caught:
            cross_liquidation_prices([], wallet_usd=1.0, convention="binance")
        check_error(caught, parameter="positions")
