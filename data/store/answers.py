"""What sources have said besides series: small texts, each in one file that is replaced as a whole.

Only the last good answer is kept. Reading writes nothing and takes no lock.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

import pandas as pd

from data.errors import DamagedSeriesError, DataError, StoreFormatError, TooLargeError
from data.store.envelope import FORMAT, NotIntactError, OtherFormatError, sealed, unsealed
from data.store.files import StoreFiles
from data.store.names import ANSWERS, SET_ASIDE, readable

AnswerKind: TypeAlias = Literal["terms", "readings"]

MOST_BYTES: Final = 512 * 1024
#: Answers of one kind; a new one takes the place of the oldest.
MOST_ANSWERS: Final = 500
#: Damaged files that are kept to be looked at.
MOST_SET_ASIDE: Final = 20
WAIT_SECONDS: Final = 5.0

_WHAT: Final[dict[AnswerKind, str]] = {"terms": "the terms", "readings": "the readings of symbols"}


@dataclass(frozen=True, order=True)
class AnswerKey:
    """Names one answer.

    Attributes
    ----------
    kind : {"terms", "readings"}
        Terms of a contract, or which market each typed symbol was read as.
    source : str
        Short name of the source.
    subject : str
        What it is about: the contract as the exchange spells it, empty for all symbols of a source.
        Hostile until escaped; never used as a path as it stands.
    """

    kind: AnswerKind
    source: str
    subject: str = ""

    @property
    def file(self) -> str:
        """Name of its file: readable, safe on every file system, different for every key."""
        words = (self.kind, self.source, self.subject)
        text = json.dumps(words)
        digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
        return f"{'-'.join(readable(word) for word in words if word)}-{digest}.json"


@dataclass(frozen=True)
class Answer:
    """One answer as it is stored.

    Attributes
    ----------
    key : AnswerKey
    fetched_at : pandas.Timestamp
        When the source gave it, UTC.
    content : Any
        Plain JSON, as it was written and not yet looked at.
    """

    key: AnswerKey
    fetched_at: pd.Timestamp
    content: Any


@dataclass(frozen=True)
class AnswerInfo:
    """What is known of one stored answer.

    Attributes
    ----------
    name : str
        Of its file.
    key : AnswerKey or None
        None where the file cannot be read.
    fetched_at : pandas.Timestamp or None
    n_bytes : int
    damage : str or None
    """

    name: str
    key: AnswerKey | None
    fetched_at: pd.Timestamp | None
    n_bytes: int
    damage: str | None


class Answers:
    """The answers in one place for files; see :attr:`data.store.Store.answers`."""

    def __init__(self, files: StoreFiles) -> None:
        self._files = files

    def read(self, key: AnswerKey) -> Answer | None:
        """The last good answer, None where there is none.

        Raises
        ------
        DamagedSeriesError
            The file is not as it was written.
        StoreFormatError
            It was written by another version of this program.
        StoreError
            The store cannot be read.
        """
        raw = self._raw(key.file)
        if raw is None:
            return None
        answer = _parsed(raw, what_is(key))
        if answer.key != key:
            raise damaged_answer(key, "its file holds another one")
        return answer

    def write(
        self, key: AnswerKey, content: object, *, now: pd.Timestamp, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        """Keep an answer in the place of the one before it; a damaged one is set aside first.

        Raises
        ------
        StoreBusyError
            Another process is writing answers all the time.
        TooLargeError
            It is longer than :data:`MOST_BYTES`.
        StoreError
            The store cannot be written, or what is there is of another version of this program.
        """
        self.change(key, lambda before: content, now=now, wait_seconds=wait_seconds)

    def change(
        self,
        key: AnswerKey,
        changed: Callable[[Any], object],
        *,
        now: pd.Timestamp,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        """Make a new answer out of the one before it (None where there is none); raises as :meth:`write`."""
        with self._files.lock(ANSWERS, wait_seconds=wait_seconds):
            try:
                before = self.read(key)
            except DamagedSeriesError:
                self._move_aside(key.file)
                before = None
            content = {
                "key": [key.kind, key.source, key.subject],
                "fetched_at": now.tz_convert("UTC").isoformat(),
                "answer": changed(None if before is None else before.content),
            }
            raw = sealed(content)
            if len(raw) > MOST_BYTES:
                raise TooLargeError(
                    f"{what_is(key)} are {len(raw):,} bytes long",
                    parameter="answer",
                    value=len(raw),
                    allowed=f"{MOST_BYTES:,} bytes at most",
                    remedy="They are used and not kept.",
                )
            if self._files.exclusive:
                self._files.sweep(ANSWERS)
            if before is None:
                self._make_room(key.kind)
            self._files.write(f"{ANSWERS}/{key.file}", raw)

    def set_aside(self, key: AnswerKey, *, wait_seconds: float = WAIT_SECONDS) -> None:
        """Take an answer that its reader could not understand out of use; raises as :meth:`write`."""
        with self._files.lock(ANSWERS, wait_seconds=wait_seconds):
            if self._files.size(f"{ANSWERS}/{key.file}") is not None:
                self._move_aside(key.file)

    def list(self, kind: AnswerKind) -> tuple[AnswerInfo, ...]:
        """The stored answers of a kind, ordered by name; one that cannot be read says so in ``damage``."""
        return tuple(self._info(name, kind) for name in self._files_of(kind))

    def _files_of(self, kind: AnswerKind) -> tuple[str, ...]:
        found = self._files.names(ANSWERS)
        return tuple(name for name in found if name.startswith(f"{kind}-") and name.endswith(".json"))

    def _info(self, name: str, kind: AnswerKind) -> AnswerInfo:
        n_bytes = self._files.size(f"{ANSWERS}/{name}") or 0
        try:
            raw = self._raw(name)
            if raw is None:
                return AnswerInfo(name, None, None, 0, "it has just been removed")
            answer = _parsed(raw, _WHAT[kind])
            if answer.key.file != name:
                raise damaged_answer(answer.key, "its file holds another one")
        except DataError as error:
            return AnswerInfo(name, None, None, n_bytes, error.problem)
        return AnswerInfo(name, answer.key, answer.fetched_at, n_bytes, None)

    def _raw(self, name: str) -> bytes | None:
        size = self._files.size(f"{ANSWERS}/{name}")
        if size is None:
            return None
        if size > MOST_BYTES:
            return b""  # nothing that was written here is that long; it is not even read
        try:
            return self._files.read(f"{ANSWERS}/{name}")
        except FileNotFoundError:
            return None

    def _make_room(self, kind: AnswerKind) -> None:
        if len(self._files_of(kind)) < MOST_ANSWERS:
            return
        intact = [(info.fetched_at, info.name) for info in self.list(kind) if info.fetched_at is not None]
        for _, name in sorted(intact)[: len(intact) + 1 - MOST_ANSWERS]:
            self._files.remove(f"{ANSWERS}/{name}")

    def _move_aside(self, name: str) -> None:
        folder = f"{ANSWERS}/{SET_ASIDE}"
        numbers = sorted((_number(each), each) for each in self._files.names(folder))
        last = numbers[-1][0] if numbers else 0
        self._files.move(f"{ANSWERS}/{name}", f"{folder}/{name}.{last + 1}")
        for _, each in numbers[: max(0, len(numbers) + 1 - MOST_SET_ASIDE)]:
            self._files.remove(f"{folder}/{each}")


def _number(name: str) -> int:
    digits = name.rpartition(".")[2]
    return int(digits) if digits.isdecimal() and len(digits) < 10 else 0


def what_is(key: AnswerKey) -> str:
    """What an answer is about, for people."""
    return f"{_WHAT[key.kind]} of {key.subject[:40] or key.source[:40]}"


def damaged_answer(key: AnswerKey, what: str) -> DamagedSeriesError:
    """The error for an answer whose file is not as it was written."""
    return _damaged(f"{what_is(key)} that {key.source[:40]} gave", what)


def _damaged(name: str, what: str) -> DamagedSeriesError:
    return DamagedSeriesError(
        f"what is kept of {name} is damaged: {what}",
        parameter="store",
        value=name,
        allowed="files exactly as they were written",
        remedy="Ask for them again; the damaged file is set aside, not deleted.",
    )


def _parsed(raw: bytes, what: str) -> Answer:
    try:
        content = unsealed(raw)
    except NotIntactError as error:
        raise _damaged(what, "its file has changed on the disk") from error
    except OtherFormatError as error:
        age = "a newer" if error.is_newer else "an older"
        raise StoreFormatError(
            f"{what} are kept in format {error.written}, that of {age} version of this program",
            parameter="store",
            value=error.written,
            allowed=f"format {FORMAT}",
            remedy="Update this program, or set HEDGING_STORE to another folder; the file is left as it is.",
        ) from error
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        kind, source, subject = content["key"]
        fetched_at = pd.Timestamp(content["fetched_at"]).tz_convert("UTC")
        known = kind in get_args(AnswerKind) and isinstance(source, str) and isinstance(subject, str)
        if known and isinstance(fetched_at, pd.Timestamp):
            return Answer(AnswerKey(kind, source, subject), fetched_at, content["answer"])
    raise _damaged(what, "its file cannot be understood")
