"""Does the choice of estimator matter, and do beta, correlation and basis hold still?"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from data.prices import BarInterval
from hedging import BasisRisk, HedgingError
from hedging.errors import ExplainedError
from pages.shared import words
from pages.shared.addresses import current_state, publish
from pages.shared.charts import Chart
from pages.shared.choices import EstimatorChoices
from pages.shared.components.figure_strip import figure_strip
from pages.shared.components.text_table import text_table
from pages.shared.controls import market_controls
from pages.shared.downloads import show_downloads
from pages.shared.frame import explained, has_data
from pages.shared.messages import explain, plain
from pages.shared.notes import show_notes
from pages.shared.state import AppState
from pages.shared.views.estimator_figures import (
    basis_figures,
    basis_missing,
    break_sentence,
    coupling_sentence,
    estimate_rows,
    estimators_figures,
)
from pages.shared.views.estimator_tables import estimators_tables
from pages.shared.views.estimators import (
    EstimatorsView,
    estimators_charts,
    load_estimators,
)
from pages.shared.views.notes import estimator_notes
from pages.shared.widgets import seed

VERDICT_ICONS = {
    "quiet": ":material/check_circle:",
    "coupled": ":material/check_circle:",
    "moved": ":material/warning:",
    "weakened": ":material/warning:",
    "broke": ":material/warning:",
    "decoupled": ":material/warning:",
}


def show_page() -> None:
    state, files, problem = market_controls(current_state())
    state = replace(state, estimators=recent_setting(state.estimators))
    publish(state)
    settings = state.settings
    with explained(settings, files, problem, state.book.book):
        if has_data(settings, files, problem):
            show_view(load_estimators(state, files), state)


def recent_setting(choices: EstimatorChoices) -> EstimatorChoices:
    """How long now lasts; its widget stands further down, beside the tests that ask."""
    seed("recent", choices.recent)
    return replace(choices, recent=int(st.session_state["recent"]))


def show_view(view: EstimatorsView, state: AppState) -> None:
    figure_strip(estimators_figures(view, state), key="estimators")
    charts = estimators_charts(view, state)
    show_estimates(view, charts, state)
    show_stability(view, charts, state)
    show_basis(view, charts, state)
    show_downloads(
        estimators_tables(view), list(charts.values()), state.settings.asset, "on", state.settings.benchmark
    )


def show_estimates(view: EstimatorsView, charts: dict[str, Chart], state: AppState) -> None:
    left, right = st.columns(2, gap="small")
    with left:
        charts["estimators"].show(state.settings)
    with right:
        charts["estimates_by_lookback"].show(state.settings)
    st.caption(
        "A circle is about the average beta of its window, a diamond about today's; the larger mark is the "
        "one in use."
    )
    show_notes(estimator_notes(view, state), "caption")
    section = st.expander(
        "Every estimate: interval, standard error, and what each interval is about",
        key="estimates",
        on_change="rerun",
    )
    if section.open:
        with section:
            text_table(
                estimate_rows(view, state).set_index("estimator"),
                key="estimates",
                alt="Every estimate of beta with its interval",
                left=("interval is about",),
            )


def show_stability(view: EstimatorsView, charts: dict[str, Chart], state: AppState) -> None:
    unit = words.unit_words(state.settings, view.pair.aligned.report)
    with st.container(width=205):
        st.number_input(
            f"Recent stretch, {unit}",
            value=int(st.session_state["recent"]),
            min_value=20,
            max_value=1_000,
            key="recent",
            help="What counts as now when the tests ask whether it still belongs to what came before. "
            "A break is looked for in four times as much.",
        )
    left, right = st.columns(2, gap="small")
    with left:
        st.markdown("#### Did beta break?")
        if isinstance(view.alarm, HedgingError):
            explain(view.alarm)
        else:
            show_verdict(view.alarm.verdict, break_sentence(view.alarm, unit))
            charts["break_search"].show(state.settings)
            show_reasons(view.alarm.reasons)
    with right:
        st.markdown("#### Has it decoupled?")
        if isinstance(view.coupling, HedgingError):
            explain(view.coupling)
        else:
            show_verdict(view.coupling.verdict, coupling_sentence(view.coupling, state.settings))
            if "decoupling" in charts:
                charts["decoupling"].show(state.settings)
            show_reasons(view.coupling.reasons)


def show_verdict(verdict: str, said: str) -> None:
    show = st.success if VERDICT_ICONS[verdict] == ":material/check_circle:" else st.warning
    show(plain(said), icon=VERDICT_ICONS[verdict])


def show_reasons(reasons: tuple[str, ...]) -> None:
    st.caption("  \n".join(plain(reason) for reason in reasons))


def show_basis(view: EstimatorsView, charts: dict[str, Chart], state: AppState) -> None:
    benchmark = state.settings.benchmark
    st.markdown("#### Spot-perpetual basis")
    if isinstance(view.basis, BasisRisk):
        bars: BarInterval = view.pair.benchmark.interval
        figure_strip(basis_figures(view.basis, benchmark, bars), key="basis")
        charts["spot_perpetual_basis"].show(state.settings)
    elif isinstance(view.basis, ExplainedError):
        explain(view.basis)
    else:
        st.info(plain(basis_missing(benchmark, view.carry_source)), icon=":material/info:")


show_page()
