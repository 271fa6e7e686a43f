"""What the command line says of stored things."""

from __future__ import annotations

import pandas as pd

from data.quality import stale_text
from data.series import SeriesKey
from data.store import AnswerInfo, SeriesInfo


def series_line(info: SeriesInfo, *, now: pd.Timestamp) -> tuple[str, ...]:
    """A series in the list."""
    return (
        info.name if info.key is None else series_name(info.key),
        f"{info.n_rows:,}",
        when_text(info.first),
        when_text(info.last),
        "-" if info.n_missing is None else f"{info.n_missing:,}",
        when_text(info.fetched_at),
        f"{info.n_bytes / 1024:,.0f} KiB",
        state_text(info, now=now),
    )


def terms_line(info: AnswerInfo) -> tuple[str, ...]:
    """Kept terms of a contract, beside the series."""
    return (
        info.name if info.key is None else f"{info.key.source} {info.key.subject} contract terms",
        *("-" for _ in ("rows", "from", "to", "missing")),
        when_text(info.fetched_at),
        f"{info.n_bytes / 1024:,.0f} KiB",
        "good" if info.damage is None else f"damaged: {info.damage}",
    )


def state_text(info: SeriesInfo, *, now: pd.Timestamp) -> str:
    """What a person should know of a series first."""
    if info.damage is not None:
        return f"damaged: {info.damage}"
    words = [stale] if (stale := stale_text(info, now=now)) else []
    if info.unfinished:
        words.append("download not complete")
    if info.n_contradictions:
        words.append(contradicted_text(info))
    if info.n_set_aside:
        words.append(f"{info.n_set_aside:,} files set aside")
    return ", ".join(words) or "good"


def contradicted_text(info: SeriesInfo) -> str:
    """How many stored numbers the source gives differently now."""
    count = info.n_contradictions
    return f"{count:,} {'number' if count == 1 else 'numbers'} contradicted by the source"


def series_name(key: SeriesKey) -> str:
    """``binance SOL/USDT:USDT daily prices``."""
    what = "funding" if key.interval is None else f"{key.interval} prices"
    return f"{key.source} {key.symbol} {what}"


def when_text(stamp: pd.Timestamp | None) -> str:
    """A stamp to the minute, ``-`` for none."""
    return "-" if stamp is None else f"{stamp:%Y-%m-%d %H:%M}"
