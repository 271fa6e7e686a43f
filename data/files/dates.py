"""Times as files write them, read as UTC instants or refused; never guessed.

A time without an offset is UTC. A date such as 01/02/2024 is read only when another date of the
same column can be read in one way only, or when the user has said which way it is.
"""

from __future__ import annotations

import re
from typing import Final, Literal

import numpy as np
import pandas as pd

from data.errors import AmbiguousDateError, FileFormatError
from data.files.names import listed, shown

DateOrder = Literal["day_first", "month_first"]

# [0-9] and not \d throughout: the latter also takes the digits of other scripts.
_CLOCK = r"(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)(?: ?(?P<half>[AaPp][Mm]))?"
_TAIL = rf"(?:(?:[T ]|, ?) ?{_CLOCK})?(?: ?(?P<offset>Z|UTC|GMT|[+-][0-9]{{2}}(?::?[0-9]{{2}})?))?"
# The form that pandas reads by itself, in any mixture; the others are rewritten into it.
_STRICT_CLOCK = r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
_STRICT_ISO = rf"(?:[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:{_STRICT_CLOCK})?)"
_LOOSE_ISO = rf"(?P<year>[0-9]{{4}})[-/.](?P<month>[0-9]{{1,2}})[-/.](?P<day>[0-9]{{1,2}}){_TAIL}"
_COMPACT = rf"(?P<year>(?:19|20)[0-9]{{2}})(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}}){_TAIL}"
_YEAR = "[0-9]{4}|[0-9]{2}"
_OVER_12 = "(?:1[3-9]|[2-9][0-9])"
_NUMERIC = rf"(?P<first>[0-9]{{1,2}})[-/.](?P<second>[0-9]{{1,2}})[-/.](?P<year>{_YEAR}){_TAIL}"
_WORD = r"(?P<word>[A-Za-z]{3,9})\.?"
_DAY_WORD = rf"(?P<day>[0-9]{{1,2}})[- /]{_WORD}[- /,]+(?P<year>{_YEAR}){_TAIL}"
_WORD_DAY = rf"{_WORD}[- /](?P<day>[0-9]{{1,2}})[- /,]+(?P<year>{_YEAR}){_TAIL}"
_FORMS: Final = (_LOOSE_ISO, _COMPACT, _NUMERIC, _DAY_WORD, _WORD_DAY)

_EPOCH = r"(?:(?:[1-8][0-9]{18}|[0-9]{9,18})(?:\.[0-9]+)?|[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,2})"


def _without_names(form: str) -> str:
    """The form as one group that can be searched for without taking its parts."""
    return f"(?:{re.sub(r'[?]P<[a-z]+>', '?:', form)})"


_ANY_TIME = re.compile("|".join(map(_without_names, _FORMS)), re.ASCII)
_ANY_EPOCH = re.compile(_EPOCH, re.ASCII)
_OFFSET = re.compile(r"(?<=[0-9][0-9])(Z|[+-][0-9]{2}:?[0-9]{2})$", re.ASCII)

_MONTHS: Final = {
    name: str(number)
    for number, full in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september",
         "october", "november", "december"), start=1)
    for name in (full, full[:3], *(("sept",) if number == 9 else ()))
}  # fmt: skip

# Instants outside are misread numbers, not prices. Epochs of 1973 to 2200 in seconds, milli-,
# micro- and nanoseconds fall into four ranges that do not touch, so that the unit is certain.
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2199
_FIRST_EPOCH: Final = 100_000_000
_LAST_EPOCH: Final = 7_258_118_400
_NS_PER: Final = (1_000_000_000, 1_000_000, 1_000, 1)


def looks_like_epoch(text: str) -> bool:
    """Whether the text is a count of seconds, or of a part of them, since 1970."""
    return _ANY_EPOCH.fullmatch(text) is not None and bool(_epoch_ns(np.array([float(text)]))[1][0])


def looks_like_time(text: str) -> bool:
    """Whether the text has the form of a date, with or without a time of day."""
    return _ANY_TIME.fullmatch(text) is not None


