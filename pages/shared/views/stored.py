"""What is stored of the market, and what a look at every row of a series shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from data.environment import utc_now
from data.errors import DataError
from data.quality import SeriesQuality, stale_text, stored_quality
from data.readings import typed_for
from data.series import SeriesKey
from data.store import AnswerInfo, SeriesInfo, Store, StoredSeries
from hedging.plots.formats import beta_text, percent_text, stamp_text
from pages.shared.catalogue import SOURCE_LABELS
from pages.shared.strip import Figure

MOST_SHOWN = 200
MOST_SPELLINGS = 8
KINDS = {"daily": "daily prices", "hourly": "hourly prices", None: "funding rates"}


@dataclass(frozen=True, eq=False)
class SeriesView:
    """One stored series, read and looked at; the reason instead where it cannot be read."""

    key: SeriesKey
    stored: StoredSeries | DataError
    quality: SeriesQuality | None
    spellings: tuple[str, ...] = ()


def load_series(store: Store, key: SeriesKey) -> SeriesView:
    """Read a series and look at every row."""
    spellings = typed_for(store, key)[:MOST_SPELLINGS]
    try:
        stored = store.read(key)
    except DataError as error:
        return SeriesView(key, error, None, spellings)
    return SeriesView(key, stored, stored_quality(stored, now=utc_now()), spellings)


def kind_text(key: SeriesKey) -> str:
    """``daily prices``."""
    return KINDS[key.interval]


def source_text(name: str) -> str:
    """A source as people know it."""
    return {str(key): label for key, label in SOURCE_LABELS.items()}.get(name, name)


def stored_table(found: Sequence[SeriesInfo]) -> pd.DataFrame:
    """A row for each series, as it is read."""
    return pd.DataFrame([_row(info) for info in found]) if found else pd.DataFrame()


def kept_terms_table(found: Sequence[AnswerInfo]) -> pd.DataFrame:
    """A row for each contract of which an exchange's terms are kept."""
    rows = [
        {
            "contract": info.name if info.key is None else info.key.subject,
            "source": "" if info.key is None else source_text(info.key.source),
            "fetched, UTC": "" if info.fetched_at is None else f"{info.fetched_at:%Y-%m-%d %H:%M}",
            "state": "whole" if info.damage is None else info.damage,
        }
        for info in found
    ]
    return pd.DataFrame(rows)


def _row(info: SeriesInfo) -> dict[str, str]:
    key = info.key
    return {
        "symbol": info.name if key is None else key.symbol,
        "source": "" if key is None else source_text(key.source),
        "holds": "" if key is None else kind_text(key),
        "rows": f"{info.n_rows:,}",
        "from": _day(info.first),
        "to": _day(info.last),
        "missing": "" if info.n_missing is None else f"{info.n_missing:,}",
        "fetched, UTC": "" if info.fetched_at is None else f"{info.fetched_at:%Y-%m-%d %H:%M}",
        "size": f"{info.n_bytes / 1e6:,.2f} MB",
        "state": state_text(info),
    }


def state_text(info: SeriesInfo) -> str:
    """What a person should know first, in a word or two."""
    if info.damage is not None:
        return "damaged"
    if info.n_contradictions:
        return f"{info.n_contradictions} numbers differ at the source now"
    if info.unfinished:
        return "not complete yet"
    return stale_text(info, now=utc_now()) or "whole"


def quality_figures(quality: SeriesQuality) -> tuple[Figure, ...]:
    """A series in six figures."""
    days = quality.age / pd.Timedelta(days=1)
    gap = quality.longest_gap
    return (
        Figure("Rows", f"{quality.n_rows:,}", quality.calendar, "Rows stored, and the calendar they follow."),
        Figure(
            "Range",
            f"{_day(quality.first)}",
            f"to {stamp_text(quality.last)} UTC",
            "First and last bar, by the start of each.",
        ),
        Figure(
            "Age",
            f"{days:,.1f} days" if days >= 2 else f"{24 * days:,.1f} hours",
            "stale" if quality.stale else "up to date",
            "From the end of the last bar to now; stale when the calendar has had a newer one since.",
        ),
        Figure(
            "Missing bars",
            f"{quality.n_missing:,}",
            "no gap" if gap is None else f"longest {gap.n_missing:,} after {stamp_text(gap.after)}",
            "Bars that the calendar would have and the series has not. Nothing is filled: a return spans it.",
        ),
        Figure(
            "To be looked at",
            f"{len(quality.outliers):,}",
            "spikes, jumps, odd ranges",
            "Moves of more than 8 usual ones that were taken back at once, or of 20 that stayed.",
        ),
        Figure(
            "Longest standstill",
            f"{quality.longest_unchanged:,} rows",
            f"{quality.n_duplicates:,} repeated instants",
            "The longest run of rows with the very same close. Of a dead contract it is long.",
        ),
    )


def gaps_table(quality: SeriesQuality) -> pd.DataFrame:
    """The gaps, longest first."""
    gaps = sorted(quality.gaps, key=lambda gap: -gap.n_missing)[:MOST_SHOWN]
    rows = [
        {"after, UTC": stamp_text(gap.after), "before, UTC": stamp_text(gap.before), "missing": gap.n_missing}
        for gap in gaps
    ]
    return pd.DataFrame(rows)


def outliers_table(quality: SeriesQuality) -> pd.DataFrame:
    """What a person should look at, largest first."""
    found = sorted(quality.outliers, key=lambda each: -each.sigmas if each.sigmas == each.sigmas else 0.0)
    rows = [
        {
            "at, UTC": stamp_text(each.at),
            "what": each.kind,
            "value": percent_text(each.value) if each.kind == "rate" else f"{each.value:,.6g}",
            "times the usual move": "" if each.sigmas != each.sigmas else beta_text(each.sigmas),
        }
        for each in found[:MOST_SHOWN]
    ]
    return pd.DataFrame(rows)


def _day(stamp: pd.Timestamp | None) -> str:
    return "" if stamp is None else f"{stamp:%Y-%m-%d}"
