"""No hedge, dollar hedge, beta hedge, put, collar and rolled future side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hedging._checks import FloatArray, finite_values, require_number
from hedging.carry.costs import TradingCosts, trading_cost_usd
from hedging.errors import InputError
from hedging.instruments.plan import require_beta, require_position
from hedging.scenarios.options import OptionHedge
from hedging.scenarios.rolled_future import RolledFuture


@dataclass(frozen=True, eq=False)
class Alternatives:
    """What each way of hedging costs and pays over a grid of benchmark moves.

    Attributes
    ----------
    payoff_usd : pandas.DataFrame, shape (k, n_ways)
        P&L of position and hedge at each benchmark move, costs and carry included, the asset moving by
        beta times the benchmark: idiosyncratic moves come on top of every column alike.
    table : pandas.DataFrame
        One row for each way: ``cost_usd`` (paid for sure or as expected, positive), ``worst_usd`` and
        ``best_usd`` over the grid, ``at_rest_usd`` (benchmark unchanged).
    """

    payoff_usd: pd.DataFrame
    table: pd.DataFrame


def compare_alternatives(
    position_usd: float,
    beta: float,
    benchmark_returns: FloatArray,
    *,
    costs: TradingCosts,
    funding_rate_sum: float = 0.0,
    options: Sequence[tuple[str, OptionHedge]] = (),
    rolled: RolledFuture | None = None,
) -> Alternatives:
    """Put linear hedges, options and a rolled future on one grid of benchmark moves.

    Parameters
    ----------
    position_usd : float
        Signed value V.
    beta : float
    benchmark_returns : array, shape (k,)
        Moves of the benchmark over the holding period, above -1.
    costs : TradingCosts
        Of the perpetual, paid on opening and closing.
    funding_rate_sum : float
        Expected over the holding period, positive when longs pay shorts.
    options : sequence of (name, OptionHedge)
        Such as a put and a collar that expire with the holding period.
    rolled : RolledFuture, optional
        Of a hedge of ``-beta V``: the rolled future earns its convergence instead of funding.

    Returns
    -------
    Alternatives

    Raises
    ------
    InputError
        A move of -1 or less, repeated names, or unusable values.
    """
    value, slope = require_position(position_usd), require_beta(beta, "beta")
    moves = finite_values(benchmark_returns, "benchmark_returns")
    if not moves.size or (moves <= -1.0).any():
        raise InputError(
            "benchmark_returns is empty or holds a move of -1 or less",
            parameter="benchmark_returns",
            value=moves.size,
            allowed="moves above -1",
            remedy="A price cannot fall by more than everything.",
        )
    rate_sum = require_number(funding_rate_sum, "funding_rate_sum", allowed="a finite fraction")
    unhedged = value * slope * moves
    ways: dict[str, tuple[FloatArray, float]] = {"no hedge": (unhedged, 0.0)}
    for name, notional in (("dollar hedge", -value), ("beta hedge", -slope * value)):
        cost = 2.0 * trading_cost_usd(costs, notional) + notional * rate_sum
        ways[name] = unhedged + notional * moves - cost, cost
    if rolled is not None:
        ways["rolled future"] = unhedged - slope * value * moves + rolled.dated_usd, -rolled.dated_usd
    for name, option in options:
        if name in ways:
            raise InputError(
                f"{name!r} is there twice",
                parameter="options",
                value=name,
                allowed="a name of its own for each way",
                remedy="Rename it.",
            )
        ways[name] = unhedged + option.payoff_usd(moves), option.premium_usd
    index = pd.Index(moves, name="benchmark_return")
    payoff = pd.DataFrame({name: pnl for name, (pnl, _) in ways.items()}, index=index)
    rest = int(np.abs(moves).argmin())
    table = pd.DataFrame(
        {
            "cost_usd": {name: cost for name, (_, cost) in ways.items()},
            "worst_usd": payoff.min(),
            "best_usd": payoff.max(),
            "at_rest_usd": payoff.iloc[rest],
        }
    )
    return Alternatives(payoff_usd=payoff, table=table.loc[list(ways)])
