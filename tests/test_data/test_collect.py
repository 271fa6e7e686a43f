"""Downloads that go on where they stopped, and find out a source that has changed its mind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data import errors
from data.errors import ContradictionError, DeadlineError, NoNetworkError, UnknownSymbolError
from data.store import Store, open_store
from tests.fakes.paged_source import FakePages, funding_rows, key_of, price_rows
from tests.test_data.store_examples import KEY, NOW, fetched, source_of, stored

Saw = Callable[[object], None]
DAY = pd.Timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path))


def failing(source: FakePages, after_pages: int) -> FakePages:
    error = NoNetworkError(
        "the fake source cannot be reached", parameter="", value="", allowed="", remedy="Try again."
    )
    source.failure = (after_pages, error)
    return source


def test_a_download_brings_everything_page_by_page(store: Store) -> None:
    told: list[tuple[int, pd.Timestamp]] = []
    collected = fetched(store, source_of(240), progress=lambda rows, last: told.append((rows, last)))
    index = price_rows(240).index
    assert told == [(100, index[99]), (200, index[199]), (240, index[239])]
    assert (collected.n_pages, collected.n_new, collected.n_already_there) == (3, 240, 0)
    assert (collected.n_rows, collected.last, collected.version) == (240, index[239], store.version(KEY))
    assert (collected.complete, collected.contradictions, collected.factor) == (True, (), None)


def test_the_next_download_asks_for_what_is_missing_and_a_few_bars_more(store: Store) -> None:
    fetched(store, source_of(240))
    source = source_of(245)
    collected = fetched(store, source)
    assert source.asked == [(KEY.symbol, price_rows(240).index[-1] - 5 * DAY)]
    assert (collected.n_new, collected.n_already_there) == (5, 5)
    pd.testing.assert_frame_equal(store.read(KEY).rows, price_rows(245), check_freq=False)


@pytest.mark.fault(
    "store: the source fails in the middle of a download",
    saw="the fake source cannot be reached",
    lost="nothing: the pages before are stored, the next fetch goes on from there",
)
def test_what_was_stored_before_a_failure_stays(store: Store, saw: Saw) -> None:
    source = failing(source_of(240), 2)
    collected = fetched(store, source)
    saw(collected.problem)
    assert (collected.complete, collected.n_new, collected.n_rows) == (False, 200, 200)
    assert store.info(KEY).unfinished
    assert store.read(KEY).unfinished
    pd.testing.assert_frame_equal(store.read(KEY).rows, price_rows(200), check_freq=False)
    source.failure = None
    collected = fetched(store, source)
    assert (collected.complete, collected.n_new, collected.n_already_there) == (True, 40, 5)
    assert not store.info(KEY).unfinished


def test_a_symbol_that_does_not_exist_leaves_nothing_behind(store: Store) -> None:
    collected = fetched(store, FakePages({}))
    assert isinstance(collected.problem, UnknownSymbolError)
    assert (collected.n_rows, collected.last, collected.version) == (0, None, None)
    assert store.list() == ()


def test_a_source_that_fails_takes_nothing_from_what_is_stored(store: Store) -> None:
    fetched(store, source_of(240))
    assert isinstance(fetched(store, FakePages({})).problem, UnknownSymbolError)
    assert len(store.read(KEY).rows) == 240


def test_a_source_without_rows_is_no_failure(store: Store) -> None:
    collected = fetched(store, FakePages({KEY.symbol: price_rows(0)}))
    assert (collected.complete, collected.n_rows) == (True, 0)
    assert store.list() == ()


def test_a_bar_that_is_open_is_fetched_again_when_it_has_ended(store: Store) -> None:
    class Careless(FakePages):
        """Hands over the open bar as well."""

        def pages(self, key, *, start, now):  # type: ignore[no-untyped-def]
            return super().pages(key, start=start, now=now + DAY)

    rows = price_rows(2 + (NOW - pd.Timestamp("2020-01-01", tz="UTC")).days)
    today = rows.index.get_loc(NOW.normalize())
    half = rows.copy()
    half.iloc[today, 3] *= 1.1  # type: ignore[call-overload]
    source = Careless({KEY.symbol: half.iloc[: today + 1]}, page_rows=1000)  # type: ignore[operator,misc]
    assert fetched(store, source).n_unfinished == 1
    assert store.read(KEY).last == NOW.normalize() - DAY
    source.rows = {KEY.symbol: rows}
    from data.collect import collect

    collected = collect(source, KEY, store, now=NOW + DAY)
    assert (collected.n_new, collected.contradictions) == (1, ())
    assert store.read(KEY).rows["close"].iloc[-1] == rows["close"].iloc[today]  # type: ignore[call-overload]


SINCE = pd.Timestamp("2020-04-01", tz="UTC")


def test_since_begins_with_that_day_and_an_earlier_one_is_added_later(store: Store) -> None:
    source, rows = source_of(240), price_rows(240)
    fetched(store, source, since=SINCE)
    assert store.read(KEY).first == SINCE
    earlier = pd.Timestamp("2020-02-01", tz="UTC")
    assert fetched(store, source, since=earlier).n_new == 60
    assert store.read(KEY).first == earlier
    asked = len(source.asked)
    fetched(store, source, since=earlier)
    fetched(store, source, since=SINCE)
    fetched(store, source)
    latest = rows.index[-1] - 5 * DAY
    assert source.asked[asked:] == [(KEY.symbol, latest)] * 3
    pd.testing.assert_frame_equal(store.read(KEY).rows, rows[rows.index >= earlier], check_freq=False)


def test_a_day_before_the_first_one_of_the_source_is_not_asked_for_twice(store: Store) -> None:
    source = source_of(240)
    fetched(store, source, since=SINCE)
    long_ago = pd.Timestamp("2011-01-01", tz="UTC")
    assert fetched(store, source, since=long_ago).n_new == 91
    fetched(store, source, since=long_ago)
    assert source.asked[-1][1] == price_rows(240).index[-1] - 5 * DAY


def test_an_earlier_beginning_that_was_broken_off_goes_on_where_it_stopped(store: Store) -> None:
    source = source_of(240, page_rows=20)
    fetched(store, source, since=pd.Timestamp("2020-06-01", tz="UTC"))
    failing(source, 2)
    first, before = pd.Timestamp("2020-01-01", tz="UTC"), store.version(KEY)
    assert fetched(store, source, since=first).n_new == 0
    assert store.version(KEY) == before  # no reader is given a history with a hole in it
    source.failure = None
    assert fetched(store, source).n_new == 0  # an ordinary fetch goes on meanwhile
    collected = fetched(store, source, since=first)
    assert source.asked[-1][1] == price_rows(40).index[-1] - 5 * DAY
    assert (collected.n_new, collected.complete) == (152, True)
    pd.testing.assert_frame_equal(store.read(KEY).rows, price_rows(240), check_freq=False)


@pytest.mark.parametrize("page_rows", [7, 30, 152, 1000])
def test_an_earlier_history_on_another_basis_is_not_joined(store: Store, page_rows: int) -> None:
    """The pages with old rows come before the one that shows that they do not fit."""
    fetched(store, source_of(240), since=pd.Timestamp("2020-06-01", tz="UTC"))
    before = store.version(KEY)
    split = price_rows(240)
    split[["open", "high", "low", "close"]] *= 0.25
    source = FakePages({KEY.symbol: split}, page_rows=page_rows)
    collected = fetched(store, source, since=pd.Timestamp("2020-01-01", tz="UTC"))
    assert isinstance(collected.problem, ContradictionError)
    assert (collected.n_new, collected.factor) == (0, pytest.approx(0.25))
    assert store.version(KEY) == before
    assert store.info(KEY).n_contradictions > 0


def changed(rows: pd.DataFrame, at: int, column: str = "close", by: float = 1.01) -> pd.DataFrame:
    rows = rows.copy()
    rows.iloc[at, rows.columns.get_loc(column)] *= by
    return rows


def test_a_bar_that_was_changed_is_reported_and_the_stored_one_stays(store: Store) -> None:
    fetched(store, source_of(240))
    collected = fetched(store, FakePages({KEY.symbol: changed(price_rows(245), 237)}))
    assert (collected.n_new, collected.complete, collected.factor) == (5, True, pytest.approx(1.01))
    (contradiction,) = collected.contradictions
    assert (contradiction.at, contradiction.column) == (price_rows(240).index[237], "close")
    assert contradiction.new == pytest.approx(contradiction.stored * 1.01)
    series = store.read(KEY)
    assert series.contradictions == collected.contradictions
    assert store.info(KEY).n_contradictions == 1
    pd.testing.assert_frame_equal(series.rows, price_rows(245), check_freq=False)
    # When the source goes back on it, nothing is contradicted any more.
    assert fetched(store, source_of(242), since=None).contradictions == ()


def test_a_contradiction_is_forgotten_when_the_source_agrees_again(store: Store) -> None:
    fetched(store, source_of(240))
    fetched(store, FakePages({KEY.symbol: changed(price_rows(240), 237)}))
    assert store.info(KEY).n_contradictions == 1
    assert fetched(store, source_of(240)).contradictions == ()
    assert store.info(KEY).n_contradictions == 0


@pytest.mark.parametrize(
    ("column", "by", "reported"), [("high", 1.01, 1), ("volume", 2.0, 0), ("close", 1 + 2e-6, 0)]
)
def test_what_counts_as_a_contradiction(store: Store, column: str, by: float, reported: int) -> None:
    fetched(store, source_of(240))
    collected = fetched(store, FakePages({KEY.symbol: changed(price_rows(240), 238, column, by)}))
    assert len(collected.contradictions) == reported
    pd.testing.assert_frame_equal(store.read(KEY).rows, price_rows(240), check_freq=False)


def test_a_number_that_was_not_known_contradicts_nothing(store: Store) -> None:
    fetched(store, source_of(240))
    rows = price_rows(240)
    rows.iloc[236:, [0, 1, 2, 4]] = np.nan
    assert fetched(store, FakePages({KEY.symbol: rows})).contradictions == ()


@pytest.mark.fault(
    "store: a download contradicts what is stored (a split, a dividend, another coin of the same name)",
    saw="the closes that fake now gives for SOL/USDT:USDT are 0.25 times what is stored, as after a split or "
    "dividend; no new row was added to it, and what is stored stays; allowed: new bars that fit on to the "
    "stored ones. Fetch it anew (--anew); the new history takes the place of the old one when it is "
    "complete.",
    lost="nothing: the stored history stays until a new one is complete",
)
def test_prices_on_another_basis_are_not_joined(store: Store, saw: Saw) -> None:
    fetched(store, source_of(240))
    split = price_rows(250)
    split[["open", "high", "low", "close"]] *= 0.25
    source = FakePages({KEY.symbol: split})
    collected = fetched(store, source)
    saw(collected.problem)
    assert isinstance(collected.problem, ContradictionError)
    assert (collected.n_new, collected.factor, len(collected.contradictions)) == (0, pytest.approx(0.25), 20)
    pd.testing.assert_frame_equal(store.read(KEY).rows, price_rows(240), check_freq=False)
    anew = fetched(store, source, anew=True)
    assert (anew.n_new, anew.complete, anew.contradictions) == (250, True, ())
    series = store.read(KEY)
    pd.testing.assert_frame_equal(series.rows, split, check_freq=False)
    assert (series.contradictions, store.info(KEY).n_set_aside) == ((), 3)
    assert fetched(store, source).complete


def test_a_last_bar_that_was_changed_is_not_built_upon(store: Store) -> None:
    fetched(store, source_of(240))
    collected = fetched(store, FakePages({KEY.symbol: changed(price_rows(245), 239, by=1.3)}))
    assert isinstance(collected.problem, ContradictionError)
    assert "1.3 times" in str(collected.problem)
    assert len(store.read(KEY).rows) == 240


def test_bars_that_changed_each_in_its_own_way_are_no_factor(store: Store) -> None:
    fetched(store, source_of(240))
    rows = changed(changed(price_rows(245), 239, by=1.3), 238, by=1.1)
    collected = fetched(store, FakePages({KEY.symbol: rows}))
    assert "are not what is stored" in str(collected.problem)
    assert collected.factor is None


def test_the_join_is_checked_across_the_border_of_two_pages(store: Store) -> None:
    """The changed bar ends one page, the new ones begin the next."""
    fetched(store, source_of(240))
    source = FakePages({KEY.symbol: changed(price_rows(250), 239, by=1.3)}, page_rows=5)
    assert isinstance(fetched(store, source).problem, ContradictionError)
    assert len(store.read(KEY).rows) == 240


def test_a_row_that_the_source_no_longer_has_is_reported(store: Store) -> None:
    fetched(store, source_of(240))
    rows = price_rows(245).drop(price_rows(245).index[238])
    collected = fetched(store, FakePages({KEY.symbol: rows}))
    assert (collected.n_new, collected.complete) == (5, True)
    (contradiction,) = collected.contradictions
    assert (contradiction.at, contradiction.new) == (price_rows(245).index[238], None)
    assert len(store.read(KEY).rows) == 245


def test_a_source_that_has_none_of_the_stored_bars_is_not_joined(store: Store) -> None:
    """Stamped an hour later from now on: every day would come twice."""
    fetched(store, source_of(240))
    shifted = price_rows(245).set_axis(price_rows(245).index + pd.Timedelta(hours=1))
    collected = fetched(store, FakePages({KEY.symbol: shifted}))
    assert isinstance(collected.problem, ContradictionError)
    assert "no longer gives any of the 5 bars" in str(collected.problem)
    assert len(store.read(KEY).rows) == 240


def test_funding_rates_that_changed_are_reported_and_new_ones_stored(store: Store) -> None:
    key = key_of("SOL", None)
    fetched(store, FakePages({"SOL": funding_rows(90)}), key)
    rows = funding_rows(100)
    rows.iloc[89, 0] += 1e-4
    rows.iloc[88, 0] += 1e-10  # rates have eight decimals
    collected = fetched(store, FakePages({"SOL": rows}), key)
    assert (collected.n_new, len(collected.contradictions), collected.factor) == (10, 1, None)
    assert store.read(key).rows["rate"].tolist()[:90] == funding_rows(90)["rate"].tolist()


def test_a_source_of_funding_that_no_longer_goes_back_so_far_contradicts_nothing(store: Store) -> None:
    key = key_of("SOL", None)
    fetched(store, FakePages({"SOL": funding_rows(90)}), key)
    collected = fetched(store, FakePages({"SOL": funding_rows(200).iloc[120:]}), key)
    assert (collected.n_new, collected.contradictions, collected.complete) == (80, (), True)


def test_the_stored_history_is_there_until_a_new_one_is_complete(store: Store) -> None:
    fetched(store, source_of(240))
    before = store.version(KEY)
    other = price_rows(250, symbol="other")
    source = failing(FakePages({KEY.symbol: other}, page_rows=50), 3)
    assert not fetched(store, source, anew=True).complete
    assert store.version(KEY) == before
    assert fetched(store, source_of(241)).n_new == 1  # an ordinary fetch goes on meanwhile
    source.failure = None
    assert fetched(store, source, anew=True).n_new == 100  # and the new history from where it stopped
    pd.testing.assert_frame_equal(store.read(KEY).rows, other, check_freq=False)
    assert [info.n_rows for info in store.list()] == [250]


def test_a_new_history_that_the_source_contradicts_on_the_way_is_begun_again(store: Store) -> None:
    fetched(store, source_of(240))
    source = failing(FakePages({KEY.symbol: price_rows(250, symbol="a")}, page_rows=50), 2)
    fetched(store, source, anew=True)
    source.failure, source.rows = None, {KEY.symbol: price_rows(250, symbol="b")}
    assert isinstance(fetched(store, source, anew=True).problem, ContradictionError)
    pd.testing.assert_frame_equal(store.read(KEY).rows, price_rows(240), check_freq=False)
    assert fetched(store, source, anew=True).complete
    pd.testing.assert_frame_equal(store.read(KEY).rows, price_rows(250, symbol="b"), check_freq=False)


def test_only_contradictions_that_matter_are_kept_in_the_list(store: Store) -> None:
    fetched(store, source_of(240))
    rows = price_rows(240)
    rows["high"] *= 1.5
    collected = fetched(store, FakePages({KEY.symbol: rows}), since=pd.Timestamp("2019-01-01", tz="UTC"))
    assert len(collected.contradictions) == 5  # everything was fetched from the start: no need to go back
    fetched(store, source_of(300), key_of("B"))
    assert store.info(KEY).n_contradictions == 5


def test_the_newest_hundred_contradictions_are_remembered(store: Store) -> None:
    fetched(store, source_of(240), since=SINCE)
    rows = price_rows(240)
    rows["high"] *= 1.5
    collected = fetched(store, FakePages({KEY.symbol: rows}), since=price_rows(1).index[0])
    assert len(collected.contradictions) == 240 - 91
    kept = store.read(KEY).contradictions
    assert len(kept) == store.info(KEY).n_contradictions == 100
    assert kept[-1].at == rows.index[-1]


def test_a_download_ends_at_its_deadline_with_what_it_has(store: Store) -> None:
    release = threading.Event()

    class Hanging(FakePages):
        def _fail_at(self, number: int) -> None:
            if number == 1:
                release.wait(30)

    try:
        collected = fetched(store, Hanging({KEY.symbol: price_rows(240)}), deadline_seconds=0.3)
        assert isinstance(collected.problem, DeadlineError)
        assert "not complete after 0.3 seconds" in str(collected.problem)
        assert (collected.n_rows, store.info(KEY).unfinished) == (100, True)
        with store.writer(KEY):  # the lock is free although the source still hangs
            pass
    finally:
        release.set()
    assert fetched(store, source_of(240), deadline_seconds=30.0).complete


def test_a_deadline_that_is_over_asks_for_nothing_more(store: Store) -> None:
    collected = fetched(store, source_of(240), deadline_seconds=1e-9)
    assert isinstance(collected.problem, DeadlineError)
    assert collected.n_rows == 0


def test_an_error_in_the_program_is_not_hidden(store: Store) -> None:
    source = source_of(240)
    source.failure = (1, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        fetched(store, source)
    assert len(store.read(KEY).rows) == 100
    source.failure = None
    assert fetched(store, source).complete  # and the lock is free


def test_empty_pages_are_passed_over(store: Store) -> None:
    class Gappy(FakePages):
        def _cut(self, rows: pd.DataFrame):  # type: ignore[no-untyped-def]
            for page in super()._cut(rows):
                yield page.iloc[:0]
                yield page

    assert fetched(store, Gappy({KEY.symbol: price_rows(240)})).n_new == 240


def test_a_page_that_cannot_be_stored_ends_the_download(store: Store) -> None:
    rows = price_rows(240)
    rows.iloc[150, 3] = -1.0
    collected = fetched(store, FakePages({KEY.symbol: rows}))
    assert isinstance(collected.problem, errors.BadPriceError)
    assert collected.n_rows == 100


def test_a_year_of_daily_refreshes_leaves_few_files_and_the_same_content(tmp_path: Path) -> None:
    store, rows = open_store(str(tmp_path / "daily")), price_rows(120)
    from data.collect import collect

    for day in range(60, 120):
        source = FakePages({KEY.symbol: rows})
        assert collect(source, KEY, store, now=rows.index[day] + DAY).complete
    assert store.info(KEY).n_files <= 7
    assert store.version(KEY) == stored(tmp_path / "at once", 120).version(KEY)