def parse_times(
    column: pd.Series, *, name: str, order: DateOrder | None
) -> tuple[pd.DatetimeIndex, tuple[str, ...]]:
    """Instants of a column of times.

    Parameters
    ----------
    column : pandas.Series
        Text, numbers or timestamps without blank cells, indexed by row number.
    name : str
        Name of the column as shown in messages.
    order : {"day_first", "month_first"} or None
        How to read 01/02/2024; None lets the column decide.

    Returns
    -------
    pandas.DatetimeIndex
        UTC, nanoseconds, in the order of the rows.
    tuple of str
        What was found, one plain sentence each.

    Raises
    ------
    data.errors.AmbiguousDateError
        The dates can be read in two ways.
    data.errors.FileFormatError
        A cell is no time; the message names its row.
    """
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return pd.DatetimeIndex(column).tz_convert("UTC").as_unit("ns"), ()
    if pd.api.types.is_numeric_dtype(column.dtype):
        return _from_numbers(column, name), ()
    text = column.str.strip()
    if text.str.fullmatch(_STRICT_ISO).all():
        return _from_iso(text, text, name), _offset_notes(text)
    epoch = text.str.fullmatch(_EPOCH)
    if epoch.all():
        return _from_numbers(text, name), ()
    return _from_forms(text, name, order, epoch)


def offsets_of(column: pd.Series) -> tuple[str, ...]:
    """The UTC offsets that a column of text carries, in order of appearance, without zero."""
    ends = column.str.strip().str.slice(-9).unique()
    found = dict.fromkeys(m[1] for end in ends if (m := _OFFSET.search(end)) is not None)
    return tuple(offset for offset in found if offset != "Z" and offset[1:].replace(":", "") != "0000")


def _from_numbers(column: pd.Series, name: str) -> pd.DatetimeIndex:
    whole = pd.api.types.is_integer_dtype(column.dtype) or (
        column.dtype.kind not in "fiu" and bool(column.str.fullmatch(r"[0-9]+").all())
    )
    values = column.astype("int64" if whole else "float64").to_numpy()
    stamps, fits = _epoch_ns(values)
    if not fits.all():
        raise _no_time(column, ~fits, name)
    return pd.DatetimeIndex(stamps.view("datetime64[ns]")).tz_localize("UTC")


