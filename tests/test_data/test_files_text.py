"""Encodings, separators, headings and the forms in which programs write tables of prices."""

from __future__ import annotations

import gzip

import pandas as pd
import pytest

from data.errors import ConflictingRowsError, FileFormatError, TooLargeError
from data.files import ReadFile, ReadOptions, limits, read_prices
from data.prices import PriceHistory

NOW = pd.Timestamp("2026-06-15", tz="UTC")
DAYS = ["2024-01-01", "2024-01-02", "2024-01-03"]
PLAIN = "date,close\n2024-01-01,1.5\n2024-01-02,2.5\n2024-01-03,3.5\n"


def read(content: bytes | str, name: str = "BTC.csv", price_column: str | None = None) -> ReadFile:
    data = content.encode() if isinstance(content, str) else content
    options = ReadOptions(price_column=price_column)
    return read_prices(data, file_name=name, options=options, now=NOW, source="Test")


def only(content: bytes | str, name: str = "BTC.csv", price_column: str | None = None) -> PriceHistory:
    (history,) = read(content, name, price_column).histories.values()
    return history


def check(history: PriceHistory, prices: list[float], days: list[str] = DAYS) -> None:
    assert history.prices.tolist() == prices
    assert history.prices.index.tolist() == [pd.Timestamp(day, tz="UTC") for day in days]
    assert str(history.prices.index.dtype) == "datetime64[ns, UTC]"


def test_plain_file_is_read_as_it_stands() -> None:
    result = read(PLAIN, "BTC.csv")
    history = result.histories["BTC"]
    check(history, [1.5, 2.5, 3.5])
    assert (history.symbol, history.source, history.interval, history.notes) == ("BTC", "Test", "daily", ())
    assert (result.form, result.price_column, result.choices) == ("single", "close", ("close",))


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.encode("utf-16"),
        b"\xfe\xff" + PLAIN.encode("utf-16-be"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace(",", "|").encode(),
        ("sep=;\n" + PLAIN.replace(",", ";")).encode(),
        PLAIN.replace("date,close", '"date" , "close"').encode(),
        ("\n\n" + PLAIN + "\n\n,\n").encode(),
    ],
)
def test_same_prices_in_every_encoding_and_separator(content: bytes) -> None:
    check(only(content), [1.5, 2.5, 3.5])


def test_commas_in_every_cell_of_a_semicolon_file_are_no_separators() -> None:
    text = "time;close\nJan 1, 2024;1,5\nJan 2, 2024;2,5\nJan 3, 2024;3,5\n"
    check(only(text), [1.5, 2.5, 3.5])
    check(only(text.replace("close", "close, USD"), price_column="close, USD"), [1.5, 2.5, 3.5])


def test_windows_text_is_read_and_said() -> None:
    history = only(PLAIN.replace("date,close", "date,close,Währung").replace("5\n", "5,x\n").encode("cp1252"))
    check(history, [1.5, 2.5, 3.5])
    assert history.notes == ("read as Windows-1252 text, since it is not UTF-8",)


def test_lines_above_the_heading_are_left_out_and_said() -> None:
    history = only("https://www.CryptoDataDownload.com\n" + PLAIN)
    check(history, [1.5, 2.5, 3.5])
    assert history.notes == ("1 line(s) above the heading left out",)


def test_repeated_heading_and_rows_without_time_are_dropped_and_counted() -> None:
    history = only("date,close\n2024-01-01,1\ndate,close\n2024-01-02,2\ndate,close\n,7\n2024-01-03,3\n")
    check(history, [1.0, 2.0, 3.0])
    assert history.notes == ("2 repeated headings in the middle dropped", "1 row without a time dropped")


def test_unsorted_and_repeated_rows() -> None:
    history = only("date,close\n2024-01-03,3\n2024-01-01,1\n2024-01-02,2\n2024-01-02,2\n")
    check(history, [1.0, 2.0, 3.0])
    assert "1 repeated row with the same price dropped" in history.notes
    with pytest.raises(ConflictingRowsError, match=r"two prices for 2024-01-02 00:00 UTC, 2 and 2.5"):
        only("date,close\n2024-01-02,2\n2024-01-01,1\n2024-01-02,2.5\n")


def test_binance_kline_without_heading() -> None:
    rows = [
        f"{1704067200000 + i * 3600000},10,12,9,{11 + i}.25,5,{1704070799999 + i * 3600000},50,7,2,20,0"
        for i in range(3)
    ]
    history = only("\n".join(rows) + "\n", "BTCUSDT-1h-2024-01.csv")
    check(history, [11.25, 12.25, 13.25], ["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 02:00"])
    assert (history.symbol, history.interval) == ("BTCUSDT-2024-01", "hourly")
    assert history.notes == ("the file has no heading; read as a Binance kline file",)


