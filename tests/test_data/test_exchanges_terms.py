"""Contract terms, tiers and turnover as the exchanges state them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from data import errors
from data.exchanges import (
    USUAL_EXCHANGES,
    all_contract_terms,
    contract_terms,
    daily_turnover,
    leverage_tiers,
    maintenance_tiers,
)
from data.exchanges.tiers import LeverageTier
from hedging.instruments.contracts import InverseContract, LinearContract
from tests.fakes.exchange_formats import Listing
from tests.fakes.exchange_server import ExchangeServer, Fault
from tests.test_data.exchange_examples import NOW, exchange_of, with_listing

each_exchange = pytest.mark.parametrize("exchange_id", USUAL_EXCHANGES)


def test_terms_of_okx_keep_the_size_of_a_contract(exchanges: ExchangeServer) -> None:
    terms = contract_terms(exchange_of("okx"), "BTC/USDT:USDT", now=NOW)
    assert (terms.exchange, terms.symbol, terms.coin, terms.kind) == ("OKX", "BTC-USDT-SWAP", "BTC", "linear")
    assert terms.contract_size == Decimal("0.01")
    assert terms.quantity_step == Decimal("0.001")
    contract = terms.contract()
    assert isinstance(contract, LinearContract)
    # One contract is a hundredth of a bitcoin: forgetting it makes the hedge a hundred times too large.
    assert contract.exact_value_usd(Decimal(100_000)) == Decimal(1000)


def test_the_multiplier_of_an_okx_contract_counts(exchanges: ExchangeServer) -> None:
    with_listing(exchanges, size="0.1", multiplier="10")
    assert contract_terms(exchange_of("okx"), "SOL-USDT-SWAP", now=NOW).contract_size == Decimal(1)


def test_an_inverse_contract_of_bybit_is_one_dollar(exchanges: ExchangeServer) -> None:
    """Not its smallest order, which is what ccxt has for it."""
    world = exchanges.world
    world.listings = tuple(
        replace(each, least="10", step="10") if each.kind == "inverse" else each for each in world.listings
    )
    terms = contract_terms(exchange_of("bybit"), "BTC/USD:BTC", now=NOW)
    assert (terms.contract_size, terms.minimum_quantity) == (Decimal(1), Decimal(10))
    assert (terms.kind, terms.settlement, terms.minimum_notional_usd) == ("inverse", "BTC", Decimal(0))
    assert isinstance(terms.contract(), InverseContract)


@each_exchange
def test_terms_are_dated_and_say_where_they_are_from(exchanges: ExchangeServer, exchange_id: str) -> None:
    with_listing(exchanges, step="0.1", least="0.3", tick="0.0010", least_notional="20")
    terms = contract_terms(exchange_of(exchange_id), "SOL", now=NOW)
    assert terms.as_of == date(2025, 7, 10)
    assert terms.status == "verified"
    assert {"taker_fee", "maker_fee"} <= set(terms.unverified_fields)
    assert terms.provenance == f"{terms.exchange} through ccxt; fees: ccxt's list"
    assert (terms.quantity_step, terms.minimum_quantity) == (Decimal("0.1"), Decimal("0.3"))
    assert terms.price_step == Decimal("0.001")
    assert terms.minimum_notional_usd == (Decimal(0) if exchange_id == "okx" else Decimal(20))
    assert terms.settlement == "USDT"
    assert terms.taker_fee is not None
    assert Decimal("0.0001") < terms.taker_fee < Decimal("0.001")


def test_numbers_keep_every_digit(exchanges: ExchangeServer) -> None:
    """0.000000012 has no float, and 1e-8 no plain spelling in one."""
    with_listing(exchanges, tick="0.000000012", step="0.00000001", least="0.00000003")
    for exchange_id in USUAL_EXCHANGES:
        terms = contract_terms(exchange_of(exchange_id), "SOL/USDT:USDT", now=NOW)
        assert terms.price_step == Decimal("0.000000012")
        assert terms.quantity_step == Decimal("0.00000001")
        assert terms.minimum_quantity == Decimal("0.00000003")


def test_a_minimum_between_two_steps_is_the_next_order_that_is_possible(exchanges: ExchangeServer) -> None:
    with_listing(exchanges, step="0.2", least="0.5")
    assert contract_terms(exchange_of("bybit"), "SOL", now=NOW).minimum_quantity == Decimal("0.6")


@each_exchange
def test_funding_intervals_and_whether_they_were_stated(exchanges: ExchangeServer, exchange_id: str) -> None:
    four = Listing("FOUR")
    exchanges.world.listings = (*exchanges.world.listings, four)
    exchange = exchange_of(exchange_id)
    hours = {
        symbol: contract_terms(exchange, symbol, now=NOW).funding_interval_hours for symbol in ("FOUR", "SOL")
    }
    assert (
        hours
        == {
            "binance": {"FOUR": Decimal(4), "SOL": Decimal(8)},
            "bybit": {"FOUR": Decimal(8), "SOL": Decimal(8)},
            "okx": {"FOUR": Decimal(4), "SOL": Decimal(4)},
        }[exchange_id]
    )
    stated = "funding_interval_hours" not in contract_terms(exchange, "SOL", now=NOW).unverified_fields
    assert stated is (exchange_id != "binance")


@each_exchange
def test_thousands_of_coins_in_one_unit(exchanges: ExchangeServer, exchange_id: str) -> None:
    terms = contract_terms(exchange_of(exchange_id), "1000PEPE/USDT:USDT", now=NOW)
    assert (terms.coin, terms.multiplier) == ("PEPE", Decimal(1000))
    assert terms.contract().coins_per_unit == Decimal(1000)


@each_exchange
def test_all_terms_in_one_look(exchanges: ExchangeServer, exchange_id: str) -> None:
    with_listing(exchanges, trading=False)
    every = all_contract_terms(exchange_of(exchange_id), now=NOW)
    assert [(terms.coin, terms.kind) for terms in every] == [
        ("BTC", "linear"),
        ("PEPE", "linear"),
        ("BTC", "inverse"),
    ]
    intervals = {terms.funding_interval_hours for terms in every}
    assert intervals == ({Decimal(8)} if exchange_id == "bybit" else {None})


@each_exchange
def test_a_spot_pair_has_no_contract_terms(exchanges: ExchangeServer, exchange_id: str) -> None:
    with pytest.raises(errors.ChangeInputError, match="SOL/USDT is the spot pair in USDT, not a contract"):
        contract_terms(exchange_of(exchange_id), "SOL/USDT", now=NOW)


@pytest.mark.parametrize("wrong", [{"step": "0"}, {"step": ""}, {"tick": "abc"}, {"size": "0"}])
def test_impossible_terms_are_not_taken(exchanges: ExchangeServer, wrong: dict[str, str]) -> None:
    with_listing(exchanges, **wrong)
    with pytest.raises(errors.SourceAnswerError, match=r"OKX states no .* for SOL/USDT:USDT"):
        contract_terms(exchange_of("okx"), "SOL/USDT:USDT", now=NOW)


# Tiers


def test_tiers_of_bybit_add_up(exchanges: ExchangeServer) -> None:
    terms = maintenance_tiers(exchange_of("bybit"), "SOL", now=NOW)
    assert (terms.exchange, terms.symbol, terms.coin, terms.status) == ("Bybit", "SOLUSDT", "SOL", "verified")
    assert terms.as_of == date(2025, 7, 10)
    assert [tier.maintenance_amount for tier in terms.tiers.tiers] == [0.0, 10_000.0, 110_000.0]
    # By hand: 0.5 % of two millions, 1 % of the third.
    assert terms.tiers.maintenance_margin(3_000_000) == pytest.approx(10_000 + 10_000)


def test_tiers_of_okx_count_contracts(exchanges: ExchangeServer) -> None:
    exchange = exchange_of("okx")
    assert leverage_tiers(exchange, "BTC") == (
        LeverageTier(0.0, 1000.0, "contracts", 0.004, 100.0),
        LeverageTier(1001.0, 5000.0, "contracts", 0.006, 75.0),
    )
    terms = maintenance_tiers(exchange, "BTC", now=NOW, price_usd=100_000.0)
    # 1000 contracts of 0.01 BTC at 100,000 USD.
    assert [(tier.floor, tier.cap) for tier in terms.tiers.tiers] == [(0.0, 1_000_000.0)]
    assert "its first tier only" in terms.provenance
    inverse = maintenance_tiers(exchange, "BTC/USD:BTC", now=NOW, price_usd=100_000.0)
    assert (inverse.tiers.unit, inverse.tiers.tiers[0].cap) == ("coin", 1.0)


@pytest.mark.parametrize("price", [None, 0.0, -1.0, float("nan"), float("inf")])
def test_contracts_need_a_price_to_be_notional(exchanges: ExchangeServer, price: float | None) -> None:
    with pytest.raises(errors.ChangeInputError, match="states the tiers of BTC/USDT:USDT in contracts"):
        maintenance_tiers(exchange_of("okx"), "BTC", now=NOW, price_usd=price)


def test_tiers_of_binance_need_an_account_and_none_is_asked_for(exchanges: ExchangeServer) -> None:
    exchange = exchange_of("binance")
    exchange.markets(exchange.budget())
    asked = len(exchanges.requests)
    with pytest.raises(errors.ChangeInputError) as caught:
        leverage_tiers(exchange, "BTC")
    assert "account holders only" in caught.value.problem
    assert "never asks for a key" in caught.value.allowed
    assert len(exchanges.requests) == asked


def test_a_percentage_is_not_taken_for_a_rate(
    exchanges: ExchangeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bybit's old answers said 0.5 for 0.5 %, at a leverage of 100."""
    tiers = [
        {
            "id": 1,
            "symbol": "SOLUSDT",
            "riskLimitValue": "150",
            "maintenanceMargin": "0.5",
            "maxLeverage": "100",
        }
    ]
    monkeypatch.setattr("tests.fakes.exchange_formats._bybit_risk", lambda symbol: tiers)
    with pytest.raises(errors.SourceAnswerError, match="Bybit gave a tier that reads"):
        maintenance_tiers(exchange_of("bybit"), "SOL", now=NOW)


