"""Names that come out of files: how they are shown, and which may be symbols."""

from __future__ import annotations

import re
from typing import Final, Literal

from data.errors import FileFormatError

TEXT_SUFFIXES: Final = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES: Final = (".parquet", ".pq")
ARROW_SUFFIXES: Final = (".feather", ".arrow", ".ipc")
KNOWN_SUFFIXES: Final = TEXT_SUFFIXES + PARQUET_SUFFIXES + ARROW_SUFFIXES
EXCEL_SUFFIXES: Final = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")

# The first character is never one that a spreadsheet takes for a formula or a shell for an option.
_SYMBOL: Final = re.compile(r"[A-Za-z0-9^][A-Za-z0-9._^=/:\-]{0,39}", re.ASCII)
_SYMBOL_RULE: Final = "letters, digits and . _ - ^ = / : (at most 40, the first a letter, a digit or ^)"

_BAR_TAG: Final = re.compile(r"[-_ .](?P<tag>1h|60m|hourly|hour|1d|daily|day)(?=$|[-_ .])", re.IGNORECASE)
_COPY_MARK: Final = re.compile(r" ?\(\d{1,3}\)$")


def shown(text: object, limit: int = 40) -> str:
    """Text of a stranger, cut and quoted so that it can stand in a sentence."""
    plain = str(text)
    return repr(plain if len(plain) <= limit else plain[: limit - 1] + "…")


def listed(names: tuple[str, ...], limit: int = 8) -> str:
    """At most ``limit`` names, each cut at 40 characters, and how many more there are."""
    head = ", ".join(shown(name) for name in names[:limit])
    return head + (f" and {len(names) - limit:,} more" if len(names) > limit else "")


def suffix_of(file_name: str) -> str:
    """The lower-case ending of a file name, with its dot, or the empty string."""
    dot = file_name.rfind(".")
    return file_name[dot:].lower() if dot > 0 else ""


def is_symbol(text: str) -> bool:
    """Whether the text may be used as a symbol."""
    return _SYMBOL.fullmatch(text) is not None and ".." not in text and "//" not in text


def checked_symbol(text: str, *, origin: str) -> str:
    """The text itself when it may be a symbol.

    Parameters
    ----------
    text : str
        What stands in the file.
    origin : str
        Where it stands, e.g. ``"column"``, ``"file"``, ``"row 7"``.

    Raises
    ------
    data.errors.FileFormatError
        It may not; symbols reach tables, web addresses and messages.
    """
    if is_symbol(text):
        return text
    raise _not_a_symbol(text, origin)


def _not_a_symbol(text: str, origin: str) -> FileFormatError:
    return FileFormatError(
        f"the {origin} name {shown(text)} cannot be used as a symbol",
        parameter="symbol",
        value=shown(text),
        allowed=_SYMBOL_RULE,
        remedy="Rename it and load the file again.",
    )


def file_symbol(file_name: str) -> str:
    """The symbol a file is named after, without what names the bar length.

    ``BTCUSDT_1h.csv`` and ``BTCUSDT.csv`` are both ``BTCUSDT``; a download mark such as ``" (1)"``
    is left out, a space becomes ``_``. Whether two files of one symbol agree is seen when they
    are read, never decided by their names.

    Raises
    ------
    data.errors.FileFormatError
        The rest of the name may not be a symbol.
    """
    suffix = suffix_of(file_name)
    stem = file_name[: -len(suffix)] if suffix else file_name
    plain = _BAR_TAG.sub("", _COPY_MARK.sub("", stem), count=1).strip().replace(" ", "_")
    if "/" in plain or not is_symbol(plain):
        raise _not_a_symbol(stem, "file")
    return plain


def file_tag(file_name: str) -> Literal["daily", "hourly"] | None:
    """The bar length that the file name claims, used only where the rows cannot show it."""
    found = _BAR_TAG.search(file_name)
    if found is None:
        return None
    return "daily" if found["tag"].lower() in {"1d", "daily", "day"} else "hourly"


def is_funding_file(file_name: str) -> bool:
    """Whether a file says by its name that it holds funding rates and no prices."""
    return "funding" in file_name.lower()
