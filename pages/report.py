"""Everything on screen as one file for those who were not there."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from hedging import HedgingError
from pages.shared.addresses import current_state, publish
from pages.shared.catalogue import FileInputs
from pages.shared.choices import REPORT_SECTIONS, ReportChoices
from pages.shared.components.figure_strip import figure_strip
from pages.shared.controls import market_controls
from pages.shared.exports import file_name
from pages.shared.frame import explained, has_data
from pages.shared.loading import or_reason
from pages.shared.messages import explain, plain
from pages.shared.report.cover import make_cover
from pages.shared.report.document import report_html
from pages.shared.report.off_page import off_page
from pages.shared.report.sections import MAKERS, report_sections
from pages.shared.settings import BOOK
from pages.shared.state import AppState
from pages.shared.views.hedge import HedgeView, load_hedge
from pages.shared.views.hedge_figures import hedge_figures
from pages.shared.widgets import several


def show_page() -> None:
    state, files, problem = market_controls(current_state())
    state = replace(state, report=report_controls(state.report))
    publish(state)
    with explained(state.settings, files, problem, state.book.book):
        if has_data(state.settings, files, problem):
            show_view(or_reason(lambda: load_hedge(state, files)), state, files)


def report_controls(choices: ReportChoices) -> ReportChoices:
    labels = {name: MAKERS[name][0] for name in REPORT_SECTIONS}
    chosen = several(
        "sections",
        "Sections of the report",
        labels,
        choices.sections,
        help="The pages as they stand now, in the order of the journey.",
    )
    return replace(choices, sections=tuple(name for name in REPORT_SECTIONS if name in chosen))


def show_view(view: HedgeView | HedgingError, state: AppState, files: FileInputs) -> None:
    settings = state.settings
    if isinstance(view, HedgingError):  # a section that can be made is there all the same
        explain(view)
    else:
        figure_strip(hedge_figures(view, state), key="report")
    if not state.report.sections:
        st.caption("Choose a section above: the report would be empty.")
        return
    address = str(st.context.url or "")
    st.download_button(
        "Download the report, one HTML file",
        partial(make_report, state, files, address),
        file_name(settings.asset, "on", settings.benchmark, "report", suffix="html"),
        "text/html",
        on_click="ignore",
        type="primary",
        icon=":material/download:",
    )
    named = ", ".join(MAKERS[name][0] for name in state.report.sections)
    st.caption(
        plain(
            f"{named}, of {settings.asset} on {settings.benchmark} with every setting as it stands. About 6 "
            "MB: charts stay live and the library that draws them is inside, so that it opens without a "
            "network. It is made when the button is pressed, which takes some seconds."
        )
    )
    if settings.asset != BOOK and not state.book.book and "portfolio" in state.report.sections:
        st.caption("The portfolio is empty, so its section is left out.")
    if "monitor" in state.report.sections and state.monitor.entered_contracts is None:
        st.caption("No hedge is entered on the Monitor page, so its section is left out.")


def make_report(state: AppState, files: FileInputs, address: str) -> bytes:
    """Runs when the button is pressed, outside of any session. Light, because it is for paper as well."""
    with off_page():
        sections = report_sections(state, files)
        return report_html(make_cover(state, files, address), sections, theme="light")


show_page()
