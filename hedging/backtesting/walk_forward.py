"""Would the hedge have worked? A walk forward in which every hedge knows only the past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import pandas as pd

from hedging._checks import require_window
from hedging.alignment import AlignedReturns
from hedging.errors import InputError, InsufficientDataError
from hedging.estimators._windows import LEAST_SQUARES
from hedging.estimators.results import SMALLEST_WINDOW, Method
from hedging.estimators.rolling import rolling_beta
from hedging.instruments.sizing import require_position
from hedging.performance import (
    HedgingEffectiveness,
    annualised_volatility,
    drawdown,
    hedging_effectiveness,
)

StrategyName: TypeAlias = Literal["unhedged", "dollar", "beta"]

FEWEST_PERIODS = 10


@dataclass(frozen=True, eq=False)
class StrategyResult:
    """What one way of hedging did over the backtest.

    Attributes
    ----------
    name : {"unhedged", "dollar", "beta"}
    pnl_usd : pandas.Series, shape (n_periods,)
        Profit (positive) or loss of each period.
    cumulative_pnl_usd, drawdown_usd : pandas.Series, shape (n_periods,)
        Running sum, and its distance below the highest value so far (zero or negative).
    total_pnl_usd, max_drawdown_usd : float
        Last sum; the deepest drawdown as a negative number.
    volatility_annual_usd, volatility_annual_fraction : float
        Annualised standard deviation, in USD and as a fraction of the position's size.
    effectiveness : HedgingEffectiveness or None
        Share of the unhedged variance removed; None for "unhedged".
    """

    name: StrategyName
    pnl_usd: pd.Series
    cumulative_pnl_usd: pd.Series
    drawdown_usd: pd.Series
    total_pnl_usd: float
    max_drawdown_usd: float
    volatility_annual_usd: float
    volatility_annual_fraction: float
    effectiveness: HedgingEffectiveness | None


@dataclass(frozen=True, eq=False)
class HedgeBacktest:
    """Three ways through the same periods: unhedged, dollar-hedged and beta-hedged.

    Attributes
    ----------
    unhedged, dollar, beta : StrategyResult
    hedge_ratio : pandas.Series, shape (n_periods,)
        Beta in force during each period: estimated on the ``window`` periods BEFORE it.
    position_usd : float
        Signed value to which the position is reset before each period.
    window : int
        Observations behind each hedge ratio.
    """

    unhedged: StrategyResult
    dollar: StrategyResult
    beta: StrategyResult
    hedge_ratio: pd.Series
    position_usd: float
    window: int

    def scaled(self, position_usd: float) -> HedgeBacktest:
        """The same walk with a position of another size or side: P&L is proportional to it.

        Raises
        ------
        InputError
            A position of 0, or none that can be held.
        """
        factor = require_position(position_usd) / self.position_usd
        return replace(
            self,
            unhedged=_scaled(self.unhedged, factor),
            dollar=_scaled(self.dollar, factor),
            beta=_scaled(self.beta, factor),
            position_usd=self.position_usd * factor,
        )

    @property
    def strategies(self) -> tuple[StrategyResult, StrategyResult, StrategyResult]:
        """All three, in the order in which they are shown."""
        return self.unhedged, self.dollar, self.beta


def backtest_hedge(
    returns: AlignedReturns,
    *,
    window: int,
    position_usd: float,
    method: Method = "ols",
    confidence: float = 0.95,
    progress: Callable[[float], None] | None = None,
) -> HedgeBacktest:
    """Walk forward: hold a constant USD position, hedge it each period from past data alone.

    In period t the unhedged position earns ``V r_t``, the dollar hedge ``V (r_t - f_t)`` and the
    beta hedge ``V (r_t - b f_t)`` with ``b`` estimated on periods ``t - window .. t - 1``. All three
    are shown over the same periods, from the first that has a hedge ratio. Before costs and funding.

    Parameters
    ----------
    returns : AlignedReturns
        Simple returns from :func:`hedging.align`.
    window : int
        Observations for each hedge ratio.
    position_usd : float
        Signed value V of the position, long positive; reset to it before each period, so that
        all periods weigh the same.
    method : str
        How beta is estimated, as in :func:`hedging.rolling_beta`.
    confidence : float
        Level of the effectiveness intervals as a fraction.
    progress : callable, optional
        Called with the fraction done where betas are estimated window by window.

    Returns
    -------
    HedgeBacktest

    Raises
    ------
    InputError
        As :func:`hedging.rolling_beta`, or a position of 0.
    InsufficientDataError
        Fewer than ``window + 10`` returns.

    References
    ----------
    Ederington (1979); Hull, Options, Futures, and Other Derivatives, chapter 3.
    """
    value = require_position(position_usd)
    require_simple(returns)
    require_window(window, smallest=SMALLEST_WINDOW)
    _require_history(len(returns.asset), window)
    estimates = rolling_beta(
        returns.asset,
        returns.benchmark,
        window=window,
        method=method,
        covariance="nonrobust" if method in LEAST_SQUARES else None,  # the cheapest: errors are not used
        progress=progress,
    )
    # The estimate that ends at t - 1 is the hedge of period t.
    hedge_ratio = estimates.beta.shift(1).iloc[window:].rename("hedge_ratio")
    asset, benchmark = returns.asset.iloc[window:], returns.benchmark.iloc[window:]
    unhedged = value * asset

    def result(name: StrategyName, pnl: pd.Series) -> StrategyResult:
        cumulative = pnl.cumsum()
        below = drawdown(cumulative)
        volatility = annualised_volatility(pnl, periods_per_year=returns.periods_per_year)
        return StrategyResult(
            name=name,
            pnl_usd=pnl.rename(name),
            cumulative_pnl_usd=cumulative.rename(name),
            drawdown_usd=below.rename(name),
            total_pnl_usd=float(cumulative.iloc[-1]),
            max_drawdown_usd=float(below.min()),
            volatility_annual_usd=volatility,
            volatility_annual_fraction=volatility / abs(value),
            effectiveness=None
            if name == "unhedged"
            else hedging_effectiveness(unhedged, pnl, confidence=confidence),
        )

    return HedgeBacktest(
        unhedged=result("unhedged", unhedged),
        dollar=result("dollar", unhedged - value * benchmark),
        beta=result("beta", unhedged - value * hedge_ratio * benchmark),
        hedge_ratio=hedge_ratio,
        position_usd=value,
        window=window,
    )


def _scaled(result: StrategyResult, factor: float) -> StrategyResult:
    cumulative = result.cumulative_pnl_usd * factor
    # A short position turns peaks into troughs, so its drawdown is another one.
    below = result.drawdown_usd * factor if factor > 0 else drawdown(cumulative)
    return replace(
        result,
        pnl_usd=result.pnl_usd * factor,
        cumulative_pnl_usd=cumulative,
        drawdown_usd=below.rename(result.name),
        total_pnl_usd=result.total_pnl_usd * factor,
        max_drawdown_usd=float(below.min()),
        volatility_annual_usd=result.volatility_annual_usd * abs(factor),
    )


def require_simple(returns: AlignedReturns) -> None:
    """Refuse logarithmic returns: a position does not earn them."""
    if returns.report.log_returns:
        raise InputError(
            "returns are logarithmic, and a position does not earn its value times a logarithm",
            parameter="returns",
            value="log_returns=True",
            allowed="simple returns",
            remedy="Align again with log_returns=False.",
        )


def _require_history(available: int, window: int) -> None:
    if available < window + FEWEST_PERIODS:
        raise InsufficientDataError(
            f"there are {available} returns and a walk forward with a lookback of {window} needs "
            f"{window + FEWEST_PERIODS}",
            parameter="window",
            value=window,
            allowed=f"at most {max(available - FEWEST_PERIODS, 0)}",
            remedy="Choose a shorter lookback, a finer return interval or a longer history.",
        )
