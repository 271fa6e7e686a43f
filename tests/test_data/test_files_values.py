"""Times and numbers of one column, in every form in which they are read or refused."""

from __future__ import annotations

from typing import Literal

import pandas as pd
import pytest

from data.errors import AmbiguousDateError, BadPriceError, FileFormatError, NoDataInRangeError
from data.files import ReadOptions, read_prices
from data.prices import PriceHistory

NOW = pd.Timestamp("2026-06-15", tz="UTC")
DAYS = ["2024-01-01", "2024-01-02", "2024-01-13"]
Order = Literal["day_first", "month_first"]


def read(text: str, order: Order | None = None, name: str = "BTC.csv") -> PriceHistory:
    result = read_prices(
        text.encode(), file_name=name, options=ReadOptions(date_order=order), now=NOW, source="Test"
    )
    (history,) = result.histories.values()
    return history


def times(*cells: str, order: Order | None = None) -> PriceHistory:
    return read("time;close\n" + "".join(f"{cell};{i}\n" for i, cell in enumerate(cells, 1)), order)


def prices(*cells: str, separator: str = ";") -> list[float]:
    rows = (f"2024-01-{i:02d}{separator}{cell}\n" for i, cell in enumerate(cells, 1))
    found: list[float] = read(f"time{separator}close\n" + "".join(rows)).prices.tolist()
    return found


def utc(*stamps: str) -> list[pd.Timestamp]:
    return [pd.Timestamp(stamp, tz="UTC") for stamp in stamps]


@pytest.mark.parametrize(
    "cells",
    [
        ("2024-01-01", "2024-01-02", "2024-01-13"),
        ("2024/01/01", "2024/1/2", "2024.01.13"),
        ("20240101", "20240102", "20240113"),
        ("2024-01-01T00:00:00Z", "2024-01-02 00:00", "2024-01-13T00:00:00.000+00:00"),
        ("2024-01-01 00:00:00 UTC", "2024-01-02 00:00 GMT", "2024-01-13 00:00:00+0000"),
        ("2024-01-01 05:30:00+05:30", "2024-01-01T20:00-0400", "2024-01-13 01:00+01"),
        ("1704067200", "1704153600", "1705104000"),
        ("1704067200000", "1704153600000", "1705104000000"),
        ("1704067200000000", "1704153600000000", "1705104000000000"),
        ("1704067200000000000", "1704153600000000000", "1705104000000000000"),
        ("1704067200.0", "1.7041536e+09", "1.705104e12"),
        ("1704067200", "1704153600000", "2024-01-13"),
        ("1/1/2024", "2/1/2024", "13/1/2024"),
        ("01/01/2024", "01/02/2024", "01/13/2024"),
        ("1.1.2024", "2.1.2024 00:00", "13.1.2024, 0:00:00"),
        ("01/01/2024 12:00 AM", "01/02/2024 12:00:00 am", "01/13/2024"),
        ("Jan 1, 2024", "Jan 02, 2024", "January 13, 2024"),
        ("01-Jan-2024", "2 January 2024", "13 JAN 2024"),
    ],
)
def test_every_form_of_time(cells: tuple[str, ...]) -> None:
    history = times(*cells)
    assert history.prices.index.tolist() == utc(*DAYS)
    assert history.prices.tolist() == [1.0, 2.0, 3.0]
    assert history.interval == "daily"


def test_afternoon_hours() -> None:
    history = times("01/13/2024 11:00 AM", "01/13/2024 12:00 PM", "01/13/2024 1:00 PM", "01/13/2024 2:00pm")
    assert history.prices.index.tolist() == utc(*(f"2024-01-13 {hour}:00" for hour in (11, 12, 13, 14)))
    assert history.interval == "hourly"
    assert history.notes == ("times without an offset were read as UTC",)
    with pytest.raises(FileFormatError, match=r"row 2 has '01/13/2024 13:00 PM' in the time column 'time'"):
        times("01/13/2024 13:00 PM")


