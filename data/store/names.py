"""Folder and file names of stored series, made so that no symbol can reach a path."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Final

from data.series import SeriesKey

MANIFEST: Final = "manifest.json"
#: The list of a download from scratch, until it is complete and takes the place of the manifest.
ANEW: Final = "anew.json"
#: The list of a download that goes over stored history, until it is complete and its new rows are stored.
STAGED: Final = "staged.json"
LISTS: Final = (MANIFEST, ANEW, STAGED)
SET_ASIDE: Final = "set-aside"
SERIES: Final = "series"
#: Folder of what sources have said besides series.
ANSWERS: Final = "answers"

PART: Final = re.compile(r"(?P<number>[0-9]{6})-(?P<digest>[0-9a-f]{16})\.parquet", re.ASCII)
_OTHER: Final = re.compile(r"[^A-Za-z0-9]+", re.ASCII)
_LONGEST: Final = 40


def folder_name(key: SeriesKey) -> str:
    """The folder of one series: readable, safe on every file system, different for every key.

    Letters and digits of the symbol are kept for people; the hash of the whole key tells ``btc`` from
    ``BTC`` where the file system does not, and ``A/B`` from ``A:B`` everywhere.
    """
    words = (key.source, key.symbol, key.kind, key.interval or "")
    shown = "-".join(readable(word) for word in words if word)
    return f"{shown}-{hashlib.blake2b(key_text(key).encode(), digest_size=8).hexdigest()}"


def readable(word: str) -> str:
    """What of a word may stand in a file name, for people."""
    return _OTHER.sub("_", word)[:_LONGEST]


def key_text(key: SeriesKey) -> str:
    """The key as ASCII text, one text for each key, whatever is in the symbol."""
    return json.dumps([key.source, key.symbol, key.kind, key.interval])


def part_name(number: int, sha256: str) -> str:
    """File name of a part: its number and the beginning of the checksum of its bytes."""
    return f"{number:06d}-{sha256[:16]}.parquet"
