"""Results to Plotly figures: no numbers are computed here beyond what a picture needs."""

from hedging.plots.hedge_pnl import plot_hedge_pnl
from hedging.plots.regression_scatter import plot_regression
from hedging.plots.rolling_band import plot_rolling_beta

__all__ = ["plot_hedge_pnl", "plot_regression", "plot_rolling_beta"]
