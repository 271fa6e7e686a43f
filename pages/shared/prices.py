"""Prices from the chosen source, cached; a source that is down is not asked again at once."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from data.environment import configured_folder, utc_now
from data.errors import DataError, TryAgainError
from data.files import FileSource
from data.kept import KeptSource, kept_source
from data.prices import BarInterval, PriceHistory
from data.sources import PriceSource
from data.yahoo import YahooSource
from pages.shared.catalogue import FileInputs, cache_token, source_for
from pages.shared.settings import KEPT_SOURCES, Settings, SourceKey

#: The app must open within three seconds whatever the network does.
OPENING_DEADLINE_SECONDS = 2.5
KEEP_PRICES_SECONDS = 300
KEEP_FAILURE_SECONDS = 30
KEEP_OPENING_SECONDS = 120


@dataclass(frozen=True)
class Opening:
    """Where the app starts when the link does not say, and the sentence that explains it."""

    source: SourceKey
    notice: str


@st.cache_resource(ttl=KEEP_OPENING_SECONDS, max_entries=1, show_spinner="Asking Yahoo Finance for prices…")
def choose_opening() -> Opening:
    """The user's own folder if one is configured, else Yahoo if it answers, else the embedded market."""
    if configured_folder() is not None:
        return Opening("folder", "")
    benchmark = Settings().benchmark
    try:
        if kept_source("yahoo").has(benchmark, "daily"):  # it opens with these whatever the network does
            return Opening("yahoo", "")
    except DataError as error:  # no live source works without its store
        return Opening(
            "simulated",
            f"The store of prices cannot be used: {error.problem}. {error.remedy} This is the embedded "
            "SIMULATED market: no price here is real.",
        )
    try:
        YahooSource(deadline_seconds=OPENING_DEADLINE_SECONDS).fetch(
            benchmark, interval="daily", now=utc_now()
        )
    except DataError as error:
        return _simulated_because(error)
    return Opening("yahoo", "")


def _simulated_because(error: DataError) -> Opening:
    return Opening(
        "simulated",
        f"Yahoo Finance gave no prices ({error.problem}). This is the embedded SIMULATED market: "
        "no price here is real.",
    )


def load_symbols(settings: Settings, files: FileInputs) -> tuple[str, ...]:
    """Symbols that the chosen source offers."""
    return _symbols(cache_token(settings, files), source_for(settings, files))


def load_history(symbol: str, settings: Settings, files: FileInputs, interval: BarInterval) -> PriceHistory:
    """Prices of one symbol, from the cache when they are recent."""
    source, token = source_for(settings, files), cache_token(settings, files)
    if isinstance(source, KeptSource):  # what is stored may have changed since
        token = (*token, source.version(symbol, interval))
    outcome = _outcome(token, symbol, interval, source)
    if isinstance(outcome, TryAgainError):
        raise outcome
    return outcome


def available_intervals(symbol: str, settings: Settings, files: FileInputs) -> tuple[BarInterval, ...]:
    """Bar lengths in which the source has this symbol; daily when it cannot tell."""
    try:
        return _intervals(cache_token(settings, files), symbol, source_for(settings, files))
    except DataError:
        return ("daily",)


def unusable_files(settings: Settings, files: FileInputs) -> tuple[str, ...]:
    """One sentence for each file of the chosen source that offers no symbol."""
    return _problems(cache_token(settings, files), source_for(settings, files))


def forget_prices() -> None:
    """Drop every cached price, so that the next load asks the sources again."""
    for cached in (_symbols, _problems, _columns, _intervals, _outcome, _fetched, choose_opening):
        cached.clear()
    for name in KEPT_SOURCES:
        kept_source(name).ask_again()


def price_columns(settings: Settings, files: FileInputs) -> tuple[str, ...]:
    """Columns of the asset's file that could be its price; none when the file cannot tell."""
    try:
        return _columns(cache_token(settings, files), settings.asset, source_for(settings, files))
    except DataError:
        return ()


def wanted_bars(settings: Settings) -> BarInterval:
    """Bars that returns of the chosen span are taken from."""
    return "hourly" if settings.interval == "hourly" else "daily"


def bars_of(symbol: str, settings: Settings, files: FileInputs, wanted: BarInterval) -> BarInterval:
    """The wanted bars, or hourly ones where a source has no daily bars to give."""
    offered = available_intervals(symbol, settings, files)
    return wanted if wanted in offered or not offered else offered[0]


@st.cache_resource(ttl=KEEP_FAILURE_SECONDS, max_entries=64, show_spinner=False)
def _symbols(token: tuple[str, ...], _source: PriceSource) -> tuple[str, ...]:
    return _source.symbols()


@st.cache_resource(ttl=KEEP_FAILURE_SECONDS, max_entries=64, show_spinner=False)
def _problems(token: tuple[str, ...], _source: PriceSource) -> tuple[str, ...]:
    return _source.problems() if isinstance(_source, FileSource) else ()


@st.cache_resource(ttl=KEEP_PRICES_SECONDS, max_entries=64, show_spinner=False)
def _columns(token: tuple[str, ...], symbol: str, _source: PriceSource) -> tuple[str, ...]:
    return _source.columns(symbol) if isinstance(_source, FileSource) else ()


@st.cache_resource(ttl=KEEP_PRICES_SECONDS, max_entries=512, show_spinner=False)
def _intervals(token: tuple[str, ...], symbol: str, _source: PriceSource) -> tuple[BarInterval, ...]:
    return _source.intervals(symbol)


@st.cache_resource(ttl=KEEP_FAILURE_SECONDS, max_entries=256, show_spinner="Loading prices…", show_time=True)
def _outcome(
    token: tuple[str, ...], symbol: str, interval: BarInterval, _source: PriceSource
) -> PriceHistory | TryAgainError:
    """Remember briefly that a source is down, so that no control waits for it again."""
    try:
        return _fetched(token, symbol, interval, _source)
    except TryAgainError as error:
        return error


@st.cache_resource(ttl=KEEP_PRICES_SECONDS, max_entries=256, show_spinner=False)
def _fetched(
    token: tuple[str, ...], symbol: str, interval: BarInterval, _source: PriceSource
) -> PriceHistory:
    return _source.fetch(symbol, interval=interval, now=utc_now())
