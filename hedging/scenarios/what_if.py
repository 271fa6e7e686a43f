"""What a hedged position would make or lose if something happened to the market."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from hedging._checks import (
    FloatArray,
    Returns,
    finite_values,
    paired_returns,
    require_choice,
    require_fraction,
    require_kind,
    require_number,
    require_window,
)
from hedging.errors import InputError
from hedging.estimators.results import BetaEstimate, student_t_quantile
from hedging.instruments.contracts import ContractKind
from hedging.instruments.plan import require_beta, require_position

LARGEST_NOTIONAL = 1e15  # the largest position times the largest beta


@dataclass(frozen=True)
class HedgedPosition:
    """A position and its hedge, as they stand.

    Attributes
    ----------
    position_usd, hedge_notional_usd : float
        Signed; a short hedge is negative.
    beta, beta_standard_error : float
    residual_volatility : float
        Idiosyncratic standard deviation per period, a fraction.
    asset_volatility, benchmark_volatility : float
        Per period, fractions.
    margin_usd : float or None
        Isolated margin behind the hedge, for an inverse contract the coins' value now; None: never
        liquidated.
    maintenance_fraction : float
        Maintenance margin as a fraction of the hedge's notional.
    contract_kind : {"linear", "inverse"}
        Where the hedge is liquidated: the margin of an inverse contract is coins.
    degrees_of_freedom : float or None
        Behind error and volatility, for Student's t; None where they are known.
    """

    position_usd: float
    hedge_notional_usd: float
    beta: float
    beta_standard_error: float
    residual_volatility: float
    asset_volatility: float
    benchmark_volatility: float
    margin_usd: float | None = None
    maintenance_fraction: float = 0.005
    contract_kind: ContractKind = "linear"
    degrees_of_freedom: float | None = None

    def __post_init__(self) -> None:
        require_position(self.position_usd)
        require_beta(self.beta, "beta")
        require_choice(self.contract_kind, "contract_kind", get_args(ContractKind))
        require_number(
            self.hedge_notional_usd,
            "hedge_notional_usd",
            allowed=f"at most {LARGEST_NOTIONAL:g} in size",
            valid=lambda usd: abs(usd) <= LARGEST_NOTIONAL,
        )
        for name in ("beta_standard_error", "residual_volatility"):
            require_number(getattr(self, name), name, allowed="0 to 1000", valid=lambda v: 0 <= v <= 1e3)
        for name in ("asset_volatility", "benchmark_volatility"):
            require_number(
                getattr(self, name), name, allowed="above 0, at most 1000", valid=lambda v: 0 < v <= 1e3
            )
        if self.degrees_of_freedom is not None:
            require_number(
                self.degrees_of_freedom,
                "degrees_of_freedom",
                allowed="1 or more, or None",
                valid=lambda v: v >= 1,
            )
        require_number(
            self.maintenance_fraction,
            "maintenance_fraction",
            allowed="above 0 and below 0.5",
            valid=lambda value: 0 < value < 0.5,
        )
        if self.margin_usd is not None:
            smallest = self.maintenance_fraction * abs(self.hedge_notional_usd)
            require_number(
                self.margin_usd,
                "margin_usd",
                allowed=f"above the maintenance margin of {smallest:,.2f} USD, or None",
                valid=lambda margin: margin > smallest,
            )

    @classmethod
    def from_estimate(
        cls,
        estimate: BetaEstimate,
        *,
        position_usd: float,
        hedge_notional_usd: float,
        margin_usd: float | None = None,
        maintenance_fraction: float = 0.005,
        contract_kind: ContractKind = "linear",
    ) -> HedgedPosition:
        """Beta, its error and the volatilities from one estimate.

        Volatilities are those of the observations behind the estimate, for "downside" and "upside" one half
        of the market: shocks of the correlation then speak about that half.
        """
        require_kind(estimate, "estimate", BetaEstimate)
        return cls(
            position_usd=position_usd,
            hedge_notional_usd=hedge_notional_usd,
            beta=estimate.beta,
            beta_standard_error=estimate.beta_standard_error,
            residual_volatility=estimate.residual_volatility,
            asset_volatility=estimate.asset_volatility,
            benchmark_volatility=estimate.benchmark_volatility,
            margin_usd=margin_usd,
            maintenance_fraction=maintenance_fraction,
            contract_kind=contract_kind,
            degrees_of_freedom=estimate.degrees_of_freedom,
        )


@dataclass(frozen=True)
class Shock:
    """What happens to the market; every field alone or together.

    Attributes
    ----------
    beta_after : float or None
        Beta breaks to this value.
    correlation_after : float or None
        Correlation falls to this; the asset's volatility stays, so that beta becomes
        ``rho s_a / s_f`` and the idiosyncratic volatility ``s_a sqrt(1 - rho^2)``, as least squares would
        find them: another estimator's beta jumps to that even at today's correlation. Not with
        ``beta_after``.
    funding_rate : float
        Rate per charge during the shock, positive: longs pay shorts.
    funding_charges : int
        Number of charges.
    basis_change_fraction : float
        Basis of the hedge's price over its spot afterwards, from none: the hedge moves by
        ``(1 + r)(1 + basis) - 1``.
    periods : float
        Over how many periods the shock plays out: idiosyncratic noise grows with its root.
    """

    beta_after: float | None = None
    correlation_after: float | None = None
    funding_rate: float = 0.0
    funding_charges: int = 0
    basis_change_fraction: float = 0.0
    periods: float = 1.0

    def __post_init__(self) -> None:
        if self.beta_after is not None:
            require_number(
                self.beta_after, "beta_after", allowed="-100 to 100", valid=lambda v: abs(v) <= 100
            )
        if self.correlation_after is not None:
            require_number(
                self.correlation_after, "correlation_after", allowed="-1 to 1", valid=lambda v: abs(v) <= 1
            )
            if self.beta_after is not None:
                raise InputError(
                    "both beta_after and correlation_after are given, and each decides beta",
                    parameter="correlation_after",
                    value=self.correlation_after,
                    allowed="one of the two",
                    remedy="Leave one out.",
                )
        require_number(
            self.funding_rate, "funding_rate", allowed="-0.4 to 0.4", valid=lambda v: abs(v) <= 0.4
        )
        require_window(self.funding_charges, smallest=0, parameter="funding_charges")
        require_number(
            self.basis_change_fraction,
            "basis_change_fraction",
            allowed="-0.9 to 0.9",
            valid=lambda value: abs(value) <= 0.9,
        )
        require_number(self.periods, "periods", allowed="above 0, at most 1e6", valid=lambda v: 0 < v <= 1e6)


@dataclass(frozen=True, eq=False)
class WhatIf:
    """P&L over a grid of benchmark moves, USD.

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``benchmark_return``; columns ``unhedged``, ``unhedged_low``, ``unhedged_high``, ``hedged``,
        ``hedged_low``, ``hedged_high``, ``hedge`` (of the instrument alone), ``funding`` and
        ``liquidated``.
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
    beta that is given by the shock has no sampling error, so only the noise is left then. The asset is held
    outright: it and the ends of its interval fall by everything at most.

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
    unhedged = value * np.maximum(beta * moves, -1.0)
    ends = np.sort(value * np.maximum(beta * moves + np.stack([-reach, reach]), -1.0), axis=0)
    hedge, gone = _hedge_pnl(position, moves, event)
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
        liquidation_return=_liquidating_benchmark_return(position, event),
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