def test_no_tiers_at_all_is_an_error(exchanges: ExchangeServer) -> None:
    exchanges.faults.append(Fault("empty", on="/risk-limit"))
    with pytest.raises(errors.SourceAnswerError, match="Bybit gave no leverage tiers"):
        leverage_tiers(exchange_of("bybit"), "SOL")


@each_exchange
def test_a_spot_pair_has_no_tiers(exchanges: ExchangeServer, exchange_id: str) -> None:
    with pytest.raises(errors.ChangeInputError, match="does not offer this for the spot pair SOL/USDT"):
        leverage_tiers(exchange_of(exchange_id), "SOL/USDT")


# Turnover


@each_exchange
def test_turnover_is_in_dollars_a_day(exchanges: ExchangeServer, exchange_id: str) -> None:
    found = daily_turnover(exchange_of(exchange_id))
    assert {each.symbol for each in found} == {"BTC/USDT:USDT", "SOL/USDT:USDT", "1000PEPE/USDT:USDT"}
    price = found[0].price_usd
    coins = {"binance": 2000, "bybit": 3000, "okx": 4000}[exchange_id]
    assert found[0].turnover_usd == pytest.approx(coins * price)
    assert {each.coin for each in found} == {"BTC", "SOL", "PEPE"}
    assert [each.turnover_usd for each in found] == sorted(
        (each.turnover_usd for each in found), reverse=True
    )


def test_no_turnover_at_all_is_an_error(exchanges: ExchangeServer) -> None:
    exchanges.faults.append(Fault("empty", on="/tickers"))
    with pytest.raises(
        errors.SourceAnswerError, match="Bybit gave an empty answer for what was traded today"
    ):
        daily_turnover(exchange_of("bybit"))


@each_exchange
def test_an_empty_list_of_markets_is_an_error(exchanges: ExchangeServer, exchange_id: str) -> None:
    exchanges.world.listings = ()
    with pytest.raises(errors.SourceAnswerError, match="gave an empty answer for its list of markets"):
        all_contract_terms(exchange_of(exchange_id), now=NOW)
