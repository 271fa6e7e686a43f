"""Which column is the time, which are prices, and how many instruments a file holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from data.errors import FileFormatError
from data.files.names import checked_symbol, listed, shown
from data.files.table import Head

# Compared without case, spaces and signs; earlier ones are preferred. The start of the bar comes
# first: that is what every source here stamps.
_TIMES: Final = (
    "opentime", "timeopen", "timestamp", "unix", "unixtime", "unixtimestamp", "epoch", "datetime",
    "starttime", "startat", "start", "date", "time", "datetimeutc", "dateutc", "timeutc",
    "timestamputc", "observationdate", "snappedat", "day", "indexlevel0", "unnamed0",
    "fundingtime", "calctime", "fundingratetimestamp", "fundingtimestamp",
)  # fmt: skip
_ADJUSTED: Final = ("adjclose", "adjustedclose", "closeadj", "closeadjusted")
_PRICES: Final = (
    *_ADJUSTED, "close", "closeprice", "closingprice", "closelast", "closeusd", "priceclose", "priceusd",
    "referencerateusd", "referencerate", "price", "last", "lastprice", "value",
)  # fmt: skip
_SYMBOLS: Final = (
    "symbol", "ticker", "instrument", "instrumentname", "instid", "asset", "coin", "pair", "tic",
)  # fmt: skip
# Columns of a file about one instrument; where one stands, the others are no list of symbols.
_OTHER_FIELDS: Final = frozenset({
    "open", "high", "low", "volume", "vol", "turnover", "quotevolume", "trades", "count", "amount",
    "dividends", "stocksplits", "capitalgains", "marketcap", "bid", "ask", "fundingrate", "funding",
    "markprice", "indexprice", "openinterest", "closetime", "confirm", "change", "returns", "rate",
})  # fmt: skip

Form = Literal["single", "wide", "long"]


@dataclass(frozen=True)
class Roles:
    """What the columns of one file are.

    Attributes
    ----------
    form : {"single", "wide", "long"}
        One instrument named by the file; one column per instrument; one row per instrument and time.
    time : int
        Position of the column of times.
    clock : int or None
        Position of a separate column with the time of day.
    symbol : int or None
        Position of the column of symbols (long form).
    prices : tuple of int
        Positions of the prices; more than one in wide form only.
    choices : tuple of str
        Names of the columns that could be chosen as the price.
    notes : tuple of str
        What was preferred to what.
    """

    form: Form
    time: int
    clock: int | None
    symbol: int | None
    prices: tuple[int, ...]
    choices: tuple[str, ...]
    notes: tuple[str, ...]


def find_roles(head: Head, *, price_column: str | None, file: str) -> Roles:
    """Decide what each column is, from names first and from what the columns hold second.

    Raises
    ------
    data.errors.FileFormatError
        There is no time, no price, two columns of one name, or a column that may not be a symbol.
    """
    keys = [_key(name) for name in head.names]
    notes: list[str] = []
    time, clock = _time(head, keys, file, notes)
    symbol = next((keys.index(key) for key in _SYMBOLS if key in keys), None)
    rest = [
        i
        for i, name in enumerate(head.names)
        if name
        and i not in (time, clock, symbol)
        and keys[i] not in _TIMES
        and head.kinds[i] not in ("time", "clock")
    ]

    price = _chosen(head, price_column, rest, file) if price_column else _price(head, keys, rest, notes)
    if price is not None:
        check_unique(head.names, price, file)
        # A column chosen out of a wide file keeps its own name as symbol.
        one_of_many = price_column is not None and symbol is None and _is_wide(keys, rest)
        form: Form = "long" if symbol is not None else "wide" if one_of_many else "single"
        prices: tuple[int, ...] = (price,)
    elif symbol is None and rest and _is_wide(keys, rest):
        form, prices = "wide", tuple(rest)
    else:
        raise FileFormatError(
            f"the file {file} has no column of prices that could be recognised",
            parameter="price_column",
            value=head.names,
            allowed="a column named close, price or the like, or one column per symbol; its columns are"
            f" {listed(head.names)}",
            remedy="Choose the price column in the page's data settings, or rename it to close.",
        )
    if form == "wide":
        for i in prices:
            checked_symbol(head.names[i], origin="column")
            check_unique(head.names, i, file)
    return Roles(form, time, clock, symbol, prices, price_choices(head), tuple(notes))


def price_choices(head: Head) -> tuple[str, ...]:
    """Names of the columns that hold numbers other than times, as a user may choose among them."""
    return tuple(
        name
        for name, kind in zip(head.names, head.kinds, strict=True)
        if name and kind in ("number", "epoch", "empty") and _key(name) not in (*_TIMES, *_SYMBOLS)
    )


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _is_wide(keys: list[str], rest: list[int]) -> bool:
    return not any(keys[i] in _OTHER_FIELDS or keys[i] in _PRICES for i in rest)


def _time(head: Head, keys: list[str], file: str, notes: list[str]) -> tuple[int, int | None]:
    named = sorted((_TIMES.index(key), i) for i, key in enumerate(keys) if key in _TIMES)
    order = [i for _, i in named]
    if head.names and head.names[0] == "" and head.kinds[0] in ("epoch", "time"):
        order.append(0)  # an index written without a name
    # The number cannot be in local time by mistake; a text next to it can, and one such is.
    for kind in ("epoch", "time"):
        found = [i for i in order if head.kinds[i] == kind]
        if found:
            check_unique(head.names, found[0], file)
            clocks = [i for i in order if head.kinds[i] == "clock"] if kind == "time" else []
            return found[0], clocks[0] if clocks else None
    if order:
        return order[0], None  # no readable time; the rows will say why
    other = [i for i, kind in enumerate(head.kinds) if kind == "time"]
    if len(other) == 1:
        notes.append(f"times taken from the column {shown(head.names[other[0]])}")
        return other[0], None
    raise FileFormatError(
        f"the file {file} has no column of times",
        parameter="time",
        value=head.names,
        allowed=f"a column named time, date or timestamp; its columns are {listed(head.names)}",
        remedy="Rename the column of times to time.",
    )


def _price(head: Head, keys: list[str], rest: list[int], notes: list[str]) -> int | None:
    at = {keys[i]: i for i in reversed(rest)}
    found = [at[key] for key in _PRICES if key in at]
    if not found:
        return None
    if keys[found[0]] in _ADJUSTED and "close" in at:
        notes.append(
            f"prices taken from {shown(head.names[found[0]])}, which is adjusted for splits and dividends,"
            f" rather than from {shown(head.names[at['close']])}"
        )
    return found[0]


def _chosen(head: Head, wanted: str, rest: list[int], file: str) -> int:
    exact = [i for i in rest if head.names[i] == wanted.strip()]
    alike = exact or [i for i in rest if head.names[i].lower() == wanted.strip().lower()]
    if len({head.names[i] for i in alike}) == 1:
        return alike[0]
    raise FileFormatError(
        f"the file {file} has no column named {shown(wanted)}"
        if not alike
        else f"the file {file} has several columns named like {shown(wanted)}",
        parameter="price_column",
        value=shown(wanted),
        allowed=f"one of {listed(tuple(head.names[i] for i in rest))}",
        remedy="Choose another price column in the page's data settings.",
    )


def check_unique(names: Sequence[str], position: int, file: str) -> None:
    """Refuse a column that shares its name with another."""
    name = names[position]
    if names.count(name) > 1:
        raise FileFormatError(
            f"the file {file} has {names.count(name)} columns named {shown(name)}",
            parameter="price_column",
            value=shown(name),
            allowed="a different name for each column",
            remedy="Rename or delete all but one of them.",
        )
