"""What is stored of the market, how good is it, and what is missing?"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from data.collect import Collected, collect
from data.environment import utc_now
from data.errors import DataError
from data.exporting import export_bytes
from data.quality import quality_problems, quality_remarks
from data.readings import Readings
from data.registry import SOURCE_NAMES, paged_source
from data.series import SeriesKey
from data.store import SeriesInfo, Store, open_store
from pages.shared.addresses import current_state, publish
from pages.shared.components.figure_strip import figure_strip
from pages.shared.controls import settled
from pages.shared.exports import file_name
from pages.shared.messages import explain, plain, sentence
from pages.shared.security import serves_this_machine_only
from pages.shared.views.stored import (
    SeriesView,
    gaps_table,
    kept_terms_table,
    kind_text,
    load_series,
    outliers_table,
    quality_figures,
    source_text,
    stored_table,
)

HOLDS = {"daily": "daily prices", "hourly": "hourly prices", "funding": "funding rates"}
MOST_SYMBOLS = 20
DOWNLOAD_SECONDS = 600.0
ROWS_OF_A_LONG_HISTORY = {"daily": 1_900, "hourly": 18_000, "funding": 6_000}  # for the bar alone


@dataclass(frozen=True)
class Wanted:
    """What is to be fetched."""

    source: str
    symbols: tuple[str, ...]
    holds: str
    since: pd.Timestamp | None


def show_page() -> None:
    publish(settled(current_state()))
    store = open_store()
    wanted = fetch_controls()
    if wanted is not None:
        fetch(store, wanted)
    try:
        found, terms = store.list(), store.answers.list("terms")
    except DataError as error:
        explain(error)
        return
    where = store.shown if serves_this_machine_only() else "the store of this server"
    st.caption(plain(f"Stored in {where}. Every page shows these at once and asks for newer ones beside."))
    if terms:
        with st.expander(f"Terms of contracts as exchanges stated them, {len(terms):,}"):
            st.dataframe(kept_terms_table(terms), hide_index=True, row_height=27, alt="Kept terms")
    if not found:
        st.markdown(
            "Nothing is stored yet. Choose a source and symbols above and press **Fetch**; or open any page "
            "on Yahoo Finance or an exchange, which stores what it loads."
        )
        return
    chosen = show_list(found)
    if chosen is None:
        st.caption("Choose a row to see gaps, outliers and what can be done about it.")
    elif chosen.key is None:
        st.error(plain(f"{chosen.name}: {chosen.damage}"), icon=":material/error:")
        if serves_this_machine_only():
            show_delete(store, chosen)
    else:
        show_series(store, load_series(store, chosen.key), chosen)


def fetch_controls() -> Wanted | None:
    """What to fetch; nothing until the button is pressed."""
    with st.form("fetch", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.selectbox(
            "Source",
            SOURCE_NAMES,
            format_func=source_text,
            accept_new_options=True,
            help="Or type the short name of any other exchange that ccxt reaches, such as mexc or kraken.",
            width=190,
        )
        typed = st.text_input(
            "Symbols",
            placeholder="BTC-USD, SOL-USD or BTC/USDT:USDT",
            help=f"With commas between them, at most {MOST_SYMBOLS}. As the source spells them.",
            width=330,
            max_chars=600,
        )
        holds = st.selectbox("What", list(HOLDS), format_func=HOLDS.__getitem__, width=150)
        since = st.date_input("Since", value=None, help="Empty: all that the source has.", width=150)
        pressed = st.form_submit_button("Fetch", icon=":material/download:", type="primary")
    symbols = tuple(dict.fromkeys(each.strip() for each in typed.split(",") if each.strip()))
    if not pressed:
        return None
    if not 1 <= len(symbols) <= MOST_SYMBOLS:
        st.warning(f"{len(symbols)} symbols: type 1 to {MOST_SYMBOLS}, with commas between them.")
        return None
    start = None if since is None else pd.Timestamp(since, tz="UTC")
    return Wanted(str(source).strip().lower(), symbols, holds, start)


def fetch(store: Store, wanted: Wanted) -> None:
    """Fetch one symbol after the other; leaving the page ends it, and what came is stored."""
    with st.status(f"Fetching {HOLDS[wanted.holds]}…", expanded=True) as status:
        failed = 0
        for symbol in wanted.symbols:
            try:
                failed += not fetch_one(store, wanted, symbol)
            except DataError as error:
                failed += 1
                st.markdown(f"**{plain(symbol)}**: {sentence(error)}")
        done = len(wanted.symbols) - failed
        status.update(
            label=f"{done} of {len(wanted.symbols)} fetched",
            state="error" if failed else "complete",
            expanded=bool(failed),
        )


def fetch_one(store: Store, wanted: Wanted, symbol: str) -> bool:
    """Whether all that the source has of one symbol is stored now."""
    bar = st.progress(0.0, text=plain(symbol))
    said: list[str] = []
    source = paged_source(wanted.source, say=said.append)
    reading = Readings(source, store).for_download(symbol, now=utc_now())
    key = (
        SeriesKey(wanted.source, reading.symbol, "funding", None)
        if wanted.holds == "funding"
        else SeriesKey(
            wanted.source, reading.symbol, "prices", "hourly" if wanted.holds == "hourly" else "daily"
        )
    )

    def progress(n_rows: int, last: pd.Timestamp) -> None:
        bar.progress(
            min(0.95, n_rows / ROWS_OF_A_LONG_HISTORY[wanted.holds]),
            text=plain(f"{symbol}: {n_rows:,} rows, up to {last:%Y-%m-%d}"),
        )

    result = collect(
        source,
        key,
        store,
        now=utc_now(),
        since=wanted.since,
        progress=progress,
        deadline_seconds=DOWNLOAD_SECONDS,
        wait_seconds=5.0,
    )
    bar.empty()
    st.markdown(plain(f"{symbol}: {result_text(result)}"))
    for each in dict.fromkeys((reading.sentence, *said)):
        if each is not None:
            st.caption(plain(f"{each[:1].upper()}{each[1:]}."))
    if result.problem is not None:
        st.markdown(sentence(result.problem))
    return result.complete


def result_text(result: Collected) -> str:
    """What a download brought."""
    said = f"{result.n_new:,} new rows, {result.n_rows:,} stored"
    if result.n_unfinished:
        said += f", {result.n_unfinished} not finished yet and left out"
    if result.contradictions:
        said += f"; {len(result.contradictions)} numbers differ from what is stored, which stays"
    return f"{said}."


def show_list(found: tuple[SeriesInfo, ...]) -> SeriesInfo | None:
    """All series; the row that was chosen.

    The browser names a row by its number. Once there are other series, the table is another one without a
    selection: what could be deleted is never the series that took a row over.
    """
    names = " ".join(info.name for info in found)  # made of safe characters
    event = st.dataframe(
        stored_table(found),
        hide_index=True,
        row_height=29,
        on_select="rerun",
        selection_mode="single-row",
        key=f"stored_series_{zlib.crc32(names.encode()):08x}",
        alt="What is stored",
    )
    rows = event.selection.rows
    return found[rows[0]] if rows and rows[0] < len(found) else None


def show_series(store: Store, view: SeriesView, info: SeriesInfo) -> None:
    """Every row of one series looked at, and what can be done."""
    key = view.key
    st.markdown(f"#### {plain(key.symbol)}, {kind_text(key)} from {plain(source_text(key.source))}")
    if view.spellings:
        st.caption(plain(f"Also typed {', '.join(view.spellings)}: read as {key.symbol}."))
    if isinstance(view.stored, DataError):
        explain(view.stored)
    elif view.quality is not None:
        figure_strip(quality_figures(view.quality), key="quality")
        for problem in quality_problems(view.quality):
            st.warning(plain(f"{problem[:1].upper()}{problem[1:]}."), icon=":material/warning:")
        for remark in quality_remarks(view.quality):
            st.caption(plain(f"{remark[:1].upper()}{remark[1:]}."))
        for each in view.stored.contradictions[:10]:
            new = "no longer there" if each.new is None else f"{each.new:,.8g}"
            st.caption(
                plain(f"{each.at:%Y-%m-%d %H:%M} {each.column}: stored {each.stored:,.8g}, now {new}.")
            )
        left, right = st.columns(2)
        with left:
            st.markdown("**Gaps**" if view.quality.gaps else "No gaps.")
            if view.quality.gaps:
                st.dataframe(gaps_table(view.quality), hide_index=True, row_height=27, height=220)
        with right:
            st.markdown("**To be looked at**" if view.quality.outliers else "No outliers.")
            if view.quality.outliers:
                st.dataframe(outliers_table(view.quality), hide_index=True, row_height=27, height=220)
    show_actions(store, view, info)


def show_actions(store: Store, view: SeriesView, info: SeriesInfo) -> None:
    """Refresh, fetch anew, take away, delete."""
    key = view.key
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.button(
            "Refresh",
            key=f"refresh_{info.name}",
            icon=":material/refresh:",
            help="Fetch what is missing since the last row.",
        ):
            run(lambda: collect(paged_source(key.source), key, store, now=utc_now(), wait_seconds=5.0))
        if not isinstance(view.stored, DataError):
            stored = view.stored
            st.download_button(
                "CSV",
                lambda: export_bytes(stored, suffix=".csv"),
                file_name(key.source, key.symbol, kind_text(key), suffix="csv"),
                "text/csv",
                key=f"csv_{info.name}",
                on_click="ignore",
                icon=":material/table:",
            )
        if not serves_this_machine_only():
            return
        with st.popover("Replace or delete", icon=":material/delete:"):
            st.markdown(plain(f"{info.n_rows:,} rows of {key.symbol} from {key.source}."))
            if st.button(
                "Fetch all of it again",
                key=f"anew_{info.name}",
                help="Takes the place of what is stored, once complete.",
            ):
                run(
                    lambda: collect(
                        paged_source(key.source), key, store, now=utc_now(), anew=True, wait_seconds=5.0
                    )
                )
            show_delete(store, info)


def show_delete(store: Store, info: SeriesInfo) -> None:
    """Take a series away, once that is confirmed; works by its folder, so for a damaged one too."""
    sure = st.checkbox("Yes, delete what is stored", key=f"sure_{info.name}")
    if st.button("Delete", key=f"delete_{info.name}", disabled=not sure, type="primary"):
        try:
            store.delete_listed(info.name, wait_seconds=5.0)
        except DataError as error:
            explain(error)
        else:
            st.rerun()


def run(work: Callable[[], Collected]) -> None:
    """Do it, say what came of it, show the new state."""
    with st.spinner("Fetching…", show_time=True):
        result = work()
    if result.problem is not None:
        explain(result.problem)
    else:
        st.toast(plain(result_text(result)))
        st.rerun()


show_page()
