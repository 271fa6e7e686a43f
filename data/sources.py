"""The one port through which prices come in."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pandas as pd

from data.prices import BarInterval, PriceHistory


class PriceSource(ABC):
    """Where prices come from.

    A constructor stores settings and does nothing else; the work is in :meth:`fetch`.
    """

    #: Plain name shown to people, e.g. ``"Yahoo Finance"``.
    name: str
    #: True when :meth:`fetch` accepts symbols that :meth:`symbols` does not list.
    accepts_any_symbol: bool = False

    @abstractmethod
    def symbols(self) -> tuple[str, ...]:
        """Symbols to offer, in the order to show them.

        Raises
        ------
        data.errors.DataError
            The list cannot be made.
        """

    @abstractmethod
    def intervals(self, symbol: str) -> tuple[BarInterval, ...]:
        """Bar lengths in which the source has this symbol, the longest first."""

    @abstractmethod
    def fetch(self, symbol: str, *, interval: BarInterval, now: pd.Timestamp) -> PriceHistory:
        """All validated closes of one symbol up to ``now``.

        Parameters
        ----------
        symbol : str
            As the source spells it.
        interval : {"daily", "hourly"}
            Length of a bar.
        now : pandas.Timestamp
            The present, timezone-aware; a bar that is not finished then is left out.

        Raises
        ------
        data.errors.DataError
            One of its subclasses, told apart by what the caller should do.
        """
