"""Widgets to frozen settings, and settings to the URL."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from data.environment import configured_folder
from data.errors import DataError
from data.files.limits import MAX_FILE_BYTES
from hedging.errors import ExplainedError
from pages.shared import words
from pages.shared.catalogue import SOURCE_LABELS, FileInputs, matching_symbol
from pages.shared.loading import (
    Opening,
    available_intervals,
    choose_opening,
    forget_prices,
    load_symbols,
    price_columns,
)
from pages.shared.messages import plain
from pages.shared.settings import (
    CONFIDENCE_LEVELS,
    LARGEST_POSITION,
    LONGEST_LOOKBACK,
    PAGE_METHODS,
    SHORTEST_LOOKBACK,
    Settings,
    SourceKey,
    read_link,
    to_link,
)

DEFAULTS = Settings()
SIMULATED_NOTICE = "This is the embedded SIMULATED market: no price here is real."
LOOPBACK_ADDRESSES = ("127.0.0.1", "localhost", "::1")
UNIT_LABELS = {"usd": "USD", "coins": "coins"}
INTERVAL_LABELS = {"daily": "daily", "weekly": "weekly", "hourly": "hourly"}
COVARIANCE_LABELS = {
    "hc3": "HC3",
    "hac": "HAC (Newey-West)",
    "nonrobust": "classical OLS",
}
DATE_LABELS = {"decide": "as the file shows", "day_first": "day first", "month_first": "month first"}

_SETTINGS, _LINK, _IS_NEW_LINK = "settings", "link", "is_new_link"
_TO_CHOOSE, _UPLOADS = "symbols_to_choose", "kept_uploads"
_COMPLAINTS, _NOTICE = "link_complaints", "opening_notice"


def current_settings() -> Settings:
    """The settings of this run: from a link that is new, else as the user left them."""
    link = st.query_params.to_dict()
    if _SETTINGS not in st.session_state or link != st.session_state[_LINK]:
        _adopt_link(link)
    settings: Settings = st.session_state[_SETTINGS]
    return settings


def publish(settings: Settings) -> None:
    """Remember the settings and write them into the URL."""
    is_new_link = st.session_state.pop(_IS_NEW_LINK, False)
    if settings != st.session_state[_SETTINGS] and not is_new_link:
        st.session_state[_COMPLAINTS] = ()  # the user has moved on
    st.session_state[_SETTINGS] = settings
    link = to_link(settings)
    if link != st.session_state[_LINK]:
        st.session_state[_LINK] = link
        st.query_params.from_dict(link)


def show_notices(settings: Settings) -> None:
    """What the link got wrong, and why this source was opened."""
    for complaint in st.session_state[_COMPLAINTS]:
        st.warning(plain(complaint), icon=":material/link_off:")
    if settings.source == "simulated":
        notice = st.session_state.get(_NOTICE) or SIMULATED_NOTICE
        st.info(plain(notice), icon=":material/science:")


def market_controls(settings: Settings) -> tuple[Settings, FileInputs, ExplainedError | None]:
    """The one line of controls: source, asset, benchmark, interval, position, rare settings.

    Widgets of fixed width in a row that wraps: one line on a laptop, two or three on a phone.
    """
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with row:
        source: SourceKey = _select(
            "source", "Source", SOURCE_LABELS, settings.source, on_change=choose_pair_again, width=205
        )
        # The rare settings decide what the source offers, yet stand last in the line.
        places = [st.container(width=width) for width in (165, 165, 105, 165, 95, 120)]
    settings = replace(settings, source=source)
    with places[5]:
        settings, files = _rare_settings(settings)
    symbols, problem = _symbols(settings, files)
    settings = _first_pair(settings, symbols)
    with places[0]:
        asset = _symbol("asset", "Asset", symbols, settings.asset, settings)
    with places[1]:
        benchmark = _symbol("benchmark", "Benchmark", symbols, settings.benchmark, settings)
    settings = replace(settings, asset=asset, benchmark=benchmark)
    with places[2]:
        settings = replace(settings, interval=_interval(settings, files))
    with places[3]:
        _seed("position", settings.position)
        position = st.number_input(
            "Position",
            key="position",
            min_value=-LARGEST_POSITION,
            max_value=LARGEST_POSITION,
            format="%.15g",
            step=1000.0 if settings.unit == "usd" else 1.0,
            help="Size of what you hold, in the unit beside it. A short position is negative.",
        )
    with places[4]:
        unit = _select("unit", "Unit", UNIT_LABELS, settings.unit)
    return replace(settings, position=float(position), unit=unit), files, problem


def lookback_setting(settings: Settings) -> Settings:
    """What the scrubber is set to; it is drawn later, when its film is known."""
    _seed("lookback", settings.lookback)
    return replace(settings, lookback=int(st.session_state["lookback"]))


def take_lookback(sent: object) -> None:
    """The lookback that the browser sent when the hand let go, if it is one."""
    if isinstance(sent, (int, float)) and not isinstance(sent, bool) and sent == int(sent):
        st.session_state["lookback"] = min(max(int(sent), SHORTEST_LOOKBACK), LONGEST_LOOKBACK)


def _adopt_link(link: dict[str, str]) -> None:
    defaults = st.session_state.get(_SETTINGS, DEFAULTS)
    if "source" not in link and _SETTINGS not in st.session_state:
        opening: Opening = choose_opening()
        st.session_state[_NOTICE] = opening.notice
        defaults = replace(DEFAULTS, source=opening.source)
    settings, complaints = read_link(link, defaults)
    st.session_state[_SETTINGS] = settings
    st.session_state[_LINK] = link
    st.session_state[_IS_NEW_LINK] = True
    st.session_state[_COMPLAINTS] = complaints
    st.session_state[_TO_CHOOSE] = {"asset", "benchmark"} - link.keys()
    for name in to_link(DEFAULTS) | {"column": "", "dates": ""}:
        st.session_state[name] = getattr(settings, name)


def _seed(key: str, value: object) -> None:
    """Give a widget its value: what the user last chose, else ``value``.

    It is given anew in every run: a widget inside a closed popover is only mounted when that opens,
    and without a value from the latest run it would report its own default as the user's choice.
    """
    st.session_state[key] = st.session_state.get(key, value)


def _select(key: str, label: str, labels: dict[Any, str], value: object, **options: Any) -> Any:
    _seed(key, value)
    return st.selectbox(label, list(labels), key=key, format_func=labels.__getitem__, **options)


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
    if "asset" in to_choose:
        others = [symbol for symbol in symbols if symbol != settings.benchmark]
        settings = replace(settings, asset=matching_symbol(settings.asset, others or symbols, DEFAULTS.asset))
        st.session_state["asset"] = settings.asset
    return settings


def choose_pair_again() -> None:
    """After a change of source: let the next run choose asset and benchmark in it."""
    st.session_state[_TO_CHOOSE] = {"asset", "benchmark"}


def _symbol(key: str, label: str, symbols: tuple[str, ...], value: str, settings: Settings) -> str:
    _seed(key, value)
    current = st.session_state[key]
    # What was typed or linked stays selected even when the source does not have it.
    options = symbols if current in symbols else (*symbols, current)
    typed = settings.source == "yahoo"
    chosen = st.selectbox(
        label,
        options,
        key=key,
        accept_new_options=typed,
        placeholder="type a ticker" if typed else "choose",
        help="Type any Yahoo ticker and press Enter." if typed else None,
    )
    return (chosen or value).strip()


def _interval(settings: Settings, files: FileInputs) -> Any:
    hourly = all(
        "hourly" in available_intervals(symbol, settings, files)
        for symbol in (settings.asset, settings.benchmark)
    )
    labels = {
        name: label
        for name, label in INTERVAL_LABELS.items()
        if name != "hourly" or hourly or settings.interval == "hourly"
    }
    return _select(
        "interval",
        "Returns",
        labels,
        settings.interval,
        help="Span of one return. Hourly appears where both instruments have hourly prices.",
    )


def _rare_settings(settings: Settings) -> tuple[Settings, FileInputs]:
    with st.popover("Settings", icon=":material/tune:", width="stretch"):
        _seed("confidence", settings.confidence)
        confidence = st.select_slider(
            "Confidence of intervals",
            CONFIDENCE_LEVELS,
            key="confidence",
            format_func=lambda level: f"{level:.0%}",
            help="How often an interval made this way holds the true value, if the model is right.",
        )
        covariance = _select(
            "covariance",
            "Standard error",
            COVARIANCE_LABELS,
            settings.covariance,
            help="Classical assumes residuals of equal variance, HC3 allows any variance, "
            "HAC also allows residuals that depend on the ones before, but is too narrow below about 100 "
            "observations.",
        )
        method = _select(
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
            files = FileInputs(folder=configured_folder())
        if st.button(
            "Load prices again", icon=":material/refresh:", help="Forget cached prices and ask anew."
        ):
            forget_prices()
    return settings, files


def _file_settings(settings: Settings) -> tuple[Settings, FileInputs]:
    folder = configured_folder()
    uploads: dict[str, bytes] = {}
    ids: tuple[str, ...] = ()
    if settings.source == "folder":
        folder = _folder_input(folder)
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
    dates = _select("dates", "Dates such as 01/02/2024", DATE_LABELS, settings.dates)
    return replace(settings, column=column, dates=dates), inputs


def _keep_uploads() -> None:
    """Remember the files by themselves: the widget forgets them when another source is chosen."""
    st.session_state[_UPLOADS] = {
        file.name: (file.file_id, file.getvalue()) for file in st.session_state["uploads"]
    }


def _price_column(settings: Settings, files: FileInputs) -> str:
    _seed("column", settings.column)
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


def _folder_input(configured: Path | None) -> Path | None:
    """A folder may be typed only where the server serves its own machine and nobody else."""
    _seed("folder", str(configured or ""))
    private = st.get_option("server.address") in LOOPBACK_ADDRESSES
    typed = st.text_input(
        "Folder on this computer",
        key="folder",
        disabled=not private,
        help="Starts as HEDGING_DATA_DIR. It is never part of a link; on a shared server it is fixed.",
    )
    if not private:
        return configured
    return Path(typed.strip()) if typed.strip() else None
