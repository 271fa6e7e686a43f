"""What the Beta page draws, apart from how the page arranges it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from hedging import HedgeBacktest
from hedging.plots import plot_hedge_pnl, plot_regression, plot_rolling_beta
from hedging.plots.formats import percent_text, usd_text
from hedging.plots.hedge_pnl import LABELS
from hedging.plots.theme import Theme
from pages.shared import words
from pages.shared.charts import Chart, current_theme
from pages.shared.loading import BetaView
from pages.shared.settings import Settings

SCATTER_HEIGHT, ROLLING_HEIGHT, PNL_HEIGHT = 372, 232, 296


def beta_charts(view: BetaView, settings: Settings, span: str) -> dict[str, Chart]:
    """The page's charts by the name their files get."""
    theme: Theme = current_theme()
    asset, benchmark, simulated = settings.asset, settings.benchmark, view.simulated
    window = slice(-settings.lookback, None)
    # Position and unit change the P&L alone.
    estimated = (view.versions, replace(settings, position=0.0, unit="usd"), span)
    charts = {
        "regression": Chart(
            "regression",
            SCATTER_HEIGHT,
            lambda: plot_regression(
                view.aligned.asset.iloc[window],
                view.aligned.benchmark.iloc[window],
                view.estimate,
                asset=asset,
                benchmark=benchmark,
                span=span,
                theme=theme,
                simulated=simulated,
                height=SCATTER_HEIGHT,
            ),
            estimated,
        ),
        "rolling_beta": Chart(
            "rolling_beta",
            ROLLING_HEIGHT,
            lambda: plot_rolling_beta(
                view.rolling,
                asset=asset,
                benchmark=benchmark,
                span=span,
                true_beta=view.asset.true_beta if view.asset.true_beta_benchmark == benchmark else None,
                theme=theme,
                simulated=simulated,
                height=ROLLING_HEIGHT,
            ),
            estimated,
        ),
    }
    backtest = view.backtest
    if isinstance(backtest, HedgeBacktest):
        charts["hedge_pnl"] = Chart(
            "hedge_pnl",
            PNL_HEIGHT,
            lambda: plot_hedge_pnl(
                backtest, asset=asset, theme=theme, simulated=simulated, height=PNL_HEIGHT
            ),
            (view.versions, settings, view.position_usd),
        )
    return charts


def hedges_table(backtest: HedgeBacktest, span: str) -> pd.DataFrame:
    """What each way did to risk and P&L, in words of the page."""
    effects = [s.effectiveness for s in backtest.strategies]
    confidence = next(e.confidence for e in effects if e)
    rows = {
        "volatility a year": [percent_text(s.volatility_annual_fraction) for s in backtest.strategies],
        "worst drawdown": [usd_text(s.max_drawdown_usd) for s in backtest.strategies],
        "P&L before costs": [usd_text(s.total_pnl_usd) for s in backtest.strategies],
        "variance removed": [words.effect(e) if e else "" for e in effects],
        f"its {confidence:.0%} interval": [words.effect_interval(e) if e else "" for e in effects],
    }
    names = [LABELS[s.name] for s in backtest.strategies]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis(f"lookback {span}")