def test_nanoseconds_and_milliseconds_are_kept() -> None:
    stamps = ("2024-01-01T00:00:00.123456789Z", "2024-01-01T01:00:00.5Z")
    assert times(*stamps).prices.index.tolist() == [pd.Timestamp(stamp) for stamp in stamps]
    assert times("1704067200123", "1704070800000").prices.index[0] == pd.Timestamp("2024-01-01 00:00:00.123Z")
    assert times("1704067200.25", "1704070800").prices.index[0] == pd.Timestamp("2024-01-01 00:00:00.25Z")


def test_local_midnights_stay_true_instants_and_are_said() -> None:
    history = times("2024-03-08 00:00:00-05:00", "2024-03-11 00:00:00-04:00", "2024-03-12 00:00:00-04:00")
    assert history.prices.index.tolist() == utc("2024-03-08 05:00", "2024-03-11 04:00", "2024-03-12 04:00")
    assert history.interval == "daily"
    assert history.notes == ("times carry the UTC offset '-05:00', '-04:00'; kept as true UTC instants",)


def test_number_is_preferred_to_text_in_another_zone() -> None:
    text = "datetime,timestamp,close\n" + "".join(
        f"2026-04-01 {14 + i}:00:00+08:00,{1775023200000 + i * 3600000},{i + 1}\n" for i in range(3)
    )
    history = read(text)
    assert history.prices.index.tolist() == utc("2026-04-01 06:00", "2026-04-01 07:00", "2026-04-01 08:00")
    assert history.notes == (
        "times taken from the UTC numbers in 'timestamp'; 'datetime' is written with offset +08:00",
    )


def test_separate_date_and_time_columns() -> None:
    history = read("Date,Time,Close\n2024-01-13,09:00,1\n2024-01-13,10:00,2\n2024-01-13,11:00,3\n")
    assert history.prices.index.tolist() == utc("2024-01-13 09:00", "2024-01-13 10:00", "2024-01-13 11:00")
    assert history.interval == "hourly"


def test_ambiguous_dates_are_refused_until_an_order_is_chosen() -> None:
    cells = ("01/02/2024", "02/02/2024", "03/02/2024")
    with pytest.raises(
        AmbiguousDateError, match=r"such as '01/02/2024'.*Choose day first or month first"
    ) as caught:
        times(*cells)
    assert caught.value.parameter == "date_order"
    assert times(*cells, order="day_first").prices.index.tolist() == utc(
        "2024-02-01", "2024-02-02", "2024-02-03"
    )
    # Month first these are a month apart: the chosen order is obeyed and the spacing refused.
    with pytest.raises(FileFormatError, match=r"usually 29 days apart"):
        times(*cells, order="month_first")


def test_dates_that_read_the_same_both_ways_need_no_order() -> None:
    assert times("01/01/2024").prices.index.tolist() == utc("2024-01-01")


def test_contradictions_in_dates_name_the_row() -> None:
    with pytest.raises(
        FileFormatError,
        match=r"mixes day first \(row 3, '13/01/2024'\) and month first \(row 2, '01/14/2024'\)",
    ):
        times("01/14/2024", "13/01/2024")
    with pytest.raises(
        FileFormatError, match=r"month first was chosen, but row 3, '13/01/2024' cannot be read so"
    ):
        times("12/01/2024", "13/01/2024", order="month_first")
    with pytest.raises(
        FileFormatError, match=r"day first was chosen, but row 2, '01/13/2024' cannot be read so"
    ):
        times("01/13/2024", order="day_first")


def test_years_of_two_digits_need_an_order() -> None:
    with pytest.raises(AmbiguousDateError, match=r"years of two digits, e.g. '13/01/24'"):
        times("13/01/24", "14/01/24")
    with pytest.raises(AmbiguousDateError, match=r"years of two digits, e.g. '13-Jan-24'"):
        times("13-Jan-24")
    assert times("13/01/24", "14/01/24", order="day_first").prices.index.tolist() == utc(
        "2024-01-13", "2024-01-14"
    )
    assert times("13-Jan-24", order="day_first").prices.index.tolist() == utc("2024-01-13")


