"""The line of controls that every page has: what is held, against what, from where."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.errors import DataError
from hedging.errors import ExplainedError
from pages.shared import words
from pages.shared.addresses import DEFAULTS, SYMBOLS_TO_CHOOSE, clear_what_was_meant_otherwise
from pages.shared.catalogue import SOURCE_LABELS, FileInputs, matching_symbol
from pages.shared.prices import available_intervals, load_symbols
from pages.shared.rare_settings import rare_settings, source_folder
from pages.shared.settings import (
    BOOK,
    KEPT_SOURCES,
    LARGEST_POSITION,
    LONGEST_LOOKBACK,
    SHORTEST_LOOKBACK,
    Settings,
    SourceKey,
)
from pages.shared.state import AppState
from pages.shared.widgets import number, seed, select

UNIT_LABELS = {"usd": "USD", "coins": "coins"}
INTERVAL_LABELS = {"daily": "daily", "weekly": "weekly", "hourly": "hourly"}


def settled(state: AppState) -> AppState:
    """The state for a page that asks nothing, with a pair that the source has.

    A link of such a page would else carry the default symbols of another source.
    """
    if not st.session_state.get(SYMBOLS_TO_CHOOSE):
        return state
    symbols, _ = _symbols(state.settings, FileInputs(folder=source_folder()))
    return replace(state, settings=_first_pair(state.settings, symbols))


def market_controls(
    state: AppState, *, asset: bool = True, position: bool = True, lookback: bool = True
) -> tuple[AppState, FileInputs, ExplainedError | None]:
    """The one line of controls: source, asset, benchmark, interval, lookback, position, rare settings.

    Widgets of fixed width in a row that wraps: one line on a laptop, two or three on a phone.

    Parameters
    ----------
    state : AppState
    asset : bool
        Whether the page is about one position: it then asks in what.
    position : bool
        Whether to ask for its size here.
    lookback : bool
        Whether to ask for the lookback here; the Beta page has its scrubber.
    """
    settings = state.settings
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with row:
        source: SourceKey = select(
            "source", "Source", SOURCE_LABELS, settings.source, on_change=choose_pair_again, width=205
        )
        # The rare settings decide what the source offers, yet stand last in the line.
        asset_place = st.container(width=165) if asset else None
        benchmark_place, interval_place = st.container(width=165), st.container(width=105)
        lookback_place = st.container(width=105) if lookback else None
        position_places = (st.container(width=165), st.container(width=95)) if position else None
        rare_place = st.container(width=120)
    settings = replace(settings, source=source)
    with rare_place:
        settings, files = rare_settings(settings)
    symbols, problem = _symbols(settings, files)
    settings = _first_pair(settings, symbols)
    if asset_place is not None:
        with asset_place:
            settings = replace(settings, asset=_asset(symbols, state, settings))
    with benchmark_place:
        benchmark = _symbol("benchmark", "Benchmark", symbols, settings.benchmark, settings)
    settings = replace(settings, benchmark=benchmark)
    with interval_place:
        settings = replace(settings, interval=_interval(settings, files))
    if lookback_place is not None:
        with lookback_place:
            settings = _typed_lookback(settings)
    if position_places is not None:
        settings = position_setting(settings, *position_places)
    return clear_what_was_meant_otherwise(replace(state, settings=settings)), files, problem


def _asset(symbols: tuple[str, ...], state: AppState, settings: Settings) -> str:
    """One symbol, or the whole book where there is one."""
    if settings.asset == BOOK and not state.book.book:
        settings = replace(settings, asset=matching_symbol(DEFAULTS.asset, symbols, DEFAULTS.asset))
        st.session_state["asset"] = settings.asset
    offered = (BOOK, *symbols) if state.book.book else symbols
    return _symbol("asset", "Asset", offered, settings.asset, settings)


def _typed_lookback(settings: Settings) -> Settings:
    seed("lookback", settings.lookback)
    lookback = st.number_input(
        f"Lookback, {words.UNITS[settings.interval]}",
        value=int(st.session_state["lookback"]),
        min_value=SHORTEST_LOOKBACK,
        max_value=LONGEST_LOOKBACK,
        key="lookback",
        help="Observations behind each estimate of beta.",
    )
    return replace(settings, lookback=int(lookback))


def position_setting(settings: Settings, size_place: DeltaGenerator, unit_place: DeltaGenerator) -> Settings:
    """How much is held; of the book, its lines say so."""
    is_book = settings.asset == BOOK
    with size_place:
        if is_book:
            st.text_input("Position", "all its positions", disabled=True, key="book_position")
            return settings
        position = number(
            "position",
            "Position",
            settings.position,
            -LARGEST_POSITION,
            LARGEST_POSITION,
            # The unit is drawn after it, and may be newer than the settings.
            step=1000.0 if st.session_state.get("unit", settings.unit) == "usd" else 1.0,
            help="Size of what you hold, in the unit beside it; coins are single coins, also of 1000PEPE. "
            "A short position is negative.",
        )
    with unit_place:
        unit = select("unit", "Unit", UNIT_LABELS, settings.unit)
    return replace(settings, position=float(position), unit=unit)


def lookback_setting(settings: Settings) -> Settings:
    """What the scrubber is set to; it is drawn later, when its film is known."""
    seed("lookback", settings.lookback)
    return replace(settings, lookback=int(st.session_state["lookback"]))


def take_lookback(sent: object) -> None:
    """The lookback that the browser sent when the hand let go, if it is one."""
    if isinstance(sent, (int, float)) and not isinstance(sent, bool) and sent == int(sent):
        st.session_state["lookback"] = min(max(int(sent), SHORTEST_LOOKBACK), LONGEST_LOOKBACK)


def _symbols(settings: Settings, files: FileInputs) -> tuple[tuple[str, ...], ExplainedError | None]:
    try:
        return load_symbols(settings, files), None
    except DataError as error:
        return (), error


def _first_pair(settings: Settings, symbols: tuple[str, ...]) -> Settings:
    """Where nothing was chosen in this source yet: the same coins there, else its first two symbols."""
    if not symbols:
        return settings
    to_choose = st.session_state.pop(SYMBOLS_TO_CHOOSE, set())
    if "benchmark" in to_choose:
        benchmark = matching_symbol(settings.benchmark, symbols, DEFAULTS.benchmark)
        settings = replace(settings, benchmark=benchmark)
        st.session_state["benchmark"] = benchmark
    if "asset" in to_choose and settings.asset != BOOK:
        others = [symbol for symbol in symbols if symbol != settings.benchmark]
        settings = replace(settings, asset=matching_symbol(settings.asset, others or symbols, DEFAULTS.asset))
        st.session_state["asset"] = settings.asset
    return settings


def choose_pair_again() -> None:
    """After a change of source: let the next run choose asset and benchmark in it."""
    st.session_state[SYMBOLS_TO_CHOOSE] = {"asset", "benchmark"}


def _symbol(key: str, label: str, symbols: tuple[str, ...], value: str, settings: Settings) -> str:
    seed(key, value)
    current = st.session_state[key]
    # What was typed or linked stays selected even when the source does not have it.
    options = symbols if current in symbols else (*symbols, current)
    typed = settings.source in KEPT_SOURCES
    chosen = st.selectbox(
        label,
        options,
        key=key,
        accept_new_options=typed,
        placeholder="type a ticker" if typed else "choose",
        help=f"Type any symbol of {SOURCE_LABELS[settings.source]} and press Enter." if typed else None,
    )
    return (chosen or value).strip()


def _interval(settings: Settings, files: FileInputs) -> Any:
    hourly = all(
        "hourly" in available_intervals(symbol, settings, files)
        for symbol in (settings.asset, settings.benchmark)
        if symbol != BOOK
    )
    labels = {
        name: label
        for name, label in INTERVAL_LABELS.items()
        if name != "hourly" or hourly or settings.interval == "hourly"
    }
    return select(
        "interval",
        "Returns",
        labels,
        settings.interval,
        help="Span of one return. Hourly appears where both instruments have hourly prices.",
    )
