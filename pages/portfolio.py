"""How much benchmark is in the whole book, and what one hedge would do about it?"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.errors import DataError
from hedging import HedgingError
from pages.shared import words
from pages.shared.addresses import current_state, publish
from pages.shared.book_editor import book_table, give_book, leave_out, paste_or_upload, show_complaints
from pages.shared.catalogue import FileInputs
from pages.shared.components.figure_strip import figure_strip
from pages.shared.components.text_table import text_table
from pages.shared.controls import market_controls
from pages.shared.downloads import show_downloads
from pages.shared.frame import explained, has_data
from pages.shared.messages import explain, plain
from pages.shared.notes import show_notes
from pages.shared.positions import BookLine
from pages.shared.priced_lines import example_book
from pages.shared.settings import BOOK
from pages.shared.state import AppState, is_too_long_for_link
from pages.shared.views.notes import portfolio_notes
from pages.shared.views.portfolio import (
    BookResult,
    PortfolioView,
    load_portfolio,
    portfolio_charts,
    portfolio_tables,
)
from pages.shared.views.portfolio_figures import (
    asset_rows,
    hedge_rows,
    hedge_sentence,
    line_rows,
    portfolio_figures,
    unpriced_sentence,
)

EMPTY = (
    "No position yet. Type one into the table, paste lines from a spreadsheet, or upload a file; a coin such "
    "as SOL is found in the chosen source. The page then shows what the whole book moves like, who brings "
    "it, and one order against it."
)

TOO_LONG = (
    "These positions are too many for the address of the page: a reload, a bookmark or a copied link comes "
    "without them. Take 'Positions, CSV' under Downloads and hand it in again under 'Paste or upload'; lines "
    "that are not used have to be switched off again."
)

LINES = "The lines of the portfolio and their prices"
MOST_NAMED = 5  # the table below names all


def show_page() -> None:
    state, files, problem = market_controls(current_state(), asset=False, position=False)
    answer = st.container()
    left, right = st.columns([1, 1.35], gap="small")
    with left:
        state, to_hedge = book_controls(state)
    if to_hedge:
        state = replace(state, settings=replace(state.settings, asset=BOOK))
    publish(state)
    if to_hedge:
        st.session_state["asset"] = BOOK
        st.switch_page("hedge.py")
    view: PortfolioView | None = None
    about_book = replace(state.settings, asset=BOOK)
    with answer, explained(about_book, files, problem, state.book.book):
        if has_data(state.settings, files, problem):
            if state.book.book:
                view = load_portfolio(state, files)
            else:
                show_empty_book(state, files)
    if view is not None:
        show_view(view, state, answer, right)


def book_controls(state: AppState) -> tuple[AppState, bool]:
    """The table and the buttons above it; whether to go on to the Hedge page with the whole book."""
    buttons = st.container(horizontal=True)
    typed = book_table(state.book.book)
    with buttons:
        paste_or_upload(typed.lines)
        to_hedge = st.button(
            "Hedge the whole book",
            icon=":material/shield:",
            disabled=not typed.lines,
            help="Opens the Hedge page with the book as one asset.",
        )
    show_complaints(typed.complaints)
    book = replace(state.book, book=typed.lines)
    if is_too_long_for_link(book):
        st.warning(plain(TOO_LONG), icon=":material/link_off:")
    return replace(state, book=book), to_hedge


def show_empty_book(state: AppState, files: FileInputs) -> None:
    """What to do, with one button that does it."""
    st.markdown(plain(EMPTY))
    example = example_book(state.settings, files)
    if example:
        names = ", ".join(line.symbol for line in example)
        st.button(
            "Fill in an example book",
            icon=":material/playlist_add:",
            help=plain(f"{names}: long three, short one."),
            on_click=give_book,
            args=(example,),
        )


def show_view(view: PortfolioView, state: AppState, answer: DeltaGenerator, right: DeltaGenerator) -> None:
    result = view.result
    with answer:
        if isinstance(result, BookResult):
            show_notes(portfolio_notes(view, result, state), "warning")
            figure_strip(portfolio_figures(view, state), key="portfolio")
        else:
            show_why_not(view, result, state.book.book)
    if isinstance(result, BookResult):
        show_result(view, result, state, right)
    else:
        with right:
            text_table(line_rows(view).drop(columns="size"), key="lines", alt=LINES, left=("note",))
    show_details(view)
    charts = portfolio_charts(view, state)
    show_downloads(portfolio_tables(view), list(charts.values()), BOOK, "on", state.settings.benchmark)


def show_why_not(view: PortfolioView, error: HedgingError | DataError, lines: tuple[BookLine, ...]) -> None:
    """Which positions have no prices, or why there is no exposure; one button leaves them out."""
    if not view.unpriced:
        explain(error)
        return
    missing = [unpriced_sentence(each) for each in view.unpriced]
    more = [f"And {len(missing) - MOST_NAMED} more."] if len(missing) > MOST_NAMED else []
    st.error("  \n".join([*missing[:MOST_NAMED], *more]), icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Leave them out" if len(missing) > 1 else "Leave it out",
            icon=":material/remove_done:",
            on_click=leave_out,
            args=(lines, [each.line for each in view.unpriced]),
        )
        st.caption("The exposure of the book waits: it would be wrong without them.")


def show_result(view: PortfolioView, result: BookResult, state: AppState, right: DeltaGenerator) -> None:
    shown = replace(state.settings, asset=BOOK)
    charts = portfolio_charts(view, state)
    with right:
        charts["book_contributions"].show(shown)
    assets, orders = st.columns([1.5, 1], gap="small")
    with assets:
        text_table(
            asset_rows(result), key="assets", alt="What each position brings to the exposure of the book"
        )
        show_notes(portfolio_notes(view, result, state), "caption")
    with orders:
        hedge = result.hedge
        if isinstance(hedge, HedgingError):
            explain(hedge)
        else:
            text_table(hedge_rows(hedge, state.settings), key="orders", alt="One order beside single orders")
            st.caption(plain(hedge_sentence(hedge)))
    first, second = st.columns(2, gap="small")
    with first:
        charts["book_correlation"].show(shown)
    with second:
        if isinstance(result.betas, HedgingError):
            explain(result.betas)
        else:
            charts["book_betas"].show(shown)


def show_details(view: PortfolioView) -> None:
    section = st.expander(
        "Data and alignment: source, as-of, what was dropped and why", key="book_details", on_change="rerun"
    )
    if not section.open:
        return
    with section:
        text_table(line_rows(view), key="all_lines", alt=LINES, left=("note",))
        result = view.result
        if not isinstance(result, BookResult):
            return
        book = result.book
        for name, history in {**book.histories, view.benchmark.symbol: view.benchmark}.items():
            st.markdown(plain(words.history_sentences(name, history)))
        for name, report in result.returns.reports.items():
            said = words.alignment_sentences(report, name, view.benchmark.symbol)
            alone = result.returns.n_left_out[name]
            if alone:
                said.append(f"{alone:,} instants left out, at which another position has no price.")
            st.markdown(plain(f"{name}: {' '.join(said)}"))


show_page()
