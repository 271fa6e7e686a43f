"""However a market is typed, it is one stored series; also without the exchange, once it has been read."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pandas as pd
import pytest

from data import readings
from data.cli import main
from data.collect import collect
from data.errors import NoNetworkError, UnknownSymbolError
from data.exchanges.pages import ExchangePages
from data.exchanges.source import ExchangeSource
from data.exchanges.wire import BASE_URL_VARIABLE
from data.kept import KeptSource
from data.readings import Readings
from data.series import Reading, SeriesKey
from data.store import AnswerKey, Store, open_store
from tests.fakes.exchange_server import ExchangeServer
from tests.fakes.paged_source import FakePages
from tests.test_data.exchange_examples import NOW, SOL, exchange_of, key_of

SPELLINGS = ("SOL", "SOLUSDT", "solusdt", "sol/usdt:usdt", SOL)
SENTENCE = "SOL was read as SOL/USDT:USDT, the perpetual in USDT"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path))


def pages_of(exchange_id: str = "bybit") -> ExchangePages:
    return ExchangePages(exchange_id, exchange=exchange_of(exchange_id))


def kept(store: Store, exchange_id: str = "bybit") -> KeptSource:
    """A new process, as it were."""
    exchange = exchange_of(exchange_id)
    return KeptSource(
        ExchangeSource(exchange_id, exchange=exchange),
        ExchangePages(exchange_id, exchange=exchange),
        store,
        clock=lambda: NOW,
    )


def names(store: Store) -> list[str]:
    return [info.key.symbol for info in store.list() if info.key is not None]


def until_quiet(source: KeptSource, symbol: str) -> None:
    give_up = time.monotonic() + 20
    while source.state(symbol, "daily").is_refreshing:
        assert time.monotonic() < give_up
        time.sleep(0.01)


def unplug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BASE_URL_VARIABLE, "http://127.0.0.1:9")


@pytest.mark.parametrize("exchange_id", ["binance", "bybit", "okx"])
def test_every_spelling_leads_to_one_series(
    exchanges: ExchangeServer, store: Store, exchange_id: str
) -> None:
    source = kept(store, exchange_id)
    histories = [source.fetch(typed, interval="daily", now=NOW) for typed in SPELLINGS]
    source.funding("SOL")
    assert names(store) == [SOL, SOL]  # prices and funding
    assert [history.symbol for history in histories] == list(SPELLINGS)
    assert len({tuple(history.prices) for history in histories}) == 1
    assert SENTENCE in histories[0].notes
    assert not any("read as" in note for note in histories[-1].notes)
    assert all(source.has(typed, "daily") for typed in SPELLINGS)
    assert len({source.version(typed, "daily") for typed in SPELLINGS}) == 1


@pytest.mark.fault(
    "exchange: out of reach, for a symbol that is stored under the exchange's own spelling",
    saw="the stored prices, with how the symbol was read: SOL was read as SOL/USDT:USDT…",
    lost="nothing",
)
def test_a_spelling_that_was_read_before_is_found_offline(
    exchanges: ExchangeServer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept(store).fetch("SOL", interval="daily", now=NOW)
    unplug(monkeypatch)
    later = kept(store)
    assert later.has("SOL", "daily")
    found = later.fetch("SOL", interval="daily", now=NOW)
    assert found.prices.equals(before.prices)
    assert SENTENCE in found.notes
    assert later.fetch(SOL, interval="daily", now=NOW).prices.equals(before.prices)


def test_offline_a_spelling_that_was_never_read_says_that_the_exchange_is_out_of_reach(
    exchanges: ExchangeServer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    unplug(monkeypatch)
    for _ in range(2):
        with pytest.raises(NoNetworkError):
            kept(store).fetch("SOL", interval="daily", now=NOW)
    assert not store.list()


def test_what_the_exchange_does_not_list_is_not_kept(exchanges: ExchangeServer, store: Store) -> None:
    source = kept(store)
    for _ in range(3):
        with pytest.raises(UnknownSymbolError):
            source.fetch("NOSUCHCOIN", interval="daily", now=NOW)
    assert Readings(pages_of(), store).known("NOSUCHCOIN") is None
    assert not store.list()


def test_a_series_of_an_earlier_version_is_shown_until_the_market_s_own_is_there(
    exchanges: ExchangeServer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was stored under the symbol as typed."""
    early = NOW - pd.Timedelta(days=30)
    assert collect(pages_of(), key_of("bybit", "SOL"), store, now=early).complete
    base = exchanges.base_url
    unplug(monkeypatch)
    source = kept(store)
    assert len(source.fetch("SOL", interval="daily", now=NOW).prices) > 0
    until_quiet(source, "SOL")
    monkeypatch.setenv(BASE_URL_VARIABLE, base)
    source = kept(store)
    first = source.fetch("SOL", interval="daily", now=NOW)
    assert first.prices.index[-1] < early
    until_quiet(source, "SOL")
    assert sorted(names(store)) == ["SOL", SOL]
    second = source.fetch("SOL", interval="daily", now=NOW)
    assert second.prices.index[-1] > early
    assert SENTENCE in second.notes


