"""The sweep of triggers: started by hand, kept for everybody who asks for the same."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from hedging import HedgeStrategy, ReturnInterval, Triggers, sweep_triggers, trigger_grid
from hedging.backtesting.sweep import describe
from pages.shared.long_work import Kept
from pages.shared.state import AppState
from pages.shared.views.backtest import BacktestView

HOURS: dict[ReturnInterval, list[float | None]] = {
    "hourly": [8.0, 24.0, 72.0, 168.0, None],
    "daily": [24.0, 72.0, 168.0, 720.0, None],
    "weekly": [168.0, 336.0, 720.0, 2_160.0, None],
}


def swept_triggers(interval: ReturnInterval, current: Triggers) -> tuple[Triggers, ...]:
    """Every combination that is tried, with the one in use among them."""
    grid = trigger_grid(
        {
            "every_hours": HOURS[interval],
            "benchmark_move_fraction": [None, 0.03, 0.1],
            "hedge_drift_fraction": [None, 0.05, 0.15],
            "beta_outside_interval": [False, True],
        }
    )
    return tuple({describe(triggers): triggers for triggers in (*grid, current)}.values())


def find_sweep(view: BacktestView) -> pd.DataFrame | None:
    """The sweep of what is on screen, if it was made."""
    return _sweeps().find(view.version)


def run_sweep(view: BacktestView, state: AppState) -> pd.DataFrame:
    """Try every set of triggers on the beta hedge; only the table is kept, its runs fill much memory.

    Raises
    ------
    HedgingError
        The walk cannot be made.
    """
    strategy: HedgeStrategy = view.lead.strategy
    grid = swept_triggers(state.settings.interval, view.triggers)
    return _sweeps().made(
        view.version,
        lambda progress: (
            sweep_triggers(
                view.market,
                strategy,
                grid,
                position_usd=view.pair.position_usd,
                contract=view.contract,
                terms=view.terms,
                holding=state.backtest.holding,
                estimate=view.estimates.get(strategy.name),
                progress=progress,
            ).table
        ),
        label=f"Walking forward with {len(grid)} sets of triggers…",
    )


@st.cache_resource(show_spinner=False)
def _sweeps() -> Kept[pd.DataFrame]:
    return Kept(16)
