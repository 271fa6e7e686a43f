"""The command line of the store: fetch, list, check, export."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TextIO

import pandas as pd

from data.cli_options import option_parser, printable
from data.cli_words import contradicted_text, series_line, series_name, terms_line
from data.collect import Collected, already_complete, collect
from data.environment import STORE_VARIABLE, utc_now
from data.errors import ChangeInputError, DataError, NotStoredError, StoreError
from data.exporting import export_bytes, write_export
from data.quality import quality_problems, quality_remarks, stored_quality
from data.readings import Readings
from data.registry import paged_source, stored_symbol
from data.series import PagedSource, SeriesKey
from data.store import SeriesInfo, Store, open_store

FINE: Final = 0
SOMETHING_WRONG: Final = 1
STOPPED: Final = 130

#: How long a fetch waits for another one of the same series.
_WAIT_SECONDS: Final = 10.0


@dataclass(frozen=True)
class _Surroundings:
    """What a command works with; tests put in their own."""

    store: Store
    source: Callable[[str], PagedSource]
    now: pd.Timestamp
    out: TextIO
    err: TextIO

    def sentence(self, error: DataError) -> str:
        """What is wrong, with where the store lies if it is about that."""
        about_store = isinstance(error, StoreError) or error.parameter == STORE_VARIABLE
        return sentence(error) + (f" The store lies in {self.store.shown}." if about_store else "")

    def say(self, text: str) -> None:
        self.out.write(printable(text) + "\n")

    def complain(self, text: str) -> None:
        self.err.write(printable(text) + "\n")


def main(
    arguments: Sequence[str] | None = None,
    *,
    store: Store | None = None,
    source: Callable[[str], PagedSource] | None = None,
    now: pd.Timestamp | None = None,
) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.
    store, source, now
        What to work with in place of the configured store, the real sources and the clock.

    Returns
    -------
    int
        0 when all is well, 1 when something is wrong, 130 when it was interrupted.
    """
    options = option_parser().parse_args(arguments)
    around = _Surroundings(
        store or open_store(), source or _talking_source, now or utc_now(), sys.stdout, sys.stderr
    )
    try:
        code = _COMMANDS[options.command](options, around)
        around.out.flush()
    except DataError as error:
        around.complain(around.sentence(error))
        return SOMETHING_WRONG
    except KeyboardInterrupt:
        around.complain("\nStopped. What came is stored; fetch again to go on from there.")
        return STOPPED
    except BrokenPipeError:
        # Whoever read the output has enough; what Python would still write at its end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return STOPPED
    return code


def _talking_source(name: str) -> PagedSource:
    """A source that says on the error output how it read a symbol, or that a market is no longer traded."""
    return paged_source(name, say=lambda sentence: print(printable(sentence), file=sys.stderr))  # noqa: T201


def sentence(error: DataError) -> str:
    """What is wrong and what to do, in words."""
    problem = error.problem[:1].upper() + error.problem[1:]
    allowed = f" (allowed: {error.allowed})" if isinstance(error, ChangeInputError) else ""
    return f"{problem}{allowed}. {error.remedy}"


def _fetch(options: argparse.Namespace, around: _Surroundings) -> int:
    source = around.source(options.source)
    code = FINE
    for typed in options.symbols:
        try:
            spelled = stored_symbol(options.source, typed)
            reading = Readings(source, around.store).for_download(spelled, now=around.now)
        except DataError as error:
            around.complain(sentence(error))
            code = SOMETHING_WRONG
            continue
        symbol = reading.symbol
        if reading.sentence is not None:
            around.complain(reading.sentence)
        keys = [SeriesKey(options.source, symbol, "prices", options.interval)]
        if options.funding:
            keys.append(SeriesKey(options.source, symbol, "funding", None))
        for key in keys:
            if options.since is None and not options.anew and _said_complete(key, around):
                continue
            collected = collect(
                source,
                key,
                around.store,
                now=around.now,
                since=options.since,
                anew=options.anew,
                progress=_progress(key, around.err),
                deadline_seconds=options.deadline,
                wait_seconds=_WAIT_SECONDS,
            )
            code = max(code, _told(collected, around))
    return code


def _said_complete(key: SeriesKey, around: _Surroundings) -> bool:
    stored = already_complete(key, around.store, now=around.now)
    if stored is None:
        return False
    rows, last = f"{len(stored.rows):,}", f"{stored.last:%Y-%m-%d %H:%M}"
    around.say(f"{series_name(key)}: up to date, {rows} stored up to {last} UTC")
    return True


def _progress(key: SeriesKey, err: TextIO) -> Callable[[int, pd.Timestamp], None]:
    """A line that is written over on a terminal; nothing in a log."""

    def show(rows: int, last: pd.Timestamp) -> None:
        if err.isatty():
            err.write(f"\r\x1b[2K{printable(series_name(key))}: {rows:,} rows, up to {last:%Y-%m-%d %H:%M}\r")
            err.flush()

    return show


