"""How much of the asset is benchmark, how sure is that, and would the hedge have worked?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from data.contract_terms import coin_of
from data.environment import utc_now
from hedging import HedgeBacktest, HedgePlan, HedgingError, annualise
from hedging.errors import ExplainedError
from hedging.plots import (
    CONFIG,
    plot_atlas,
    plot_hedge_pnl,
    plot_lookbacks,
    plot_regression,
    plot_rolling_beta,
)
from hedging.plots.formats import beta_text, order_text, percent_text, price_text, usd_text
from hedging.plots.hedge_pnl import LABELS
from hedging.plots.theme import BACKGROUNDS, Theme
from pages.shared import tables as tables_of
from pages.shared import words
from pages.shared.catalogue import FileInputs
from pages.shared.components.live_chart import live_chart
from pages.shared.controls import (
    choose_pair_again,
    current_settings,
    lookback_controls,
    market_controls,
    publish,
    show_notices,
)
from pages.shared.downloads import charts_html, csv_bytes, file_name
from pages.shared.loading import BetaView, load_view, unusable_files
from pages.shared.lookbacks import load_lookbacks
from pages.shared.messages import EXPECTED_ERRORS, explain, plain
from pages.shared.settings import Settings

SCATTER_HEIGHT, ROLLING_HEIGHT, PNL_HEIGHT = 372, 240, 305


def show_page() -> None:
    settings = current_settings()
    settings, files, problem = market_controls(settings)
    settings = lookback_controls(settings, words.UNITS[settings.interval])
    publish(settings)
    show_notices(settings)
    show_unusable_files(settings, files, problem)
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


def show_unusable_files(settings: Settings, files: FileInputs, problem: ExplainedError | None) -> None:
    """Files of the folder or upload that offer nothing, and why."""
    if problem is not None or settings.source not in ("folder", "upload"):
        return
    found = unusable_files(settings, files)
    if found:
        with st.expander(
            f"{len(found)} {'file is' if len(found) == 1 else 'files are'} not used",
            icon=":material/warning:",
        ):
            for sentence in found:
                st.markdown(plain(sentence))


def show_empty(what_to_do: str) -> None:
    """What to do when there is nothing to show, with the button that does it."""
    st.caption(plain(what_to_do))
    st.button("Open the simulated market", icon=":material/science:", on_click=_open_simulated)


def _open_simulated() -> None:
    st.session_state["source"] = "simulated"
    choose_pair_again()


def show_view(view: BetaView, settings: Settings) -> None:
    asset, benchmark = settings.asset, settings.benchmark
    unit = words.unit_words(settings, view.aligned.report)
    span = f"{settings.lookback} {unit}"
    warnings = words.alignment_warnings(view.aligned, view.lag_scan, asset, benchmark)
    if not view.simulated:
        warnings += words.age_warnings(view.as_of, utc_now(), view.asset.interval)
    warnings += words.estimate_warnings(view.estimate, asset, benchmark)
    for warning in warnings:
        st.warning(plain(warning), icon=":material/warning:")
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
        elif isinstance(view.backtest, HedgingError) and view.position_usd:
            explain(view.backtest)
    for note in words.estimate_notes(view.estimate):
        st.caption(plain(note))
    show_lookbacks(view, settings)
    show_details(view, settings)
    show_downloads(view, figures, settings)


def show_strip(view: BetaView, settings: Settings, unit: str) -> None:
    """The answer: what to short, from which beta, how sure, as of when."""
    asset, benchmark = settings.asset, settings.benchmark
    estimate, plan, aligned = view.estimate, view.plan, view.aligned
    year = annualise(estimate.residual_volatility, periods_per_year=aligned.periods_per_year)
    if isinstance(plan, HedgePlan):
        order = order_text(plan, coin_of(benchmark).name)
        hedge = (order, words.hedge_small_print(plan), words.hedge_help(plan, view.contract_note))
    else:
        hedge = ("none", "see the message below", "The order that cancels the position's market risk.")
    span = f"{estimate.first:%Y-%m-%d} to {estimate.last:%Y-%m-%d}"
    now = f"{benchmark} {price_text(view.benchmark_price_usd)} · {view.as_of:%Y-%m-%d %H:%M} UTC"
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
        figure("Hedge", *hedge, width=250)
        figure(
            f"Beta, {settings.lookback} {unit}",
            beta_text(estimate.beta),
            words.interval_text(estimate),
            words.beta_help(estimate, asset, benchmark),
            width=165,
        )
        figure(
            "R²",
            f"{estimate.r_squared:.2f}",
            f"correlation {beta_text(estimate.correlation)}",
            words.r_squared_help(estimate, benchmark),
            width=165,
        )
        figure(
            "Residual vol. a year",
            percent_text(year),
            f"{percent_text(estimate.residual_volatility)} per period",
            words.residual_help(estimate, aligned),
            width=170,
        )
        used = words.observations_help(aligned)
        figure("Observations", f"{estimate.n_observations}", span, used, width=175)
        figure(asset, price_text(view.asset_price_usd), now, words.price_help(view.asset.source), width=250)
    if isinstance(plan, HedgingError):
        explain(plan)


def figure(label: str, value: str, small_print: str, help_text: str, *, width: int) -> None:
    """One figure of the strip: label, number, small print, help."""
    with st.container(gap=None, width=width):
        st.metric(plain(label), plain(value), help=help_text.replace("$", r"\$"))
        st.caption(plain(small_print))


def make_figures(view: BetaView, settings: Settings, span: str) -> dict[str, go.Figure]:
    """The page's charts by the name their files get."""
    theme = current_theme()
    asset, benchmark = settings.asset, settings.benchmark
    window = slice(-settings.lookback, None)
    figures = {
        "regression": plot_regression(
            view.aligned.asset.iloc[window],
            view.aligned.benchmark.iloc[window],
            view.estimate,
            asset=asset,
            benchmark=benchmark,
            span=span,
            theme=theme,
            simulated=view.simulated,
            height=SCATTER_HEIGHT,
        ),
        "rolling_beta": plot_rolling_beta(
            view.rolling,
            asset=asset,
            benchmark=benchmark,
            span=span,
            true_beta=view.asset.true_beta if view.asset.true_beta_benchmark == benchmark else None,
            theme=theme,
            simulated=view.simulated,
            height=ROLLING_HEIGHT,
        ),
    }
    if isinstance(view.backtest, HedgeBacktest):
        figures["hedge_pnl"] = plot_hedge_pnl(
            view.backtest, asset=asset, theme=theme, simulated=view.simulated, height=PNL_HEIGHT
        )
    return figures


