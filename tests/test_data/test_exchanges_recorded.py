"""Answers recorded from the exchanges themselves, through the real client."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from data import errors
from data.exchanges import all_contract_terms, contract_terms, daily_turnover, maintenance_tiers
from tests.fakes.exchange_server import ExchangeServer
from tests.shared_data import shared_file
from tests.test_data.exchange_examples import NOW, exchange_of, fetched

pytestmark = pytest.mark.market

NOTHING = json.dumps({"symbols": []}).encode()


def recorded(name: str) -> bytes:
    return shared_file("market", "contracts", "recorded", name).read_bytes()


@pytest.fixture
def binance(exchanges: ExchangeServer) -> ExchangeServer:
    exchanges.recorded |= {
        "/fapi.binance.com/fapi/v1/exchangeInfo": recorded("fapi_v1_exchangeInfo__0_all.json"),
        "/dapi.binance.com/dapi/v1/exchangeInfo": recorded("dapi_v1_exchangeInfo__0_all.json"),
        "/fapi.binance.com/fapi/v1/fundingInfo": recorded("fapi_v1_fundingInfo__0_all.json"),
        "/fapi.binance.com/fapi/v1/ticker/24hr": recorded("fapi_v1_ticker_24hr__2_all.json"),
        "/api.binance.com/api/v3/exchangeInfo": NOTHING,
    }
    return exchanges


def filters_of(content: bytes, symbol: str) -> dict[str, dict[str, Any]]:
    entry = next(each for each in json.loads(content)["symbols"] if each["symbol"] == symbol)
    return {each["filterType"]: each for each in entry["filters"]}


def test_terms_of_binance_are_the_filters_of_its_answer(binance: ExchangeServer) -> None:
    said = recorded("fapi_v1_exchangeInfo__0_all.json")
    every = {terms.symbol: terms for terms in all_contract_terms(exchange_of("binance"), now=NOW)}
    perpetuals = [
        each["symbol"] for each in json.loads(said)["symbols"] if each["contractType"] == "PERPETUAL"
    ]
    assert "BTCUSDT" in perpetuals
    for symbol in perpetuals:
        terms, filters = every[symbol], filters_of(said, symbol)
        assert terms.quantity_step == Decimal(filters["LOT_SIZE"]["stepSize"])
        assert terms.minimum_quantity == Decimal(filters["LOT_SIZE"]["minQty"])
        assert terms.price_step == Decimal(filters["PRICE_FILTER"]["tickSize"])
        assert terms.minimum_notional_usd == Decimal(filters["MIN_NOTIONAL"]["notional"])
        assert terms.contract_size == 1
    inverse = every["BTCUSD_PERP"]
    assert (inverse.contract_size, inverse.settlement, inverse.kind) == (Decimal(100), "BTC", "inverse")
    dated = [terms for terms in every.values() if terms.expiry != "perpetual"]
    assert {terms.expiry for terms in dated} <= {"quarterly", "other"}
    assert all(terms.funding_interval_hours is None for terms in dated)


def test_terms_of_one_contract_of_binance(binance: ExchangeServer) -> None:
    terms = contract_terms(exchange_of("binance"), "BTCUSDT", now=NOW)
    assert terms.minimum_notional_usd == Decimal(100)
    assert terms.quantity_step == Decimal("0.001")
    assert terms.price_step == Decimal("0.10")
    assert terms.funding_interval_hours == Decimal(8)


def test_turnover_of_binance(binance: ExchangeServer) -> None:
    found = daily_turnover(exchange_of("binance"))
    assert (found[0].coin, found[0].turnover_usd, found[0].price_usd) == ("BTC", 10941924833.36, 32141.43)


def test_funding_of_binance_with_its_jitter(binance: ExchangeServer) -> None:
    name = (
        "fapi_v1_fundingRate__6_endTime=1580515200000_limit=1000_startTime=1577836800000_symbol=BTCUSDT.json"
    )
    binance.recorded["/fapi.binance.com/fapi/v1/fundingRate"] = recorded(name)
    start, now = pd.Timestamp("2019-12-31 23:00", tz="UTC"), pd.Timestamp("2020-01-02 17:00", tz="UTC")
    page = fetched(exchange_of("binance"), "BTCUSDT", None, start=start, now=now)
    assert list(page.index) == list(pd.date_range("2020-01-01", periods=6, freq="8h", tz="UTC"))
    expected = [-0.00012359, -0.00012383, -0.00009664, 0.00003662, 0.0001, 0.00000104]
    assert list(page["rate"]) == expected
    assert page["mark"].isna().all()


def test_days_of_binance(binance: ExchangeServer) -> None:
    name = "fapi_v1_klines__4_interval=1d_limit=5_symbol=BTCUSDT.json"
    binance.recorded["/fapi.binance.com/fapi/v1/klines"] = recorded(name)
    start, now = pd.Timestamp("2020-10-13", tz="UTC"), pd.Timestamp("2020-10-18 03:00", tz="UTC")
    page = fetched(exchange_of("binance"), "BTCUSDT", start=start, now=now)
    # The fifth bar was still open when it was recorded: its volume is a tenth of the others.
    assert list(page["close"]) == [11417.13, 11502.00, 11318.92, 11356.25]
    assert list(page.index) == list(pd.date_range("2020-10-14", periods=4, tz="UTC"))
    assert page["volume"].iloc[0] == 192936.970


def test_a_year_of_days_of_binance_is_all_there(binance: ExchangeServer) -> None:
    name = "fapi_v1_klines__2_endTime=1577836800000_interval=1d_limit=1000_startTime=1546300800000"
    name += "_symbol=BTCU.json"
    content = recorded(name)
    binance.recorded["/fapi.binance.com/fapi/v1/klines"] = content
    rows = json.loads(content)
    now = pd.Timestamp(rows[-1][0], unit="ms", tz="UTC") + pd.Timedelta(days=1)
    page = fetched(exchange_of("binance"), "BTCUSDT", start=now - pd.Timedelta(days=400), now=now)
    assert list(page["close"]) == [float(row[4]) for row in rows]
    assert list(page.index.as_unit("ms").asi8) == [row[0] for row in rows]


@pytest.fixture
def bybit(exchanges: ExchangeServer) -> ExchangeServer:
    """With the category that the recording lacks and every real answer has."""
    for category in ("linear", "inverse"):
        content = recorded(f"bybit_http_get_instruments_{category}.json")
        exchanges.recorded |= instruments_of_bybit(content, category)
    return exchanges


def instruments_of_bybit(content: bytes, category: str) -> dict[str, bytes]:
    """One recorded list, and none of what is about to be launched."""
    whole = json.loads(content)
    whole["result"] |= {"category": category, "nextPageCursor": ""}
    path = f"/api.bybit.com/v5/market/instruments-info?category={category}"
    return {f"{path}&status=PreLaunch": b'{"retCode": 0, "result": {}}', path: json.dumps(whole).encode()}


def test_terms_of_bybit(bybit: ExchangeServer) -> None:
    exchange = exchange_of("bybit")
    terms = contract_terms(exchange, "BTC/USDT:USDT", now=NOW)
    assert (terms.quantity_step, terms.minimum_quantity) == (Decimal("0.001"), Decimal("0.001"))
    assert (terms.price_step, terms.minimum_notional_usd) == (Decimal("0.5"), Decimal(5))
    assert terms.contract_size == 1
    # The recording says 8 where the exchange itself says 480 minutes: no charge comes every 8 minutes.
    assert terms.funding_interval_hours is None
    assert "funding_interval_hours" in terms.unverified_fields


def test_every_instrument_of_bybit_has_terms(exchanges: ExchangeServer) -> None:
    content = shared_file("market", "contracts", "bybit_instruments_info_linear_2025-01-23.json").read_bytes()
    listed = [each for each in json.loads(content)["result"]["list"] if each["status"] == "Trading"]
    exchanges.recorded |= instruments_of_bybit(content, "linear")
    exchanges.world.listings = ()
    exchange = exchange_of("bybit")
    every = {terms.symbol: terms for terms in all_contract_terms(exchange, now=NOW)}
    assert set(every) == {each["symbol"] for each in listed}
    for each in listed:
        terms, lot = every[each["symbol"]], each["lotSizeFilter"]
        assert terms.quantity_step == Decimal(lot["qtyStep"])
        assert terms.price_step == Decimal(each["priceFilter"]["tickSize"])
        if terms.expiry == "perpetual":
            assert terms.funding_interval_hours == Decimal(each["fundingInterval"]) / 60
    assert (every["1000PEPEUSDT"].coin, every["1000PEPEUSDT"].multiplier) == ("PEPE", 1000)
    assert (every["10000000AIDOGEUSDT"].coin, every["10000000AIDOGEUSDT"].multiplier) == (
        "AIDOGE",
        10_000_000,
    )


def test_funding_of_bybit(bybit: ExchangeServer) -> None:
    bybit.recorded["/api.bybit.com/v5/market/funding/history"] = recorded(
        "bybit_http_get_funding_history.json"
    )
    bybit.recorded["/api.bybit.com/v5/market/time"] = b'{"retCode": 0, "time": 1709891679050}'
    now = pd.Timestamp(1709891679050, unit="ms", tz="UTC")
    page = fetched(exchange_of("bybit"), "BTC/USDT:USDT", None, start=now - pd.Timedelta(days=1), now=now)
    assert list(page["rate"]) == [0.00015, 0.0001]
    assert list(page.index) == list(pd.to_datetime(["2024-03-08 00:00", "2024-03-08 08:00"], utc=True))


def test_a_bar_that_begins_at_no_full_hour_is_refused(bybit: ExchangeServer) -> None:
    """The recording was made up by hand: its only candle begins at 09:54:39."""
    bybit.recorded["/api.bybit.com/v5/market/kline"] = recorded("bybit_http_get_klines_linear.json")
    with pytest.raises(
        errors.SourceAnswerError, match="a bar that begins at 2024-03-08 09:54:39 UTC, at no full"
    ):
        fetched(exchange_of("bybit"), "BTC/USDT:USDT", start=NOW - pd.Timedelta(days=2))


@pytest.fixture
def okx(exchanges: ExchangeServer) -> ExchangeServer:
    content = recorded("okx_http_get_instruments_swap.json")
    exchanges.recorded["/www.okx.com/api/v5/public/instruments?instType=SWAP"] = content
    exchanges.world.listings = ()
    return exchanges


def test_terms_of_okx_are_the_fields_of_its_answer(okx: ExchangeServer) -> None:
    listed = json.loads(recorded("okx_http_get_instruments_swap.json"))["data"]
    every = {terms.symbol: terms for terms in all_contract_terms(exchange_of("okx"), now=NOW)}
    assert set(every) == {each["instId"] for each in listed}
    for each in listed:
        terms = every[each["instId"]]
        assert terms.contract_size == Decimal(each["ctVal"]) * Decimal(each["ctMult"])
        assert terms.quantity_step == Decimal(each["lotSz"])
        assert terms.minimum_quantity == Decimal(each["minSz"])
        assert terms.price_step == Decimal(each["tickSz"])
        assert (terms.kind == "inverse") is (each["ctType"] == "inverse")
    assert every["BTC-USD-SWAP"].contract_size == 100
    assert every["ETH-USDT-SWAP"].contract_size == Decimal("0.1")


def test_funding_of_okx_is_what_was_realised(okx: ExchangeServer) -> None:
    okx.recorded["/www.okx.com/api/v5/public/funding-rate-history"] = recorded(
        "okx_http_get_funding_rate_history.json"
    )
    now = pd.Timestamp("2024-01-01 03:00", tz="UTC")
    start = now - pd.Timedelta(days=1)
    page = fetched(exchange_of("okx"), "BTC-USDT-SWAP", None, start=start, now=now)
    assert list(page["rate"]) == [-0.00002, 0.00015]
    assert list(page.index) == list(pd.to_datetime(["2023-12-31 16:00", "2024-01-01 00:00"], utc=True))


def test_tiers_of_okx(okx: ExchangeServer) -> None:
    okx.recorded["/www.okx.com/api/v5/public/position-tiers"] = recorded("okx_http_get_position_tiers.json")
    tiers = maintenance_tiers(exchange_of("okx"), "ETH-USDT-SWAP", now=NOW, price_usd=2000.0).tiers
    # 50 contracts of 0.1 ETH at 2,000 USD, 3 % maintenance.
    assert [(tier.cap, tier.maintenance_rate_fraction) for tier in tiers.tiers] == [(10_000.0, 0.03)]
