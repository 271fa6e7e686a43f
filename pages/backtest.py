"""What would the hedge have done, after costs?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from hedging import HedgingError
from hedging.backtesting.sweep import describe
from pages.shared import words
from pages.shared.addresses import current_state, publish
from pages.shared.charts import Chart
from pages.shared.components.figure_strip import figure_strip
from pages.shared.components.text_table import text_table
from pages.shared.controls import market_controls
from pages.shared.downloads import show_downloads
from pages.shared.frame import explained, has_data
from pages.shared.messages import explain, plain
from pages.shared.notes import show_notes
from pages.shared.state import AppState
from pages.shared.views.backtest import BacktestView, load_backtest, load_verdict
from pages.shared.views.backtest_charts import backtest_charts, backtest_tables, tradeoff_chart
from pages.shared.views.backtest_controls import backtest_controls
from pages.shared.views.backtest_figures import backtest_figures, strategies_table
from pages.shared.views.backtest_strategies import strategy_names
from pages.shared.views.backtest_sweep import find_sweep, run_sweep, swept_triggers
from pages.shared.views.backtest_words import (
    backtest_notes,
    fired_sentence,
    sweep_sentence,
    tested_sentence,
    verdict_help,
    verdict_sentences,
)
from pages.shared.views.notes import backtest_refusals

SWEEP_COLUMNS = {
    "n_rebalances": "rebalances",
    "cost_usd": "fees and slippage",
    "risk_left_fraction": "volatility left",
    "expected_shortfall_usd": "mean loss, worst 5%",
    "total_usd": "P&L",
    "efficient": "not beaten",
}


def show_page() -> None:
    state, files, problem = market_controls(current_state())
    state = backtest_controls(state)
    publish(state)
    with explained(state.settings, files, problem, state.book.book):
        if has_data(state.settings, files, problem):
            show_view(load_backtest(state, files), state)


def show_view(view: BacktestView, state: AppState) -> None:
    show_notes(backtest_refusals(view), "warning")
    figure_strip(backtest_figures(view, state), key="backtest")
    verdict_place = st.container()
    charts = backtest_charts(view, state)
    notes = backtest_notes(view, state)
    if view.span.shortened:  # a shorter history is another test: not in small print
        st.info(plain(notes.pop(0)), icon=":material/history:")
    st.caption("  \n".join(plain(said) for said in (tested_sentence(view, state), *notes)))
    left, right = st.columns(2, gap="small")
    with left:
        charts["strategy_pnl"].show(state.settings)
    with right:
        show_split(view, charts, state)
    left, right = st.columns(2, gap="small")
    with left:
        show_rolling(view, charts, state)
    with right:
        table_place = st.container()
    # Resampling takes longest: everything else is on the page by then.
    with verdict_place:
        verdict = load_verdict(view, state)
        if isinstance(verdict, HedgingError):
            explain(verdict)
        else:
            st.markdown(plain(" ".join(verdict_sentences(verdict))), help=verdict_help(verdict))
    with table_place:
        st.markdown("**All strategies**")
        table = strategies_table(view, state, verdict)
        text_table(table, key="strategies", alt="All strategies")
    show_rebalances(view, state)
    sweep = show_sweep(view, state)
    show_downloads(
        backtest_tables(view, state) | ({} if sweep is None else {"Sweep": lambda: sweep}),
        [*charts.values(), *([] if sweep is None else [tradeoff_chart(view, sweep)])],
        state.settings.asset,
        "hedged with",
        state.settings.benchmark,
    )


def show_split(view: BacktestView, charts: dict[str, Chart], state: AppState) -> None:
    """Where one strategy's P&L came from."""
    names = strategy_names(state.backtest, state.settings)
    offered = list(view.names)
    if state.backtest.split_of not in offered:  # what was chosen stays, and is said to be missing
        offered.append(state.backtest.split_of)
    with st.container(width=330):
        st.selectbox(
            "Split of",
            offered,
            key="split_of",
            format_func=lambda key: f"Split of {names.get(key, key)}",
            label_visibility="collapsed",
        )
    if "pnl_split" in charts:
        charts["pnl_split"].show(state.settings)
        return
    name = names.get(state.backtest.split_of, state.backtest.split_of)
    st.info(plain(f"There is no {name} in this test: choose another strategy."), icon=":material/info:")


def show_rolling(view: BacktestView, charts: dict[str, Chart], state: AppState) -> None:
    """How much was removed in every window."""
    unit = words.unit_words(state.settings, view.pair.aligned.report)
    with st.container(width=205):
        st.number_input(
            f"Window of effectiveness, {unit}",
            value=int(st.session_state["effectiveness_window"]),
            min_value=10,
            max_value=1_000,
            key="effectiveness_window",
            help="Periods over which variance removed is measured again and again. Short windows are noisy.",
        )
    if isinstance(view.rolling, HedgingError):
        explain(view.rolling)
    else:
        charts["rolling_effectiveness"].show(state.settings)


def show_rebalances(view: BacktestView, state: AppState) -> None:
    run = view.run(state.backtest.split_of)
    if run is None:
        return
    section = st.expander(
        f"Rebalances of {run.strategy.name}: every trade and what fired it",
        key="rebalances",
        on_change="rerun",
    )
    if not section.open:
        return
    with section:
        st.caption(plain(fired_sentence(run)))
        st.dataframe(
            run.rebalances.rename_axis("time_utc"),
            column_config={
                "traded_usd": st.column_config.NumberColumn("traded", format="dollar"),
                "cost_usd": st.column_config.NumberColumn("cost", format="dollar"),
                "contracts": st.column_config.NumberColumn("contracts held then", format="%.6g"),
                "fired": "fired by",
            },
            height=280,
            row_height=27,
        )


def show_sweep(view: BacktestView, state: AppState) -> pd.DataFrame | None:
    """Which triggers were worth their trades; started by hand, because it takes a while."""
    section = st.expander(
        "Which triggers? Risk left against cost for many of them", key="sweep", on_change="rerun"
    )
    if not section.open:
        return find_sweep(view)
    with section:
        n_sets = len(swept_triggers(state.settings.interval, view.triggers))
        table = find_sweep(view)
        if table is None:
            place = st.empty()
            with place.container():
                st.caption(
                    plain(
                        f"Walks the {view.lead.strategy.name} through the same periods with {n_sets} sets of "
                        "triggers: by time, benchmark move, drift and interval of beta, alone and together."
                    )
                )
                if not st.button(f"Try {n_sets} sets of triggers", icon=":material/play_arrow:"):
                    return None
            try:
                table = run_sweep(view, state)
            except HedgingError as error:
                explain(error)
                return None
            place.empty()
        tradeoff_chart(view, table).show(state.settings)
        st.caption(plain(sweep_sentence(table, describe(view.triggers))))
        st.dataframe(
            table[list(SWEEP_COLUMNS)]
            .sort_values(["efficient", "cost_usd"], ascending=[False, True])
            .rename(columns=SWEEP_COLUMNS),
            column_config={
                "fees and slippage": st.column_config.NumberColumn(format="dollar"),
                "volatility left": st.column_config.NumberColumn(format="percent"),
                "mean loss, worst 5%": st.column_config.NumberColumn(format="dollar"),
                "P&L": st.column_config.NumberColumn(format="dollar"),
            },
            height=320,
            row_height=27,
        )
    return table


show_page()
