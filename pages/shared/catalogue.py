"""The sources a user can choose, and which symbols to start with in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from data.contract_terms import coin_of
from data.embedded import IndexSource, SimulatedSource
from data.errors import FileFormatError
from data.files import FolderSource, ReadOptions, UploadedFiles
from data.files.names import suffix_of
from data.kept import kept_source
from data.sources import PriceSource
from pages.shared.settings import KEPT_SOURCES, Settings, SourceKey

SOURCE_LABELS: dict[SourceKey, str] = {
    "yahoo": "Yahoo Finance",
    "binance": "Binance",
    "bybit": "Bybit",
    "okx": "OKX",
    "simulated": "Simulated market",
    "indices": "US indices, 1999 to 2018",
    "folder": "Files in a folder",
    "upload": "Uploaded files",
}


@dataclass(frozen=True)
class FileInputs:
    """What only this session has: a folder on the server and uploaded contents."""

    folder: Path | None = None
    uploads: Mapping[str, bytes] = field(default_factory=dict)
    upload_ids: tuple[str, ...] = ()
    funding: tuple[str, bytes] | None = None  # name and content of a file of funding rates
    funding_id: str = ""


def distinct_names(names: Sequence[str]) -> tuple[str, ...]:
    """File names of which none is there twice: as a browser does, a later one is marked ``(1)``.

    The mark is no part of the symbol, so the reader of the files names both and asks for one of them.
    """
    found: list[str] = []
    for name in names:
        suffix = suffix_of(name)
        stem = name[: len(name) - len(suffix)]
        marked = (f"{stem} ({number}){name[len(stem) :]}" for number in count(1))
        taken = {*found, *names}
        found.append(name if name not in found else next(each for each in marked if each not in taken))
    return tuple(found)


def source_for(settings: Settings, files: FileInputs) -> PriceSource:
    """The source behind the user's choice. Nothing is loaded yet.

    Raises
    ------
    FileFormatError
        Files in a folder are asked for and no folder is named.
    """
    if settings.source in KEPT_SOURCES:
        return kept_source(settings.source)
    if settings.source == "simulated":
        return SimulatedSource()
    if settings.source == "indices":
        return IndexSource()
    options = ReadOptions(
        price_column=settings.column or None,
        date_order=None if settings.dates == "decide" else settings.dates,
    )
    if settings.source == "folder":
        if files.folder is None:
            raise FileFormatError(
                "no folder of price files is named",
                parameter="folder",
                value="",
                allowed="the path of a folder on the server's machine",
                remedy="Type it under Settings, or start the app with HEDGING_DATA_DIR.",
            )
        return FolderSource(files.folder, options=options)
    return UploadedFiles(files.uploads, options=options)


def cache_token(settings: Settings, files: FileInputs) -> tuple[str, ...]:
    """What, besides symbol and interval, decides what a source answers.

    Raises
    ------
    DataError
        The folder cannot be listed.
    """
    if settings.source == "folder" and files.folder is not None:
        version = FolderSource(files.folder).version()
        return (settings.source, str(files.folder), version, settings.column, settings.dates)
    if settings.source == "upload":
        return (settings.source, *files.upload_ids, settings.column, settings.dates)
    return (settings.source,)


def matching_symbol(wanted: str, symbols: Sequence[str], usual: str) -> str:
    """The symbol of the same coin in another source, else of the usual coin, else its first one."""
    if wanted in symbols or not symbols:
        return wanted
    for coin in (coin_of(wanted).name, coin_of(usual).name):
        same = [symbol for symbol in symbols if coin_of(symbol).name == coin]
        if same:
            return same[0]
    return symbols[0]
