"""The prices of all positions and of the benchmark at common instants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from hedging.alignment import AlignmentReport, align
from hedging.errors import InputError, InsufficientDataError
from hedging.sampling import ReturnInterval


@dataclass(frozen=True, eq=False)
class AlignedBook:
    """Returns of several assets and of one benchmark over the same spans.

    Attributes
    ----------
    asset_returns : pandas.DataFrame, shape (n, k)
        Simple returns, a column for each asset.
    benchmark_returns : pandas.Series, shape (n,)
    asset_prices : pandas.DataFrame, shape (n + 1, k)
    benchmark_prices : pandas.Series, shape (n + 1,)
        The prices they were taken from: one row more, at the front.
    reports : dict of str to AlignmentReport
        Of each asset with the benchmark, before the instants of the other assets were asked for.
    n_left_out : dict of str to int
        Instants of each asset at which another asset has no price.
    """

    asset_returns: pd.DataFrame
    benchmark_returns: pd.Series
    asset_prices: pd.DataFrame
    benchmark_prices: pd.Series
    reports: dict[str, AlignmentReport]
    n_left_out: dict[str, int]


def align_book(
    asset_prices: Mapping[str, pd.Series],
    benchmark_prices: pd.Series,
    *,
    interval: ReturnInterval = "daily",
) -> AlignedBook:
    """Sample all PRICES at the instants that every asset and the benchmark have, then take returns.

    As :func:`hedging.align` does for one asset: nothing is filled, and where one price is missing the
    next return of all of them spans the gap.

    Parameters
    ----------
    asset_prices : mapping of str to pandas.Series
        Prices by name on timezone-aware times; at least one.
    benchmark_prices : pandas.Series
    interval : {"hourly", "daily", "weekly"}
        Span of one return.

    Returns
    -------
    AlignedBook

    Raises
    ------
    InputError
        No asset, or as :func:`hedging.align`.
    InsufficientDataError
        Fewer than two instants that all have.
    """
    if not asset_prices:
        raise InputError(
            "the book has no position",
            parameter="asset_prices",
            value=0,
            allowed="prices of at least one asset",
            remedy="Enter a position.",
        )
    pairs = {
        name: align(prices, benchmark_prices, interval=interval) for name, prices in asset_prices.items()
    }
    common = pd.DatetimeIndex(next(iter(pairs.values())).asset_prices.index)
    for pair in pairs.values():
        common = common.intersection(pd.DatetimeIndex(pair.asset_prices.index))
    if len(common) < 2:
        latest = max(pairs, key=lambda name: pairs[name].asset_prices.index[0])
        raise InsufficientDataError(
            f"the assets of the book share {len(common)} instants; {latest} begins last, on "
            f"{pairs[latest].asset_prices.index[0]:%Y-%m-%d}",
            parameter="asset_prices",
            value=len(common),
            allowed="2 or more instants at which every asset has a price",
            remedy="Remove the asset with the shortest history, or load more of it.",
        )
    prices = pd.DataFrame({name: pair.asset_prices.loc[common] for name, pair in pairs.items()})
    benchmark = next(iter(pairs.values())).benchmark_prices.loc[common]
    return AlignedBook(
        asset_returns=(prices / prices.shift(1) - 1).iloc[1:],
        benchmark_returns=(benchmark / benchmark.shift(1) - 1).iloc[1:],
        asset_prices=prices,
        benchmark_prices=benchmark,
        reports={name: pair.report for name, pair in pairs.items()},
        n_left_out={name: len(pair.asset_prices) - len(common) for name, pair in pairs.items()},
    )
