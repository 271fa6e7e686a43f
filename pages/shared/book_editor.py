"""The portfolio as a table to type in, to paste into and to load a file into."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from data.errors import DataError
from data.files.names import KNOWN_SUFFIXES
from data.positions import MAX_BYTES, ReadPositions, read_positions, read_positions_file
from pages.shared.addresses import n_links
from pages.shared.controls import UNIT_LABELS
from pages.shared.messages import explain, plain
from pages.shared.positions import MOST_LINES, BookLine
from pages.shared.widgets import seed

EDITOR_HEIGHT = 282
COLUMNS = ("included", "symbol", "size", "unit", "beta_by_hand")
MOST_COMPLAINTS = 6

_GIVEN, _REVISION, _START, _DRAFT = "book_given", "book_revision", "book_start", "book_draft"
_PASTED, _PASTED_UNIT, _FILE = "book_pasted", "book_pasted_unit", "book_file"
_IS_OPEN = "book_paste_is_open"
_EXAMPLE = "SOL\t12,340\tUSD\nAVAX\t-250\tcoins\t1.4"


@dataclass(frozen=True)
class TypedBook:
    """What stands in the table.

    Attributes
    ----------
    lines : tuple of BookLine
        The rows that are complete.
    complaints : tuple of str
        One sentence for each row that is not; hostile until escaped.
    unfinished : tuple of int
        Where those rows stand.
    """

    lines: tuple[BookLine, ...]
    complaints: tuple[str, ...]
    unfinished: tuple[int, ...] = ()


class _Given(NamedTuple):
    lines: tuple[BookLine, ...]
    keeps_unfinished: bool


def book_table(lines: tuple[BookLine, ...]) -> TypedBook:
    """Show the table and read it.

    Streamlit keeps what is typed as changes to the frame that the table started with: giving it its own
    result as a new start would lose the cursor and, at times, an entry. So the start stays the same until a
    link, a paste, a button or the return from another page brings other lines.
    """
    given: _Given | None = st.session_state.pop(_GIVEN, None)
    if given is not None:
        lines = given.lines
        st.session_state[_REVISION] = _revision() + 1
    key = f"positions_{n_links()}_{_revision()}"
    if key not in st.session_state or _START not in st.session_state:
        st.session_state[_START] = _start(
            lines, keeps_unfinished=given is not None and given.keeps_unfinished
        )
    start: pd.DataFrame = st.session_state[_START]
    edited = st.data_editor(
        start,
        key=key,
        num_rows="dynamic",
        hide_index=True,
        height=EDITOR_HEIGHT,
        row_height=28,
        width="stretch",
        placeholder="",
        column_config={
            "included": st.column_config.CheckboxColumn(
                "use", default=True, width=40, help="A line that is not used stays in the table."
            ),
            "symbol": st.column_config.TextColumn(
                "position", width=110, max_chars=40, help="A coin such as SOL, or a symbol of the source."
            ),
            "size": st.column_config.NumberColumn(
                "size", width=100, format="%.10g", help="Negative when short."
            ),
            "unit": st.column_config.SelectboxColumn(
                "in", width=70, options=list(UNIT_LABELS), format_func=_unit_label, default="usd"
            ),
            "beta_by_hand": st.column_config.NumberColumn(
                "beta by hand",
                width=95,
                format="%.4g",
                help="Stands in place of the estimate, and has no interval. Empty: the estimate.",
            ),
        },
    )
    st.session_state[_DRAFT] = edited
    return lines_of(edited)


def give_book(lines: Sequence[BookLine], *, keeps_unfinished: bool = True) -> None:
    """Let the table start anew with these lines in the next run, and with the rows that are not complete."""
    st.session_state[_GIVEN] = _Given(tuple(lines), keeps_unfinished)


def leave_out(lines: Sequence[BookLine], left_out: Sequence[BookLine]) -> None:
    """Keep some lines in the table without counting them."""
    give_book([replace(line, included=False) if line in left_out else line for line in lines])


def frame_of(lines: Sequence[BookLine]) -> pd.DataFrame:
    """The lines as the table shows them."""
    frame = pd.DataFrame([[getattr(line, name) for name in COLUMNS] for line in lines], columns=list(COLUMNS))
    kinds = {"included": "bool", "symbol": "str", "size": "float64", "unit": "str", "beta_by_hand": "float64"}
    return frame.astype(kinds)


def lines_of(frame: pd.DataFrame) -> TypedBook:
    """The complete rows of the table, and what is wrong with the others; empty rows are nothing."""
    lines: list[BookLine] = []
    complaints, unfinished = [], []
    for number, row in enumerate(frame.to_dict("records"), 1):
        symbol, size = row["symbol"], row["size"]
        symbol = "" if pd.isna(symbol) else str(symbol).strip()
        if not symbol and pd.isna(size):
            continue
        if not symbol or pd.isna(size):
            missing = "a size" if symbol else "a symbol"
            complaints.append(f"Row {number}{f', {symbol},' if symbol else ''} waits for {missing}.")
            unfinished.append(number - 1)
            continue
        try:
            lines.append(_line(row, symbol))
        except ValueError as error:
            complaints.append(f"Row {number} is not used: {error} is not allowed.")
            unfinished.append(number - 1)
    if len(lines) > MOST_LINES:
        complaints.append(
            f"Only the first {MOST_LINES} of {len(lines)} positions are used: add small ones up."
        )
    return TypedBook(tuple(lines[:MOST_LINES]), tuple(complaints), tuple(unfinished))


def show_complaints(complaints: Sequence[str]) -> None:
    """What is wrong, a line each; the first few of many."""
    shown = list(complaints[:MOST_COMPLAINTS])
    if len(complaints) > MOST_COMPLAINTS:
        shown.append(f"And {len(complaints) - MOST_COMPLAINTS} more.")
    if shown:
        st.warning("  \n".join(plain(each) for each in shown), icon=":material/edit:")


def paste_or_upload(lines: tuple[BookLine, ...]) -> None:
    """Lines of a spreadsheet or a file, shown as understood before they change the table."""
    with st.popover("Paste or upload", icon=":material/content_paste:", key=_IS_OPEN, on_change="rerun"):
        st.file_uploader(
            "A file: CSV, Parquet or Feather",
            type=[suffix.removeprefix(".") for suffix in KNOWN_SUFFIXES],
            key=_file_key(),
            max_upload_size=MAX_BYTES // 2**20,
        )
        seed(_PASTED, "")
        st.text_area(
            "Or lines copied from a spreadsheet",
            key=_PASTED,
            height=110,
            placeholder=_EXAMPLE,
            help="Symbol and size such as 12,340 or 12k, perhaps USD or coins, long or short, and a beta by "
            "hand; with a heading in any order. Cells are separated by tabs, semicolons, commas or blanks.",
        )
        seed(_PASTED_UNIT, "usd")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.segmented_control(
                "A size without a unit is in",
                list(UNIT_LABELS),
                key=_PASTED_UNIT,
                format_func=UNIT_LABELS.__getitem__,
                required=True,
            )
            for label, replaces in (("Replace table", True), ("Add to table", False)):
                st.button(label, on_click=_take, args=(lines, replaces))
        try:
            found = _found()
        except DataError as error:
            explain(error)
        else:
            _show_found(found, len(lines))


def _show_found(found: ReadPositions, n_lines: int) -> None:
    if len(found.rows) + n_lines > MOST_LINES:
        st.warning(
            f"With the {n_lines} in the table these are {len(found.rows) + n_lines} positions; at most "
            f"{MOST_LINES} fit. Add small ones up, or replace the table."
        )
    if found.rows:
        read = frame_of(_as_lines(found)).drop(columns="included").replace({"unit": UNIT_LABELS})
        st.caption(f"Read so far: {len(found.rows)} {'position' if len(found.rows) == 1 else 'positions'}")
        st.dataframe(
            read,
            hide_index=True,
            height=min(200, 39 + 28 * len(read)),
            row_height=28,
            placeholder="",
            column_config={
                "symbol": "position",
                "size": st.column_config.NumberColumn(format="%.10g"),
                "unit": "in",
                "beta_by_hand": "beta by hand",
            },
        )
    show_complaints([f"Line {each.number}: {each.reason} ({each.text[:60]})." for each in found.unread])


def _take(lines: tuple[BookLine, ...], replaces: bool) -> None:
    """Put what was read into the table; what was not stays in the text box."""
    try:
        found = _found()
    except DataError:  # the popover says so
        return
    new = (*(() if replaces else lines), *_as_lines(found))
    if not found.rows or len(new) > MOST_LINES:
        return
    give_book(new, keeps_unfinished=not replaces)
    rest = [each.text for each in found.unread]
    if not rest:  # nothing is left to do there, and it covers the table
        st.session_state[_IS_OPEN] = False
    st.session_state[_PASTED] = "\n".join([found.heading, *rest] if rest and found.heading else rest)


def _found() -> ReadPositions:
    unit = st.session_state[_PASTED_UNIT]
    read = [read_positions(st.session_state[_PASTED], default_unit=unit)]
    file = st.session_state.get(_file_key())
    if file is not None:
        read.append(read_positions_file(file.getvalue(), file_name=file.name, default_unit=unit))
    return ReadPositions(
        rows=tuple(row for each in read for row in each.rows),
        unread=tuple(line for each in read for line in each.unread),
        heading=next((each.heading for each in read if each.unread), ""),
    )


def _as_lines(found: ReadPositions) -> tuple[BookLine, ...]:
    return tuple(BookLine(row.symbol, row.size, row.unit, row.beta_by_hand) for row in found.rows)


def _line(row: Mapping[Hashable, Any], symbol: str) -> BookLine:
    by_hand, included = row["beta_by_hand"], row["included"]
    return BookLine(
        symbol=symbol,
        size=float(row["size"]),
        unit="coins" if row["unit"] == "coins" else "usd",
        beta_by_hand=None if pd.isna(by_hand) else float(by_hand),
        included=pd.isna(included) or bool(included),
    )


def _unit_label(unit: object) -> str:
    return UNIT_LABELS.get(str(unit), str(unit))


def _start(lines: tuple[BookLine, ...], *, keeps_unfinished: bool) -> pd.DataFrame:
    """The lines; with the rows beside them that are not complete yet, which no state and no link holds."""
    draft: pd.DataFrame | None = st.session_state.get(_DRAFT)
    if draft is None:
        return frame_of(lines)
    typed = lines_of(draft)
    if typed.lines == lines:  # back from another page
        return draft.reset_index(drop=True)
    unfinished = draft.iloc[list(typed.unfinished)]
    if not keeps_unfinished or unfinished.empty:
        return frame_of(lines)
    return pd.concat([frame_of(lines).astype(object), unfinished.astype(object)], ignore_index=True).astype(
        frame_of(()).dtypes
    )


def _revision() -> int:
    return int(st.session_state.get(_REVISION, 0))


def _file_key() -> str:
    return f"{_FILE}_{_revision()}"
