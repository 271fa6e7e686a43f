"""Positions as people paste and upload them: read exactly, or named with the reason; nothing is guessed."""

from __future__ import annotations

import io
import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import FileFormatError, TooLargeError
from data.position_lines import LARGEST_BETA, LARGEST_SIZE, LONGEST_SYMBOL
from data.positions import (
    MAX_BYTES,
    MAX_CHARACTERS,
    MOST_LINES,
    read_positions,
    read_positions_file,
)


def rows(text: str, default_unit: str = "usd") -> list[tuple[object, ...]]:
    found = read_positions(text, default_unit=default_unit)
    assert not found.unread, found.unread
    return [(row.symbol, row.size, row.unit, row.beta_by_hand) for row in found.rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SOL\t$12,340", ("SOL", 12_340.0, "usd", None)),
        ("SOL\t1 234,5\tcoins", ("SOL", 1_234.5, "coins", None)),
        ("SOL\t1\u00a0234,5\tcoins", ("SOL", 1_234.5, "coins", None)),
        ("SOL\t\N{MINUS SIGN}250", ("SOL", -250.0, "usd", None)),
        ("SOL\t(1,234.50)", ("SOL", -1_234.5, "usd", None)),
        ("SOL\t-$5,000.00", ("SOL", -5_000.0, "usd", None)),
        ("SOL\t12.5 SOL", ("SOL", 12.5, "coins", None)),
        ("SOL-USD\t12.5\tsol", ("SOL-USD", 12.5, "coins", None)),
        ("SOL\t12,340 USD", ("SOL", 12_340.0, "usd", None)),
        ("SOL\t10000\tUSDT\t1.4", ("SOL", 10_000.0, "usd", 1.4)),
        ("SOL\t10000\t1.4", ("SOL", 10_000.0, "usd", 1.4)),
        ("SOL\t10000\tshort", ("SOL", -10_000.0, "usd", None)),
        ("SOL\t-10000\tshort", ("SOL", -10_000.0, "usd", None)),
        ("SOL;1.234,5;coins", ("SOL", 1_234.5, "coins", None)),
        ('SOL,"12,340",USD', ("SOL", 12_340.0, "usd", None)),
        ("SOL, 10000, USD, 1.4", ("SOL", 10_000.0, "usd", 1.4)),
        ("SOL 10000 USD 1.4", ("SOL", 10_000.0, "usd", 1.4)),
        ("SOL - $ 5,000", ("SOL", -5_000.0, "usd", None)),
        ("10000 SOL", ("SOL", 10_000.0, "usd", None)),
        ("SOL 1e5", ("SOL", 1e5, "usd", None)),
        ("BTC/USDT:USDT\t0.25\tBTC", ("BTC/USDT:USDT", 0.25, "coins", None)),
        ("1INCH 250 coins", ("1INCH", 250.0, "coins", None)),
        ("SOL 12k", ("SOL", 12_000.0, "usd", None)),
        ("AVAX, $6k", ("AVAX", 6_000.0, "usd", None)),
        ("SOL 1.5m", ("SOL", 1_500_000.0, "usd", None)),
        ("SOL\t1.001K coins", ("SOL", 1_001.0, "coins", None)),
        ("SOL\t(2.5mn)", ("SOL", -2_500_000.0, "usd", None)),
        ("BTC\t0.25bn USD\t1.1", ("BTC", 250_000_000.0, "usd", 1.1)),
        ("short LINK 2000", ("LINK", -2_000.0, "usd", None)),
        ("Long SOL $12k", ("SOL", 12_000.0, "usd", None)),
        ("short LINK, 2000", ("LINK", -2_000.0, "usd", None)),
        ("sell\t5\tLINK\tcoins", ("LINK", -5.0, "coins", None)),
        ("LONG 5 coins", ("LONG", 5.0, "coins", None)),
    ],
)
def test_a_line_without_a_heading(text, expected):
    assert rows(text) == [expected]


def test_the_unit_of_sizes_without_one_is_what_the_caller_says():
    assert rows("SOL 5")[0][2] == "usd"
    assert rows("SOL 5", "coins")[0][2] == "coins"
    assert rows("SOL $5", "coins")[0][2] == "usd"


