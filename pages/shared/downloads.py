"""The folded section of every page in which what it shows can be taken away as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from data.csv_text import csv_bytes
from hedging.plots.theme import BACKGROUNDS
from pages.shared.charts import Chart, current_theme
from pages.shared.exports import charts_html, file_name


def show_downloads(
    tables: Mapping[str, Callable[[], pd.DataFrame]], charts: Sequence[Chart], *names: str
) -> None:
    """A button for each table as CSV and one for all charts; contents are made when one is pressed.

    Parameters
    ----------
    tables : mapping
        Label to what makes the table: full precision, units in the column names.
    charts : sequence of Chart
    names : str
        What the files are about, for their names.
    """
    offered = "CSV of every number, charts as HTML or PNG" if charts else "CSV of every number"
    section = st.expander(f"Downloads: {offered}", key="downloads", on_change="rerun")
    if not section.open:  # nobody looks, nothing is made
        return
    theme = current_theme()
    with section:
        with st.container(horizontal=True):
            for label, make in tables.items():
                st.download_button(
                    f"{label}, CSV",
                    partial(_csv, make),
                    file_name(*names, label, suffix="csv"),
                    "text/csv",
                    on_click="ignore",
                    icon=":material/table:",
                )
            if charts:
                st.download_button(
                    "Charts, HTML",
                    lambda: charts_html(
                        " ".join(names), [chart.draw() for chart in charts], background=BACKGROUNDS[theme]
                    ),
                    file_name(*names, "charts", suffix="html"),
                    "text/html",
                    on_click="ignore",
                    icon=":material/monitoring:",
                )
        if charts:
            st.caption("PNG: the camera at the top right of a chart. The HTML file works without a network.")


def _csv(make: Callable[[], pd.DataFrame]) -> bytes:
    return csv_bytes(make())
