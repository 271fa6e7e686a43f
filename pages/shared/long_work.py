"""Work of many seconds: a bar while it runs, its result kept for everybody who asks for the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar

import pandas as pd
import streamlit as st

from data.environment import utc_now
from hedging import HedgingError

T = TypeVar("T")

PATIENCE = pd.Timedelta(milliseconds=400)  # what is over before needs no bar
REPAINT = pd.Timedelta(milliseconds=100)


class Kept(Generic[T]):
    """The results asked for most recently, by everything they depend on.

    What ``st.cache_resource`` does not do: it plays back, on a hit, what was shown while a result was made,
    and cannot do so with a progress bar.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._results: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Hashable) -> T | None:
        """The result, if somebody has it made lately."""
        with self._lock:
            if key not in self._results:
                return None
            self._results.move_to_end(key)
            return self._results[key]

    def keep(self, key: Hashable, result: T) -> None:
        """Remember a result, and forget the one that nobody asked for longest."""
        with self._lock:
            self._results[key] = result
            self._results.move_to_end(key)
            while len(self._results) > self._most:
                self._results.popitem(last=False)

    def made(self, key: Hashable, make: Callable[[Callable[[float], None]], T], *, label: str) -> T:
        """The result, from the shelf or made now under a progress bar.

        Whoever turns to another page meanwhile stops it at the next step.

        Parameters
        ----------
        key : hashable
            Everything that the result depends on.
        make : callable
            Is given what to call with the fraction done.
        label : str
            Plain words beside the bar.
        """
        place = st.empty()  # also where nothing is to be made: what follows keeps its place
        found = self.find(key)
        if found is None:
            try:
                found = make(_Bar(place, label).show)
            except HedgingError:
                place.empty()
                raise
            place.empty()
            self.keep(key, found)
        return found


class _Bar:
    """A progress bar that appears only where the work takes long, and repaints no faster than eyes."""

    def __init__(self, place: Any, label: str) -> None:
        self._place, self._label = place, label
        self._next = utc_now() + PATIENCE

    def show(self, share: float) -> None:
        now = utc_now()
        if now < self._next:
            return
        self._next = now + REPAINT
        self._place.progress(min(max(share, 0.0), 1.0), text=self._label)