@pytest.mark.parametrize(
    "cell",
    [
        "2024-02-30", "2024-13-01", "2024-01-01 24:00", "2024-01-01 10:61", "yesterday", "45292", "20241301",
        "99999999999999999999", "31/02/2024", "30-Foo-2024", "1850-01-01", "2300-01-01",
        "2024-01-01 10:00 EST",
        "2024-01-01 10:00+25:00", "٢٠٢٤-٠١-٠١", "2024-01", "-1704067200", "20240101000000", "1e400",
    ],
)  # fmt: skip
def test_what_is_no_time_is_named_with_its_row(cell: str) -> None:
    with pytest.raises(
        FileFormatError, match=r"row 3 has .* in the time column 'time', which is no date or time"
    ):
        times("2024-01-01", cell, "2024-01-13")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("1.5", "2", ".5", "3.", "+4", "1e3", "1.5E-3"), [1.5, 2, 0.5, 3, 4, 1000, 0.0015]),
        (("1.234,56", "1234,5", "0,5", "12"), [1234.56, 1234.5, 0.5, 12]),
        (("1.234.567", "1.234", "12,5"), [1234567, 1234, 12.5]),
        (("1,234.56", "1,234", "999"), [1234.56, 1234, 999]),
        (("1,234,567", "1,234"), [1234567, 1234]),
        (("0,123", "1,234"), [0.123, 1.234]),
        (("$1,234.56", "$5", "$ 6", "US$7.5", "USD 8"), [1234.56, 5, 6, 7.5, 8]),
        (("1 234,56", "1\u00a0234,5", "1\u202f234,0", "1'234,25"), [1234.56, 1234.5, 1234, 1234.25]),
        (("1'234.56", "1’000"), [1234.56, 1000]),
        (("1.234", "2.345"), [1.234, 2.345]),
        (("67000.123456789012345", "0.1", "1e-10"), [67000.123456789012345, 0.1, 1e-10]),
    ],
)
def test_every_form_of_number(cells: tuple[str, ...], expected: list[float]) -> None:
    assert prices(*cells) == expected


def test_quoted_thousands_in_a_comma_file() -> None:
    assert prices('"1,234.50"', '"12,345.00"', "999.25", separator=",") == [1234.5, 12345.0, 999.25]


def test_missing_prices_are_dropped_and_counted() -> None:
    blanks = ("", "nan", "NaN", "N/A", "null", "None", "-", "--", "#N/A", ".")
    history = read(
        "time;close\n" + "".join(f"2024-01-{i:02d};{b}\n" for i, b in enumerate((*blanks, "7", "8"), 1))
    )
    assert history.prices.tolist() == [7.0, 8.0]
    assert history.notes == ("10 rows without a price dropped",)
    with pytest.raises(NoDataInRangeError, match=r"no row of the file 'BTC.csv' has a price of 'BTC'"):
        prices("", "nan")


def test_other_columns_decide_how_numbers_are_written() -> None:
    rows = [("1,234", "7,5"), ("2,345", "8,25")]
    text = "date;close;volume\n" + "".join(f"2024-01-0{i};{a};{b}\n" for i, (a, b) in enumerate(rows, 1))
    assert read(text).prices.tolist() == [1.234, 2.345]
    assert read(text.replace("7,5", "7.5").replace("8,25", "8.25")).prices.tolist() == [1234.0, 2345.0]


def test_undecided_and_mixed_conventions_are_refused() -> None:
    with pytest.raises(
        FileFormatError, match=r"the number '1,234' in column 'close' .* can be read with a decimal comma"
    ):
        prices("1,234", "2,345")
    with pytest.raises(FileFormatError, match=r"mixes decimal commas \('1,5'\) and decimal points \('2.5'\)"):
        prices("1,5", "2.5")


