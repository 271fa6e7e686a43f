"""The lines of a portfolio in a link and in the table: what goes in comes out, what is hostile is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import streamlit as st_app
from hypothesis import given
from hypothesis import strategies as st

from data.position_lines import may_be_symbol
from data.positions import read_positions
from pages.shared.book_editor import TypedBook, book_table, frame_of, give_book, lines_of
from pages.shared.positions import LARGEST_BETA, MOST_LINES, BookLine, book_from_text, book_to_text
from pages.shared.settings import LARGEST_POSITION, LONGEST_SYMBOL

symbols = st.text(
    st.characters(categories=["L", "N", "P", "S"], exclude_characters='@,;"'), min_size=1, max_size=40
).filter(may_be_symbol)
lines = st.builds(
    BookLine,
    symbol=symbols,
    size=st.floats(-LARGEST_POSITION, LARGEST_POSITION)
    .map(lambda size: float(f"{size:.15g}"))
    .filter(lambda size: size != 0),
    unit=st.sampled_from(["usd", "coins"]),
    beta_by_hand=st.none()
    | st.floats(-LARGEST_BETA, LARGEST_BETA).map(lambda beta: float(f"{beta:.15g}") + 0.0),
    included=st.booleans(),
)
books = st.lists(lines, max_size=6).map(tuple)


@given(books)
def test_a_link_carries_every_line(book):
    assert book_from_text(book_to_text(book)) == book


@given(books)
def test_the_table_shows_every_line(book):
    typed = lines_of(frame_of(book))
    assert typed.lines == book
    assert typed.complaints == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SOL:10000usd", BookLine("SOL", 10_000.0, "usd")),
        ("AVAX:-250@1.4", BookLine("AVAX", -250.0, "coins", 1.4)),
        ("LINK:5!", BookLine("LINK", 5.0, "coins", None, included=False)),
        ("BTC/USDT:USDT:1e3usd@-0.5!", BookLine("BTC/USDT:USDT", 1_000.0, "usd", -0.5, included=False)),
    ],
)
def test_a_line_of_a_link(text, expected):
    assert book_from_text(text) == (expected,)


@pytest.mark.parametrize(
    "text",
    [
        "SOL",
        "SOL:",
        ":5",
        " SOL:5",
        "SOL:0",
        "SOL:nan",
        "SOL:inf",
        "SOL:1e13",
        "SOL:5@1001",
        "SOL:5@nan",
        "SOL:5eur",
        "S\u0000L:5",
        "A" * 41 + ":5",
        "SOL:5,",
        "SOL:\u0665",
        ",".join(["SOL:5"] * (MOST_LINES + 1)),
    ],
)
def test_a_link_that_is_none(text):
    with pytest.raises(ValueError):  # noqa: PT011 - any of them: the caller names the whole text
        book_from_text(text)


@given(st.text(max_size=120))
def test_any_text_of_a_link_is_a_book_or_a_value_error(text):
    try:
        book = book_from_text(text)
    except ValueError:
        return
    assert book_from_text(book_to_text(book)) == book


@given(st.text(max_size=200))
def test_whatever_was_read_from_a_paste_is_a_line(text):
    for row in read_positions(text, default_unit="usd").rows:
        line = BookLine(row.symbol, row.size, row.unit, row.beta_by_hand)
        assert len(line.symbol) <= LONGEST_SYMBOL


class TestTable:
    def table(self, *rows):
        columns = ["included", "symbol", "size", "unit", "beta_by_hand"]
        return pd.DataFrame([list(row) for row in rows], columns=columns)

    def test_rows_that_wait_are_named_and_the_others_are_used(self):
        typed = lines_of(
            self.table(
                (True, " SOL ", 5.0, "usd", np.nan),
                (True, "AVAX", None, "usd", None),
                (None, None, None, None, None),
                (True, None, 7.0, "usd", None),
                (False, "LINK", -1, "coins", 1.5),
            )
        )
        assert typed.lines == (
            BookLine("SOL", 5.0, "usd"),
            BookLine("LINK", -1.0, "coins", 1.5, included=False),
        )
        assert typed.complaints == ("Row 2, AVAX, waits for a size.", "Row 4 waits for a symbol.")

    @pytest.mark.parametrize(
        ("symbol", "size", "beta", "said"),
        [
            ("A@B", 5.0, None, "A@B"),
            ("SOL", 0.0, None, "the size 0.0"),
            ("SOL", 1e13, None, "the size"),
            ("SOL", 5.0, 1e9, "the beta"),
        ],
    )
    def test_what_cannot_be_used_is_named(self, symbol, size, beta, said):
        typed = lines_of(self.table((True, symbol, size, "usd", beta)))
        assert typed.lines == ()
        assert typed.complaints[0].startswith("Row 1 is not used")
        assert said in typed.complaints[0]

    def test_rows_that_wait_outlive_a_button_but_not_a_replacement(self, monkeypatch):
        draft = self.table((True, "SOL", 5.0, "usd", None), (True, "ETH", None, "usd", None))
        state = {"book_draft": draft, "book_given": None, "n_links": 1}
        monkeypatch.setattr(st_app, "session_state", state)
        monkeypatch.setattr(st_app, "data_editor", lambda start, **_: start)
        link = BookLine("LINK", 1.0, "usd")
        give_book([link])
        added = book_table((BookLine("SOL", 5.0, "usd"),))
        assert added == TypedBook((link,), ("Row 2, ETH, waits for a size.",), (1,))
        give_book([link, link], keeps_unfinished=False)
        assert book_table((link,)) == TypedBook((link, link), ())

    def test_no_more_lines_than_are_allowed_and_never_silently(self):
        typed = lines_of(self.table(*[(True, f"C{i}", 1.0, "usd", None) for i in range(MOST_LINES + 5)]))
        assert len(typed.lines) == MOST_LINES
        assert f"{MOST_LINES} of {MOST_LINES + 5}" in typed.complaints[0]
