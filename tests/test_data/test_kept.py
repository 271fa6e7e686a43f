"""Prices that are kept: shown at once, brought up to date beside, never lost to a source that fails."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

from data import downloads
from data.downloads import FRESH_SECONDS
from data.errors import ContradictionError, DeadlineError, NoNetworkError, UnknownSymbolError
from data.kept import KeptSource
from data.prices import BarInterval, PriceHistory, validated_history
from data.series import SeriesKey
from data.sources import PriceSource
from data.store import open_store
from tests.fakes.paged_source import FakePages, funding_rows, price_rows

FIRST_NOW = pd.Timestamp("2020-04-10 12:00", tz="UTC")  # 100 days are finished
PATIENCE_SECONDS = 10.0


class Live(PriceSource):
    """The live source behind the store, which is asked for prices only where there is no store."""

    name = "Fake exchange"
    accepts_any_symbol = True

    def __init__(self) -> None:
        self.n_asked = 0

    def symbols(self) -> tuple[str, ...]:
        return ("SOL", "BTC")

    def intervals(self, symbol: str) -> tuple[BarInterval, ...]:
        return ("daily",)

    def fetch(self, symbol: str, *, interval: BarInterval, now: pd.Timestamp) -> PriceHistory:
        self.n_asked += 1
        closes = price_rows(50, symbol=symbol)["close"]
        return validated_history(closes, symbol=symbol, source=self.name, interval=interval, now=now)


class Clock:
    """The present, moved by the test."""

    def __init__(self) -> None:
        self.now = FIRST_NOW

    def __call__(self) -> pd.Timestamp:
        return self.now


def kept(folder: Path, **options: object) -> tuple[KeptSource, FakePages, Clock]:
    pages = FakePages({"SOL": price_rows(400), "BTC": price_rows(400, symbol="BTC"), "F": funding_rows(40)})
    clock = Clock()
    source = KeptSource(Live(), pages, open_store(str(folder)), clock=clock, **options)  # type: ignore[arg-type]
    return source, pages, clock


def fetched(source: KeptSource, clock: Clock, symbol: str = "SOL") -> PriceHistory:
    return source.fetch(symbol, interval="daily", now=clock())


def until_quiet(source: KeptSource, symbol: str = "SOL") -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while source.state(symbol, "daily").is_refreshing:
        assert time.monotonic() < give_up
        time.sleep(0.01)


def no_network(*_: object) -> NoNetworkError:
    return NoNetworkError(
        "the exchange cannot be reached",
        parameter="source",
        value="fake",
        allowed="a network",
        remedy="Wait.",
    )


def test_a_series_is_fetched_once_and_answered_from_the_store_afterwards(tmp_path: Path) -> None:
    source, pages, clock = kept(tmp_path)
    assert not source.has("SOL", "daily")
    first = fetched(source, clock)
    assert len(first.prices) == 100
    assert source.has("SOL", "daily")
    again = fetched(source, clock)
    assert again.prices.equals(first.prices)
    assert again.version == first.version
    assert len(pages.asked) == 1
    assert any("stored; fetched 2020-04-10 12:00 UTC" in note for note in again.notes)


def test_what_is_old_is_shown_at_once_and_brought_up_to_date_beside(tmp_path: Path) -> None:
    source, pages, clock = kept(tmp_path)
    fetched(source, clock)
    clock.now += pd.Timedelta(days=3)
    version = source.version("SOL", "daily")
    assert len(fetched(source, clock).prices) == 100  # at once
    until_quiet(source)
    assert source.version("SOL", "daily") != version
    assert len(fetched(source, clock).prices) == 103
    assert len(pages.asked) == 2


def test_what_is_fresh_is_not_asked_for_again(tmp_path: Path) -> None:
    source, pages, clock = kept(tmp_path)
    fetched(source, clock)
    clock.now += pd.Timedelta(seconds=FRESH_SECONDS - 1)
    fetched(source, clock)
    until_quiet(source)
    assert len(pages.asked) == 1
    clock.now += pd.Timedelta(seconds=2)
    fetched(source, clock)
    until_quiet(source)
    assert len(pages.asked) == 2


def test_a_failing_source_takes_nothing_away_and_says_why(tmp_path: Path) -> None:
    source, pages, clock = kept(tmp_path)
    before = fetched(source, clock)
    pages.failure = (0, no_network())
    clock.now += pd.Timedelta(days=3)
    assert fetched(source, clock).prices.equals(before.prices)
    until_quiet(source)
    state = source.state("SOL", "daily")
    assert isinstance(state.trouble, NoNetworkError)
    assert state.fetched_at == FIRST_NOW
    assert fetched(source, clock).prices.equals(before.prices)
    pages.failure = None
    source.ask_again()
    fetched(source, clock)
    until_quiet(source)
    assert source.state("SOL", "daily").trouble is None
    assert len(fetched(source, clock).prices) == 103


@pytest.mark.fault(
    "store: the folder is removed while pages show what it holds",
    saw="the same prices, fetched again; where the source is down as well, … cannot be reached",
    lost="what was in the folder, until the source answers",
)
def test_a_store_that_is_removed_while_it_is_looked_at(tmp_path: Path) -> None:
    source, pages, clock = kept(tmp_path / "store")
    before = fetched(source, clock)
    shutil.rmtree(tmp_path / "store")
    clock.now += pd.Timedelta(minutes=1)
    assert not source.has("SOL", "daily")
    again = fetched(source, clock)
    assert again.prices.equals(before.prices)
    assert again.version == before.version
    shutil.rmtree(tmp_path / "store")
    clock.now += pd.Timedelta(minutes=1)
    pages.failure = (0, no_network())
    with pytest.raises(NoNetworkError, match="cannot be reached"):
        fetched(source, clock)
    pages.failure = None
    clock.now += pd.Timedelta(seconds=FRESH_SECONDS + 1)
    assert fetched(source, clock).prices.equals(before.prices)


def test_a_source_that_is_down_is_not_asked_by_every_run(tmp_path: Path) -> None:
    source, pages, clock = kept(tmp_path)
    fetched(source, clock)
    pages.failure = (0, no_network())
    clock.now += pd.Timedelta(days=1)
    for _ in range(5):
        fetched(source, clock)
        until_quiet(source)
    assert len(pages.asked) == 2


def test_nothing_stored_and_no_network_is_the_source_s_own_error(tmp_path: Path) -> None:
    source, pages, clock = kept(tmp_path)
    pages.failure = (0, no_network())
    with pytest.raises(NoNetworkError, match="cannot be reached"):
        fetched(source, clock)
    with pytest.raises(UnknownSymbolError, match="does not know NOPE"):
        fetched(source, clock, "NOPE")


def test_a_download_that_broke_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    source, pages, clock = kept(tmp_path)
    clock.now = pd.Timestamp("2021-01-01", tz="UTC")
    pages.failure = (2, no_network())
    for _ in range(3):  # what came ends months ago: no price of today, and not asked for at every look
        with pytest.raises(NoNetworkError, match="200 rows up to 2020-07-18 have come"):
            fetched(source, clock)
    assert len(pages.asked) == 1
    assert not source.has("SOL", "daily")
    pages.failure = None
    clock.now += pd.Timedelta(seconds=FRESH_SECONDS + 1)
    assert len(fetched(source, clock).prices) == 366
    assert pages.asked[-1][1] is not None


def test_a_long_download_goes_on_at_each_look(tmp_path: Path) -> None:
    source, pages, clock = kept(tmp_path)
    clock.now = pd.Timestamp("2021-01-01", tz="UTC")
    late = DeadlineError("too late", parameter="deadline", value=90, allowed="90 s", remedy="Ask again.")
    pages.failure = (2, late)
    with pytest.raises(DeadlineError, match="200 rows"):
        fetched(source, clock)
    pages.failure = None
    clock.now += pd.Timedelta(seconds=1)
    assert len(fetched(source, clock).prices) == 366


def test_what_cannot_be_had_is_not_asked_for_at_every_look(tmp_path: Path) -> None:
    source, pages, clock = kept(tmp_path)
    for _ in range(5):
        with pytest.raises(UnknownSymbolError):
            fetched(source, clock, "NOPE")
    assert len(pages.asked) == 1
    source.ask_again()
    with pytest.raises(UnknownSymbolError):
        fetched(source, clock, "NOPE")
    assert len(pages.asked) == 2


def test_any_number_of_symbols_leaves_a_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "MOST_REMEMBERED", 10)
    source, _, clock = kept(tmp_path)
    for number in range(40):
        with pytest.raises(UnknownSymbolError):
            fetched(source, clock, f"NOPE{number}")
    assert source._downloads.n_remembered == 10


def test_a_fault_of_ours_is_said_once_and_asks_no_endless_loop(tmp_path: Path) -> None:
    source, pages, clock = kept(tmp_path)
    fetched(source, clock)
    pages.failure = (0, KeyError("close"))
    clock.now += pd.Timedelta(days=1)
    for _ in range(5):
        assert len(fetched(source, clock).prices) == 100
        until_quiet(source)
    assert len(pages.asked) == 2
    trouble = source.state("SOL", "daily").trouble
    assert trouble is not None
    assert "cannot read" in trouble.problem


def test_asked_for_anew_even_what_is_fresh_is_asked_for(tmp_path: Path) -> None:
    source, pages, clock = kept(tmp_path)
    fetched(source, clock)
    clock.now += pd.Timedelta(seconds=10)
    source.ask_again()
    fetched(source, clock)
    until_quiet(source)
    assert len(pages.asked) == 2


def test_one_corrected_bar_is_reported_and_takes_no_history_away(tmp_path: Path) -> None:
    source, pages, clock = kept(tmp_path)
    fetched(source, clock)
    corrected = pages.rows["SOL"].iloc[95:].copy()  # and the source no longer goes back so far
    corrected.iloc[4, corrected.columns.get_loc("close")] *= 1.0001
    pages.rows["SOL"] = corrected
    clock.now += pd.Timedelta(days=3)
    fetched(source, clock)
    until_quiet(source)
    assert len(fetched(source, clock).prices) >= 100
    trouble = source.state("SOL", "daily").trouble
    assert isinstance(trouble, ContradictionError)


def test_what_the_source_says_of_a_symbol_stands_in_its_notes(tmp_path: Path) -> None:
    source, _, clock = kept(tmp_path)
    source._said.extend(["SOL was read as SOL/USDT:USDT.", "BTC was read as BTC/USDT:USDT."])
    notes = fetched(source, clock).notes
    assert "SOL was read as SOL/USDT:USDT." in notes
    assert not any("BTC" in note for note in notes)


def test_several_sessions_share_one_download(tmp_path: Path) -> None:
    source, pages, clock = kept(tmp_path)
    gate, found = threading.Event(), []
    asked = FakePages.pages

    def slow(self: FakePages, key: SeriesKey, **options: object) -> object:
        gate.wait(PATIENCE_SECONDS)
        return asked(self, key, **options)  # type: ignore[arg-type]

    pages.pages = slow.__get__(pages)  # type: ignore[method-assign]
    threads = [threading.Thread(target=lambda: found.append(fetched(source, clock))) for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    gate.set()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert len(found) == 8
    assert len({history.version for history in found}) == 1
    assert len(pages.asked) == 1


@pytest.mark.skipif(not Path("/proc/sys").exists(), reason="needs a folder that nobody can write")
def test_without_a_store_prices_are_live_and_only_not_kept() -> None:
    pages = FakePages({"SOL": price_rows(400)})
    live = Live()
    source = KeptSource(live, pages, open_store("/proc/sys/no-store"), clock=Clock())
    found = source.fetch("SOL", interval="daily", now=FIRST_NOW)
    assert len(found.prices) == 50
    assert any(note.startswith("Not kept: ") for note in found.notes)
    assert live.n_asked == 1


@pytest.mark.skipif(not Path("/proc/sys").exists(), reason="needs a folder that nobody can write")
def test_without_a_store_funding_is_there_all_the_same() -> None:
    pages = FakePages({"F": funding_rows(40)})
    source = KeptSource(Live(), pages, open_store("/proc/sys/no-store"), clock=Clock())
    assert source.funding("F").funding_rates.tolist() == funding_rows(40)["rate"].tolist()


def test_a_series_of_another_format_is_live_and_only_not_kept(tmp_path: Path) -> None:
    source, _, clock = kept(tmp_path)
    fetched(source, clock)
    (manifest,) = tmp_path.rglob("manifest.json")
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 99'))
    found = fetched(source, clock)
    assert len(found.prices) == 50
    assert any(note.startswith("Not kept: ") for note in found.notes)


def test_after_a_split_the_whole_history_is_fetched_again(tmp_path: Path) -> None:
    source, pages, clock = kept(tmp_path)
    fetched(source, clock)
    halved = pages.rows["SOL"].copy()
    halved[["open", "high", "low", "close"]] /= 2
    pages.rows["SOL"] = halved
    clock.now += pd.Timedelta(days=3)
    fetched(source, clock)
    until_quiet(source)
    after = fetched(source, clock)
    assert after.prices.tolist() == halved["close"].iloc[:103].tolist()


def test_funding_is_kept_as_well(tmp_path: Path) -> None:
    source, pages, _ = kept(tmp_path)
    found = source.funding("F")
    assert found.funding_rates.tolist() == funding_rows(40)["rate"].tolist()
    assert source.funding("F").version == found.version
    assert len(pages.asked) == 1
