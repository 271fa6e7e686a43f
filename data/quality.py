"""How good a series is: holes, repeated rows, bars that cannot be, and how old it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
import pandas as pd

from data.outliers import JUMP_SIGMAS, LARGEST_USUAL_RATE, Outlier, price_outliers, rate_outliers
from data.prices import BAR_LENGTH
from data.series import SeriesKey
from data.store import SeriesInfo, StoredSeries
from data.store.stored import WEEKEND_SHARE

Calendar: TypeAlias = Literal["7-day", "5-day", "round the clock", "in sessions", "funding"]

#: A long weekend of a stock exchange, or its closing for three days in the week, is no hole.
LONGEST_CLOSURE: Final = pd.Timedelta(hours=96)
#: A charge this many bars late, or a bar, makes a series stale.
STALE_BARS: Final = 2


@dataclass(frozen=True)
class Gap:
    """A hole between two rows.

    Attributes
    ----------
    after, before : pandas.Timestamp
        Stamps of the rows on both sides.
    n_missing : int
        Bars that would fit in between, weekends left out on a five-day calendar.
    """

    after: pd.Timestamp
    before: pd.Timestamp
    n_missing: int


@dataclass(frozen=True)
class SeriesQuality:
    """What a look at every row of a series shows.

    Attributes
    ----------
    key : SeriesKey
    n_rows : int
    first, last : pandas.Timestamp
        Stamps of the first and the last row.
    calendar : {"7-day", "5-day", "round the clock", "in sessions", "funding"}
        Of daily bars; of hourly bars; charges of funding.
    gaps : tuple of Gap
        In order of time.
    n_duplicates : int
        Rows whose instant an earlier row has; 0 for everything stored.
    outliers : tuple of Outlier
    age : pandas.Timedelta
        From the end of the last bar to now.
    stale : bool
        Whether a newer row should be there by now.
    longest_unchanged : int
        Longest run of rows with the very same close or rate.
    fetched_at : pandas.Timestamp or None
    """

    key: SeriesKey
    n_rows: int
    first: pd.Timestamp
    last: pd.Timestamp
    calendar: Calendar
    gaps: tuple[Gap, ...]
    n_duplicates: int
    outliers: tuple[Outlier, ...]
    age: pd.Timedelta
    stale: bool
    longest_unchanged: int
    fetched_at: pd.Timestamp | None

    @property
    def longest_gap(self) -> Gap | None:
        """The gap with the most missing bars, the first of them."""
        return max(self.gaps, key=lambda gap: gap.n_missing, default=None)

    @property
    def n_missing(self) -> int:
        """Missing bars of all gaps."""
        return sum(gap.n_missing for gap in self.gaps)


def stored_quality(stored: StoredSeries, *, now: pd.Timestamp) -> SeriesQuality:
    """:func:`series_quality` of a series out of the store."""
    return series_quality(stored.rows, stored.key, now=now, fetched_at=stored.fetched_at)


def series_quality(
    rows: pd.DataFrame, key: SeriesKey, *, now: pd.Timestamp, fetched_at: pd.Timestamp | None = None
) -> SeriesQuality:
    """Look at every row of a series.

    Parameters
    ----------
    rows : pandas.DataFrame
        At least one row on a UTC index, with the columns of the kind; repeated instants and rows out of
        order are counted and put right.
    key : SeriesKey
    now : pandas.Timestamp
        The present.
    fetched_at : pandas.Timestamp, optional
    """
    ordered = rows.sort_index(kind="stable")
    repeated = np.asarray(ordered.index.duplicated(keep="first"))
    clean = ordered[~repeated]
    stamps = pd.DatetimeIndex(clean.index)
    calendar = _calendar(stamps, key)
    gaps = _gaps(stamps, key, calendar)
    age = now - (stamps[-1] + _length(key))
    values = clean["close" if key.kind == "prices" else "rate"]
    return SeriesQuality(
        key=key,
        n_rows=len(clean),
        first=stamps[0],
        last=stamps[-1],
        calendar=calendar,
        gaps=gaps,
        n_duplicates=int(repeated.sum()),
        outliers=price_outliers(clean) if key.kind == "prices" else rate_outliers(values),
        age=age,
        stale=bool(age > _longest_wait(stamps, key, calendar)),
        longest_unchanged=_longest_run(values.to_numpy()),
        fetched_at=fetched_at,
    )


def stale_text(info: SeriesInfo, *, now: pd.Timestamp) -> str:
    """``stale: ends 38 days ago``, from what is known without reading the rows; else nothing.

    Where the list of parts does not tell that a market is open on all seven days (a history of few days,
    charges of funding, an exchange with sessions), a series is stale after the longest closure only.
    """
    if info.key is None or info.last is None:
        return ""
    wait = STALE_BARS * _length(info.key) if info.calendar == "7-day" else LONGEST_CLOSURE
    age = now - (info.last + _length(info.key))
    return f"stale: ends {_age(age)} ago" if age > wait else ""


def _length(key: SeriesKey) -> pd.Timedelta:
    return pd.Timedelta(0) if key.interval is None else BAR_LENGTH[key.interval]


def _calendar(stamps: pd.DatetimeIndex, key: SeriesKey) -> Calendar:
    if key.interval is None:
        return "funding"
    weekend = float(np.mean((stamps + _length(key) / 2).dayofweek >= 5))
    if key.interval == "daily":
        return "7-day" if weekend > WEEKEND_SHARE else "5-day"
    return "round the clock" if weekend > WEEKEND_SHARE else "in sessions"


def _gaps(stamps: pd.DatetimeIndex, key: SeriesKey, calendar: Calendar) -> tuple[Gap, ...]:
    steps = np.diff(stamps.asi8)
    usual = _usual_steps(steps) if calendar == "funding" else np.full(len(steps), _length(key).value)
    limit = 1.5 * usual
    if calendar in {"5-day", "in sessions"}:
        limit = np.full(len(steps), LONGEST_CLOSURE.value)
    found = []
    for at in np.flatnonzero(steps > limit):
        after, before = stamps[int(at)], stamps[int(at) + 1]
        if calendar in {"5-day", "in sessions"}:
            missing = _business_days(after, before, key)
        else:
            missing = round(steps[at] / usual[at]) - 1
        found.append(Gap(after, before, max(missing, 1)))
    return tuple(found)


def _business_days(after: pd.Timestamp, before: pd.Timestamp, key: SeriesKey) -> int:
    """Weekdays between the days of two bars; an exchange's hours are not known, so a session counts once."""
    middles = pd.DatetimeIndex([after, before]) + _length(key) / 2
    first, last = middles.tz_localize(None).to_numpy().astype("datetime64[D]")
    return int(np.busday_count(first, last)) - 1


