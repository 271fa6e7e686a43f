"""No hedge, dollar hedge, beta hedge, put, collar and rolled future side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd

from hedging._checks import FloatArray, require_kind, require_number
from hedging.carry.costs import TradingCosts, trading_cost_usd
from hedging.errors import InputError
from hedging.instruments.plan import require_beta, require_position
from hedging.scenarios.hedged_position import HedgedPosition
from hedging.scenarios.options import OptionHedge
from hedging.scenarios.rolled_future import RolledFuture
from hedging.scenarios.shock import Shock
from hedging.scenarios.what_if import hedge_pnl, liquidating_return, require_moves

T = TypeVar("T")

SAME = 1e-6  # relative


@dataclass(frozen=True, eq=False)
class Alternatives:
    """What each way of hedging costs and pays over a grid of benchmark moves.

    Attributes
    ----------
    payoff_usd : pandas.DataFrame, shape (k, n_ways)
        P&L of position and hedge at each benchmark move, costs and carry included, the asset moving by
        beta times the benchmark and, where it is floored, falling by everything at most: idiosyncratic moves
        come on top of every column alike.
    table : pandas.DataFrame
        One row for each way: ``cost_usd`` (paid for sure or as expected, positive), ``worst_usd`` and
        ``best_usd`` over the grid, ``at_rest_usd`` (benchmark unchanged, on the grid or not), and
        ``liquidation_return``, the benchmark's move that liquidates the way's hedge, NaN where none does.
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
    orders: Sequence[tuple[str, HedgedPosition]] | None = None,
    rolled_order: HedgedPosition | None = None,
    spot_usd: float | None = None,
    floored: bool = True,
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
        Of a hedge of ``-beta V``, or of the notional of ``rolled_order``: the rolled future earns its
        convergence instead of funding.
    orders : sequence of (name, HedgedPosition), optional
        Hedges in the perpetual with their margins. A move through the price that liquidates one costs its
        margin, as in :func:`hedging.what_if`, and no funding is received then; what it has to pay is
        counted. Left out, a dollar hedge of ``-V`` and a beta hedge of ``-beta V`` that are never
        liquidated.
    rolled_order : HedgedPosition, optional
        Margin behind the rolled future; left out, it is never liquidated.
    spot_usd : float, optional
        Price of the benchmark now. An option's future ends where spot is, so that its own move is
        ``spot (1 + r) / future - 1``; left out, spot and future are taken to be equal.
    floored : bool
        As in :class:`hedging.HedgedPosition`: whether the position can lose everything at most.

    Returns
    -------
    Alternatives

    Raises
    ------
    InputError
        A move of -1 or less, repeated names, orders, options or a rolled future of another position, or
        unusable values.
    """
    value, slope = require_position(position_usd), require_beta(beta, "beta")
    require_kind(costs, "costs", TradingCosts)
    require_kind(floored, "floored", bool)
    spot = (
        None if spot_usd is None else require_number(spot_usd, "spot_usd", allowed="above 0", valid=_above_0)
    )
    rate_sum = require_number(
        funding_rate_sum, "funding_rate_sum", allowed="-10 to 10", valid=lambda rate: abs(rate) <= 10
    )
    # One move more, the benchmark unchanged: it is looked at whether or not the grid holds it.
    grid = require_moves(benchmark_returns)
    moves = np.append(grid, 0.0)
    unhedged = value * np.maximum(slope * moves, -1.0 if floored else -np.inf)
    ways: dict[str, tuple[FloatArray, float]] = {"no hedge": (unhedged, 0.0)}
    closing: dict[str, float | None] = {}
    if orders is None:
        orders = [
            ("dollar hedge", _unmargined(value, slope, -value)),
            ("beta hedge", _unmargined(value, slope, -slope * value)),
        ]
    for name, order in _named(orders, "orders", HedgedPosition):
        _require_new(name, ways, "orders")
        _require_same(order.position_usd, value, "orders", "the same position")
        notional = order.hedge_notional_usd
        trading, funding = 2.0 * trading_cost_usd(costs, notional), -notional * rate_sum
        made, gone = hedge_pnl(order, moves, Shock())
        kept = np.where(gone, min(funding, 0.0), funding)
        ways[name] = unhedged + made + kept - trading, trading - funding
        closing[name] = liquidating_return(order, Shock())
    if rolled is not None:
        require_kind(rolled, "rolled", RolledFuture)
        short = _unmargined(value, slope, -slope * value) if rolled_order is None else rolled_order
        require_kind(short, "rolled_order", HedgedPosition)
        _require_same(rolled.hedge_notional_usd, short.hedge_notional_usd, "rolled", "the same hedge")
        made, gone = hedge_pnl(short, moves, Shock())
        trading = rolled.dated_trading_usd
        kept = np.where(gone, min(rolled.convergence_usd, 0.0), rolled.convergence_usd)
        ways["rolled future"] = unhedged + made + kept - trading, -rolled.dated_usd
        closing["rolled future"] = liquidating_return(short, Shock())
    for name, option in _named(options, "options", OptionHedge):
        _require_new(name, ways, "options")
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
            "liquidation_return": pd.Series({name: closing.get(name) for name in ways}, dtype=np.float64),
        }
    )
    return Alternatives(payoff_usd=payoff, table=table.loc[list(ways)])


def _unmargined(value: float, beta: float, notional: float) -> HedgedPosition:
    """A hedge that nothing liquidates; its volatilities play no part in an expected P&L."""
    return HedgedPosition(
        position_usd=value,
        hedge_notional_usd=notional,
        beta=beta,
        beta_standard_error=0.0,
        residual_volatility=0.0,
        asset_volatility=1.0,
        benchmark_volatility=1.0,
    )


def _require_new(name: str, ways: Mapping[str, object], parameter: str) -> None:
    if name in ways:
        raise InputError(
            f"{name!r} is there twice",
            parameter=parameter,
            value=name,
            allowed="a name of its own for each way",
            remedy="Rename it.",
        )


def _named(pairs: Sequence[tuple[str, T]], parameter: str, kind: type[T]) -> Sequence[tuple[str, T]]:
    require_kind(pairs, parameter, (list, tuple))
    for pair in pairs:
        require_kind(pair, parameter, tuple)
        if len(pair) != 2 or not isinstance(pair[0], str) or not isinstance(pair[1], kind):
            raise InputError(
                f"{parameter} holds {pair!r:.100}",
                parameter=parameter,
                value=repr(pair)[:100],
                allowed=f"pairs of a name and one {kind.__name__} each",
                remedy=f"Write {parameter}=[('name', ...)].",
            )
    return pairs


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