def _told(collected: Collected, around: _Surroundings) -> int:
    name = series_name(collected.key)
    if collected.last is not None:
        around.say(
            f"{name}: {collected.n_new:,} new rows, {collected.n_rows:,} stored up to "
            f"{collected.last:%Y-%m-%d %H:%M} UTC"
        )
    elif collected.problem is None:
        around.say(f"{name}: the source has no rows in this range")
    different = len(collected.contradictions)
    if different:
        first = collected.contradictions[0]
        now = "no longer there" if first.new is None else f"{first.new:g}"
        around.complain(
            f"{name}: {different:,} stored {'number is' if different == 1 else 'numbers are'} not what the "
            f"source gives now, first the {first.column} of {first.at:%Y-%m-%d %H:%M} UTC, stored "
            f"{first.stored:g}, now {now}. What is stored stays."
        )
    if collected.problem is not None:
        around.complain(f"{name}: {around.sentence(collected.problem)}")
    return SOMETHING_WRONG if different or collected.problem is not None else FINE


def _list(options: argparse.Namespace, around: _Surroundings) -> int:
    infos = around.store.list()
    terms = around.store.answers.list("terms")
    if not infos and not terms:
        around.say(f"Nothing is stored in {around.store.shown}. Fetch something: python -m data fetch --help")
        return FINE
    heads = ("series", "rows", "from", "to", "missing", "fetched", "size", "state")
    table = [
        heads,
        *(series_line(info, now=around.now) for info in infos),
        *(terms_line(info) for info in terms),
    ]
    widths = [max(len(printable(row[n])) for row in table) for n in range(len(heads))]
    for row in table:
        cells = [printable(cell).ljust(width) for cell, width in zip(row, widths, strict=True)]
        around.say("  ".join(cells).rstrip())
    return FINE


def _check(options: argparse.Namespace, around: _Surroundings) -> int:
    infos = around.store.list()
    wanted = set(options.symbols)
    keys = [info.key for info in infos if info.key is not None]
    about = {typed: {key for key in keys if _is_about(key, typed, around)} for typed in wanted}
    missing = sorted(typed for typed, found in about.items() if not found)
    for symbol in missing:
        around.complain(f"Nothing is stored of {symbol}.")
    code = SOMETHING_WRONG if missing else FINE
    chosen = {key for found in about.values() for key in found}
    for info in infos:
        if not wanted or info.key in chosen:
            problems, remarks = _looked_at(info, around)
            name = info.name if info.key is None else series_name(info.key)
            around.say(f"{name}: " + ("; ".join(problems) if problems else "good"))
            for remark in remarks:
                around.say(f"  to look at: {remark}")
            code = max(code, SOMETHING_WRONG if problems else FINE)
    return code


def _looked_at(info: SeriesInfo, around: _Surroundings) -> tuple[list[str], tuple[str, ...]]:
    if info.key is None:
        return [info.damage or "it cannot be read"], ()
    problems = []
    if info.unfinished:
        problems.append("the last download was not complete; fetch again to go on")
    if info.n_contradictions:
        problems.append(f"{contradicted_text(info)}; fetch with --anew to take its own")
    try:
        stored = around.store.read(info.key)
    except DataError as error:
        return [around.sentence(error), *problems], ()
    quality = stored_quality(stored, now=around.now)
    return [*problems, *quality_problems(quality)], quality_remarks(quality)


def _export(options: argparse.Namespace, around: _Surroundings) -> int:
    key = _only(_matching(options, around), options.symbol)
    stored = around.store.read(key, despite_damage=options.despite_damage)
    content = export_bytes(stored, suffix=options.to.suffix.lower())
    write_export(content, options.to, overwrite=options.overwrite)
    around.say(f"{series_name(key)}: {len(stored.rows):,} rows written to {options.to}")
    if stored.damage is not None:
        around.complain(f"Not in the file: {stored.damage}")
    return FINE if stored.damage is None else SOMETHING_WRONG


def _matching(options: argparse.Namespace, around: _Surroundings) -> list[SeriesKey]:
    kind = "funding" if options.funding else "prices"
    return [
        info.key
        for info in around.store.list()
        if info.key is not None
        and info.key.kind == kind
        and _is_about(info.key, options.symbol, around)
        and options.source in (None, info.key.source)
        and (options.funding or options.interval in (None, info.key.interval))
    ]


def _is_about(key: SeriesKey, typed: str, around: _Surroundings) -> bool:
    """Whether a typed symbol names this series, as its source spells it or as it was read before."""
    if key.symbol == typed:
        return True
    with suppress(DataError):  # not a symbol of this source, or not a source any more
        known = Readings(around.source(key.source), around.store).known(typed)
        return known is not None and known.symbol == key.symbol
    return False


def _only(keys: Iterable[SeriesKey], symbol: str) -> SeriesKey:
    found = list(keys)
    if not found:
        raise NotStoredError(
            f"nothing like this is stored of {symbol[:40]}",
            parameter="symbol",
            value=symbol,
            allowed="a series that python -m data list shows",
            remedy="Fetch it first: python -m data fetch.",
        )
    if len(found) > 1:
        raise ChangeInputError(
            f"several series are stored of {symbol[:40]}",
            parameter="symbol",
            value=symbol,
            allowed=", ".join(series_name(key) for key in found),
            remedy="Name one by --source and --interval.",
        )
    return found[0]


_COMMANDS: Final = {"fetch": _fetch, "list": _list, "check": _check, "export": _export}