@pytest.mark.parametrize(
    ("heading", "line", "expected"),
    [
        ("Asset,Quantity,Mark price,Value (USD)", "SOL,10,150,1500", (10.0, "coins")),
        ("Symbol;Size (USD);Beta", "SOL;1.234,50;1,4", (1_234.5, "usd")),
        ("symbol\tsize\tunit\tbeta_by_hand", "SOL\t10\tcoins\t", (10.0, "coins")),
        ("coin\tnotional", "SOL\t-10", (-10.0, "usd")),
        ("Ticker,Side,Amount", "SOL,Sell,10", (-10.0, "usd")),
        ("Symbol,Long/Short,Amount", "SOL,Short,12k", (-12_000.0, "usd")),
        ("Position value,PnL,Symbol", "10,99,SOL", (10.0, "usd")),
    ],
)
def test_a_heading_says_where_things_are(heading, line, expected):
    found = read_positions(f"{heading}\n{line}", default_unit="usd")
    assert not found.unread
    assert found.heading == heading
    assert [(row.symbol, row.size, row.unit) for row in found.rows] == [("SOL", *expected)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("SOL\t12,340\tcoins", "can be read in two ways"),
        ("SOL\t$12.340", "can be read in two ways"),
        ("SOL,12,340", "may be one number or two"),
        ("SOL 1 234,5", "may be one number or two"),
        ("SOL 5 150.2", "may be one number or two"),
        ("SOL\t5\t150.2", "no plausible beta"),
        ("SOL\t5\t1\t2", "more than two numbers"),
        ("SOL\t0", "its size is 0"),
        ("SOL\tabc", "'abc' is neither a number"),
        ("SOL\t", "it has no size"),
        ("\t5", "it has no symbol"),
        ("SOL\tnan", "neither a number"),
        ("SOL\tinf", "neither a number"),
        ("SOL\t1e400", "no number"),
        ("SOL\t1e13", "larger than 1e+12"),
        ("SOL\t10%", "'%' is neither USD nor coins"),
        ("SOL\t5\tEUR", "'EUR' is neither"),
        ("SOL\t$5\tcoins", "another unit"),
        ("SOL\t-5\tlong", "negative size"),
        ("SOL\t(-5)", "inside brackets"),
        ("A@B\t5", "is no symbol"),
        ("A" * 41 + "\t5", "is no symbol"),
        ("S\u0000L\t5", "is no symbol"),
        ("=cmd()\t5", "is no symbol"),
        ("\uff1dcmd()\t5", "is no symbol"),
        ("A;=1\t5", "is no symbol"),
        ("SOL\t\u0661\u0662", "neither a number"),
        ("SOL\t1,2,3", "no number"),
        ("SOL\t1,234k\tcoins", "can be read in two ways"),
        ("K\t5k", "can be read in two ways"),
        ("SOL\t5 k", "'k' is neither USD nor coins"),
        ("SOL\t5x", "neither a number"),
        ("SOL\t5\t1.2k", "is no number"),
        ("SOL\t9000bn", "larger than 1e+12"),
        ("long\tSOL\t-5k", "negative size"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_others_are_kept(line, reason):
    mark = next((mark for mark in "\t ," if mark in line), "\t")
    found = read_positions(f"AVAX{mark}7\n\n{line}\nLINK{mark}-8", default_unit="usd")
    assert [row.symbol for row in found.rows] == ["AVAX", "LINK"]
    (unread,) = found.unread
    assert (unread.number, unread.text) == (3, line)
    assert reason in unread.reason


def test_one_clear_number_decides_for_the_others():
    assert [row[1] for row in rows("SOL\t12,340\tcoins\nAVAX\t1,234.5\tcoins")] == [12_340.0, 1_234.5]
    assert [row[1] for row in rows("SOL\t12,340\tcoins\nAVAX\t1.234,5\tcoins")] == [12.34, 1_234.5]
    found = read_positions("SOL\t12,340\tcoins\nA\t1.5\nB\t1,5", default_unit="coins")
    assert [row.size for row in found.rows] == [1.5, 1.5]  # each proves itself, and neither the first
    assert "two ways" in found.unread[0].reason


def test_dollars_that_contradict_the_decimal_comma_of_another_line_are_not_read_as_cents():
    found = read_positions("$25,000 ETH\n1.234,56 LINK", default_unit="usd")
    assert [(row.symbol, row.size) for row in found.rows] == [("LINK", 1_234.56)]
    assert "two ways" in found.unread[0].reason
    assert rows("$25,000 ETH\n1,234.56 LINK")[0][1] == 25_000.0


def test_lines_typed_beneath_those_of_a_spreadsheet_are_read_each_by_its_own_marks():
    read = rows("SOL 100\nAVAX 500 USD\nLINK\t-200\nADA, $1k")
    assert read == [
        ("SOL", 100.0, "usd", None),
        ("AVAX", 500.0, "usd", None),
        ("LINK", -200.0, "usd", None),
        ("ADA", 1_000.0, "usd", None),
    ]
    found = read_positions("LINK\t-200\nSOL 12 340", default_unit="usd")
    assert "one number or two" in found.unread[0].reason


@pytest.mark.parametrize("line", ["BTC: 0.5", "BTC : 0.5", "• BTC 0.5", "* BTC: 0.5", "•BTC\t0.5"])
def test_marks_of_a_list_are_no_part_of_the_symbol(line):
    assert rows(line, "coins") == [("BTC", 0.5, "coins", None)]


@pytest.mark.parametrize("text", ["", "\n\n \n", "\ufeff"])
def test_nothing_is_nothing(text):
    found = read_positions(text, default_unit="usd")
    assert (found.rows, found.unread) == ((), ())


@pytest.mark.parametrize(
    "text", ["x" * (MAX_CHARACTERS + 1), "SOL 5\n" * (MOST_LINES + 1)], ids=["characters", "lines"]
)
def test_too_much_is_refused_before_it_is_read(text):
    with pytest.raises(TooLargeError):
        read_positions(text, default_unit="usd")


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_any_text_gives_rows_and_reasons_and_loses_no_line(text):
    found = read_positions(text, default_unit="usd")
    written = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    filled = sum(bool(line.strip()) for line in written)
    assert len(found.rows) + len(found.unread) + bool(found.heading) == filled
    for row in found.rows:
        assert 0 < len(row.symbol) <= LONGEST_SYMBOL
        assert row.symbol.isprintable()
        assert row.size
        assert abs(row.size) <= LARGEST_SIZE
        assert row.beta_by_hand is None or abs(row.beta_by_hand) <= LARGEST_BETA


numbers = st.floats(-LARGEST_SIZE, LARGEST_SIZE).filter(lambda size: abs(size) > 1e-9)


@given(st.lists(numbers, min_size=1, max_size=8), st.sampled_from(["\t", ";", ",", " "]))
def test_what_a_program_writes_is_read_back_exactly(sizes, separator):
    text = "\n".join(separator.join((f"C{i}", f"{size:.17e}", "coins")) for i, size in enumerate(sizes))
    assert [row[1] for row in rows(text)] == sizes


@given(
    st.integers(1, 999_999),
    st.sampled_from([("k", 10**3), ("M", 10**6), ("bn", 10**9)]),
    st.sampled_from(["", "short "]),
)
def test_what_is_written_short_is_read_in_full(hundredths, suffix, side):
    name, times = suffix
    found = rows(f"{side}SOL ${hundredths / 100:.2f}{name}") if hundredths * times <= 10**14 else []
    for _, size, unit, _ in found:
        assert size == (-1 if side else 1) * hundredths * times / 100
        assert unit == "usd"


@given(st.lists(st.integers(-(10**9), 10**9).filter(bool), min_size=1, max_size=6))
def test_dollars_with_marks_between_thousands(sizes):
    text = "\n".join(f"C{i}\t{'-' if size < 0 else ''}${abs(size):,}" for i, size in enumerate(sizes))
    assert [row[1] for row in rows(text)] == sizes


class TestFiles:
    frame = pd.DataFrame(
        {
            "symbol": ["SOL", "AVAX"],
            "size": [512.345, -2.0],
            "unit": ["usd", "coins"],
            "beta": [math.nan, 1.5],
        }
    )
    expected = (("SOL", 512.345, "usd", None), ("AVAX", -2.0, "coins", 1.5))

    def check(self, content: bytes, name: str) -> None:
        found = read_positions_file(content, file_name=name, default_unit="coins")
        assert not found.unread
        assert (
            tuple((row.symbol, row.size, row.unit, row.beta_by_hand) for row in found.rows) == self.expected
        )

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_csv(self, encoding):
        self.check(self.frame.to_csv(index=False).encode(encoding), "book.csv")

    def test_tsv(self):
        self.check(self.frame.to_csv(index=False, sep="\t").encode(), "book.TSV")

    def test_parquet_and_feather(self):
        for write, name in ((self.frame.to_parquet, "b.parquet"), (self.frame.to_feather, "b.feather")):
            buffer = io.BytesIO()
            write(buffer)
            self.check(buffer.getvalue(), name)

    def test_a_bad_row_of_a_parquet_file_is_named(self):
        buffer = io.BytesIO()
        self.frame.assign(size=[math.inf, -2.0]).to_parquet(buffer)
        found = read_positions_file(buffer.getvalue(), file_name="b.parquet", default_unit="usd")
        assert [row.symbol for row in found.rows] == ["AVAX"]
        assert found.unread[0].number == 1

    @pytest.mark.parametrize(
        ("content", "name", "said"),
        [
            (b"PK\x03\x04...", "book.csv", "Excel or ZIP"),
            (b"", "book.csv", "empty"),
            (b"\x00\x01\x02\x03 binary", "book.csv", "binary"),
            (b"PAR1 broken", "book.parquet", "Parquet"),
            (b"symbol,size\nSOL,5\n", "book.xlsx", "is a spreadsheet"),
            (b"symbol,size\nSOL,5\n", "book.exe", "'.exe'"),
            (b"symbol,size\nSOL,5\n", "<script>", "ending"),
        ],
    )
    def test_what_is_no_table_is_one_sentence(self, content, name, said):
        with pytest.raises(FileFormatError) as caught:
            read_positions_file(content, file_name=name, default_unit="usd")
        assert said in caught.value.problem
        assert "prices" not in str(caught.value)

    def test_a_file_of_a_megabyte_is_refused(self):
        with pytest.raises(TooLargeError):
            read_positions_file(b"a" * (MAX_BYTES + 1), file_name="book.csv", default_unit="usd")

    def test_a_small_parquet_file_of_many_rows_is_refused(self):
        buffer = io.BytesIO()
        pd.DataFrame({"symbol": ["SOL"] * 100_000, "size": [1.0] * 100_000}).to_parquet(buffer)
        with pytest.raises(TooLargeError):
            read_positions_file(buffer.getvalue(), file_name="b.parquet", default_unit="usd")
