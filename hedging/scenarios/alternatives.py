"""No hedge, dollar hedge, beta hedge, put, collar and rolled future side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hedging._checks import FloatArray, require_kind, require_number
from hedging.carry.costs import TradingCosts, trading_cost_usd
from hedging.errors import InputError
from hedging.instruments.plan import require_beta, require_position
from hedging.scenarios.options import OptionHedge
from hedging.scenarios.rolled_future import RolledFuture
from hedging.scenarios.what_if import require_moves

SAME = 1e-6  # relative


@dataclass(frozen=True, eq=False)
class Alternatives:
    """What each way of hedging costs and pays over a grid of benchmark moves.

    Attributes
    ----------
    payoff_usd : pandas.DataFrame, shape (k, n_ways)
        P&L of position and hedge at each benchmark move, costs and carry included, the asset moving by
        beta times the benchmark and falling by everything at most: idiosyncratic moves come on top of every
        column alike.
    table : pandas.DataFrame
        One row for each way: ``cost_usd`` (paid for sure or as expected, positive), ``worst_usd`` and
        ``best_usd`` over the grid, ``at_rest_usd`` (benchmark unchanged, on the grid or not).
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
    spot_usd: float | None = None,
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
    spot_usd : float, optional
        Price of the benchmark now. An option's future ends where spot is, so that its own move is
        ``spot (1 + r) / future - 1``; left out, spot and future are taken to be equal.

    Returns
    -------
    Alternatives

    Raises
    ------
    InputError
        A move of -1 or less, repeated names, options or a rolled future of another position, or unusable
        values.
    """
    value, slope = require_position(position_usd), require_beta(beta, "beta")
    require_kind(costs, "costs", TradingCosts)
    spot = (
        None if spot_usd is None else require_number(spot_usd, "spot_usd", allowed="above 0", valid=_above_0)
    )
    rate_sum = require_number(
        funding_rate_sum, "funding_rate_sum", allowed="-10 to 10", valid=lambda rate: abs(rate) <= 10
    )
    # One move more, the benchmark unchanged: it is looked at whether or not the grid holds it.
    grid = require_moves(benchmark_returns)
    moves = np.append(grid, 0.0)
    unhedged = value * np.maximum(slope * moves, -1.0)
    ways: dict[str, tuple[FloatArray, float]] = {"no hedge": (unhedged, 0.0)}
    for name, notional in (("dollar hedge", -value), ("beta hedge", -slope * value)):
        cost = 2.0 * trading_cost_usd(costs, notional) + notional * rate_sum
        ways[name] = unhedged + notional * moves - cost, cost
    if rolled is not None:
        require_kind(rolled, "rolled", RolledFuture)
        _require_same(rolled.hedge_notional_usd, -slope * value, "rolled", "a hedge of -beta V")
        ways["rolled future"] = unhedged - slope * value * moves + rolled.dated_usd, -rolled.dated_usd
    for name, option in _named(options):
        if name in ways:
            raise InputError(
                f"{name!r} is there twice",
                parameter="options",
                value=name,
                allowed="a name of its own for each way",
                remedy="Rename it.",
            )
        _require_same(option.position_usd, value, "options", "the same position")
        _require_same(option.beta, slope, "options", "the same beta")
        own_moves = moves if spot is None else spot * (1.0 + moves) / option.future_usd - 1.0
        ways[name] = unhedged + option.payoff_usd(own_moves), option.premium_usd
    index = pd.Index(grid, name="benchmark_return")
    payoff = pd.DataFrame({name: pnl[:-1] for name, (pnl, _) in ways.items()}, index=index)
    table = pd.DataFrame(
        {
            "cost_usd": {name: cost for name, (_, cost) in ways.items()},
            "worst_usd": payoff.min(),
            "best_usd": payoff.max(),
            "at_rest_usd": {name: float(pnl[-1]) for name, (pnl, _) in ways.items()},
        }
    )
    return Alternatives(payoff_usd=payoff, table=table.loc[list(ways)])


def _named(options: Sequence[tuple[str, OptionHedge]]) -> Sequence[tuple[str, OptionHedge]]:
    require_kind(options, "options", (list, tuple))
    for pair in options:
        require_kind(pair, "options", tuple)
        if len(pair) != 2 or not isinstance(pair[0], str) or not isinstance(pair[1], OptionHedge):
            raise InputError(
                f"options holds {pair!r:.100}",
                parameter="options",
                value=repr(pair)[:100],
                allowed="pairs of a name and an OptionHedge",
                remedy="Write options=[('put', hedging.buy_protection(...))].",
            )
    return options


def _require_same(found: float, wanted: float, parameter: str, what: str) -> None:
    if abs(found - wanted) > SAME * max(abs(found), abs(wanted)):
        raise InputError(
            f"{parameter} was made for {found:g} and is compared for {wanted:g}",
            parameter=parameter,
            value=found,
            allowed=f"{what}: {wanted:g}",
            remedy="Make it for the position and beta that are compared.",
        )


def _above_0(value: float) -> bool:
    return value > 0
