"""Where the profit and loss of a hedge that was really held came from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hedging._checks import FloatArray, finite_values, require_number
from hedging.errors import InputError

PARTS = (
    "market",
    "idiosyncratic",
    "estimation_error",
    "rounding",
    "basis",
    "funding",
    "fees",
)


@dataclass(frozen=True, eq=False)
class HedgeLedger:
    """A held hedge, period by period; every Series on one index, values at the START of each period.

    Attributes
    ----------
    position_usd : pandas.Series
        Signed value V of the position.
    hedge_notional_usd : pandas.Series
        Signed notional N of the instrument, short negative.
    beta_used : pandas.Series
        Beta behind the hedge: 1 for a dollar hedge.
    asset_returns, benchmark_returns, hedge_returns : pandas.Series
        Returns r of the asset, f of the benchmark's spot and p of the instrument over the period.
    funding_rates : pandas.Series
        Rates charged in the period, positive when longs pay.
    costs_usd : pandas.Series
        Fees and slippage paid, positive.
    """

    position_usd: pd.Series
    hedge_notional_usd: pd.Series
    beta_used: pd.Series
    asset_returns: pd.Series
    benchmark_returns: pd.Series
    hedge_returns: pd.Series
    funding_rates: pd.Series
    costs_usd: pd.Series


@dataclass(frozen=True, eq=False)
class PnlAttribution:
    """A P&L split into parts that add up.

    Attributes
    ----------
    parts_usd : pandas.DataFrame, shape (n, 7)
        ``market``, ``idiosyncratic``, ``estimation_error``, ``rounding``, ``basis``, ``funding``,
        ``fees`` of each period.
    pnl_usd : pandas.Series, shape (n,)
        ``V r + N p - N u - costs``.
    total_usd : pandas.Series, shape (7,)
        Sum of each part.
    unexplained_usd : float
        Largest difference in a period between the P&L and its parts: rounding of floats alone.
    reference_beta, beta_target : float
    """

    parts_usd: pd.DataFrame
    pnl_usd: pd.Series
    total_usd: pd.Series
    unexplained_usd: float
    reference_beta: float
    beta_target: float


def attribute_pnl(ledger: HedgeLedger, *, reference_beta: float, beta_target: float = 0.0) -> PnlAttribution:
    """Split realised P&L: each term ends where the next begins, so that they add up exactly.

    With ``b`` the reference beta (known only afterwards), ``b_u`` the one used, ``b_t`` the target and
    ``N* = -(b_u - b_t) V`` the exact hedge:
    market ``b_t V f``; idiosyncratic ``V (r - b f)``; estimation error ``(b - b_u) V f``; rounding
    ``(N - N*) f``; basis ``N (p - f)``; funding ``-N u``; fees ``-costs``.

    Parameters
    ----------
    ledger : HedgeLedger
    reference_beta : float
        What beta turned out to be, e.g. least squares over the time held.
    beta_target : float
        Exposure left on purpose.

    Returns
    -------
    PnlAttribution

    Raises
    ------
    InputError
        Indexes differ, or a value is not finite.
    """
    reference = require_number(reference_beta, "reference_beta", allowed="a finite beta")
    target = require_number(beta_target, "beta_target", allowed="a finite beta")
    index = ledger.position_usd.index

    def column(name: str) -> FloatArray:
        series = getattr(ledger, name)
        if not series.index.equals(index):
            raise InputError(
                f"{name} is not on the index of position_usd",
                parameter=name,
                value=len(series),
                allowed=f"the same {len(index)} periods",
                remedy="Bring all columns of the ledger to one index.",
            )
        return finite_values(series, name)

    v, n, used = column("position_usd"), column("hedge_notional_usd"), column("beta_used")
    r, f, p = column("asset_returns"), column("benchmark_returns"), column("hedge_returns")
    funding, costs = -n * column("funding_rates"), column("costs_usd")
    exact = -(used - target) * v
    parts = pd.DataFrame(
        {
            "market": target * v * f,
            "idiosyncratic": v * (r - reference * f),
            "estimation_error": (reference - used) * v * f,
            "rounding": (n - exact) * f,
            "basis": n * (p - f),
            "funding": funding,
            "fees": -costs,
        },
        index=index,
    )
    pnl = pd.Series(v * r + n * p + funding - costs, index=index, name="pnl_usd")
    return PnlAttribution(
        parts_usd=parts,
        pnl_usd=pnl,
        total_usd=parts.sum(),
        unexplained_usd=float(np.abs(parts.sum(axis=1) - pnl).max()) if len(pnl) else 0.0,
        reference_beta=reference,
        beta_target=target,
    )