@pytest.mark.parametrize(
    "cell", ["1,23,456.5", "12 34.5", "1.5.2", "1.5 USDT", "€5.5", "0x10", "1_000.5", "１.5", "(5.5)", "5.5%"]
)
def test_what_is_no_number_is_named_with_its_row(cell: str) -> None:
    with pytest.raises(
        FileFormatError, match=r"row 3 has .* in the price column 'close', which is no number"
    ):
        prices("10.25", cell, "11.25")


@pytest.mark.parametrize("cell", ["0", "0.00", "-1", "inf", "-inf", "Infinity", "1e300", "1e400", "1e-400"])
def test_impossible_prices_are_refused(cell: str) -> None:
    with pytest.raises(BadPriceError, match=r"BTC has the price .* at 2024-01-02 00:00 UTC"):
        prices("1.5", cell, "2.5")


def test_all_zero_prices_are_refused() -> None:
    with pytest.raises(BadPriceError, match=r"price 0 at 2024-01-01 00:00 UTC and 2 more"):
        prices("0", "0.0", "0")


@pytest.mark.parametrize(
    ("step", "found"),
    [("1min", "1 minute"), ("15min", "15 minutes"), ("90min", "1.5 hours"), ("4h", "4 hours"),
     ("8h", "8 hours"), ("7D", "7 days"), ("30D", "30 days"), ("1s", "1 second")],
)  # fmt: skip
def test_other_bar_lengths_are_refused_with_what_was_found(step: str, found: str) -> None:
    stamps = pd.date_range("2024-01-01", periods=30, freq=step).strftime("%Y-%m-%d %H:%M:%S")
    with pytest.raises(FileFormatError, match=f"rows of 'BTC' are usually {found} apart.*Resample"):
        times(*stamps)


def test_irregular_rows_are_refused() -> None:
    minutes = pd.Series(range(40)) * 60 + [0, 25] * 20
    stamps = (pd.Timestamp("2024-01-01") + pd.to_timedelta(minutes.cumsum() // 25, unit="min")).dt.strftime(
        "%Y-%m-%d %H:%M"
    )
    with pytest.raises(FileFormatError, match=r"apart"):
        times(*stamps)
    half = pd.date_range("2024-01-01", periods=30, freq="h").repeat(2)[::1] + pd.to_timedelta(
        [0, 30] * 30, unit="min"
    )
    hours = list(half[:20].strftime("%Y-%m-%d %H:%M")) + list(
        pd.date_range("2024-02-01", periods=60, freq="h").strftime("%Y-%m-%d %H:%M")
    )
    with pytest.raises(FileFormatError, match=r"irregular times, often not a whole hour apart"):
        times(*hours)


def test_weekends_holes_and_jitter_keep_their_bar_length() -> None:
    business = pd.bdate_range("2024-01-01", periods=40)
    assert times(*business.strftime("%Y-%m-%d")).interval == "daily"
    hours = pd.date_range("2024-01-01", periods=60, freq="h").delete(range(20, 40)) + pd.Timedelta(
        milliseconds=7
    )
    assert times(*hours.strftime("%Y-%m-%d %H:%M:%S.%f")).interval == "hourly"
    assert times("2024-01-05", "2024-01-08", "2024-01-09").interval == "daily"


def test_one_row_is_enough() -> None:
    history = times("2024-01-13")
    assert (history.interval, history.prices.tolist()) == ("daily", [1.0])
    assert history.notes == ("only one row; taken for a daily bar",)
    tagged = read("time,close\n2024-01-13 05:00Z,1\n", name="BTC_1h.csv")
    assert (tagged.interval, tagged.notes) == ("hourly", ())


def test_open_bar_is_left_out() -> None:
    history = times("2026-06-13", "2026-06-14", "2026-06-15")
    assert history.prices.index.tolist() == utc("2026-06-13", "2026-06-14")
    assert history.notes == ("1 unfinished bar at the end dropped",)
