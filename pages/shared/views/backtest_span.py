"""Which stretch of the past a backtest walks through, and why no more of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from hedging import AlignedReturns, HedgeMarket, Method, funding_per_period
from hedging.backtesting.simulate import FEWEST_PERIODS
from hedging.errors import InputError
from pages.shared.carry import Carry, bar_length
from pages.shared.state import AppState

#: Milliseconds for each window, where others take microseconds.
SLOW_METHODS: frozenset[Method] = frozenset({"kalman", "huber", "theil_sen", "bootstrap"})
QUICK_PERIODS, SLOW_PERIODS = 10_000, 500  # a test of so many takes seconds
# Charges of the last bars are often not published yet; more than that is a gap and not an end.
LARGEST_TAIL = 0.05


@dataclass(frozen=True)
class Span:
    """What is tested of the returns there are.

    Attributes
    ----------
    first, stop : int
        Rows of the aligned returns, the last one exclusive; the warm-up lies before ``first``.
    n_possible : int
        Periods after the first warm-up.
    n_tail : int
        Periods at the end left out because the perpetual's data end before them.
    shortened : bool
        Whether the start was moved so that the test takes seconds.
    """

    first: int
    stop: int
    n_possible: int
    n_tail: int
    shortened: bool


def tested_span(aligned: AlignedReturns, carry: Carry, state: AppState) -> Span:
    """From the start that was chosen, else as long as a walk takes seconds; to where the data reach."""
    settings, choices = state.settings, state.backtest
    index, warm_up = pd.DatetimeIndex(aligned.asset.index), settings.lookback
    tail = _tail(aligned, carry)
    stop = len(index) - tail
    n_possible = stop - warm_up
    if n_possible < FEWEST_PERIODS:  # the walk says what is missing
        return Span(min(warm_up, stop), stop, max(n_possible, 0), tail, shortened=False)
    if choices.tested_from:
        asked = pd.Timestamp(choices.tested_from, tz="UTC")
        first = max(warm_up, int(index.searchsorted(asked)))
        if stop - first < FEWEST_PERIODS:
            raise InputError(
                f"the test would begin on {asked:%Y-%m-%d} and {max(stop - first, 0)} periods follow",
                parameter="tested_from",
                value=choices.tested_from,
                allowed=f"{index[warm_up]:%Y-%m-%d} to {index[stop - FEWEST_PERIODS]:%Y-%m-%d}",
                remedy="Choose an earlier start.",
            )
        return Span(first, stop, n_possible, tail, shortened=False)
    slow = not SLOW_METHODS.isdisjoint({settings.method, *choices.estimators})
    most = SLOW_PERIODS if slow else QUICK_PERIODS
    return Span(max(warm_up, stop - most), stop, n_possible, tail, shortened=n_possible > most)


def _known(aligned: AlignedReturns, carry: Carry) -> npt.NDArray[np.bool_]:
    """Periods for which everything is known that the perpetual's data hold at all."""
    index = pd.DatetimeIndex(aligned.asset.index)
    known = np.ones(len(index), dtype=np.bool_)
    if len(index) < FEWEST_PERIODS:
        return known
    if carry.funding is not None:
        rates = funding_per_period(carry.funding, index, stamps="open", step=bar_length(aligned), holes="nan")
        known &= rates.notna().to_numpy()
    if carry.perpetual_prices is not None:
        known &= carry.perpetual_prices.reindex(index).notna().to_numpy()
    return known


def _tail(aligned: AlignedReturns, carry: Carry) -> int:
    """Periods at the end that the perpetual's data do not reach, where these are few."""
    known = _known(aligned, carry)
    if not known.any():
        return 0
    tail = int(known[::-1].argmax())
    return tail if tail <= LARGEST_TAIL * len(known) else 0


def known_from(market: HedgeMarket, carry: Carry, warm_up: int) -> pd.Timestamp | None:
    """Where a test with what is left out here could begin; its warm-up must be known as well."""
    missing = (carry.funding is not None and market.funding_rates is None) or (
        carry.perpetual_prices is not None and market.hedge_prices is None
    )
    known = _known(market.returns, carry)
    if not missing or not known[-1]:
        return None
    first = len(known) - int((~known[::-1]).argmax()) + warm_up
    if len(known) - first < FEWEST_PERIODS:
        return None
    return pd.Timestamp(market.returns.asset.index[first])
