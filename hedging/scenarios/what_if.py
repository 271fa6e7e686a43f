"""What a hedged position would make or lose if something happened to the market."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from hedging._checks import (
    FloatArray,
    Returns,
    finite_values,
    paired_returns,
    require_fraction,
    require_number,
    require_window,
)
from hedging.errors import InputError
from hedging.estimators.results import BetaEstimate


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
        Isolated margin behind the hedge; None: never liquidated.
    maintenance_fraction : float
        Maintenance margin as a fraction of the hedge's notional.
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

    def __post_init__(self) -> None:
        require_number(self.position_usd, "position_usd", allowed="not 0", valid=lambda usd: usd != 0)
        for name in ("hedge_notional_usd", "beta"):
            require_number(getattr(self, name), name, allowed="a finite number")
        for name in ("beta_standard_error", "residual_volatility"):
            require_number(getattr(self, name), name, allowed="0 or more", valid=lambda value: value >= 0)
        for name in ("asset_volatility", "benchmark_volatility"):
            require_number(getattr(self, name), name, allowed="above 0", valid=lambda value: value > 0)
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
    ) -> HedgedPosition:
        """Beta, its error and the volatilities from one estimate."""
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
        ``rho s_a / s_f`` and the idiosyncratic volatility ``s_a sqrt(1 - rho^2)``. Not with ``beta_after``.
    funding_rate : float
        Rate per charge during the shock, positive: longs pay shorts.
    funding_charges : int
        Number of charges.
    basis_change_fraction : float
        The hedge's price moves by this more than its spot.
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
        require_number(self.periods, "periods", allowed="above 0", valid=lambda value: value > 0)


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
        Benchmark move at which the hedge is liquidated; None without margin.
    confidence : float
        Of the intervals, a fraction.
    """

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

    With V, beta b, hedge N, move r and T periods: unhedged ``V b r``, hedged ``V b r + N (r + basis) - N u``.
    Both have the interval ``+- z sqrt((V SE(b) r)^2 + (V s_e)^2 T)``: the error of beta and
    idiosyncratic noise are independent, and the hedge removes neither. A beta that is given by the shock
    has no sampling error, so only the noise is left then.

    A move through the liquidation price costs the isolated margin and nothing beyond it, and the hedge is
    gone: for a short on the way up. Funding is received on the notional before the move.

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
        A move of -1 or less, or an unusable setting.

    References
    ----------
    Hull, Options, Futures, and Other Derivatives, chapters 3 and 22.
    """
    require_fraction(confidence, "confidence")
    event = shock or Shock()
    moves = finite_values(benchmark_returns, "benchmark_returns")
    if (moves <= -1.0).any():
        raise InputError(
            f"benchmark_returns holds {moves.min():g}",
            parameter="benchmark_returns",
            value=float(moves.min()),
            allowed="moves above -1",
            remedy="A price cannot fall by more than everything.",
        )
    beta, noise, beta_error = _after(position, event)
    value, notional = position.position_usd, position.hedge_notional_usd
    unhedged = value * beta * moves
    hedge, gone = _hedge_pnl(position, moves, event)
    funding = -notional * event.funding_rate * event.funding_charges
    reach = float(ndtri(0.5 + confidence / 2.0)) * np.sqrt(
        np.square(value * beta_error * moves) + (value * noise) ** 2 * event.periods
    )
    hedged = unhedged + hedge + funding
    table = pd.DataFrame(
        {
            "unhedged": unhedged,
            "unhedged_low": unhedged - reach,
            "unhedged_high": unhedged + reach,
            "hedged": hedged,
            "hedged_low": hedged - reach,
            "hedged_high": hedged + reach,
            "hedge": hedge,
            "funding": funding,
            "liquidated": gone,
        },
        index=pd.Index(moves, name="benchmark_return"),
    )
    return WhatIf(
        table=table,
        beta=beta,
        residual_volatility=noise,
        liquidation_return=_liquidation_return(position),
        confidence=confidence,
    )


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
        Rows, at most m.

    Returns
    -------
    pandas.DataFrame, shape (n, 5)
        Worst first, labelled by the period: ``asset_return``, ``benchmark_return``, ``unhedged_usd``,
        ``hedge_usd``, ``hedged_usd``.
    """
    asset, benchmark = paired_returns(asset_returns, benchmark_returns)
    value = require_number(position_usd, "position_usd", allowed="not 0", valid=lambda usd: usd != 0)
    notional = require_number(hedge_notional_usd, "hedge_notional_usd", allowed="a finite amount")
    require_window(n, smallest=1, available=asset.size, parameter="n")
    index = asset_returns.index if isinstance(asset_returns, pd.Series) else pd.RangeIndex(asset.size)
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


def _hedge_pnl(
    position: HedgedPosition, moves: FloatArray, shock: Shock
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    price_moves = moves + shock.basis_change_fraction
    earned = position.hedge_notional_usd * price_moves
    limit = _liquidation_return(position)
    if limit is None or position.margin_usd is None:
        return earned, np.zeros(moves.size, dtype=bool)
    gone = price_moves >= limit if position.hedge_notional_usd < 0.0 else price_moves <= limit
    return np.where(gone, -position.margin_usd, earned), gone


def _liquidation_return(position: HedgedPosition) -> float | None:
    """Move at which ``margin + N r = m |N| (1 + r)``; the maintenance rate of one tier."""
    if position.margin_usd is None or position.hedge_notional_usd == 0.0:
        return None
    size, rate = abs(position.hedge_notional_usd), position.maintenance_fraction
    room = position.margin_usd - rate * size
    if position.hedge_notional_usd < 0.0:
        return room / (size * (1.0 + rate))
    down = -room / (size * (1.0 - rate))
    return down if down > -1.0 else None