def test_okx_export_names_the_instrument_in_a_column() -> None:
    text = "instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm\n" + "".join(
        f"BTC-USDT-SWAP,1,2,0.5,{1.5 + i},10,1,2,{1704067200000 + i * 86400000},1\n" for i in range(3)
    )
    result = read(text, "anything at all!.csv")
    check(result.histories["BTC-USDT-SWAP"], [1.5, 2.5, 3.5])
    assert result.form == "long"


def test_yfinance_download_of_one_and_of_two_tickers() -> None:
    one = "Price,Close,High\nTicker,SOL-USD,SOL-USD\nDate,,\n" + "".join(
        f"{d},{i}.5,9\n" for i, d in enumerate(DAYS, 1)
    )
    check(only(one, "SOL-USD.csv"), [1.5, 2.5, 3.5])
    two = "Price,Close,Close,Open,Open\nTicker,BTC-USD,ETH-USD,BTC-USD,ETH-USD\nDate,,,,\n" + "".join(
        f"{d},{i}.5,{i}.25,8,9\n" for i, d in enumerate(DAYS, 1)
    )
    result = read(two, "prices.csv")
    assert list(result.histories) == ["BTC-USD", "ETH-USD"]
    check(result.histories["ETH-USD"], [1.25, 2.25, 3.25])


def test_coinmetrics_columns() -> None:
    text = "time,AdrActCnt,PriceUSD,ReferenceRateUSD\n" + "".join(
        f"{d},5,{i}.5,{i}.75\n" for i, d in enumerate(DAYS, 1)
    )
    check(only(text), [1.5, 2.5, 3.5])
    check(only(text.replace("PriceUSD", "Unrelated")), [1.75, 2.75, 3.75])
    check(only(text, price_column="referencerateusd"), [1.75, 2.75, 3.75])


def test_adjusted_close_is_preferred_and_said() -> None:
    text = "Date,Close,Adj Close,Volume\n" + "".join(f"{d},{i}.5,{i},9\n" for i, d in enumerate(DAYS, 1))
    history = only(text)
    check(history, [1.0, 2.0, 3.0])
    assert history.notes == (
        "prices taken from 'Adj Close', which is adjusted for splits and dividends, rather than from 'Close'",
    )
    chosen = only(text, price_column="Close")
    check(chosen, [1.5, 2.5, 3.5])
    assert chosen.notes == ()


def test_chosen_column_exact_before_case_blind() -> None:
    text = "date,Close,close\n" + "".join(f"{d},{i}.5,{i}\n" for i, d in enumerate(DAYS, 1))
    check(only(text, price_column="Close"), [1.5, 2.5, 3.5])
    check(only(text, price_column="close"), [1.0, 2.0, 3.0])
    with pytest.raises(FileFormatError, match=r"several columns named like 'CLOSE'"):
        only(text, price_column="CLOSE")
    with pytest.raises(FileFormatError, match=r"no column named 'mid'; allowed: one of 'Close', 'close'"):
        only(text, price_column="mid")


def test_wide_file_has_one_history_per_column_and_keeps_holes() -> None:
    result = read("Date,BTC,ETH-USD\n2024-01-01,1,10\n2024-01-02,,20\n2024-01-03,3,30\n", "x y.csv")
    assert (result.form, result.price_column) == ("wide", None)
    assert list(result.histories) == ["BTC", "ETH-USD"]
    check(result.histories["BTC"], [1.0, 3.0], ["2024-01-01", "2024-01-03"])
    check(result.histories["ETH-USD"], [10.0, 20.0, 30.0])
    assert result.histories["BTC"].notes == ("1 row without a price dropped",)
    assert result.histories["ETH-USD"].notes == ()


def test_wide_file_with_index_column_and_chosen_column() -> None:
    text = ",date,BTC,ETH\n" + "".join(f"{i},{d},{i + 1},{i + 11}\n" for i, d in enumerate(DAYS))
    assert list(read(text).histories) == ["BTC", "ETH"]
    chosen = read(text, price_column="ETH")
    assert list(chosen.histories) == ["ETH"]
    check(chosen.histories["ETH"], [11.0, 12.0, 13.0])


def test_series_written_with_a_nameless_index() -> None:
    check(only(",close\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n"), [1.0, 2.0, 3.0])


