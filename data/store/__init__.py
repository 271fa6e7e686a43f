"""Series on the disk: append-only, checked on every read, safe from whatever ends a write."""

from data.store.answers import Answer, AnswerInfo, AnswerKey, Answers
from data.store.manifest import Contradiction, LostRows, Manifest, Part
from data.store.opening import open_store
from data.store.store import Store
from data.store.stored import SeriesInfo, StoredSeries
from data.store.writer import AppendResult, SeriesWriter

__all__ = [
    "Answer",
    "AnswerInfo",
    "AnswerKey",
    "Answers",
    "AppendResult",
    "Contradiction",
    "LostRows",
    "Manifest",
    "Part",
    "SeriesInfo",
    "SeriesWriter",
    "Store",
    "StoredSeries",
    "open_store",
]
