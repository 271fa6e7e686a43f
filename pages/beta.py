"""How much of the asset is benchmark, how sure is that, and would the hedge have worked?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from data.contract_terms import coin_of

from hedging import HedgeBacktest, HedgePlan, HedgingError, annualise
from hedging.plots import plot_hedge_pnl, plot_regression, plot_rolling_beta
from hedging.plots.formats import beta_text, order_text, percent_text, price_text, stamp_text, usd_text
from hedging.plots.hedge_pnl import LABELS
from hedging.plots.theme import BACKGROUNDS, Theme
from pages.shared import tables as tables_of
from pages.shared import words
from pages.shared.controls import current_settings, lookback_controls, market_controls, publish, show_notices
from pages.shared.downloads import charts_html, csv_bytes, file_name
from pages.shared.loading import BetaView, load_view
from pages.shared.messages import EXPECTED_ERRORS, explain, plain
from pages.shared.settings import Settings

CHART_CONFIG = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "png", "scale": 2},
}
SCATTER_HEIGHT, ROLLING_HEIGHT, PNL_HEIGHT = 400, 245, 315


def show_page() -> None:
    settings = current_settings()
    settings, files, problem = market_controls(settings)
    settings = lookback_controls(settings, words.UNITS[settings.interval])
    publish(settings)
    show_notices(settings)
    if settings.source == "upload" and not files.uploads:
        show_empty("Choose price files under Settings: one file per symbol, or one with a column per symbol.")
        return
    try:
        if problem is not None:
            raise problem
        view = load_view(settings, files)
    except EXPECTED_ERRORS as error:
        explain(error)
        show_empty(
            "Everything you entered is kept: change it above, or look at the embedded market meanwhile."
        )
        return
    show_view(view, settings)


def show_empty(what_to_do: str) -> None:
    """What to do when there is nothing to show, with the button that does it."""
    st.caption(plain(what_to_do))
    st.button("Open the simulated market", icon=":material/science:", on_click=_open_simulated)


def _open_simulated() -> None:
    st.session_state["source"] = "simulated"
    st.session_state["choose_pair"] = True


def show_view(view: BetaView, settings: Settings) -> None:
    asset, benchmark = settings.asset, settings.benchmark
    unit = words.unit_words(settings, view.aligned.report)
    span = f"{settings.lookback} {unit}"
    for warning in words.alignment_warnings(view.aligned, view.lag_scan, asset, benchmark):
        st.warning(plain(warning), icon=":material/schedule:")
    show_strip(view, settings, unit)
    figures = make_figures(view, settings, span)
    left, right = st.columns([1, 2.1], gap="small")
    with left:
        show_chart(figures["regression"], "regression", settings)
        show_hedges(view.backtest)
    with right:
        show_chart(figures["rolling_beta"], "rolling_beta", settings)
        if "hedge_pnl" in figures:
            show_chart(figures["hedge_pnl"], "hedge_pnl", settings)
        elif isinstance(view.backtest, HedgingError):
            explain(view.backtest)
    for note in words.estimate_warnings(view.estimate, asset, benchmark):
        st.caption(plain(note))
    show_details(view, settings)
    show_downloads(view, figures, settings)


def show_strip(view: BetaView, settings: Settings, unit: str) -> None:
    asset, benchmark = settings.asset, settings.benchmark
    estimate, plan = view.estimate, view.plan
    columns = st.columns([1.7, 1.5, 1, 1.2, 1.2, 1.4], gap="small")
    with columns[0]:
        if isinstance(plan, HedgePlan):
            order = order_text(plan, coin_of(benchmark).name)
            figure("Hedge", order, words.hedge_small_print(plan), words.hedge_help(plan, view.contract_note))
        else:
            figure(
                "Hedge", "none", "see the message below", "The order that cancels the position's market risk."
            )
    with columns[1]:
        help_text = words.beta_help(estimate, asset, benchmark)
        figure(
            f"Beta, {settings.lookback} {unit}",
            beta_text(estimate.beta),
            words.interval_text(estimate),
            help_text,
        )
    with columns[2]:
        small = f"correlation {beta_text(estimate.correlation)}"
        figure("R²", f"{estimate.r_squared:.2f}", small, words.r_squared_help(estimate, benchmark))
    with columns[3]:
        year = annualise(estimate.residual_volatility, periods_per_year=view.aligned.periods_per_year)
        small = f"{percent_text(estimate.residual_volatility)} per period"
        figure(
            "Residual volatility a year",
            percent_text(year),
            small,
            words.residual_help(estimate, view.aligned),
        )
    with columns[4]:
        first, last = stamp_text(estimate.first), stamp_text(estimate.last)
        figure(
            "Observations",
            f"{estimate.n_observations}",
            f"{first} to {last}",
            words.observations_help(view.aligned),
        )
    with columns[5]:
        prices = view.aligned.asset_prices.iloc[-1], view.aligned.benchmark_prices.iloc[-1]
        small = f"{benchmark} {price_text(prices[1])} · {as_of(view)}"
        figure(
            asset,
            price_text(prices[0]),
            small,
            f"Last common close, from {view.asset.source}. Times are UTC.",
        )
    if isinstance(plan, HedgingError):
        explain(plan)


def figure(label: str, value: str, small_print: str, help_text: str) -> None:
    """One figure of the strip: label, number, small print, help."""
    with st.container(gap=None):
        st.metric(plain(label), value.replace("$", r"\$"), help=help_text.replace("$", r"\$"))
        st.caption(plain(small_print))


def as_of(view: BetaView) -> str:
    """End of the last bar both have."""
    return f"{min(view.asset.as_of, view.benchmark.as_of):%Y-%m-%d %H:%M} UTC"


def make_figures(view: BetaView, settings: Settings, span: str) -> dict[str, go.Figure]:
    theme = current_theme()
    asset, benchmark = settings.asset, settings.benchmark
    window = slice(-settings.lookback, None)
    truth = view.asset.true_beta if view.asset.true_beta_benchmark == benchmark else None
    style = {"theme": theme, "simulated": view.simulated}
    figures = {
        "regression": plot_regression(
            view.aligned.asset.iloc[window],
            view.aligned.benchmark.iloc[window],
            view.estimate,
            asset=asset,
            benchmark=benchmark,
            span=span,
            height=SCATTER_HEIGHT,
            **style,
        ),
        "rolling_beta": plot_rolling_beta(
            view.rolling,
            asset=asset,
            benchmark=benchmark,
            span=span,
            true_beta=truth,
            height=ROLLING_HEIGHT,
            **style,
        ),
    }
    if isinstance(view.backtest, HedgeBacktest):
        figures["hedge_pnl"] = plot_hedge_pnl(view.backtest, asset=asset, height=PNL_HEIGHT, **style)
    return figures


def current_theme() -> Theme:
    return "dark" if st.context.theme.type == "dark" else "light"


def show_chart(chart: go.Figure, name: str, settings: Settings) -> None:
    image = {**CHART_CONFIG["toImageButtonOptions"], "filename": file_name(settings.asset, name, suffix="")}
    st.plotly_chart(
        chart,
        key=name,
        theme=None,
        alt=chart.layout.title.text,
        config={**CHART_CONFIG, "toImageButtonOptions": image},
    )


def show_hedges(backtest: HedgeBacktest | HedgingError) -> None:
    if isinstance(backtest, HedgingError):
        return
    rows = [
        {
            "before costs": LABELS[s.name],
            "volatility a year": percent_text(s.volatility_annual_fraction),
            "worst drawdown": usd_text(s.max_drawdown_usd),
            "P&L": usd_text(s.total_pnl_usd),
            "variance removed": percent_text(s.effectiveness.effectiveness) if s.effectiveness else "",
        }
        for s in backtest.strategies
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, row_height=28, alt="What each hedge did")


def show_details(view: BetaView, settings: Settings) -> None:
    with st.expander("Data and alignment: source, as-of, calendar, what was dropped and why"):
        for name, history in ((settings.asset, view.asset), (settings.benchmark, view.benchmark)):
            first = stamp_text(history.prices.index[0])
            st.markdown(
                plain(
                    f"{name}: {history.source}, {len(history.prices):,} {history.interval} closes from {first}, "
                    f"as of {history.as_of:%Y-%m-%d %H:%M} UTC. "
                    + " ".join(f"{n[:1].upper()}{n[1:]}." for n in history.notes)
                )
            )
        for line in words.alignment_sentences(view.aligned.report, settings.asset, settings.benchmark):
            st.markdown(plain(line))


def show_downloads(view: BetaView, figures: dict[str, go.Figure], settings: Settings) -> None:
    """Everything shown, as files. Contents are made when a button is pressed."""
    pair = (settings.asset, "on", settings.benchmark)
    tables = {"Returns": tables_of.returns, "Rolling beta": tables_of.rolling, "Figures": tables_of.summary}
    if isinstance(view.backtest, HedgeBacktest):
        tables["P&L"] = tables_of.pnl
    theme: Theme = current_theme()
    with st.expander("Downloads: CSV of every number, charts as HTML or PNG"):
        with st.container(horizontal=True):
            for label, make in tables.items():
                st.download_button(
                    f"{label}, CSV",
                    partial(_table_file, make, view),
                    file_name(*pair, label, suffix="csv"),
                    "text/csv",
                    on_click="ignore",
                    icon=":material/table:",
                )
            st.download_button(
                "Charts, HTML",
                partial(charts_html, " ".join(pair), figures, background=BACKGROUNDS[theme]),
                file_name(*pair, "charts", suffix="html"),
                "text/html",
                on_click="ignore",
                icon=":material/monitoring:",
            )
        st.caption("PNG: the camera at the top right of a chart. The HTML file works without a network.")


def _table_file(make: Callable[[BetaView], pd.DataFrame], view: BetaView) -> bytes:
    return csv_bytes(make(view))


show_page()