def test_long_file_has_one_history_per_symbol() -> None:
    text = "Date,Symbol,Close\n" + "".join(
        f"{d},BTC/USDT,{i}\n{d},ETH,{i}.5\n" for i, d in enumerate(DAYS, 1)
    )
    result = read(text, "any.csv")
    assert list(result.histories) == ["BTC/USDT", "ETH"]
    check(result.histories["BTC/USDT"], [1.0, 2.0, 3.0])
    check(result.histories["ETH"], [1.5, 2.5, 3.5])


def test_other_language_column_of_times_is_found_and_said() -> None:
    history = only("Datum;Close\n2024-01-01;1\n2024-01-02;2\n2024-01-03;3\n")
    check(history, [1.0, 2.0, 3.0])
    assert history.notes == ("times taken from the column 'Datum'",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file 'BTC.csv' is empty"),
        (b"  \r\n\n ", "the file 'BTC.csv' is empty"),
        (b"\xef\xbb\xbf", "the file 'BTC.csv' is empty"),
        (b"date,close\n", "has a heading but no rows"),
        (b"date,close\n,\n\n", "has a heading but no rows"),
        (b"close\n1\n2\n", "has only one column"),
        (b"open,close\n1,2\n", "has no column of times; .* its columns are 'open', 'close'"),
        (b"date,open,high\n2024-01-01,1,2\n", "no column of prices .*'date', 'open', 'high'"),
        (b"date\x00,close\n1,2\n", "holds binary data"),
        (b"date,close\n2024-01-01,1\x07\n", "holds binary data"),
        (b"PK\x03\x04abc", "is an Excel or ZIP file.* save the sheet as CSV"),
        (b"\xd0\xcf\x11\xe0abc", "is an old Excel file"),
        (gzip.compress(b"date,close\n", mtime=0), "is a gzip file"),
        (b"PAR1abc", "is a Parquet file.*ending .parquet"),
        (b"ARROW1\0\0abc", "ending .feather"),
        (b"\xff\xfed\x00a\x00\x00\xd8", "says that it is UTF-16-LE text but is not"),
        (b"date,close\n2024-01-01,\x81\n", "is not text in UTF-8, UTF-16 or Windows-1252"),
        (b"date,close\n2024-01-01,1,5\n2024-01-02,2,5\n", "row 2 .* has 3 cells where the heading has 2"),
        (b"date,close\n2024-01-01,1\n\n2024-01-02,2,5\n", "row 4 .* has 3 cells where the heading has 2"),
        (
            b"date,close,volume\n2024-01-01,1,5\n2024-01-02,2\n",
            "row 3 .* has 2 cells where the heading has 3",
        ),
        (b'date,close\n2024-01-01,"1\n2024-01-02,2\n', "quotation mark that is never closed"),
        (b"2024-01-01,1\n2024-01-02,2\n", "first row .* holds values, not column names"),
        (b"date,close\n2024-01-01,1\n2024-01-02,abc\n", "row 3 has 'abc' in the price column 'close'"),
        (b"date,close\n2024-01-01,1\n2024-01-02,1_000\n", "row 3 has '1_000' in the price column"),
        (b"date,close\n2024-01-01,\xe2\x82\xac5\n", "row 2 has '€5' .*allowed: numbers, in US dollars"),
        (b"date,close,close\n2024-01-01,1,2\n", "has 2 columns named 'close'"),
        (b"date,date,close\n2024-01-01,2024-01-01,2\n", "has 2 columns named 'date'"),
        (b"date,BTC,BTC\n2024-01-01,1,2\n", "has 2 columns named 'BTC'"),
        (b"date,close\n,1\n,2\n", "no row of the file 'BTC.csv' has a time"),
    ],
)
def test_unreadable_files_are_told_apart(content: bytes, message: str) -> None:
    with pytest.raises(FileFormatError, match=message) as caught:
        read(content)
    assert "\n" not in str(caught.value)


def test_long_list_of_columns_is_cut() -> None:
    names = ["low" + "x" * 100, *(f"open{i}" for i in range(20)), "open"]
    with pytest.raises(FileFormatError) as caught:
        read("date," + ",".join(names) + "\n2024-01-01" + ",1" * 22 + "\n")
    assert "and 15 more" in str(caught.value)
    assert "x" * 40 not in str(caught.value)


@pytest.mark.parametrize("name", ["a.xlsx", "a.XLS", "a.ods"])
def test_spreadsheets_are_refused_with_the_way_out(name: str) -> None:
    with pytest.raises(FileFormatError, match=r"is a spreadsheet.*save the sheet as CSV"):
        read(b"PK\x03\x04", name)


