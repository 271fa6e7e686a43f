"""Whole contracts on several benchmarks at once."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from hedging._checks import FloatArray, require_number
from hedging.errors import DegenerateDataError, InputError, NoHedgeError
from hedging.estimators.several import SeveralBetas
from hedging.instruments.contracts import Contract
from hedging.instruments.sizing import require_position

MOST_NODES = 200_000  # about two seconds
MOST_STEPS = 1e12  # whole numbers that a float still holds exactly, with room for products


@dataclass(frozen=True, eq=False)
class SeveralHedges:
    """Orders on several benchmarks that together leave the least variance.

    Attributes
    ----------
    contracts : dict of str to Decimal
        Signed orders in whole steps, short negative.
    contracts_exact : pandas.Series
        Before rounding.
    hedge_notional_usd : pandas.Series
        Signed USD value of each order.
    residual_beta_usd : pandas.Series
        Exposure left to each benchmark, USD.
    residual_volatility_usd : float
        Standard deviation per period of what rounding leaves, ``sqrt(d' S_ff d)``, USD: without the
        asset's idiosyncratic part.
    volatility_of_rounding_each_usd : float
        The same when each order is rounded by itself; never smaller.
    condition_number : float
        Of the benchmarks' correlation matrix.
    """

    contracts: dict[str, Decimal]
    contracts_exact: pd.Series
    hedge_notional_usd: pd.Series
    residual_beta_usd: pd.Series
    residual_volatility_usd: float
    volatility_of_rounding_each_usd: float
    condition_number: float


def size_several_hedges(
    position_usd: float,
    betas: SeveralBetas,
    *,
    contracts: Mapping[str, Contract],
    prices_usd: Mapping[str, float],
) -> SeveralHedges:
    """Whole steps ``n`` that minimise ``(h - n)' S_ff (h - n)`` over all benchmarks together.

    When benchmarks move together, rounding one order up can make good what rounding the other
    down leaves. The search is exact: branch and bound over the Cholesky factor.

    Parameters
    ----------
    position_usd : float
        Signed value V, long positive.
    betas : SeveralBetas
        From :func:`hedging.estimate_betas`.
    contracts, prices_usd : mappings by benchmark name
        What hedges each benchmark and the price of its underlying.

    Returns
    -------
    SeveralHedges

    Raises
    ------
    InputError
        A benchmark has no contract or price, or a value is unusable.
    DegenerateDataError
        So many benchmarks so much alike that the search does not end.
    NoHedgeError
        An order would be below the smallest that the exchange takes.

    References
    ----------
    Fincke and Pohst (1985) for the search; Anderson and Danthine (1980) for the criterion.
    """
    value = require_position(position_usd)
    names = [str(name) for name in betas.betas.index]
    _require_all(names, contracts, "contracts")
    _require_all(names, prices_usd, "prices_usd")
    values = np.array([contracts[n].value_usd(_price_number(prices_usd[n], n)) for n in names])
    steps = np.array([float(contracts[n].quantity_step) for n in names])
    exact = -betas.betas.to_numpy(dtype=np.float64) * value / values / steps
    if np.abs(exact).max() > MOST_STEPS:
        raise InputError(
            f"the orders would be up to {np.abs(exact).max():.3g} steps",
            parameter="position_usd",
            value=value,
            allowed=f"positions of at most {MOST_STEPS:g} steps of each contract",
            remedy="Choose a larger contract.",
        )
    usd_per_step = values * steps
    spread = betas.benchmark_covariance.to_numpy() * np.outer(usd_per_step, usd_per_step)
    whole = _nearest_whole(exact, spread)
    orders = {
        name: Decimal(int(n)) * contracts[name].quantity_step for name, n in zip(names, whole, strict=True)
    }
    for name in names:
        _require_minimum(orders[name], contracts[name], prices_usd[name])
    left, each = whole - exact, np.rint(exact) - exact
    return SeveralHedges(
        contracts=orders,
        contracts_exact=pd.Series(exact * steps, index=names, name="contracts_exact"),
        hedge_notional_usd=pd.Series(whole * usd_per_step, index=names, name="hedge_notional_usd"),
        residual_beta_usd=pd.Series(left * usd_per_step, index=names, name="residual_beta_usd"),
        residual_volatility_usd=float(np.sqrt(max(left @ spread @ left, 0.0))),
        volatility_of_rounding_each_usd=float(np.sqrt(max(each @ spread @ each, 0.0))),
        condition_number=betas.condition_number,
    )


def _nearest_whole(target: FloatArray, spread: FloatArray) -> FloatArray:
    """Integer vector n with the least ``(target - n)' spread (target - n)``, by depth-first search."""
    scaled = spread / np.diagonal(spread).mean()
    upper = np.linalg.cholesky(scaled).T
    best = np.rint(target)
    bound = float(np.square(upper @ (best - target)).sum())
    nodes = 0

    def descend(level: int, whole: FloatArray, spent: float) -> None:
        nonlocal best, bound, nodes
        if level < 0:
            best, bound = whole.copy(), spent  # the caller has checked that it costs less
            return
        tail = float(upper[level, level + 1 :] @ (whole[level + 1 :] - target[level + 1 :]))
        centre = target[level] - tail / upper[level, level]
        candidate, sign = np.rint(centre), 1.0 if centre >= np.rint(centre) else -1.0
        # Nearest first, then alternately to both sides: the first one that costs too much ends the level.
        for turn in itertools.count(1):
            nodes += 1
            if nodes > MOST_NODES:
                raise _too_alike(target.size)
            cost = spent + float(upper[level, level] * (candidate - centre)) ** 2
            if cost >= bound:
                return
            whole[level] = candidate
            descend(level - 1, whole, cost)
            candidate, sign = candidate + sign * turn, -sign

    descend(len(target) - 1, best.copy(), 0.0)
    return best


def _too_alike(k: int) -> DegenerateDataError:
    return DegenerateDataError(
        f"the {k} benchmarks are so much alike that their best whole contracts were not found",
        parameter="betas",
        value=k,
        allowed="benchmarks that differ enough for each to have a size of its own",
        remedy="Leave out the benchmarks that move together.",
    )


def _require_minimum(order: Decimal, contract: Contract, price_usd: float) -> None:
    notional = abs(float(order)) * contract.value_usd(price_usd)
    if order and (abs(order) < contract.minimum_quantity or notional < float(contract.minimum_notional_usd)):
        raise NoHedgeError(
            f"the order of {abs(order)} contracts of {contract.name} is less than the exchange takes",
            parameter="position_usd",
            value=float(order),
            allowed=f"at least {contract.minimum_quantity} contracts and ${contract.minimum_notional_usd}",
            remedy="Leave this benchmark out, or hedge a larger position.",
        )


def _require_all(names: list[str], given: Mapping[str, object], parameter: str) -> None:
    missing = [name for name in names if name not in given]
    if missing:
        raise InputError(
            f"{parameter} has nothing for {', '.join(missing)}",
            parameter=parameter,
            value=sorted(given),
            allowed=", ".join(names),
            remedy="Give one for each benchmark of the estimate.",
        )


def _price_number(price_usd: float, name: str) -> float:
    return require_number(
        price_usd, f"prices_usd[{name!r}]", allowed="a positive price", valid=lambda number: number > 0
    )
