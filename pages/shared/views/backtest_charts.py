"""What the Backtest page draws, and its tables for download."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd

from hedging import HedgingError
from hedging.backtesting.sweep import describe
from hedging.plots import (
    plot_pnl_split,
    plot_rolling_effectiveness,
    plot_strategies,
    plot_trigger_tradeoff,
)
from pages.shared import words
from pages.shared.charts import Chart, current_theme
from pages.shared.state import AppState
from pages.shared.views.backtest import BacktestView
from pages.shared.views.backtest_strategies import UNHEDGED

PNL_HEIGHT, SPLIT_HEIGHT = 436, 380  # side by side, with the choice of a strategy above the second
ROLLING_HEIGHT, TRADEOFF_HEIGHT = 330, 360


def backtest_charts(view: BacktestView, state: AppState) -> dict[str, Chart]:
    """The page's charts by the name their files get; those whose part is missing are not there."""
    settings, choices = state.settings, state.backtest
    theme, simulated, asset = current_theme(), view.pair.simulated, state.settings.asset
    charts = {
        "strategy_pnl": Chart(
            "strategy_pnl",
            PNL_HEIGHT,
            lambda: plot_strategies(
                view.simulation,
                asset=asset,
                lead=view.lead.strategy.name,
                theme=theme,
                simulated=simulated,
                height=PNL_HEIGHT,
            ),
            (view.version,),
        )
    }
    split = view.run(choices.split_of)
    if split is not None:
        charts["pnl_split"] = Chart(
            "pnl_split",
            SPLIT_HEIGHT,
            lambda: plot_pnl_split(split, theme=theme, simulated=simulated, height=SPLIT_HEIGHT),
            (view.version, choices.split_of),
        )
    rolling = view.rolling
    if not isinstance(rolling, HedgingError):
        unit = words.unit_words(settings, view.pair.aligned.report)
        charts["rolling_effectiveness"] = Chart(
            "rolling_effectiveness",
            ROLLING_HEIGHT,
            lambda: plot_rolling_effectiveness(
                {name: view.simulation.run(name) for name in rolling},
                rolling,
                asset=asset,
                span=f"{choices.effectiveness_window} {unit}",
                theme=theme,
                simulated=simulated,
                height=ROLLING_HEIGHT,
            ),
            (view.version, choices.effectiveness_window),
        )
    return charts


def tradeoff_chart(view: BacktestView, table: pd.DataFrame) -> Chart:
    """Risk left against cost of every set of triggers."""
    theme, simulated = current_theme(), view.pair.simulated
    return Chart(
        "trigger_tradeoff",
        TRADEOFF_HEIGHT,
        lambda: plot_trigger_tradeoff(
            table,
            current=describe(view.triggers),
            theme=theme,
            simulated=simulated,
            height=TRADEOFF_HEIGHT,
        ),
        (view.version,),
    )


def backtest_tables(view: BacktestView, state: AppState) -> dict[str, Callable[[], pd.DataFrame]]:
    """Everything shown, full precision, units in the names of the columns."""
    tables: dict[str, Callable[[], pd.DataFrame]] = {
        "Strategies": partial(_figures, view),
        "P&L of each period": partial(_pnl, view),
    }
    split = view.run(state.backtest.split_of)
    if split is not None:
        tables |= {
            "Split": lambda: split.split_usd.add_suffix("_usd").rename_axis("time_utc"),
            "Rebalances": lambda: split.rebalances.rename_axis("time_utc"),
        }
    return tables


def _pnl(view: BacktestView) -> pd.DataFrame:
    columns = {UNHEDGED: view.simulation.unhedged_pnl_usd}
    columns |= {run.strategy.name: run.pnl_usd for run in view.simulation.runs}
    table = pd.DataFrame(columns).add_suffix(", USD").rename_axis("time_utc")
    if view.pair.simulated:
        table["source"] = "SIMULATED"
    return table


def _figures(view: BacktestView) -> pd.DataFrame:
    rows = {}
    for run in view.simulation.runs:
        split, found = run.split_usd.sum(), run.effectiveness
        rows[run.strategy.name] = {
            "total_usd": run.figures.total_usd,
            "volatility_annual_fraction": run.figures.volatility_annual_fraction,
            "max_drawdown_usd": run.figures.max_drawdown_usd,
            "expected_shortfall_usd": run.figures.expected_shortfall_usd,
            "variance_removed_fraction": found.effectiveness,
            "variance_removed_low": found.low,
            "variance_removed_high": found.high,
            "p_value": found.p_value,
            "confidence_fraction": found.confidence,
            "fees_usd": float(split["fees"]) if view.fee_known else None,
            "slippage_usd": float(split["slippage"]),
            "funding_usd": float(split["funding"]) if view.simulation.funding_known else None,
            "turnover_usd": run.turnover_usd,
            "n_rebalances": run.n_rebalances,
            "n_margin_calls": run.n_margin_calls,
            "n_liquidations": run.n_liquidations,
        }
    alone = view.simulation.unhedged
    rows[UNHEDGED] = {
        "total_usd": alone.total_usd,
        "volatility_annual_fraction": alone.volatility_annual_fraction,
        "max_drawdown_usd": alone.max_drawdown_usd,
        "expected_shortfall_usd": alone.expected_shortfall_usd,
    }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("strategy")
    table["simulated"] = view.pair.simulated
    return table