@pytest.mark.parametrize("name", ["a.json", "a", ".csv", "csv", "a.csv.exe", "a.pkl"])
def test_other_endings_are_refused(name: str) -> None:
    with pytest.raises(FileFormatError, match=r"has the ending"):
        read(PLAIN, name)


@pytest.mark.parametrize(
    "column",
    [
        "=cmd|' /C calc'!A0",
        "@SUM(1)",
        "<img src=x onerror=alert(1)>",
        "../../etc/passwd",
        "A" * 10_000,
        "a b",
        "-2+3",
    ],
)
def test_hostile_column_names_are_no_symbols(column: str) -> None:
    with pytest.raises(FileFormatError, match=r"cannot be used as a symbol") as caught:
        read(f'date,BTC,"{column}"\n2024-01-01,1,2\n')
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("cell", ["=1+1", "<b>x</b>", "a/../b", "", "x" * 41, "BTC\u202eUSD", "\u0411TC"])
def test_hostile_symbol_cells_are_refused_with_their_row(cell: str) -> None:
    with pytest.raises(FileFormatError, match=r"row 3 name .* cannot be used as a symbol") as caught:
        read(f'date,symbol,close\n2024-01-01,BTC,1\n2024-01-01,"{cell}",2\n')
    assert "\u202e" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.csv",
        "a\\b.csv",
        "=cmd().csv",
        "<script>.csv",
        "a\x00b.csv",
        "x" * 10_000 + ".csv",
        "-rf.csv",
        "...csv",
    ],
)
def test_hostile_file_names_are_no_symbols(name: str) -> None:
    with pytest.raises(FileFormatError, match=r"the file name .* cannot be used as a symbol") as caught:
        read(PLAIN, name)
    assert len(str(caught.value)) < 300


def test_formula_in_a_price_cell_is_text_not_evaluated() -> None:
    with pytest.raises(FileFormatError, match=r"row 2 has '=1\+1' in the price column"):
        read("date,close\n2024-01-01,=1+1\n")


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("BTCUSDT.csv", "BTCUSDT"),
        ("1000PEPEUSDT.csv", "1000PEPEUSDT"),
        ("BTCUSDT_1h.csv", "BTCUSDT"),
        ("BTCUSDT-1D.csv", "BTCUSDT"),
        ("BTCUSDT_daily.csv", "BTCUSDT"),
        ("BTCUSDT_hourly.txt", "BTCUSDT"),
        ("SOL_USDT_USDT-1h-futures.csv", "SOL_USDT_USDT-futures"),
        ("SOL_USDT-1h.csv", "SOL_USDT"),
        ("BTC-USD (1).csv", "BTC-USD"),
        ("BTC USD.csv", "BTC_USD"),
        ("^GSPC.csv", "^GSPC"),
        ("BRK.B.csv", "BRK.B"),
        ("ES=F.tsv", "ES=F"),
        ("1h.csv", "1h"),
        ("FTTUSDT_1m.csv", "FTTUSDT_1m"),
    ],
)
def test_symbol_of_a_file_name(name: str, symbol: str) -> None:
    assert only(PLAIN, name).symbol == symbol


def test_too_many_columns_rows_cells_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLargeError, match=r"has 202 columns; allowed: at most 200 columns"):
        read("date" + ",a" * 201 + "\n2024-01-01" + ",1" * 201 + "\n")
    monkeypatch.setattr(limits, "MAX_ROWS", 3)
    with pytest.raises(TooLargeError, match=r"has 4 rows; allowed: at most 3 rows"):
        read(PLAIN)
    monkeypatch.setattr(limits, "MAX_ROWS", 5)
    monkeypatch.setattr(limits, "MAX_CELLS", 7)
    with pytest.raises(TooLargeError, match=r"has 8 cells; allowed: at most 7 cells"):
        read(PLAIN)
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 10)
    with pytest.raises(TooLargeError, match=r"MiB; allowed: at most 0 MiB"):
        read(PLAIN)


def test_limits_are_what_the_documentation_says() -> None:
    assert (limits.MAX_FILE_BYTES, limits.MAX_ROWS, limits.MAX_COLUMNS) == (64 * 2**20, 5_000_000, 200)


def test_short_rows_under_a_wide_heading_do_not_take_the_memory() -> None:
    # 300,000 rows of one character would be 60 million cells.
    with pytest.raises(TooLargeError, match=r"cells"):
        read("date" + ",a" * 199 + "\n" + "1\n" * 300_000)


def test_endless_first_line_is_refused() -> None:
    with pytest.raises(FileFormatError, match=r"line of more than 100,000 characters"):
        read("a" * 300_000 + ",close\n1,2\n")
