"""Which market each typed symbol was read as, kept: one market is one stored series, also offline."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from data.errors import DataError
from data.registry import stored_symbol
from data.series import PagedSource, Reading, SeriesKey
from data.store import AnswerKey, Store

#: Of one source; the one that was asked for longest ago goes first.
MOST_READINGS: Final = 1_000
LONGEST_SYMBOL: Final = 60
LONGEST_SENTENCE: Final = 300


class Readings:
    """What is known of the spellings of one source's symbols.

    A source that takes symbols as they stand (Yahoo) has none, and nothing is stored for it.

    Parameters
    ----------
    source : PagedSource
    store : Store
    """

    def __init__(self, source: PagedSource, store: Store) -> None:
        self._source, self._store = source, store
        self._answers = AnswerKey("readings", source.name)
        self._lock = threading.Lock()
        self._remembered: dict[str, Reading] = {}

    def known(self, typed: str) -> Reading | None:
        """How a symbol was read before; None where that is not known. Asks nobody.

        Raises
        ------
        UnknownSymbolError
            It cannot be a symbol of this source.
        """
        spelled = stored_symbol(self._source.name, typed)
        if not self._source.reads_symbols:
            return Reading(spelled)
        with self._lock:
            found = self._remembered.get(spelled)
        if found is None:
            # Readings that are damaged are asked for again like those that are missing.
            with suppress(DataError):
                answer = self._store.answers.read(self._answers)
                found = None if answer is None else _reading(answer.content, spelled)
            if found is not None:
                self._remember(spelled, found)
        return found

    def asked(self, typed: str, *, now: pd.Timestamp) -> Reading:
        """How the source reads a symbol today; kept, where the store can be written.

        Raises
        ------
        DataError
            The source cannot be asked, or does not have the symbol.
        """
        spelled = stored_symbol(self._source.name, typed)
        if not self._source.reads_symbols:
            return Reading(spelled)
        found = self._source.reading(spelled)
        if self.known(spelled) != found or self.known(found.symbol) is None:
            new = {spelled: [found.symbol, found.sentence]}
            if spelled != found.symbol:
                new[found.symbol] = [found.symbol, None]
            with suppress(DataError):
                self._store.answers.change(self._answers, lambda before: _with(before, new), now=now)
        self._remember(spelled, found)
        self._remember(found.symbol, Reading(found.symbol))
        return found

    def for_download(self, typed: str, *, now: pd.Timestamp) -> Reading:
        """As :meth:`asked`; as it was read before, or as it stands, where the source does not answer.

        The download that follows says what is wrong with the source.

        Raises
        ------
        UnknownSymbolError
            It cannot be a symbol of this source.
        """
        known = self.known(typed)
        with suppress(DataError):
            return self.asked(typed, now=now)
        return known or Reading(stored_symbol(self._source.name, typed))

    def _remember(self, spelled: str, found: Reading) -> None:
        with self._lock:
            self._remembered.pop(spelled, None)
            self._remembered[spelled] = found
            while len(self._remembered) > MOST_READINGS:
                del self._remembered[next(iter(self._remembered))]


def typed_for(store: Store, key: SeriesKey) -> tuple[str, ...]:
    """What has been typed for the market of a series, besides its own symbol."""
    with suppress(DataError):
        answer = store.answers.read(AnswerKey("readings", key.source))
        if answer is not None and isinstance(answer.content, dict):
            read = {typed: _reading(answer.content, typed) for typed in answer.content}
            return tuple(
                typed for typed, found in read.items() if found and typed != found.symbol == key.symbol
            )
    return ()


def key_as_read(key: SeriesKey, reading: Reading | None) -> SeriesKey:
    """The series of the market that a symbol was read as."""
    return key if reading is None else replace(key, symbol=reading.symbol)


def _with(before: Any, new: Mapping[str, list[str | None]]) -> dict[str, Any]:
    kept = (
        {each: value for each, value in before.items() if each not in new} if isinstance(before, dict) else {}
    )
    both = [*kept.items(), *new.items()]
    return dict(both[-MOST_READINGS:])


def _reading(content: Any, typed: str) -> Reading | None:
    """An entry of a file that anybody may have written."""
    entry = content.get(typed) if isinstance(content, dict) else None
    if not (isinstance(entry, list) and len(entry) == 2):
        return None
    symbol, sentence = entry
    sound = isinstance(symbol, str) and 0 < len(symbol) <= LONGEST_SYMBOL and symbol == symbol.strip()
    said = sentence is None or (isinstance(sentence, str) and len(sentence) <= LONGEST_SENTENCE)
    return Reading(symbol, sentence) if sound and said else None
