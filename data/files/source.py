"""What every source made of files does, wherever its bytes come from."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from dataclasses import dataclass

import pandas as pd

from data.errors import ChangeInputError, ConflictingRowsError, DataError
from data.files.columns import find_roles, price_choices
from data.files.names import EXCEL_SUFFIXES, TEXT_SUFFIXES, file_symbol, is_funding_file, shown, suffix_of
from data.files.parsed import ParsedFile, ReadOptions, read_head, unknown_symbol
from data.files.table import Head
from data.files.text import HEAD_BYTES
from data.prices import BarInterval, PriceHistory
from data.sources import PriceSource


@dataclass(frozen=True, order=True)
class FileEntry:
    """One file, and what changes when its content does."""

    name: str
    version: tuple[int, int]


class FileSource(PriceSource):
    """What all sources made of files share; where the bytes come from is left to subclasses.

    A symbol is the name of a file, a column of a wide file, or a value in a column of symbols. One
    symbol may come from two files when one is daily and the other hourly; any other overlap is
    refused when the symbol is fetched, never merged.

    Parameters
    ----------
    options : ReadOptions
        How to read every file of this source.
    """

    def __init__(self, options: ReadOptions) -> None:
        self.options = options
        # What a file was found to hold, so that a listing does not read every file twice.
        self._symbols_of: dict[FileEntry, tuple[str, ...]] = {}
        self._last: tuple[FileEntry, ParsedFile] | None = None

    @abstractmethod
    def entries(self) -> list[FileEntry]:
        """Files that look like prices, ordered by name."""

    @abstractmethod
    def content(self, entry: FileEntry, limit: int | None = None) -> bytes:
        """The bytes of one listed file, or the first ``limit`` of them."""

    @property
    @abstractmethod
    def _place(self) -> str:
        """Name of the source in a sentence, ready to be shown."""

    def symbols(self) -> tuple[str, ...]:
        """Symbols of all files, in alphabetical order; raises as :class:`PriceSource`."""
        return tuple(sorted(self._files_by_symbol()))

    def version(self) -> str:
        """Changes when a file is added, removed or rewritten; raises as :class:`PriceSource`."""
        digest = hashlib.blake2b(digest_size=12)
        for entry in self.entries():
            digest.update(f"{entry.name}\0{entry.version}\0".encode(errors="surrogateescape"))
        return digest.hexdigest()

    def problems(self) -> tuple[str, ...]:
        """One sentence for each file that gives no symbol."""
        found = []
        for entry in self.entries():
            try:
                self._listed_symbols(entry)
            except DataError as error:
                found.append(str(error))
        return tuple(found)

    def columns(self, symbol: str) -> tuple[str, ...]:
        """Columns that could be chosen as the price of this symbol. Hostile until escaped.

        Raises
        ------
        data.errors.DataError
            The symbol is unknown, or one of its files has no readable heading.
        """
        found: dict[str, None] = {}
        for entry in self._files_of(symbol):
            found.update(dict.fromkeys(price_choices(self._head(entry))))
        return tuple(found)

    def intervals(self, symbol: str) -> tuple[BarInterval, ...]:
        """Bar lengths found in the files of this symbol, the longest first.

        Raises
        ------
        data.errors.DataError
            The symbol is unknown, or none of its files can be read.
        """
        held, failed = self._held(symbol)
        if not held and failed:
            raise failed[0]
        return tuple(interval for interval in ("daily", "hourly") if interval in held)

    def fetch(self, symbol: str, *, interval: BarInterval, now: pd.Timestamp) -> PriceHistory:
        """Read the one file that has this symbol in this bar length; see :class:`PriceSource`.

        Raises
        ------
        data.errors.UnknownSymbolError
            No file has the symbol.
        data.errors.ConflictingRowsError
            Two files have it in this bar length.
        data.errors.DataError
            Its file cannot be read as prices.
        """
        held, failed = self._held(symbol)
        files = held.get(interval, [])
        if not files:
            if failed:
                raise failed[0]
            raise ChangeInputError(
                f"{self._place} has {shown(symbol)} in {' and '.join(held)} bars, not in {interval} bars",
                parameter="interval",
                value=interval,
                allowed=" or ".join(held),
                remedy="Choose the other bar length, or add a file.",
            )
        if len(files) > 1:
            raise ConflictingRowsError(
                f"the files {' and '.join(shown(entry.name) for entry in files[:8])} both have"
                f" {interval} prices of {shown(symbol)}",
                parameter="symbol",
                value=shown(symbol),
                allowed="one file for each symbol and bar length",
                remedy="Remove or rename one of them.",
            )
        return self._parsed(files[0]).history(symbol, now=now, source=self.name)

    def _held(self, symbol: str) -> tuple[dict[BarInterval, list[FileEntry]], list[DataError]]:
        """Files of a symbol by bar length, and why others cannot be read."""
        held: dict[BarInterval, list[FileEntry]] = {}
        failed: list[DataError] = []
        for entry in self._files_of(symbol):
            try:
                held.setdefault(self._parsed(entry).interval(symbol), []).append(entry)
            except DataError as error:
                failed.append(error)
        return held, failed

    def _files_of(self, symbol: str) -> list[FileEntry]:
        # A symbol is only ever looked up in the listing; it never becomes part of a path.
        files = self._files_by_symbol().get(symbol)
        if not files:
            raise unknown_symbol(symbol, self._place)
        return files

    def _files_by_symbol(self) -> dict[str, list[FileEntry]]:
        found: dict[str, list[FileEntry]] = {}
        for entry in self.entries():
            try:
                names = self._listed_symbols(entry)
            except DataError:
                continue  # told by problems()
            for name in names:
                found.setdefault(name, []).append(entry)
        return found

    def _listed_symbols(self, entry: FileEntry) -> tuple[str, ...]:
        """Symbols of one file; only its heading is read, unless it has a column of symbols."""
        if entry not in self._symbols_of:
            self._symbols_of[entry] = self._found_symbols(entry)
        return self._symbols_of[entry]

    def _found_symbols(self, entry: FileEntry) -> tuple[str, ...]:
        if is_funding_file(entry.name):
            return ()
        if suffix_of(entry.name) in EXCEL_SUFFIXES:
            read_head(b"", file_name=entry.name)  # refuses it with the way out
        file = shown(entry.name)
        try:
            head = self._head(entry)
            roles = find_roles(head, price_column=self.options.price_column, file=file)
            if roles.form == "long":
                return self._parsed(entry).symbols
        except DataError:
            # Offered under its name, so that choosing it says what is wrong with it.
            return (file_symbol(entry.name),)
        if roles.form == "wide":
            return tuple(head.names[i] for i in roles.prices)
        return (file_symbol(entry.name),)

    def _head(self, entry: FileEntry) -> Head:
        limit = HEAD_BYTES if suffix_of(entry.name) in TEXT_SUFFIXES else None
        return read_head(self.content(entry, limit), file_name=entry.name)

    def _parsed(self, entry: FileEntry) -> ParsedFile:
        """The file as read; the last one is kept, since a page asks for it several times."""
        last = self._last
        if last is None or last[0] != entry:
            content = self.content(entry)
            last = (entry, ParsedFile.read(content, file_name=entry.name, options=self.options))
            self._last = last
        return last[1]
