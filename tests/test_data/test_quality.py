"""What a look at every row of a series finds, and what it leaves in peace."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.collect import collect
from data.embedded import SimulatedSource
from data.prices import BAR_LENGTH, BarInterval
from data.quality import (
    Gap,
    SeriesQuality,
    quality_problems,
    quality_remarks,
    series_quality,
    stale_text,
    stored_quality,
)
from data.series import PRICE_COLUMNS
from data.store import open_store
from tests.fakes.paged_source import FakePages, funding_rows, key_of, price_rows
from tests.test_data.store_examples import KEY, NOW, stored

DAY = pd.Timedelta(days=1)


def looked_at(
    rows: pd.DataFrame, interval: BarInterval | None = "daily", *, later: pd.Timedelta = DAY
) -> SeriesQuality:
    """The quality of rows, seen some time after the last one."""
    return series_quality(rows, key_of("SOL", interval), now=rows.index[-1] + later)


def at(day: str) -> pd.Timestamp:
    return pd.Timestamp(day, tz="UTC")


def test_a_good_series_has_nothing_to_say() -> None:
    quality = looked_at(price_rows(240))
    assert (quality.n_rows, quality.calendar, quality.gaps, quality.n_duplicates) == (240, "7-day", (), 0)
    assert (quality.first, quality.last) == (at("2020-01-01"), at("2020-08-27"))
    assert (quality.outliers, quality.age, quality.stale) == ((), pd.Timedelta(0), False)
    assert (quality.longest_unchanged, quality.longest_gap, quality.n_missing) == (1, None, 0)
    assert quality_problems(quality) == quality_remarks(quality) == ()


def test_a_stored_series_brings_its_time_of_fetching(tmp_path: Path) -> None:
    quality = stored_quality(stored(tmp_path).read(KEY), now=NOW)
    assert (quality.key, quality.fetched_at, quality.stale) == (KEY, NOW, True)


def test_gaps_of_a_seven_day_calendar() -> None:
    rows = price_rows(100).drop(price_rows(100).index[[10, 40, 41, 42]])
    quality = looked_at(rows)
    assert quality.gaps == (
        Gap(at("2020-01-10"), at("2020-01-12"), 1),
        Gap(at("2020-02-09"), at("2020-02-13"), 3),
    )
    assert (quality.n_missing, quality.longest_gap) == (4, quality.gaps[1])
    assert quality_problems(quality) == (
        "4 bars missing in 2 gaps, the longest between 2020-02-09 and 2020-02-13",
    )


def exchange_days(n: int) -> pd.DataFrame:
    """Weekdays stamped at midnight of New York."""
    index = pd.bdate_range("2020-01-01", periods=n, tz="America/New_York").tz_convert("UTC").as_unit("ns")
    return price_rows(n).set_axis(index)


def test_weekends_and_single_holidays_are_no_gaps_of_a_five_day_calendar() -> None:
    rows = exchange_days(300)
    monday = rows.index[rows.index.dayofweek == 0][10]
    quality = looked_at(rows.drop(monday))
    assert (quality.calendar, quality.gaps) == ("5-day", ())
    week = rows.index[(rows.index > monday) & (rows.index < monday + pd.Timedelta(days=9))]
    quality = looked_at(rows.drop([monday, *week]))
    assert [gap.n_missing for gap in quality.gaps] == [1 + len(week)]


def test_hours_round_the_clock_and_in_sessions() -> None:
    rows = price_rows(24 * 30, interval="hourly")
    hour = pd.Timedelta(hours=1)
    quality = looked_at(rows.drop(rows.index[[100, 101]]), "hourly", later=hour)
    assert (quality.calendar, quality.n_missing, quality.age) == ("round the clock", 2, pd.Timedelta(0))
    index = pd.DatetimeIndex(rows.index)
    sessions = rows[(index.dayofweek < 5) & (index.hour >= 14) & (index.hour < 21)]
    quality = looked_at(sessions, "hourly", later=hour)
    assert (quality.calendar, quality.gaps) == ("in sessions", ())
    week = pd.DatetimeIndex(sessions.index)
    quality = looked_at(sessions[(week < at("2020-01-13")) | (week >= at("2020-01-20"))], "hourly")
    assert [gap.n_missing for gap in quality.gaps] == [5]


def test_funding_that_is_charged_more_often_from_some_day_on_has_no_gap() -> None:
    rows = funding_rows(60)
    later = pd.date_range(rows.index[-1] + pd.Timedelta(hours=4), periods=60, freq="4h", unit="ns")
    both = pd.concat([rows, funding_rows(60).set_axis(later)])
    quality = looked_at(both, None, later=pd.Timedelta(hours=4))
    assert (quality.calendar, quality.gaps, quality.stale) == ("funding", (), False)
    quality = looked_at(both.drop([both.index[20], both.index[90], both.index[91]]), None)
    assert [gap.n_missing for gap in quality.gaps] == [1, 2]
    assert looked_at(both, None, later=pd.Timedelta(hours=9)).stale


def test_rates_beyond_what_exchanges_charge() -> None:
    rows = funding_rows(60)
    rows.iloc[7, 0] = -0.05
    (outlier,) = looked_at(rows, None).outliers
    assert (outlier.at, outlier.kind, outlier.value) == (rows.index[7], "rate", -0.05)
    assert "1 rate beyond 4% in one charge: 2020-01-03 08:00" in quality_problems(looked_at(rows, None))


def test_rows_that_come_twice_or_out_of_order_are_counted() -> None:
    rows = price_rows(50)
    quality = looked_at(pd.concat([rows.iloc[25:], rows.iloc[:30]]).loc[:, list(PRICE_COLUMNS)])
    assert (quality.n_rows, quality.n_duplicates, quality.gaps) == (50, 5, ())
    twice = series_quality(pd.concat([rows, rows.iloc[[3]]]), KEY, now=rows.index[-1])
    assert quality_problems(twice) == ("1 repeated row",)


def test_a_bad_print_is_a_spike_and_the_way_back_is_not_told_again() -> None:
    rows = price_rows(240)
    rows.iloc[100, :4] *= 3
    (outlier,) = looked_at(rows).outliers
    assert (outlier.at, outlier.kind, outlier.value) == (rows.index[100], "spike", rows["close"].iloc[100])
    assert outlier.sigmas > 20
    assert quality_problems(looked_at(rows)) == (
        "1 price that jumped and came back with the next bar: 2020-04-10",
    )


def test_a_move_that_stays_is_to_be_looked_at_but_not_wrong() -> None:
    rows = price_rows(240)
    rows.iloc[100:, :4] /= 4  # a split that nobody adjusted
    (outlier,) = looked_at(rows).outliers
    assert (outlier.at, outlier.kind) == (rows.index[100], "jump")
    assert quality_problems(looked_at(rows)) == ()
    assert quality_remarks(looked_at(rows)) == ("1 move of more than 20 usual ones: 2020-04-10",)


def test_a_close_outside_its_own_bar() -> None:
    rows = price_rows(240)
    rows.iloc[7, 1] = rows.iloc[7, 3] * 0.999
    rows.iloc[8, 2] = rows.iloc[8, 3] * 1.001
    assert [(each.at, each.kind) for each in looked_at(rows).outliers] == [
        (rows.index[7], "range"),
        (rows.index[8], "range"),
    ]
    assert "2 closes outside the low and high of the same bar: 2020-01-08, 2020-01-09" in (
        quality_problems(looked_at(rows))
    )


def test_highs_and_lows_that_are_not_known_are_nothing_wrong() -> None:
    rows = price_rows(240)
    rows[["open", "high", "low", "volume"]] = np.nan
    assert quality_problems(looked_at(rows)) == ()


@pytest.mark.parametrize(
    ("rows", "interval", "fresh", "stale"),
    [
        (price_rows(60), "daily", 3 * DAY, 3 * DAY + pd.Timedelta(hours=1)),
        (exchange_days(60), "daily", 5 * DAY, 5 * DAY + pd.Timedelta(hours=1)),
        (price_rows(600, interval="hourly"), "hourly", pd.Timedelta(hours=3), pd.Timedelta(hours=4)),
        (funding_rows(60), None, pd.Timedelta(hours=16), pd.Timedelta(hours=17)),
    ],
)
def test_a_series_is_stale_when_a_newer_row_should_be_there(
    rows: pd.DataFrame, interval: BarInterval | None, fresh: pd.Timedelta, stale: pd.Timedelta
) -> None:
    assert not looked_at(rows, interval, later=fresh).stale
    quality = looked_at(rows, interval, later=stale)
    assert quality.stale
    assert quality_problems(quality)[-1].startswith("stale: the last bar ended ")


@pytest.mark.parametrize(("hours", "said"), [(50, "26 hours"), (24 * 40, "39 days")])
def test_the_age_is_told_in_plain_units(hours: int, said: str) -> None:
    rows = price_rows(240, interval="hourly") if hours == 50 else price_rows(240)
    interval: BarInterval = "hourly" if hours == 50 else "daily"
    later = pd.Timedelta(hours=27) if hours == 50 else pd.Timedelta(hours=hours)
    assert quality_problems(looked_at(rows, interval, later=later)) == (
        f"stale: the last bar ended {said} ago",
    )


def test_a_price_that_does_not_move_is_counted() -> None:
    rows = price_rows(60)
    rows.iloc[20:27, :4] = 5.0
    assert looked_at(rows).longest_unchanged == 7


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_series_of_few_rows(n: int) -> None:
    quality = looked_at(price_rows(n))
    assert (quality.n_rows, quality.gaps, quality.outliers, quality.longest_unchanged) == (n, (), (), 1)
    assert looked_at(funding_rows(n), None).gaps == ()


def test_more_than_five_instants_are_counted_not_listed() -> None:
    rows = price_rows(240)
    rows.iloc[20:220:20, :4] *= 3
    (problem,) = quality_problems(looked_at(rows))
    assert problem.startswith("10 prices that jumped and came back with the next bar: ")
    assert problem.endswith(" and 5 more")


@pytest.mark.parametrize("interval", ["daily", "hourly"])
def test_a_market_with_fat_tails_and_jumps_is_left_in_peace(interval: BarInterval) -> None:
    """Crashes are no errors: on the simulated market hardly one bar in ten thousand is named."""
    source = SimulatedSource()
    wrong = total = 0
    for symbol in source.symbols()[:5]:
        close = source.fetch(symbol, interval=interval, now=at("2026-01-01")).prices
        rows = pd.DataFrame(np.nan, index=close.index, columns=list(PRICE_COLUMNS))
        rows["close"] = close
        quality = looked_at(rows, interval, later=BAR_LENGTH[interval])
        assert quality.gaps == ()
        wrong += sum(outlier.kind == "spike" for outlier in quality.outliers)
        total += len(quality.outliers)
    assert wrong == 0
    assert total <= 20


@given(holes=st.sets(st.integers(1, 98)))
@settings(max_examples=60, deadline=None)
def test_every_missing_bar_is_found_once(holes: set[int]) -> None:
    """Any holes that leave the calendar to be seen."""
    rows = price_rows(100)
    kept = rows.drop(rows.index[sorted(holes)])
    quality = looked_at(kept)
    if quality.calendar == "7-day":
        assert quality.n_missing == len(holes)
        assert all(gap.before - gap.after == (gap.n_missing + 1) * DAY for gap in quality.gaps)


@given(st.sets(st.integers(1, 118), max_size=60), st.sampled_from(["7-day", "holidays"]))
@settings(max_examples=25, deadline=None)
def test_the_list_of_the_store_counts_no_other_holes_than_a_look_at_the_rows(
    left_out: set[int], calendar: str
) -> None:
    """A stock exchange with single holidays has no hole; that its list says 0 or many would be one."""
    rows = price_rows(120)
    if calendar == "holidays":
        rows = rows[pd.DatetimeIndex(rows.index).dayofweek < 5]
        left_out = {10, 30, 50}
    rows = rows.drop(rows.index[sorted(left_out)])
    with TemporaryDirectory() as folder:
        store, key = open_store(folder), key_of("A")
        assert collect(FakePages({"A": rows}), key, store, now=NOW).complete
        counted, found = store.info(key).n_missing, stored_quality(store.read(key), now=NOW)
    assert counted == (None if found.calendar == "5-day" else found.n_missing)
    if calendar == "holidays":
        assert (found.calendar, found.n_missing) == ("5-day", 0)


@pytest.mark.parametrize(
    ("interval", "n_rows", "hours", "said"),
    [
        ("daily", 100, 48, ""),
        ("daily", 100, 49, "stale: ends 49 hours ago"),
        ("hourly", 100, 96, ""),
        ("hourly", 100, 97, "stale: ends 4 days ago"),
        ("hourly", 400, 2, ""),
        ("hourly", 400, 3, "stale: ends 3 hours ago"),
    ],
)
def test_the_list_says_what_is_stale_without_reading_rows(
    tmp_path: Path, interval: BarInterval, n_rows: int, hours: int, said: str
) -> None:
    key, rows = key_of("SOL", interval), price_rows(n_rows, interval=interval)
    store = open_store(str(tmp_path))
    end = rows.index[-1] + BAR_LENGTH[interval]
    collect(FakePages({"SOL": rows}), key, store, now=end + pd.Timedelta(hours=hours))
    (info,) = store.list()
    assert stale_text(info, now=end + pd.Timedelta(hours=hours)) == said
