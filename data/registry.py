"""Paged sources by their short names."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from data.errors import ChangeInputError
from data.series import PagedSource

if TYPE_CHECKING:
    from data.exchanges import Exchange

#: Sources that are offered by name; any other name is looked for among the exchanges that ccxt reaches.
SOURCE_NAMES: Final = ("yahoo", "binance", "bybit", "okx")

#: Exchanges whose lists of markets are kept at a time; anybody may name another one.
MOST_EXCHANGES: Final = 24

_NAME: Final = re.compile(r"[a-z0-9]{2,30}", re.ASCII)


def paged_source(name: str, *, say: Callable[[str], None] | None = None) -> PagedSource:
    """The source of this short name; its client is loaded only when it is asked for something.

    Parameters
    ----------
    name : str
    say : callable, optional
        Hears one sentence for each thing an exchange's source had to decide.

    Raises
    ------
    ChangeInputError
        There is no such source.
    """
    if _NAME.fullmatch(name) is None:
        raise ChangeInputError(
            f"there is no source {name[:40]!r}",
            parameter="source",
            value=name,
            allowed=f"{', '.join(SOURCE_NAMES)}, or the name of an exchange in ccxt",
            remedy="Choose one of these.",
        )
    if name == "yahoo":
        from data.yahoo_pages import YahooPages

        return YahooPages()
    from data.exchanges import ExchangePages

    exchange = shared_exchange(name)
    return (
        ExchangePages(name, exchange=exchange)
        if say is None
        else ExchangePages(name, exchange=exchange, say=say)
    )


@lru_cache(maxsize=MOST_EXCHANGES)
def shared_exchange(name: str) -> Exchange:
    """The one client of an exchange for everybody: it keeps the list of markets."""
    from data.exchanges import Exchange

    return Exchange(name)


def stored_symbol(source: str, typed: str) -> str:
    """A typed symbol without what makes no difference; :class:`data.readings.Readings` finds its market.

    Raises
    ------
    UnknownSymbolError
        It cannot be a symbol of this source.
    """
    if source == "yahoo":
        from data.yahoo import checked_symbol

        return checked_symbol(typed)
    return typed.strip()
