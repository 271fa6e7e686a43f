"""What a simulated hedge did, and where its profit and loss came from."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hedging.backtesting.settings import HedgeStrategy, Trigger
from hedging.errors import InputError
from hedging.performance import HedgingEffectiveness

# Columns of a split, in the order in which they are shown.
SPLIT = (
    "market",
    "idiosyncratic",
    "estimation_error",
    "drift",
    "rounding",
    "basis",
    "funding",
    "fees",
    "slippage",
    "liquidation",
)


@dataclass(frozen=True, eq=False)
class RunFigures:
    """Figures of one stream of P&L, in USD.

    Attributes
    ----------
    total_usd : float
    volatility_annual_usd : float
    volatility_annual_fraction : float
        Of the position's mean absolute value.
    max_drawdown_usd : float
        Negative.
    expected_shortfall_usd : float
        Mean loss of the worst 5 % of the periods, positive.
    worst_period_usd : float
    worst_period : pandas.Timestamp
        Its label.
    """

    total_usd: float
    volatility_annual_usd: float
    volatility_annual_fraction: float
    max_drawdown_usd: float
    expected_shortfall_usd: float
    worst_period_usd: float
    worst_period: pd.Timestamp


@dataclass(frozen=True, eq=False)
class HedgeRun:
    """One strategy's way through the periods.

    Attributes
    ----------
    strategy : HedgeStrategy
    pnl_usd, cumulative_pnl_usd, drawdown_usd : pandas.Series, shape (n,)
        Of position and hedge together, after all costs.
    split_usd : pandas.DataFrame, shape (n, 10)
        Where each period's P&L came from; the columns add up to ``pnl_usd``. With V the position, r, f
        and p the returns of asset, benchmark and instrument, b the reference beta, b_t the target:
        ``market`` b_t V f, what was left on purpose; ``idiosyncratic`` V (r - b f);
        ``estimation_error`` of the newest estimate, b V f less what it would have hedged; ``drift``
        from not renewing; ``rounding`` to whole steps; ``basis`` N (p - f); ``funding`` -N u;
        ``fees``; ``slippage``; ``liquidation``, what isolated margin lost beyond N p.
    contracts : pandas.Series, shape (n,)
        Signed contracts held during each period.
    hedge_notional_usd, hedge_ratio : pandas.Series, shape (n,)
        Signed notional at the start of each period; beta of the newest estimate there.
    rebalances : pandas.DataFrame
        One row for each trade, on the instant it was made: ``contracts`` afterwards, ``traded_usd``
        (absolute), ``cost_usd``, ``fired`` (what asked for it, comma-separated; "start" at first).
    fired : dict
        How often each trigger fired, whether or not a trade followed.
    turnover_usd : float
        Absolute notional traded.
    n_margin_calls, n_liquidations : int
    margin_posted_usd : float
        Fresh margin paid in over the whole time.
    figures : RunFigures
    effectiveness : HedgingEffectiveness
        Share of the unhedged variance removed, with interval and paired test.
    """

    strategy: HedgeStrategy
    pnl_usd: pd.Series
    cumulative_pnl_usd: pd.Series
    drawdown_usd: pd.Series
    split_usd: pd.DataFrame
    contracts: pd.Series
    hedge_notional_usd: pd.Series
    hedge_ratio: pd.Series
    rebalances: pd.DataFrame
    fired: dict[Trigger, int]
    turnover_usd: float
    n_margin_calls: int
    n_liquidations: int
    margin_posted_usd: float
    figures: RunFigures
    effectiveness: HedgingEffectiveness

    @property
    def n_rebalances(self) -> int:
        """Trades after the first."""
        return max(len(self.rebalances) - 1, 0)


@dataclass(frozen=True, eq=False)
class HedgeSimulation:
    """All strategies and the unhedged position over the same periods.

    Attributes
    ----------
    runs : tuple of HedgeRun
    unhedged_pnl_usd : pandas.Series, shape (n,)
    unhedged : RunFigures
    position_usd : pandas.Series, shape (n,)
        Value of the position at the start of each period.
    reference_beta : float
        Beta that the split measures against: known only afterwards, never used to trade.
    funding_known, basis_known : bool
        False where the market came without: then these columns are 0 because nothing is known.
    """

    runs: tuple[HedgeRun, ...]
    unhedged_pnl_usd: pd.Series
    unhedged: RunFigures
    position_usd: pd.Series
    reference_beta: float
    funding_known: bool
    basis_known: bool

    def run(self, name: str) -> HedgeRun:
        """The run of one strategy by its name."""
        for run in self.runs:
            if run.strategy.name == name:
                return run
        raise InputError(
            f"there is no run of {name!r}",
            parameter="name",
            value=name,
            allowed=", ".join(run.strategy.name for run in self.runs),
            remedy="Give the name of one of the strategies.",
        )