def test_the_command_line_reads_a_symbol_and_says_so(
    exchanges: ExchangeServer,
    store: Store,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run(*arguments: str) -> int:
        return main(arguments, store=store, source=pages_of, now=NOW)

    assert run("fetch", "--source", "bybit", "SOL", "SOLUSDT") == 0
    said = capsys.readouterr()
    assert SENTENCE in said.err
    assert said.out.count(f"bybit {SOL} daily prices") == 2
    assert names(store) == [SOL]
    unplug(monkeypatch)
    run("check", "SOLUSDT", SOL)
    assert capsys.readouterr().out.count(f"bybit {SOL} daily prices: ") == 1
    assert run("check", "ETH") == 1
    assert "Nothing is stored of ETH" in capsys.readouterr().err


def test_a_source_that_takes_symbols_as_they_stand_has_no_readings(store: Store, tmp_path: Path) -> None:
    read = Readings(FakePages({}, name="yahoo"), store)
    assert read.known(" btc-usd ") == read.asked("btc-usd", now=NOW) == Reading("BTC-USD")
    with pytest.raises(UnknownSymbolError):
        read.known("../x")
    assert not list(tmp_path.rglob("*.json"))


class Naming(FakePages):
    """A source that reads every symbol as one market."""

    reads_symbols = True

    def reading(self, typed: str) -> Reading:
        return Reading("ONE", f"{typed} was read as ONE")


@pytest.mark.parametrize(
    "answer",
    [7, [], {"SOL": None}, {"SOL": ["A"]}, {"SOL": [7, None]}, {"SOL": ["", None]}, {"SOL": ["x" * 99, None]},
     {"SOL": ["A", 7]}, {"SOL": ["A", "y" * 999]}, {"SOL": [" A", None]}],
)  # fmt: skip
def test_a_file_of_readings_that_nobody_wrote_is_asked_for_again(store: Store, answer: object) -> None:
    store.answers.write(AnswerKey("readings", "fake"), answer, now=NOW)
    read = Readings(Naming({}), store)
    assert read.known("SOL") is None
    assert read.asked("SOL", now=NOW).symbol == "ONE"
    assert Readings(Naming({}), store).known("SOL") == Reading("ONE", "SOL was read as ONE")


def test_a_damaged_file_of_readings_is_set_aside_and_made_anew(store: Store, tmp_path: Path) -> None:
    Readings(Naming({}), store).asked("SOL", now=NOW)
    path = next((tmp_path / "answers").glob("readings-*"))
    path.write_bytes(path.read_bytes()[:-20])
    assert Readings(Naming({}), store).known("SOL") is None
    Readings(Naming({}), store).asked("BTC", now=NOW)
    assert Readings(Naming({}), store).known("BTC") == Reading("ONE", "BTC was read as ONE")
    assert len(list((tmp_path / "answers" / "set-aside").iterdir())) == 1


def test_readings_are_bounded_and_the_oldest_goes_first(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "MOST_READINGS", 3)
    for typed in "ABCD":
        Readings(Naming({}), store).asked(typed, now=NOW)
    path = next((tmp_path / "answers").glob("readings-*"))
    assert len(json.loads(path.read_bytes())["content"]["answer"]) == 3
    assert Readings(Naming({}), store).known("A") is None
    assert Readings(Naming({}), store).known("D") is not None
    assert "D" in readings.typed_for(store, SeriesKey("fake", "ONE", "prices", "daily"))
    assert readings.typed_for(store, SeriesKey("fake", "TWO", "prices", "daily")) == ()
