"""Results to Plotly figures: no numbers are computed here beyond what a picture needs."""

from hedging.plots.alternative_payoffs import plot_alternatives
from hedging.plots.basis import plot_basis
from hedging.plots.book_contributions import plot_contributions
from hedging.plots.break_path import plot_break_search
from hedging.plots.config import CONFIG
from hedging.plots.decoupling import plot_decoupling
from hedging.plots.estimator_forest import plot_estimators
from hedging.plots.hedge_pnl import plot_hedge_pnl
from hedging.plots.hedge_sizes import plot_hedge_sizes
from hedging.plots.lookbacks import plot_atlas, plot_lookbacks
from hedging.plots.matrix import plot_matrix
from hedging.plots.pnl_split import plot_pnl_split
from hedging.plots.regression_scatter import plot_regression
from hedging.plots.rolling_band import plot_rolling_beta
from hedging.plots.rolling_effectiveness import plot_rolling_effectiveness
from hedging.plots.shock_fan import plot_what_if
from hedging.plots.strategy_pnl import plot_strategies
from hedging.plots.trigger_tradeoff import plot_trigger_tradeoff

__all__ = [
    "CONFIG",
    "plot_alternatives",
    "plot_atlas",
    "plot_basis",
    "plot_break_search",
    "plot_contributions",
    "plot_decoupling",
    "plot_estimators",
    "plot_hedge_pnl",
    "plot_hedge_sizes",
    "plot_lookbacks",
    "plot_matrix",
    "plot_pnl_split",
    "plot_regression",
    "plot_rolling_beta",
    "plot_rolling_effectiveness",
    "plot_strategies",
    "plot_trigger_tradeoff",
    "plot_what_if",
]