def current_theme() -> Theme:
    return "dark" if st.context.theme.type == "dark" else "light"


def show_chart(chart: go.Figure, name: str, settings: Settings) -> None:
    image = {"format": "png", "scale": 2, "filename": file_name(settings.asset, name, suffix="")}
    config = {**CONFIG, "toImageButtonOptions": image}
    shown = f"{settings.source} {settings.asset} {settings.benchmark} {settings.interval}"
    live_chart(chart, key=name, alt=chart.layout.title.text, config=config, keep=shown)


def show_hedges(backtest: HedgeBacktest | HedgingError) -> None:
    if isinstance(backtest, HedgingError):
        return
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
    table = pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("walk forward")
    right = {name: st.column_config.TextColumn(alignment="right") for name in names}
    st.dataframe(table, row_height=27, column_config=right, alt="What each hedge did to risk and P&L")
    held = usd_text(backtest.position_usd)
    st.caption(plain(f"Holding {held}, reset before each period; no costs, no funding."))


def show_lookbacks(view: BetaView, settings: Settings) -> None:
    """Which lookback? What each one removed out of sample, and beta through all of them."""
    section = st.expander(
        "Which lookback? Every one of them, out of sample", key="lookbacks", on_change="rerun"
    )
    if not section.open:  # nobody looks, nothing is computed
        return
    with section:
        found = load_lookbacks(view, settings)
        unit = words.UNITS[settings.interval]
        theme, simulated = current_theme(), view.simulated
        if isinstance(found.comparison, HedgingError):
            explain(found.comparison)
        else:
            chart = plot_lookbacks(
                found.comparison,
                asset=settings.asset,
                unit=unit,
                current=settings.lookback,
                theme=theme,
                simulated=simulated,
            )
            show_chart(chart, "effectiveness_by_lookback", settings)
            st.caption(plain(words.lookback_sentence(found.comparison, unit)))
        heat_map = plot_atlas(
            found.atlas,
            asset=settings.asset,
            benchmark=settings.benchmark,
            unit=unit,
            theme=theme,
            simulated=simulated,
        )
        show_chart(heat_map, "beta_by_lookback", settings)


def show_details(view: BetaView, settings: Settings) -> None:
    with st.expander("Data and alignment: source, as-of, calendar, what was dropped and why"):
        for name, history in ((settings.asset, view.asset), (settings.benchmark, view.benchmark)):
            st.markdown(plain(words.history_sentences(name, history)))
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
