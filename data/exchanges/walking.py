"""Walk through a history from span to span, whatever order and however few rows an exchange answers with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import pandas as pd

from data.exchanges.rows import Subject, malformed, require_same

#: Asks for the rows between two instants, both inclusive, in milliseconds, and gives what is answered,
#: increasing and unique; rows from before and after are put aside here.
AskRows: TypeAlias = Callable[[int, int], pd.DataFrame]

_ASKED_TWICE: Final = 2


@dataclass(frozen=True)
class Walk:
    """Pages of rows, oldest first, without overlap.

    Each request after the first begins with the last row already known. An answer without that row, or one
    of earlier rows alone, is not an answer to the request (a stale copy, the same page again), and one that
    gives the row another price contradicts itself: both are errors, not holes. An answer without rows is a
    hole or the end; the walk goes on to the end of what is wanted, and every step is forward, so that nothing
    an exchange answers keeps it going.

    Attributes
    ----------
    ask : callable
        Asks the exchange for a span.
    step : int
        No two rows are nearer to each other, in milliseconds.
    length : int
        Span of one request, in milliseconds.
    due : int
        A span of so many milliseconds without a new row is remarkable.
    subject : Subject
    """

    ask: AskRows
    step: int
    length: int
    due: int
    subject: Subject

    def pages(self, start: int, end: int) -> Iterator[pd.DataFrame]:
        """Rows from ``start`` to ``end``, both inclusive, in milliseconds.

        Raises
        ------
        SourceAnswerError
            The answer is of another time than was asked for, twice.
        ConflictingRowsError
            The last known row has changed.
        """
        since, known = start, None
        while since <= end:
            until = min(since + self.length, end)
            rows = self._rows(since, until, known)
            if known is not None:
                rows = rows[rows.index > known.index[0]]
            if rows.empty:
                since, known = until + 1, None
                continue
            yield rows
            known = rows.iloc[[-1]]
            since = int(known.index[0])
            if since + self.step > end:
                return

    def _rows(self, since: int, until: int, known: pd.DataFrame | None) -> pd.DataFrame:
        """All rows of one span, with the known one among them."""
        for _ in range(_ASKED_TWICE):
            rows, earlier = self._with_head(since, until)
            seen = known is None or known.index[0] in rows.index
            n_new = len(rows) if known is None else len(rows) - 1
            if seen and not (earlier and n_new == 0 and until - since > self.due):
                if known is not None:
                    require_same(known, rows, self.subject)
                return rows
        stamp = pd.Timestamp(since, unit="ms")
        raise malformed(
            self.subject, f"rows of another time than asked for, {stamp:%Y-%m-%d %H:%M} and later,"
        )

    def _with_head(self, since: int, until: int) -> tuple[pd.DataFrame, bool]:
        """The rows of a span, and whether earlier ones were answered too.

        Where an answer holds only the newest rows of the span, the older are asked for as well.
        """
        answered = self.ask(since, until)
        # Some exchanges begin with the bar that the instant lies in.
        earlier = bool((answered.index < since - self.step).any())
        rows = _within(answered, since, until)
        while not rows.empty and int(rows.index[0]) - since >= self.step:
            before = int(rows.index[0]) - 1
            older = _within(self.ask(since, before), since, before)
            if older.empty:
                break
            rows = pd.concat([older, rows])
        return rows, earlier


def _within(rows: pd.DataFrame, since: int, until: int) -> pd.DataFrame:
    return rows[(rows.index >= since) & (rows.index <= until)]
