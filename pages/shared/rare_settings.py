"""Settings that are rarely changed: intervals, estimator, files, funding. They stand in a popover."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from data.environment import configured_folder
from data.errors import DataError
from data.files.limits import MAX_FILE_BYTES
from pages.shared import words
from pages.shared.catalogue import FileInputs, distinct_names
from pages.shared.messages import plain
from pages.shared.prices import forget_prices, load_symbols, price_columns
from pages.shared.security import serves_this_machine_only
from pages.shared.settings import CONFIDENCE_LEVELS, PAGE_METHODS, Settings
from pages.shared.widgets import seed, select

COVARIANCE_LABELS = {
    "hc3": "HC3",
    "hac": "HAC (Newey-West)",
    "nonrobust": "classical OLS",
}
DATE_LABELS = {"decide": "as the file shows", "day_first": "day first", "month_first": "month first"}

_UPLOADS, _FUNDING, _TYPED_FOLDER = "kept_uploads", "kept_funding", "kept_folder"


def rare_settings(settings: Settings) -> tuple[Settings, FileInputs]:
    """The popover: settings as it leaves them, and the files they speak of."""
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
            files = FileInputs(folder=source_folder())
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


def source_folder() -> Path | None:
    """The folder that was typed where one may be typed, else the configured one."""
    typed: str | None = st.session_state.get(_TYPED_FOLDER)
    if typed is None or not serves_this_machine_only():
        return configured_folder()
    return Path(typed) if typed else None


def _folder_input() -> Path | None:
    """A folder may be typed only where the server serves its own machine and nobody else."""
    seed("folder", str(source_folder() or ""))
    private = serves_this_machine_only()
    typed = st.text_input(
        "Folder on this computer",
        key="folder",
        disabled=not private,
        help="Starts as HEDGING_DATA_DIR. It is never part of a link; on a shared server it is fixed.",
    )
    if private:
        st.session_state[_TYPED_FOLDER] = typed.strip()  # a page without this widget forgets what it says
    return source_folder()