def _usual_steps(steps: np.ndarray) -> np.ndarray:
    """For each step the larger of the medians of the five before and the five after it.

    An exchange that goes from a charge every 8 hours to one every 4 leaves no hole.
    """
    series = pd.Series(steps, dtype="float64")
    before = series.shift(1).rolling(5, min_periods=1).median()
    after = series[::-1].shift(1).rolling(5, min_periods=1).median()[::-1]
    usual: np.ndarray = np.fmax(before.to_numpy(), after.to_numpy())
    return np.where(np.isnan(usual), steps, usual)  # a single step has nothing to be compared with


def _longest_wait(stamps: pd.DatetimeIndex, key: SeriesKey, calendar: Calendar) -> pd.Timedelta:
    """How long after the end of its last bar a series may go without a new one."""
    if calendar in {"5-day", "in sessions"}:
        return LONGEST_CLOSURE
    length = _length(key)
    if calendar == "funding":
        recent = np.diff(stamps.asi8[-6:])
        length = pd.Timedelta(int(np.median(recent)), unit="ns") if len(recent) else pd.Timedelta(hours=8)
    return STALE_BARS * length


def _longest_run(values: np.ndarray) -> int:
    changes = np.flatnonzero(np.diff(values) != 0)
    edges = np.concatenate(([-1], changes, [len(values) - 1]))
    return int(np.diff(edges).max())


def quality_remarks(quality: SeriesQuality) -> tuple[str, ...]:
    """What a person should look at: large moves that stayed are news more often than errors."""
    return _outlier_words(quality, ("jump",))


def quality_problems(quality: SeriesQuality) -> tuple[str, ...]:
    """What is wrong with a series, one plain sentence each; none where nothing is."""
    problems = []
    longest = quality.longest_gap
    if longest is not None:
        many = f"{quality.n_missing:,} {_plural('bar', quality.n_missing)} missing in {len(quality.gaps):,} "
        problems.append(
            f"{many}{_plural('gap', len(quality.gaps))}, the longest between {_when(longest.after)} "
            f"and {_when(longest.before)}"
        )
    if quality.n_duplicates:
        problems.append(f"{quality.n_duplicates:,} repeated {_plural('row', quality.n_duplicates)}")
    problems += _outlier_words(quality, ("spike", "rate", "range"))
    if quality.stale:
        problems.append(f"stale: the last bar ended {_age(quality.age)} ago")
    return tuple(problems)


_KINDS: Final = {
    "spike": ("price", "that jumped and came back with the next bar"),
    "jump": ("move", f"of more than {JUMP_SIGMAS:g} usual ones"),
    "rate": ("rate", f"beyond {LARGEST_USUAL_RATE:.0%} in one charge"),
    "range": ("close", "outside the low and high of the same bar"),
}
_MOST_NAMED: Final = 5


def _outlier_words(quality: SeriesQuality, kinds: Sequence[str]) -> tuple[str, ...]:
    words = []
    for kind in kinds:
        instants = [each.at for each in quality.outliers if each.kind == kind]
        if instants:
            noun, what = _KINDS[kind]
            words.append(f"{len(instants):,} {_plural(noun, len(instants))} {what}: {_named(instants)}")
    return tuple(words)


def _named(instants: Sequence[pd.Timestamp]) -> str:
    more = len(instants) - _MOST_NAMED
    return ", ".join(map(_when, instants[:_MOST_NAMED])) + (f" and {more:,} more" if more > 0 else "")


def _when(stamp: pd.Timestamp) -> str:
    return f"{stamp:%Y-%m-%d %H:%M}".removesuffix(" 00:00")


def _age(age: pd.Timedelta) -> str:
    hours = age / pd.Timedelta(hours=1)
    return f"{hours:,.0f} hours" if hours < 72 else f"{hours / 24:,.0f} days"


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"
