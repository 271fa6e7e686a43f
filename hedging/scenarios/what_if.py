"""What a hedged position would make or lose if something happened to the market."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from hedging._checks import FloatArray, finite_values, require_fraction, require_kind
from hedging.errors import InputError
from hedging.estimators.results import student_t_quantile
from hedging.scenarios.hedged_position import HedgedPosition
from hedging.scenarios.shock import Shock


@dataclass(frozen=True, eq=False)
class WhatIf:
    """P&L over a grid of benchmark moves, USD.

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``benchmark_return``; columns ``unhedged``, ``unhedged_low``, ``unhedged_high``, ``hedged``,
        ``hedged_low``, ``hedged_high``, ``hedge`` (of the instrument and of coins that are its margin),
        ``funding`` and ``liquidated``.
    beta, residual_volatility : float
        After the shock.
    liquidation_return : float or None
        Benchmark move at which the hedge is liquidated, the shock's basis included; None without margin
        and where no move does it.
    confidence : float
        Of the intervals, a fraction.
    position : HedgedPosition
    shock : Shock
        What was asked.
    """

    position: HedgedPosition
    shock: Shock
    table: pd.DataFrame
    beta: float
    residual_volatility: float
    liquidation_return: float | None
    confidence: float


def what_if(
    position: HedgedPosition,
    benchmark_returns: FloatArray,
    *,
    shock: Shock | None = None,
    confidence: float = 0.95,
) -> WhatIf:
    """P&L unhedged and hedged for each move of the benchmark, with intervals.

    With V, beta b, hedge N, move r, basis B and T periods: unhedged ``V b r``, hedged
    ``V b r + N ((1 + r)(1 + B) - 1) - N u``. Both have the interval
    ``+- t sqrt((V SE(b) r)^2 + (V s_e)^2 T)`` with Student's t where the position knows its degrees of
    freedom: the error of beta and idiosyncratic noise are independent, and the hedge removes neither. A
    beta that is given by the shock has no sampling error, so only the noise is left then. A position that
    is ``floored`` and the ends of its interval fall by everything at most.

    A move through the liquidation price costs the isolated margin and nothing beyond it, and the hedge is
    gone: for a short on the way up. The margin of an inverse contract is lost at the price of that moment.
    Funding is paid or received on the notional before the move, settled in cash beside the margin.

    Parameters
    ----------
    position : HedgedPosition
    benchmark_returns : array, shape (k,)
        Moves to look at, fractions above -1.
    shock : Shock, optional
    confidence : float

    Returns
    -------
    WhatIf

    Raises
    ------
    InputError
        No move, one of -1 or less, or an unusable setting.

    References
    ----------
    Hull, Options, Futures, and Other Derivatives, chapters 3 and 22.
    """
    require_fraction(confidence, "confidence")
    require_kind(position, "position", HedgedPosition)
    event = Shock() if shock is None else shock
    require_kind(event, "shock", Shock)
    moves = require_moves(benchmark_returns)
    beta, noise, beta_error = _after(position, event)
    value, notional = position.position_usd, position.hedge_notional_usd
    reach = _critical_value(position, confidence) * np.sqrt(
        np.square(beta_error * moves) + noise**2 * event.periods
    )
    floor = -1.0 if position.floored else -np.inf
    unhedged = value * np.maximum(beta * moves, floor)
    ends = np.sort(value * np.maximum(beta * moves + np.stack([-reach, reach]), floor), axis=0)
    hedge, gone = hedge_pnl(position, moves, event)
    funding = -notional * event.funding_rate * event.funding_charges
    beside = hedge + funding
    table = pd.DataFrame(
        {
            "unhedged": unhedged,
            "unhedged_low": ends[0],
            "unhedged_high": ends[1],
            "hedged": unhedged + beside,
            "hedged_low": ends[0] + beside,
            "hedged_high": ends[1] + beside,
            "hedge": hedge,
            "funding": funding,
            "liquidated": gone,
        },
        index=pd.Index(moves, name="benchmark_return"),
    )
    return WhatIf(
        position=position,
        shock=event,
        table=table,
        beta=beta,
        residual_volatility=noise,
        liquidation_return=liquidating_return(position, event),
        confidence=confidence,
    )


def require_moves(benchmark_returns: FloatArray) -> FloatArray:
    """Moves of a price: at least one, each above -1."""
    moves = finite_values(benchmark_returns, "benchmark_returns")
    if not moves.size or (moves <= -1.0).any():
        raise InputError(
            "benchmark_returns is empty or holds a move of -1 or less",
            parameter="benchmark_returns",
            value=moves.size if not moves.size else float(moves.min()),
            allowed="at least one move, all above -1",
            remedy="A price cannot fall by more than everything.",
        )
    return moves


def _after(position: HedgedPosition, shock: Shock) -> tuple[float, float, float]:
    """Beta, idiosyncratic volatility and error of beta after the shock."""
    if shock.correlation_after is not None:
        rho = shock.correlation_after
        ratio = position.asset_volatility / position.benchmark_volatility
        return rho * ratio, position.asset_volatility * math.sqrt(1.0 - rho * rho), 0.0
    if shock.beta_after is not None:
        return shock.beta_after, position.residual_volatility, 0.0
    return position.beta, position.residual_volatility, position.beta_standard_error


def _critical_value(position: HedgedPosition, confidence: float) -> float:
    if position.degrees_of_freedom is None:
        return float(ndtri(0.5 + confidence / 2.0))
    return student_t_quantile(confidence, position.degrees_of_freedom)


def hedge_pnl(
    position: HedgedPosition, moves: FloatArray, shock: Shock
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """P&L of the hedge alone without funding, USD, and where it is liquidated; shape (k,) each."""
    price_moves = (1.0 + moves) * (1.0 + shock.basis_change_fraction) - 1.0
    earned = position.hedge_notional_usd * price_moves + position.margin_exposure_usd * moves
    limit = _liquidating_price_move(position)
    if limit is None or position.margin_usd is None:
        return earned, np.zeros(moves.size, dtype=bool)
    gone = price_moves >= limit if position.hedge_notional_usd < 0.0 else price_moves <= limit
    # Coins that are lost are worth what they cost at that moment; those that were held before the hedge
    # had gained as much, so that their value now is what is lost of them.
    lost = position.margin_usd * (1.0 + limit if position.contract_kind == "inverse" else 1.0)
    return np.where(gone, position.margin_exposure_usd * limit - lost, earned), gone


def liquidating_return(position: HedgedPosition, shock: Shock) -> float | None:
    """Benchmark move at which the hedge is liquidated, the shock's basis included."""
    limit = _liquidating_price_move(position)
    return None if limit is None else (1.0 + limit) / (1.0 + shock.basis_change_fraction) - 1.0


def _liquidating_price_move(position: HedgedPosition) -> float | None:
    """Move p of the hedge's price at which margin falls to maintenance; the rate of one tier.

    Linear: ``M + N p = m |N| (1 + p)``. Inverse, in coins: ``M + N (1 - x) = m |N| x``, ``x = 1 / (1 + p)``.
    """
    if position.margin_usd is None or position.hedge_notional_usd == 0.0:
        return None
    if position.liquidation_price_move is not None:
        return position.liquidation_price_move
    size, rate, margin = abs(position.hedge_notional_usd), position.maintenance_fraction, position.margin_usd
    short = position.hedge_notional_usd < 0.0
    if position.contract_kind == "inverse":
        if short:
            return size * (1.0 - rate) / (size - margin) - 1.0 if margin < size else None
        return size * (1.0 + rate) / (size + margin) - 1.0
    room = margin - rate * size
    if short:
        return room / (size * (1.0 + rate))
    down = -room / (size * (1.0 - rate))
    return down if down > -1.0 else None
