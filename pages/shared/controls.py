"""Widgets to frozen settings, and settings to the URL."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.environment import configured_folder, utc_now
from data.errors import DataError
from data.files.limits import MAX_FILE_BYTES
from hedging.errors import ExplainedError
from pages.shared import words
from pages.shared.by_hand import HAND_FIELDS, TERM_WORDS, bound, meant
from pages.shared.catalogue import SOURCE_LABELS, FileInputs, distinct_names, matching_symbol
from pages.shared.choices import BookChoices
from pages.shared.messages import plain
from pages.shared.prices import (
    Opening,
    available_intervals,
    choose_opening,
    forget_prices,
    load_symbols,
    price_columns,
)
from pages.shared.security import serves_this_machine_only
from pages.shared.settings import (
    BOOK,
    CONFIDENCE_LEVELS,
    KEPT_SOURCES,
    LARGEST_POSITION,
    LONGEST_LOOKBACK,
    PAGE_METHODS,
    SHORTEST_LOOKBACK,
    Settings,
    SourceKey,
)
from pages.shared.state import AppState, is_too_long_for_link, read_link, to_link, widget_values
from pages.shared.widgets import begin_run, is_interaction, remember_widgets, seed, select

DEFAULTS = Settings()
# Longer than an address takes to the browser, shorter than a look at the page before going back.
BEHIND_SECONDS = 1.0
N_LEFT_LINKS = 16
SIMULATED_NOTICE = "This is the embedded SIMULATED market: no price here is real."
UNIT_LABELS = {"usd": "USD", "coins": "coins"}
INTERVAL_LABELS = {"daily": "daily", "weekly": "weekly", "hourly": "hourly"}
COVARIANCE_LABELS = {
    "hc3": "HC3",
    "hac": "HAC (Newey-West)",
    "nonrobust": "classical OLS",
}
DATE_LABELS = {"decide": "as the file shows", "day_first": "day first", "month_first": "month first"}

_STATE, _LINK, _IS_NEW_LINK, _N_LINKS = "state", "link", "is_new_link", "n_links"
_IS_PUBLISHED, _IS_OVER, _LEFT_LINKS = "is_published", "is_over", "left_links"
_TO_CHOOSE, _UPLOADS, _FUNDING = "symbols_to_choose", "kept_uploads", "kept_funding"
_TYPED_FOLDER = "kept_folder"
_COMPLAINTS, _NOTICE = "link_complaints", "opening_notice"
_CLEARED, _CLEARED_NOW = "cleared_by_hand", "cleared_by_hand_in_this_run"


def current_state() -> AppState:
    """The state of this run: from a link that is new, else as the user left it."""
    was_published = st.session_state.pop(_IS_PUBLISHED, False)
    is_certain = is_interaction() or not st.session_state.pop(_IS_OVER, True)
    begin_run(was_published=was_published)
    link = st.query_params.to_dict()
    if _STATE not in st.session_state or (
        link != st.session_state[_LINK] and not _is_behind(link, is_certain=is_certain)
    ):
        _adopt_link(link)
    state: AppState = st.session_state[_STATE]
    return state


def n_links() -> int:
    """Links opened in this session: part of the key of a widget that only a link may set anew."""
    return int(st.session_state[_N_LINKS])


def publish(state: AppState) -> None:
    """Remember the state; the end of the run writes it into the URL."""
    state = bound(state)
    is_new_link = st.session_state.pop(_IS_NEW_LINK, False)
    cleared = st.session_state.pop(_CLEARED_NOW, ())
    if cleared or state != st.session_state[_STATE]:
        st.session_state[_CLEARED] = cleared
    if state != st.session_state[_STATE] and not is_new_link:
        st.session_state[_COMPLAINTS] = ()  # the user has moved on
    st.session_state[_STATE] = state
    st.session_state[_IS_PUBLISHED] = True
    st.session_state[_IS_OVER] = False
    remember_widgets()
    link = to_link(state)
    if link != st.session_state[_LINK]:
        if st.session_state[_LINK]:  # a page opened by its name has none
            left = st.session_state.get(_LEFT_LINKS, ())
            st.session_state[_LEFT_LINKS] = (
                *left[1 - N_LEFT_LINKS :],
                (st.session_state[_LINK], utc_now().timestamp()),
            )
        st.session_state[_LINK] = link


def end_run() -> None:
    """Write the URL when the page has run to its end; a run that the next one cuts short does not come here.

    A new address costs the browser 40 ms: last, it comes after everything that is looked at.
    """
    link = st.session_state.get(_LINK)
    if link and link != st.query_params.to_dict():
        st.query_params.from_dict(link)
    st.session_state[_IS_OVER] = True


def _is_behind(link: dict[str, str], *, is_certain: bool) -> bool:
    """Whether the browser sent this link because it had not heard yet of the one it was given since.

    Each message of the browser carries its address. Who changes two things in a row sends the second with
    the address from before the first, and adopting that would take the first change back. Going back in the
    browser's history sends an address from before too, but changes nothing and mostly comes later.
    """
    now = utc_now().timestamp()
    return any(
        link == each and (is_certain or now - left_at < BEHIND_SECONDS)
        for each, left_at in st.session_state.get(_LEFT_LINKS, ())
    )


def settled(state: AppState) -> AppState:
    """The state for a page that asks nothing, with a pair that the source has.

    A link of such a page would else carry the default symbols of another source.
    """
    if not st.session_state.get(_TO_CHOOSE):
        return state
    symbols, _ = _symbols(state.settings, FileInputs(folder=_folder()))
    return replace(state, settings=_first_pair(state.settings, symbols))


def show_notices(settings: Settings) -> None:
    """What the link got wrong, and why this source was opened."""
    for complaint in st.session_state[_COMPLAINTS]:
        st.warning(plain(complaint), icon=":material/link_off:")
    for cleared in st.session_state.get(_CLEARED, ()):
        st.warning(plain(cleared), icon=":material/warning:")
    if settings.source == "simulated":
        notice = st.session_state.get(_NOTICE) or SIMULATED_NOTICE
        st.info(plain(notice), icon=":material/science:")


def market_controls(
    state: AppState, *, position: bool = True, lookback: bool = True
) -> tuple[AppState, FileInputs, ExplainedError | None]:
    """The one line of controls: source, asset, benchmark, interval, lookback, position, rare settings.

    Widgets of fixed width in a row that wraps: one line on a laptop, two or three on a phone.

    Parameters
    ----------
    state : AppState
    position : bool
        Whether the page is about one position: it then asks which, and how large.
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
        asset_place = st.container(width=165) if position else None
        benchmark_place, interval_place = st.container(width=165), st.container(width=105)
        lookback_place = st.container(width=105) if lookback else None
        position_places = (st.container(width=165), st.container(width=95)) if position else None
        rare_place = st.container(width=120)
    settings = replace(settings, source=source)
    with rare_place:
        settings, files = _rare_settings(settings)
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
        settings = _position(settings, *position_places)
    return clear_what_was_meant_otherwise(replace(state, settings=settings)), files, problem


