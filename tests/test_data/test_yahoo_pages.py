"""Yahoo page by page, through the real client: only what is missing, and never a bar that is still open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import requests

from data import errors
from data.collect import collect
from data.errors import ContradictionError
from data.series import PRICE_COLUMNS, SeriesKey
from data.store import open_store
from data.yahoo_pages import YahooPages
from data.yahoo_wire import session_for
from tests.fakes.yahoo_server import Quotes, Script, YahooServer, daily_quotes
from tests.test_data.yahoo_examples import DAYS, NOW, closed_port

pytestmark = pytest.mark.usefixtures("_yahoo_itself")

DAILY = SeriesKey("yahoo", "BTC-USD", "prices", "daily")
HOURLY = SeriesKey("yahoo", "BTC-USD", "prices", "hourly")
FIRST = "2012-03-01"
YEARS = daily_quotes([100.0 + 0.01 * day for day in range(4328)], first=FIRST)  # to 2024-01-05


def stamp(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC")


def pages(source: YahooPages, key: SeriesKey = DAILY, **options: Any) -> list[pd.DataFrame]:
    chosen = {"start": None, "now": NOW} | options
    return list(source.pages(key, **chosen))


def asked_from(yahoo: YahooServer) -> list[pd.Timestamp]:
    return [pd.Timestamp(int(path.split("period1=")[1].split("&")[0]), unit="s") for path in yahoo.charts]


# What is handed over


def test_a_page_has_the_columns_and_instants_that_were_promised(session: requests.Session) -> None:
    (page,) = pages(YahooPages(session))
    assert tuple(page.columns) == PRICE_COLUMNS
    assert page["close"].tolist() == [100.5, 101.25, 99.0, 102.0]
    assert page.index.tolist() == list(pd.date_range("2024-01-01", periods=4, tz="UTC"))
    assert str(page.index.dtype) == "datetime64[ns, UTC]"
    assert set(map(str, page.dtypes)) == {"float64"}
    assert page["volume"].isna().all()  # Yahoo counts a coin's in USD


def test_the_volume_of_a_stock_is_kept_and_none_is_no_zero(
    yahoo: YahooServer, session: requests.Session
) -> None:
    yahoo.scripts["BTC-USD"] = Script(daily=DAYS, kind="EQUITY")
    (page,) = pages(YahooPages(session))
    assert page["volume"].tolist() == [1000.0] * 4


def test_a_long_history_comes_oldest_first_in_pages_that_meet(
    yahoo: YahooServer, session: requests.Session
) -> None:
    yahoo.scripts["BTC-USD"] = Script(daily=YEARS)
    found = pages(YahooPages(session))
    assert len(found) == 3
    whole = pd.concat(found)
    assert whole["close"].tolist() == list(YEARS.closes[:-1])
    assert whole.index.equals(pd.date_range(FIRST, periods=4327, tz="UTC", unit="ns"))
    assert len(yahoo.charts) == 3


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Sydney", "Asia/Tokyo"])
def test_days_of_another_zone_are_neither_lost_nor_repeated_where_pages_meet(
    yahoo: YahooServer, session: requests.Session, zone: str
) -> None:
    opening = pd.date_range("2012-03-01 10:00", periods=4327, freq="D", tz=zone)
    quotes = Quotes(tuple(int(at.timestamp()) for at in opening), YEARS.closes[:4327])
    yahoo.scripts["BTC-USD"] = Script(daily=quotes, zone=zone, kind="EQUITY")
    for hour in range(0, 24, 3):
        found = pages(YahooPages(session), now=stamp("2024-01-04") + pd.Timedelta(hours=hour))
        whole = pd.concat(found)
        assert len(found) == 3
        assert whole["close"].tolist() == list(quotes.closes[: len(whole)])
        assert len(whole) >= 4325
        assert whole.index.equals(opening.normalize()[: len(whole)].tz_convert("UTC").as_unit("ns"))


def test_years_before_the_listing_are_no_fault(yahoo: YahooServer, session: requests.Session) -> None:
    (page,) = pages(YahooPages(session))
    assert len(page) == 4
    assert len(yahoo.charts) == 3


# Only what is missing


def test_only_bars_after_the_last_one_are_asked_for(yahoo: YahooServer, session: requests.Session) -> None:
    (page,) = pages(YahooPages(session), start=stamp("2024-01-02"))
    assert page["close"].tolist() == [99.0, 102.0]
    assert asked_from(yahoo) == [pd.Timestamp("2024-01-02 00:00:01")]


def test_nothing_is_asked_while_no_new_bar_can_have_ended(
    yahoo: YahooServer, session: requests.Session
) -> None:
    assert pages(YahooPages(session), start=stamp("2024-01-05")) == []
    assert pages(YahooPages(session), HOURLY, start=stamp("2024-01-05 11:00")) == []
    assert yahoo.requests == []


@pytest.mark.parametrize("start", [None, "2024-01-02", "2024-01-04"])
def test_hours_go_back_no_further_than_yahoo_keeps_them(
    yahoo: YahooServer, session: requests.Session, start: str | None
) -> None:
    (page,) = pages(YahooPages(session), HOURLY, start=start and stamp(start))
    assert page["close"].tolist() == [10.0, 11.0]
    oldest = NOW.tz_localize(None) - pd.Timedelta(days=729)
    assert asked_from(yahoo)[0] == (pd.Timestamp(f"{start} 00:00:01") if start else oldest)
    assert len(pages(YahooPages(session), HOURLY, start=stamp("2014-01-01"))) == 1
    assert min(asked_from(yahoo)) >= oldest


def test_a_download_killed_between_pages_ends_like_one_that_was_not(
    yahoo: YahooServer, session: requests.Session
) -> None:
    yahoo.scripts["BTC-USD"] = Script(daily=YEARS)
    whole = pd.concat(pages(YahooPages(session)))
    begun = next(YahooPages(session).pages(DAILY, start=None, now=NOW))
    rest = pages(YahooPages(session), start=begun.index[-1])
    pd.testing.assert_frame_equal(pd.concat([begun, *rest]), whole)


# What is not final


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2024-01-05 23:59", "2024-01-04"),
        ("2024-01-06 00:29", "2024-01-04"),
        ("2024-01-06 00:30", "2024-01-05"),
    ],
)
def test_a_day_is_final_half_an_hour_after_its_end(
    yahoo: YahooServer, session: requests.Session, now: str, last: str
) -> None:
    yahoo.scripts["BTC-USD"] = Script(daily=DAYS, seen_until=int(stamp(now).timestamp()))
    (page,) = pages(YahooPages(session), now=stamp(now))
    assert page.index[-1] == stamp(last)


@pytest.mark.fault(
    "Yahoo: this machine's clock is a day fast",
    saw="every bar but the one that Yahoo itself has not seen the end of; that one comes with the next fetch",
    lost="nothing",
)
def test_a_fast_clock_makes_no_open_bar_final(yahoo: YahooServer, session: requests.Session) -> None:
    yahoo.scripts["BTC-USD"] = Script(daily=DAYS, seen_until=int(NOW.timestamp()))
    (page,) = pages(YahooPages(session), now=NOW + pd.Timedelta(days=1, hours=2))
    assert page.index[-1] == stamp("2024-01-04")


@pytest.mark.fault(
    "Yahoo: the close of yesterday is not there yet",
    saw="the days before it; yesterday comes with a later fetch",
    lost="nothing",
)
def test_a_close_that_comes_late_is_waited_for(yahoo: YahooServer, session: requests.Session) -> None:
    late = daily_quotes([1.0, 2.0, 3.0, None, 5.0], first="2024-01-01")
    yahoo.scripts["BTC-USD"] = Script(daily=late)
    source = YahooPages(session)
    assert [page.index[-1] for page in pages(source)] == [stamp("2024-01-03")]
    assert pages(source, start=stamp("2024-01-03")) == []
    yahoo.scripts["BTC-USD"] = Script(daily=daily_quotes([1.0, 2.0, 3.0, 4.0, 5.0], first="2024-01-01"))
    (page,) = pages(source, start=stamp("2024-01-03"))
    assert page["close"].tolist() == [4.0]


def test_prices_of_the_day_that_are_none_are_missing_and_not_zero(
    yahoo: YahooServer, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame(
        {"Open": [0.0, 1.0], "High": [np.inf, 1.0], "Low": [-1.0, 1.0], "Close": 1.0, "Volume": [0, 5]},
        index=pd.date_range("2024-01-01", periods=2, tz="UTC"),
    )
    monkeypatch.setattr("data.yahoo._check_currency", lambda *_: None)
    monkeypatch.setattr("data.yahoo.vendor_history", lambda *_, **__: frame)
    page = pages(YahooPages(session), start=stamp("2023-12-01"))[0]
    assert page.loc[stamp("2024-01-01"), ["open", "high", "low", "volume"]].isna().all()
    assert page.loc[stamp("2024-01-02"), ["open", "high", "low"]].tolist() == [1.0, 1.0, 1.0]


# What fails


@pytest.mark.fault(
    "Yahoo: the answer for some of the years is empty",
    saw="Yahoo Finance left out 2014-01-05 to 2019-01-05, between years with prices, for BTC-USD",
    lost="nothing",
)
def test_years_that_are_left_out_are_no_hole(yahoo: YahooServer, session: requests.Session) -> None:
    def stopping(quotes: Quotes, first: str, last: str) -> Quotes:
        low, high = (int(stamp(at).timestamp()) for at in (first, last))
        kept = [n for n, at in enumerate(quotes.stamps) if not low <= at < high]
        return Quotes(tuple(quotes.stamps[n] for n in kept), tuple(quotes.closes[n] for n in kept))

    yahoo.scripts["BTC-USD"] = Script(daily=stopping(YEARS, "2014-01-01", "2019-01-06"))
    found = YahooPages(session).pages(DAILY, start=None, now=NOW)
    assert len(next(found)) > 600
    with pytest.raises(errors.SourceAnswerError, match="left out 2014-01-05 to 2019-01-05"):
        next(found)


@pytest.mark.parametrize("answer", ["empty", "not in range"])
def test_an_empty_answer_is_an_error_unless_it_may_be_a_weekend(
    yahoo: YahooServer, session: requests.Session, answer: Any
) -> None:
    yahoo.scripts["BTC-USD"] = Script(answer, daily=DAYS)
    for start in (None, stamp("2023-12-30")):
        with pytest.raises(errors.NoDataInRangeError, match="knows BTC-USD but has no prices"):
            pages(YahooPages(session), start=start)
    assert pages(YahooPages(session), start=stamp("2024-01-02")) == []


def test_a_symbol_without_a_single_price(yahoo: YahooServer, session: requests.Session) -> None:
    yahoo.scripts["BTC-USD"] = Script(daily=daily_quotes([None] * 10, first="2023-12-26"))
    for start in (None, stamp("2023-12-26")):
        with pytest.raises(errors.SourceAnswerError, match="gave dates without a single price for BTC-USD"):
            pages(YahooPages(session), start=start)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (Script("rate limit"), errors.RateLimitedError),
        (Script("not found"), errors.UnknownSymbolError),
        (Script("html"), errors.SourceAnswerError),
        (Script("truncated", daily=DAYS), errors.SourceAnswerError),
        (Script("short body", daily=DAYS), errors.SourceAnswerError),
        (Script("server error"), errors.SourceAnswerError),
        (Script("hang up"), errors.NoNetworkError),
        (Script(daily=DAYS, currency="EUR"), errors.ChangeInputError),
        (Script(daily=daily_quotes([1.0, -2.0, 3.0], first="2015-01-01")), errors.BadPriceError),
    ],
    ids=lambda value: getattr(value, "__name__", None) or value.answer,
)
def test_each_failure_has_its_own_error_and_what_came_before_stays(
    yahoo: YahooServer, session: requests.Session, script: Script, expected: type[errors.DataError]
) -> None:
    yahoo.scripts["BTC-USD"] = Script(daily=YEARS)
    found = YahooPages(session).pages(DAILY, start=None, now=NOW)
    first = next(found)
    yahoo.scripts["BTC-USD"] = script
    with pytest.raises(errors.DataError) as caught:
        next(found)
    assert type(caught.value) is expected
    assert first["close"].notna().all()


def test_no_network_and_the_deadline(yahoo: YahooServer, session: requests.Session) -> None:
    with session_for(f"http://127.0.0.1:{closed_port()}") as nowhere:
        with pytest.raises(errors.NoNetworkError):
            pages(YahooPages(nowhere))
    yahoo.scripts["BTC-USD"] = Script("silent")
    with pytest.raises(errors.DeadlineError):
        pages(YahooPages(session, deadline_seconds=0.3))


@pytest.mark.parametrize(
    "key",
    [SeriesKey("yahoo", "BTC-USD", "funding", None), SeriesKey("yahoo", "BTC-USD", "prices", None)],
)
def test_yahoo_has_no_funding(yahoo: YahooServer, session: requests.Session, key: SeriesKey) -> None:
    with pytest.raises(errors.ChangeInputError, match="Yahoo Finance has no"):
        pages(YahooPages(session), key)
    assert yahoo.requests == []


def test_a_hostile_symbol_is_refused_before_anything_is_sent(
    yahoo: YahooServer, session: requests.Session
) -> None:
    with pytest.raises(errors.UnknownSymbolError):
        pages(YahooPages(session), SeriesKey("yahoo", "../../etc", "prices", "daily"))
    assert yahoo.requests == []


def test_the_vendor_keeps_no_answers(yahoo: YahooServer, session: requests.Session) -> None:
    from yfinance.data import YfData

    yahoo.scripts["BTC-USD"] = Script(daily=YEARS)
    before = YfData.cache_get.cache_info().currsize
    pages(YahooPages(session))
    assert YfData.cache_get.cache_info().currsize == before


# With the store


def test_what_is_stored_goes_on_with_the_missing_days(
    yahoo: YahooServer, session: requests.Session, tmp_path: Any
) -> None:
    yahoo.scripts["BTC-USD"] = Script(daily=YEARS, seen_until=int(NOW.timestamp()))
    store, source = open_store(str(tmp_path)), YahooPages(session)
    first = collect(source, DAILY, store, now=NOW - pd.Timedelta(days=30))
    assert (first.problem, first.last) == (None, stamp("2023-12-05"))
    yahoo.requests.clear()
    second = collect(source, DAILY, store, now=NOW)
    assert (second.problem, second.n_new, second.contradictions) == (None, 30, ())
    assert store.read(DAILY).rows["close"].tolist() == list(YEARS.closes[:-1])
    (asked,) = asked_from(yahoo)
    assert stamp("2023-12-05") - asked.tz_localize("UTC") < pd.Timedelta(days=7)


@pytest.mark.fault(
    "Yahoo: a split or dividend since the last fetch changes all earlier prices",
    saw="the closes that yahoo now gives for BTC-USD are 0.25 times what is stored, as after a split or"
    " dividend; no new row was added to it, and what is stored stays",
    lost="nothing",
)
def test_prices_on_another_basis_are_not_joined(
    yahoo: YahooServer, session: requests.Session, tmp_path: Any
) -> None:
    yahoo.scripts["BTC-USD"] = Script(daily=YEARS)
    store, source = open_store(str(tmp_path)), YahooPages(session)
    collect(source, DAILY, store, now=NOW - pd.Timedelta(days=30))
    stored = store.read(DAILY).rows
    yahoo.scripts["BTC-USD"] = Script(daily=YEARS, adjusted=tuple(close / 4 for close in YEARS.closes))
    found = collect(source, DAILY, store, now=NOW)
    assert isinstance(found.problem, ContradictionError)
    assert "are 0.25 times what is stored, as after a split or dividend" in str(found.problem)
    pd.testing.assert_frame_equal(store.read(DAILY).rows, stored)
