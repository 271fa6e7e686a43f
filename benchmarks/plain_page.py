"""What a Streamlit user would write: one slider, the same three charts through st.plotly_chart.

Side by side with the Beta page in benchmarks/in_browser.py. It has the library's quick kernels and figures,
and caches the prices, so that what differs is how the page is repainted.
"""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from data.environment import utc_now
from data.files import FolderSource
from data.prices import BarInterval
from hedging import AlignedReturns, align, backtest_hedge, estimate_beta, rolling_beta
from hedging.plots import plot_hedge_pnl, plot_regression, plot_rolling_beta

INTERVAL: BarInterval = "hourly" if os.environ.get("PLAIN_PAGE_INTERVAL") == "hourly" else "daily"


@st.cache_resource
def returns() -> AlignedReturns:
    """The pair of the benchmark."""
    source, now = FolderSource(Path(os.environ["HEDGING_DATA_DIR"])), utc_now()
    asset, benchmark = (
        source.fetch(name, interval=INTERVAL, now=now).prices for name in ("SOLUSDT", "BTCUSDT")
    )
    return align(asset, benchmark, interval=INTERVAL)


st.set_page_config(layout="wide")
pair = returns()
window = st.slider("Lookback", 10, 365, 60)
span = f"{window} days"
asset, benchmark = pair.asset.iloc[-window:], pair.benchmark.iloc[-window:]
names = {"asset": "SOLUSDT", "benchmark": "BTCUSDT"}
estimate = estimate_beta(asset, benchmark, covariance="hc3")
st.metric("Beta", f"{estimate.beta:.2f}")
left, right = st.columns([1, 2.1])
left.plotly_chart(plot_regression(asset, benchmark, estimate, span=span, **names), key="regression")
rolling = rolling_beta(pair.asset, pair.benchmark, window=window, covariance="hc3")
right.plotly_chart(plot_rolling_beta(rolling, span=span, **names), key="rolling")
walk = backtest_hedge(pair, window=window, position_usd=10_000)
pnl = plot_hedge_pnl(walk, asset=names["asset"])
# The title names the lookback, so that whoever measures sees which one is painted.
right.plotly_chart(pnl.update_layout(title_text=f"P&L over {span}"), key="pnl")
