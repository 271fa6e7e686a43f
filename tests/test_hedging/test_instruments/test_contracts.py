"""Contract terms: worth of one contract, and terms no exchange could have."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging.errors import InputError
from hedging.instruments.contracts import (
    InverseContract,
    LinearContract,
    average_entry_price,
    contract_pnl_coin,
    contract_pnl_usd,
    round_price,
)
from tests.test_hedging.examples import check_error
from tests.tolerances import ROUNDING_NOISE, SAME_FORMULA

QUICK = settings(max_examples=30, deadline=None, derandomize=True)


def test_contract_size_counts():
    # 0.01 BTC a contract, as OKX has it: 650 USD at 65,000, not 65,000.
    contract = LinearContract("BTC-USDT-SWAP", contract_size=Decimal("0.01"))
    assert contract.value_usd(65_000.0) == 650.0


def test_defaults_are_one_whole_unit():
    contract = LinearContract("X")
    assert (contract.contract_size, contract.quantity_step) == (Decimal(1), Decimal(1))
    assert (contract.minimum_quantity, contract.minimum_notional_usd) == (Decimal(0), Decimal(0))


def test_equal_terms_are_equal_and_cannot_change():
    contract = LinearContract("X", quantity_step=Decimal("0.1"))
    assert contract == LinearContract("X", quantity_step=Decimal("0.10"))
    assert hash(contract) == hash(LinearContract("X", quantity_step=Decimal("0.10")))
    with pytest.raises(FrozenInstanceError):
        contract.name = "Y"


@pytest.mark.parametrize(
    "parameter", ["contract_size", "quantity_step", "minimum_quantity", "minimum_notional_usd"]
)
@pytest.mark.parametrize(
    "value", [Decimal(-1), Decimal("NaN"), Decimal("Infinity"), 0.001, 1, "0.001"], ids=repr
)
def test_terms_no_exchange_could_have(parameter, value):
    with pytest.raises(InputError) as caught:
        LinearContract("X", **{parameter: value})
    check_error(caught, parameter=parameter, names=repr(value))
    assert "Decimal" in caught.value.remedy


@pytest.mark.parametrize("parameter", ["contract_size", "quantity_step"])
def test_zero_is_no_size(parameter):
    with pytest.raises(InputError) as caught:
        LinearContract("X", **{parameter: Decimal(0)})
    check_error(caught, parameter=parameter, names="Decimal('0')")


def test_no_terms_at_all_are_refused():
    with pytest.raises(InputError):
        LinearContract("X", contract_size=None)


@pytest.mark.parametrize("parameter", ["contract_size", "quantity_step", "coins_per_unit", "price_step"])
@pytest.mark.parametrize("value", [Decimal("1e-400"), Decimal("1e400")], ids=str)
def test_a_size_that_no_float_holds_is_refused(parameter, value):
    with pytest.raises(InputError) as caught:
        LinearContract("X", **{parameter: value})
    check_error(caught, parameter=parameter, names=repr(value))


@pytest.mark.parametrize("kind", [LinearContract, InverseContract])
@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("price_step", Decimal(0)),
        ("funding_interval_hours", Decimal(0)),
        ("taker_fee_fraction", Decimal("0.5")),
        ("maker_fee_fraction", Decimal("-0.5")),
        ("maker_fee_fraction", 0.0002),
        ("coins_per_unit", Decimal(0)),
    ],
)
def test_fees_steps_and_multipliers_are_checked(kind, parameter, value):
    with pytest.raises(InputError) as caught:
        kind("X", **{parameter: value})
    check_error(caught, parameter=parameter, names=repr(value))


def test_a_contract_that_expires_has_no_funding():
    with pytest.raises(InputError) as caught:
        LinearContract("X", expiry="quarterly", funding_interval_hours=Decimal(8))
    check_error(caught, parameter="funding_interval_hours")
    with pytest.raises(InputError) as caught:
        LinearContract("X", expiry="yearly")
    check_error(caught, parameter="expiry", names="yearly")
    assert LinearContract("X", expiry="quarterly").funding_interval_hours is None


def test_what_an_inverse_contract_is_worth():
    contract = InverseContract("BTCUSD_PERP", contract_size=Decimal(100))
    assert contract.value_usd(8_000.0) == contract.value_usd(65_000.0) == 100.0
    assert contract.exact_value_usd(Decimal(8_000)) == 100
    assert (contract.kind, LinearContract("X").kind) == ("inverse", "linear")
    assert contract != LinearContract("BTCUSD_PERP", contract_size=Decimal(100))


def test_a_unit_of_a_thousand_coins():
    contract = LinearContract("1000PEPEUSDT", coins_per_unit=Decimal(1000))
    assert contract.unit_price_usd(0.000012, price_per="coin") == pytest.approx(0.012, rel=SAME_FORMULA)
    assert contract.unit_price_usd(0.012, price_per="unit") == 0.012
    assert contract.value_usd(0.012) == 0.012


class TestRoundPrice:
    @pytest.mark.parametrize(
        ("price", "rounding", "expected"),
        [
            (100.14, "nearest", "100.1"),
            (100.16, "nearest", "100.2"),
            (100.25, "nearest", "100.2"),  # a tie, to the even tick
            (100.35, "nearest", "100.4"),
            (100.19, "down", "100.1"),
            (100.11, "up", "100.2"),
            (100.1, "up", "100.1"),
            (100.1, "down", "100.1"),
        ],
    )
    def test_on_the_grid(self, price, rounding, expected):
        contract = LinearContract("X", price_step=Decimal("0.1"))
        assert round_price(price, contract, rounding=rounding) == Decimal(expected)

    @QUICK
    @given(price=st.floats(1e-6, 1e6), step=st.sampled_from(["0.5", "0.1", "0.0000001", "0.003"]))
    def test_never_further_than_asked(self, price, step):
        contract = InverseContract("X", price_step=Decimal(step))
        low, near, high = (round_price(price, contract, rounding=r) for r in ("down", "nearest", "up"))
        exact = Decimal(repr(price))
        assert low <= exact <= high
        assert high - low in (0, Decimal(step))
        assert abs(near - exact) <= Decimal(step) / 2
        assert near % Decimal(step) == 0

    def test_an_unknown_step_is_not_guessed(self):
        with pytest.raises(InputError) as caught:
            round_price(100.0, LinearContract("X"))
        check_error(caught, parameter="price_step", names="X")
        with pytest.raises(InputError) as caught:
            round_price(0.0, LinearContract("X", price_step=Decimal(1)))
        check_error(caught, parameter="price_usd")
        with pytest.raises(InputError) as caught:
            round_price(1.0, LinearContract("X", price_step=Decimal(1)), rounding="away")
        check_error(caught, parameter="rounding")


class TestAverageEntryPrice:
    def test_weighted_and_harmonic(self):
        quantities, prices = np.array([1_000.0, 2_000.0]), np.array([5_000.0, 6_000.0])
        inverse = average_entry_price(quantities, prices, kind="inverse")
        assert inverse == pytest.approx(5_625.0, rel=SAME_FORMULA)
        linear = average_entry_price(quantities, prices, kind="linear")
        assert linear == pytest.approx(17_000 / 3, rel=SAME_FORMULA)
        assert average_entry_price(-quantities, prices, kind="inverse") == inverse

    @QUICK
    @given(
        orders=st.lists(st.tuples(st.floats(1, 1e6), st.floats(1, 1e5)), min_size=1, max_size=6),
        exit_price=st.floats(1, 1e5),
        kind=st.sampled_from([LinearContract, InverseContract]),
    )
    def test_one_position_at_the_average_earns_what_the_orders_earn(self, orders, exit_price, kind):
        contract = kind("X")
        average = average_entry_price(
            np.array([q for q, _ in orders]), np.array([p for _, p in orders]), kind=contract.kind
        )
        prices = {"exit_price_usd": exit_price}
        each = sum(contract_pnl_usd(q, contract, entry_price_usd=p, **prices) for q, p in orders)
        total = sum(q for q, _ in orders)
        together = contract_pnl_usd(total, contract, entry_price_usd=average, **prices)
        scale = sum(q * max(p, exit_price) * (1 + exit_price / p) for q, p in orders)
        assert together == pytest.approx(each, abs=ROUNDING_NOISE * scale)

    @pytest.mark.parametrize(
        ("quantities", "prices", "parameter"),
        [
            ([1.0, 2.0], [5.0], "prices_usd"),
            ([1.0, -2.0], [5.0, 6.0], "quantities"),
            ([1.0, 0.0], [5.0, 6.0], "quantities"),
            ([1.0, 2.0], [5.0, 0.0], "prices_usd"),
            ([math.nan, 2.0], [5.0, 6.0], "quantities"),
            ([], [], "observations"),
        ],
    )
    def test_orders_that_are_none(self, quantities, prices, parameter):
        with pytest.raises(InputError) as caught:
            average_entry_price(np.array(quantities), np.array(prices), kind="linear")
        check_error(caught, parameter=parameter)

    def test_an_unknown_kind(self):
        with pytest.raises(InputError) as caught:
            average_entry_price(np.ones(1), np.ones(1), kind="quanto")
        check_error(caught, parameter="kind")


class TestPnl:
    def test_inverse_as_the_exchange_prints_it(self):
        contract = InverseContract("BTCUSD")
        prices = {"entry_price_usd": 8_000.0, "exit_price_usd": 12_500.0}
        assert contract_pnl_coin(10_000, contract, **prices) == pytest.approx(0.45, rel=SAME_FORMULA)
        assert contract_pnl_coin(-10_000, contract, **prices) == pytest.approx(-0.45, rel=SAME_FORMULA)
        assert contract_pnl_usd(10_000, contract, **prices) == pytest.approx(5_625.0, rel=SAME_FORMULA)

    def test_linear(self):
        contract = LinearContract("BTC-USDT-SWAP", contract_size=Decimal("0.01"))
        prices = {"entry_price_usd": 100.0, "exit_price_usd": 90.0}
        assert contract_pnl_usd(-200, contract, **prices) == pytest.approx(20.0, rel=SAME_FORMULA)
        assert contract_pnl_coin(-200, contract, **prices) == pytest.approx(20 / 90, rel=SAME_FORMULA)

    def test_coins_of_a_multiplied_symbol(self):
        contract = LinearContract("1000PEPEUSDT", coins_per_unit=Decimal(1000))
        coins = contract_pnl_coin(100, contract, entry_price_usd=0.01, exit_price_usd=0.02)
        assert coins == pytest.approx(1.0 / 0.00002, rel=SAME_FORMULA)

    @pytest.mark.parametrize(
        ("arguments", "parameter"),
        [
            ({"contracts": math.nan}, "contracts"),
            ({"entry_price_usd": 0.0}, "entry_price_usd"),
            ({"exit_price_usd": -1.0}, "exit_price_usd"),
        ],
    )
    def test_unusable(self, arguments, parameter):
        full = {"contracts": 1.0, "entry_price_usd": 1.0, "exit_price_usd": 1.0, **arguments}
        for call in (contract_pnl_usd, contract_pnl_coin):
            with pytest.raises(InputError) as caught:
                call(contract=LinearContract("X"), **full)
            check_error(caught, parameter=parameter)
