"""BingX, MEXC and WEEX: the same histories, though each of them answers in its own way."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from data.exchanges.wire import BASE_URL_VARIABLE
from tests.fakes.other_exchanges import OtherExchanges
from tests.test_data.exchange_examples import NOW, SOL, exchange_of, expected_closes, fetched, listing_of

OTHERS = ("bingx", "mexc", "weex")


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Iterator[OtherExchanges]:
    with OtherExchanges() as server:
        monkeypatch.setenv(BASE_URL_VARIABLE, server.base_url)
        yield server


def charged(server: OtherExchanges) -> pd.Series:
    charges = [(at, rate) for at, rate in listing_of(server).charges if at <= server.world.now]
    index = pd.to_datetime([at for at, _ in charges], unit="ms", utc=True).as_unit("ns")
    return pd.Series([float(rate) for _, rate in charges], index=index, name="rate")


@pytest.mark.parametrize("exchange_id", OTHERS)
def test_every_day_of_its_history(others: OtherExchanges, exchange_id: str) -> None:
    found = fetched(exchange_of(exchange_id))
    pd.testing.assert_series_equal(
        found["close"], expected_closes(listing_of(others), "daily"), check_freq=False, check_names=False
    )


@pytest.mark.parametrize("exchange_id", OTHERS)
def test_hours_from_where_the_last_download_stopped(others: OtherExchanges, exchange_id: str) -> None:
    start = NOW.floor("h") - pd.Timedelta(days=20)
    found = fetched(exchange_of(exchange_id), SOL, "hourly", start=start)
    expected = expected_closes(listing_of(others), "hourly", start=start)
    assert len(expected) > 400
    pd.testing.assert_series_equal(found["close"], expected, check_freq=False, check_names=False)


@pytest.mark.parametrize("exchange_id", ["bingx", "weex"])
def test_every_charge_of_funding(others: OtherExchanges, exchange_id: str) -> None:
    found = fetched(exchange_of(exchange_id), SOL, None)
    pd.testing.assert_series_equal(found["rate"], charged(others), check_freq=False, check_names=False)


def test_mexc_gives_its_newest_charges(others: OtherExchanges) -> None:
    found = fetched(exchange_of("mexc"), SOL, None)
    expected = charged(others)
    assert 800 < len(found) < len(expected)
    pd.testing.assert_series_equal(
        found["rate"], expected.iloc[-len(found) :], check_freq=False, check_names=False
    )