def _epoch_ns(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nanoseconds since 1970, and which values are a count in a unit that is certain."""
    stamps = np.zeros(len(values), dtype="int64")
    fits = np.zeros(len(values), dtype=bool)
    for ns in _NS_PER:
        per_second = 1_000_000_000 // ns
        mine = (values >= _FIRST_EPOCH * per_second) & (values < _LAST_EPOCH * per_second)
        some = values[mine]
        if some.dtype.kind == "f":
            whole = np.floor(some)
            # The fraction apart: a float64 has no room for both. Microseconds are what it holds.
            part = np.round((some - whole) * ns / 1_000) * 1_000 if ns > 1_000 else np.zeros(len(some))
            stamps[mine] = whole.astype("int64") * ns + part.astype("int64")
        else:
            stamps[mine] = some * ns
        fits |= mine
    return stamps, fits


def _from_iso(iso: pd.Series, original: pd.Series, name: str) -> pd.DatetimeIndex:
    stamps = pd.to_datetime(iso, format="ISO8601", utc=True, errors="coerce")
    wrong = (stamps.isna() | ~stamps.dt.year.between(_FIRST_YEAR, _LAST_YEAR)).to_numpy()
    if wrong.any():
        raise _no_time(original, wrong, name)
    return pd.DatetimeIndex(stamps).as_unit("ns")


def _from_forms(
    text: pd.Series, name: str, order: DateOrder | None, epoch: pd.Series
) -> tuple[pd.DatetimeIndex, tuple[str, ...]]:
    """Several forms in one column: each row is rewritten as ISO, by the form that it has."""
    iso = pd.Series("", index=text.index, dtype="str")
    strict = text.str.fullmatch(_STRICT_ISO)
    iso[strict] = text[strict]
    if epoch.any():
        stamps = _from_numbers(text[epoch], name)
        iso[epoch] = stamps.strftime("%Y-%m-%dT%H:%M:%S.%f").to_numpy() + "Z"
    open_rows = ~(strict | epoch)
    for form in _FORMS:
        mine = open_rows & text.str.fullmatch(_without_names(form))
        if mine.any():
            iso[mine] = np.array(_rewritten(text[mine], form, name, order), dtype=object)
            open_rows &= ~mine
    if open_rows.any():
        raise _no_time(text, open_rows.to_numpy(), name)
    return _from_iso(iso, text, name), _offset_notes(iso)


def _rewritten(text: pd.Series, form: str, name: str, order: DateOrder | None) -> list[str]:
    """Cells of one form as ISO text, or as an empty text where the form fits but makes no time."""
    short = text.str.fullmatch(_without_names(form.replace(_YEAR, "[0-9]{2}")))
    if order is None and _YEAR in form and short.any():
        raise AmbiguousDateError(
            f"the dates in column {name} have years of two digits, e.g. {shown(text[short].iloc[0])}",
            parameter="date_order",
            value=text[short].iloc[0],
            allowed="years of four digits, or a date order chosen by you",
            remedy="Choose day first or month first in the page's data settings.",
        )
    pattern = re.compile(form, re.ASCII)
    day, month = "day", "word" if "word" in pattern.groupindex else "month"
    if "first" in pattern.groupindex:
        day, month = ("first", "second") if _is_day_first(text, name, order) else ("second", "first")
    return [_iso(pattern.fullmatch(cell), month, day) for cell in text]


def _iso(match: re.Match[str] | None, month: str, day: str) -> str:
    if match is None:
        return ""
    year, month, day, clock, half, offset = match.group("year", month, day, "clock", "half", "offset")
    month = _MONTHS.get(month.lower(), month)
    date = f"{year if len(year) == 4 else '20' + year}-{month:0>2}-{day:0>2}"
    if clock is None and offset is None:
        return date
    hour, _, rest = (clock or "0:00").partition(":")
    if half is not None:
        if not 1 <= int(hour) <= 12:
            return ""
        hour = str(int(hour) % 12 + 12 * (half.lower() == "pm"))
    zone = "" if offset is None else "Z" if offset in ("UTC", "GMT") else offset
    return f"{date}T{hour:0>2}:{rest}{zone}" + (":00" if len(zone) == 3 else "")


def _is_day_first(text: pd.Series, name: str, order: DateOrder | None) -> bool:
    only_day_first = text.str.match(rf"{_OVER_12}[-/.]").to_numpy()
    only_month_first = text.str.match(rf"[0-9]{{1,2}}[-/.]{_OVER_12}[-/.]").to_numpy()
    if only_day_first.any() and only_month_first.any():
        raise FileFormatError(
            f"column {name} mixes day first ({_place(text, only_day_first)}) and month first"
            f" ({_place(text, only_month_first)})",
            parameter="date_order",
            value=name,
            allowed="one order of day and month in the whole column",
            remedy="Write the dates as year-month-day.",
        )
    against = only_month_first if order == "day_first" else only_day_first
    if order is not None and against.any():
        raise FileFormatError(
            f"the date order {order.replace('_', ' ')} was chosen, but {_place(text, against)}"
            " cannot be read so",
            parameter="date_order",
            value=order,
            allowed="an order that fits every date of the column",
            remedy="Choose the other order in the page's data settings.",
        )
    if order is not None or only_day_first.any() or only_month_first.any():
        return order == "day_first" or bool(only_day_first.any())
    example = next(
        (cell for cell in text if len({int(part) for part in re.split("[-/.]", cell)[:2]}) == 2), None
    )
    if example is not None:
        raise AmbiguousDateError(
            f"column {name} has dates such as {shown(example)}, which can be read day first or"
            " month first, and no date in it decides",
            parameter="date_order",
            value=example,
            allowed="year-month-day, or a date order chosen by you",
            remedy="Choose day first or month first in the page's data settings.",
        )
    return True


def _place(text: pd.Series, mask: np.ndarray) -> str:
    row = int(mask.argmax())
    return f"row {text.index[row]:,}, {shown(text.iloc[row])}"


def _offset_notes(text: pd.Series) -> tuple[str, ...]:
    offsets = offsets_of(text)
    notes = [f"times carry the UTC offset {listed(offsets)}; kept as true UTC instants"] if offsets else []
    naive = text.str.contains(":") & ~text.str.contains(r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$")
    if naive.any():
        notes.append("times without an offset were read as UTC")
    return tuple(notes)


def _no_time(column: pd.Series, wrong: np.ndarray, name: str) -> FileFormatError:
    row = int(np.asarray(wrong).argmax())
    value = shown(column.iloc[row])
    return FileFormatError(
        f"row {column.index[row]:,} has {value} in the time column {name}, which is no date or time",
        parameter="time",
        value=value,
        allowed="ISO dates and times, or seconds to nanoseconds since 1970, from"
        f" {_FIRST_YEAR} to {_LAST_YEAR}",
        remedy="Correct or delete that row, or write the times as year-month-day hour:minute.",
    )