def clear_what_was_meant_otherwise(state: AppState) -> AppState:
    """Empty the fields whose hand beta or hand terms were typed for another pair or contract."""
    kept, said = meant(state)
    if said:
        st.session_state.update({name: getattr(kept.hedge, name) for name in HAND_FIELDS})
        st.session_state[_CLEARED_NOW] = (*st.session_state.get(_CLEARED_NOW, ()), *said)
    return bound(kept)


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
        min_value=SHORTEST_LOOKBACK,
        max_value=LONGEST_LOOKBACK,
        key="lookback",
        help="Observations behind each estimate of beta.",
    )
    return replace(settings, lookback=int(lookback))


def _position(settings: Settings, size_place: DeltaGenerator, unit_place: DeltaGenerator) -> Settings:
    """How much is held; of the book, its lines say so."""
    is_book = settings.asset == BOOK
    with size_place:
        if is_book:
            st.text_input("Position", "all its positions", disabled=True, key="book_position")
            return settings
        seed("position", settings.position)
        position = st.number_input(
            "Position",
            key="position",
            min_value=-LARGEST_POSITION,
            max_value=LARGEST_POSITION,
            format="%.15g",
            step=1000.0 if settings.unit == "usd" else 1.0,
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


def _adopt_link(link: dict[str, str]) -> None:
    is_first = _STATE not in st.session_state
    defaults: AppState = AppState() if is_first else _linked_from(link, st.session_state[_STATE])
    if is_first and "source" not in link:
        opening: Opening = choose_opening()
        st.session_state[_NOTICE] = opening.notice
        defaults = replace(defaults, settings=replace(DEFAULTS, source=opening.source))
    state, complaints = read_link(link, _unbound(defaults, link))
    st.session_state[_STATE] = state
    st.session_state[_LINK] = link
    st.session_state[_COMPLAINTS] = complaints
    if not link and not is_first:  # another page was opened: what was chosen holds there
        return
    st.session_state[_IS_NEW_LINK] = True
    st.session_state[_N_LINKS] = st.session_state.get(_N_LINKS, 0) + 1
    st.session_state[_TO_CHOOSE] = {"asset", "benchmark"} - link.keys()
    # Widgets not shown yet start at the state. Every key costs each selectbox of each run a little.
    st.session_state.update(
        {key: value for key, value in widget_values(state).items() if key in st.session_state}
    )


def _unbound(state: AppState, link: dict[str, str]) -> AppState:
    """What a link says by hand without saying what for is meant for what it shows."""
    hedge = state.hedge
    if "beta_by_hand" in link:
        hedge = replace(hedge, beta_for="")
    if link.keys() & TERM_WORDS.keys():
        hedge = replace(hedge, terms_for="")
    return replace(state, hedge=hedge)


def _linked_from(link: dict[str, str], state: AppState) -> AppState:
    """What holds in a running session where a link says nothing.

    Another page opened by its name keeps everything. A whole link leaves out what is at its default, so
    that going back undoes a choice that was not there yet; a book too long for any link stays.
    """
    if not link:
        return state
    settings = DEFAULTS if "source" in link else state.settings
    return AppState(settings=settings, book=state.book if is_too_long_for_link(state.book) else BookChoices())


def _symbols(settings: Settings, files: FileInputs) -> tuple[tuple[str, ...], ExplainedError | None]:
    try:
        return load_symbols(settings, files), None
    except DataError as error:
        return (), error


def _first_pair(settings: Settings, symbols: tuple[str, ...]) -> Settings:
    """Where nothing was chosen in this source yet: the same coins there, else its first two symbols."""
    if not symbols:
        return settings
    to_choose = st.session_state.pop(_TO_CHOOSE, set())
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
    st.session_state[_TO_CHOOSE] = {"asset", "benchmark"}


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


def _rare_settings(settings: Settings) -> tuple[Settings, FileInputs]:
    with st.popover("Settings", icon=":material/tune:", width="stretch"):
        seed("confidence", settings.confidence)
        confidence = st.select_slider(
            "Confidence of intervals",
            CONFIDENCE_LEVELS,
            key="confidence",
            format_func=lambda level: f"{level:.0%}",
            help="How often an interval made this way holds the true value, if the model is right.",
        )
        covariance = select(
            "covariance",
            "Standard error",
            COVARIANCE_LABELS,
            settings.covariance,
            help="Classical assumes residuals of equal variance, HC3 allows any variance, "
            "HAC also allows residuals that depend on the ones before, but is too narrow below about 100 "
            "observations.",
        )
        method = select(
            "method",
            "Estimator",
            {name: words.METHOD_WORDS[name] for name in PAGE_METHODS},
            settings.method,
            help="How beta is estimated, here and in the walk forward. A standard error that an estimator "
            "does not have gives way to its own.",
        )
        settings = replace(settings, confidence=confidence, covariance=covariance, method=method)
        if settings.source in ("folder", "upload"):
            settings, files = _file_settings(settings)
        else:
            files = FileInputs(folder=_folder())
        if settings.source != "simulated":  # it has a perpetual and funding of its own
            settings, files = _carry_settings(settings, files)
        if st.button(
            "Load prices again", icon=":material/refresh:", help="Forget cached prices and ask anew."
        ):
            forget_prices()
    return settings, files


def _carry_settings(settings: Settings, files: FileInputs) -> tuple[Settings, FileInputs]:
    """Where funding and the perpetual's own prices come from, beside the benchmark's spot."""
    st.file_uploader(
        "Funding rates of the benchmark: CSV, Parquet or Feather",
        type=["csv", "tsv", "txt", "parquet", "feather"],
        key="funding_upload",
        on_change=_keep_funding,
        max_upload_size=MAX_FILE_BYTES // 2**20,
        help="A column of times (UTC) and one of rates per charge as fractions. Kept in this session only. "
        "In a folder of files, one named like BTCUSDT_funding.csv is found by itself.",
    )
    kept: tuple[str, str, bytes] | None = st.session_state.get(_FUNDING)
    if kept is not None:
        st.caption(plain(f"Funding in use: {kept[1]}"))
        files = replace(files, funding=kept[1:], funding_id=kept[0])
    try:
        symbols = load_symbols(settings, files)
    except DataError:
        symbols = ()
    seed("perpetual", settings.perpetual)
    current = st.session_state["perpetual"]
    perpetual = st.selectbox(
        "Prices of the perpetual",
        list(dict.fromkeys(("", *symbols, current))),
        key="perpetual",
        format_func=lambda symbol: symbol or "as the benchmark's",
        help="Where the source has the benchmark's perpetual as a symbol of its own, its basis becomes part "
        "of the backtest.",
    )
    return replace(settings, perpetual=perpetual or ""), files


def _keep_funding() -> None:
    """Remember the file by itself; taking it out of the widget forgets it."""
    file = st.session_state["funding_upload"]
    st.session_state[_FUNDING] = None if file is None else (file.file_id, file.name, file.getvalue())


def _file_settings(settings: Settings) -> tuple[Settings, FileInputs]:
    folder: Path | None = None
    uploads: dict[str, bytes] = {}
    ids: tuple[str, ...] = ()
    if settings.source == "folder":
        folder = _folder_input()
    else:
        st.file_uploader(
            "Price files: CSV, Parquet or Feather",
            type=["csv", "tsv", "txt", "parquet", "feather"],
            accept_multiple_files=True,
            key="uploads",
            on_change=_keep_uploads,
            max_upload_size=MAX_FILE_BYTES // 2**20,
            help="One file per symbol, or one file with a column per symbol. Kept in this session only.",
        )
        kept: dict[str, tuple[str, bytes]] = st.session_state.get(_UPLOADS, {})
        if kept:
            st.caption(plain(f"In use: {', '.join(kept)}"))
        uploads = {name: content for name, (_, content) in kept.items()}
        ids = tuple(identity for identity, _ in kept.values())
    inputs = FileInputs(folder=folder, uploads=uploads, upload_ids=ids)
    column = _price_column(settings, inputs)
    dates = select("dates", "Dates such as 01/02/2024", DATE_LABELS, settings.dates)
    return replace(settings, column=column, dates=dates), inputs


def _keep_uploads() -> None:
    """Remember the files by themselves: the widget forgets them when another source is chosen."""
    files = st.session_state["uploads"]
    names = distinct_names([file.name for file in files])
    st.session_state[_UPLOADS] = {
        name: (file.file_id, file.getvalue()) for name, file in zip(names, files, strict=True)
    }


def _price_column(settings: Settings, files: FileInputs) -> str:
    seed("column", settings.column)
    current = st.session_state["column"]
    found = price_columns(settings, files)
    options = ["", *found] if current in ("", *found) else ["", *found, current]
    chosen = st.selectbox(
        "Price column",
        options,
        key="column",
        format_func=lambda column: column or "found by its name",
        help="By name: Adj Close, Close, PriceUSD, ReferenceRateUSD or price, in this order.",
    )
    return str(chosen)


def _folder() -> Path | None:
    """The folder that was typed where one may be typed, else the configured one."""
    typed: str | None = st.session_state.get(_TYPED_FOLDER)
    if typed is None or not serves_this_machine_only():
        return configured_folder()
    return Path(typed) if typed else None


def _folder_input() -> Path | None:
    """A folder may be typed only where the server serves its own machine and nobody else."""
    seed("folder", str(_folder() or ""))
    private = serves_this_machine_only()
    typed = st.text_input(
        "Folder on this computer",
        key="folder",
        disabled=not private,
        help="Starts as HEDGING_DATA_DIR. It is never part of a link; on a shared server it is fixed.",
    )
    if private:
        st.session_state[_TYPED_FOLDER] = typed.strip()  # a page without this widget forgets what it says
    return _folder()