def worst_days(
    asset_returns: Returns,
    benchmark_returns: Returns,
    *,
    position_usd: float,
    hedge_notional_usd: float,
    n: int = 10,
) -> pd.DataFrame:
    """The worst periods of the unhedged position in the data, and what the hedge would have made of them.

    Parameters
    ----------
    asset_returns, benchmark_returns : Series on one index or 1-d arrays, shape (m,)
        Simple returns; those of the hedging instrument where they are known.
    position_usd, hedge_notional_usd : float
        Signed, the same at the start of every period.
    n : int
        Rows, at most m. The index is that of whichever input is a Series.

    Returns
    -------
    pandas.DataFrame, shape (n, 5)
        Worst first, labelled by the period: ``asset_return``, ``benchmark_return``, ``unhedged_usd``,
        ``hedge_usd``, ``hedged_usd``.

    Raises
    ------
    InputError
        Returns that do not belong together or lie at or below -1, an unusable amount, more rows than periods.
    """
    asset, benchmark = paired_returns(asset_returns, benchmark_returns)
    for name, returns in (("asset_returns", asset), ("benchmark_returns", benchmark)):
        if (returns <= -1.0).any():
            raise InputError(
                f"{name} holds {returns.min():g}",
                parameter=name,
                value=float(returns.min()),
                allowed="simple returns above -1",
                remedy="A price cannot fall by more than everything: correct the price behind it.",
            )
    value = require_position(position_usd)
    notional = require_number(
        hedge_notional_usd,
        "hedge_notional_usd",
        allowed=f"at most {LARGEST_NOTIONAL:g} in size",
        valid=lambda usd: abs(usd) <= LARGEST_NOTIONAL,
    )
    require_window(n, smallest=1, parameter="n")
    if n > asset.size:
        raise InputError(
            f"{n} periods are asked for and there are {asset.size}",
            parameter="n",
            value=n,
            allowed=f"at most {asset.size}",
            remedy="Ask for fewer.",
        )
    labels = [each.index for each in (asset_returns, benchmark_returns) if isinstance(each, pd.Series)]
    index = labels[0] if labels else pd.RangeIndex(asset.size)
    table = pd.DataFrame(
        {
            "asset_return": asset,
            "benchmark_return": benchmark,
            "unhedged_usd": value * asset,
            "hedge_usd": notional * benchmark,
            "hedged_usd": value * asset + notional * benchmark,
        },
        index=index,
    )
    return table.sort_values("unhedged_usd", kind="stable").head(n)


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


def _hedge_pnl(
    position: HedgedPosition, moves: FloatArray, shock: Shock
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    price_moves = (1.0 + moves) * (1.0 + shock.basis_change_fraction) - 1.0
    earned = position.hedge_notional_usd * price_moves
    limit = _liquidating_price_move(position)
    if limit is None or position.margin_usd is None:
        return earned, np.zeros(moves.size, dtype=bool)
    gone = price_moves >= limit if position.hedge_notional_usd < 0.0 else price_moves <= limit
    # Coins that are lost are worth what they cost at that moment.
    lost = position.margin_usd * (1.0 + limit if position.contract_kind == "inverse" else 1.0)
    return np.where(gone, -lost, earned), gone


def _liquidating_benchmark_return(position: HedgedPosition, shock: Shock) -> float | None:
    limit = _liquidating_price_move(position)
    return None if limit is None else (1.0 + limit) / (1.0 + shock.basis_change_fraction) - 1.0


def _liquidating_price_move(position: HedgedPosition) -> float | None:
    """Move p of the hedge's price at which margin falls to maintenance; the rate of one tier.

    Linear: ``M + N p = m |N| (1 + p)``. Inverse, in coins: ``M + N (1 - x) = m |N| x``, ``x = 1 / (1 + p)``.
    """
    if position.margin_usd is None or position.hedge_notional_usd == 0.0:
        return None
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
