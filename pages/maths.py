"""Do the formulas give what books, exchanges and other programs print?"""

from __future__ import annotations

import streamlit as st

from pages.shared.addresses import current_state, publish
from pages.shared.charts import current_theme
from pages.shared.components.figure_strip import figure_strip
from pages.shared.components.text_table import text_table
from pages.shared.controls import settled
from pages.shared.downloads import show_downloads
from pages.shared.messages import plain
from pages.shared.views.maths import (
    DIFFERS,
    IN_THE_TESTS,
    figure_rows,
    figure_sentence,
    load_maths,
    maths_figures,
    maths_tables,
)
from pages.shared.worked_examples.example import CheckedFigure, WorkedExample

# Readable on the background of the theme; the mark and the word say the same without colour.
COLOURS = {"light": ("#18794e", "#b3261e"), "dark": ("#5fd39b", "#ff9c94")}


def show_page() -> None:
    publish(settled(current_state()))  # nothing is asked here, and what was chosen goes on to the next page
    view = load_maths()
    figure_strip(maths_figures(view), key="maths")
    if view.differing:
        st.error(
            plain(f"{len(view.differing)} figures do not agree: trust nothing that rests on them."),
            icon=":material/error:",
        )
    st.caption(
        "Computed when this page was opened, by the calls that every other page uses. A figure agrees where "
        "it lies within half a unit of the last digit that its source prints."
    )
    for group, found in view.groups.items():
        show_group(group, found)
    show_the_rest()
    show_downloads(maths_tables(view), [], "maths")


def show_group(group: str, found: tuple[CheckedFigure, ...]) -> None:
    st.markdown(f"#### {plain(group)}")
    agrees, differs = COLOURS[current_theme()]
    rows = figure_rows(found)
    text_table(
        rows.set_index("verdict"),
        key=group,
        alt=f"{group}: printed and computed figures",
        left=("example", "figure", "source"),
        colours={text: differs if text == DIFFERS else agrees for text in rows["verdict"]},
    )
    section = st.expander("Inputs and formulas", key=f"inputs_of_{group}", on_change="rerun")
    if section.open:
        with section:
            for example in dict.fromkeys(each.example for each in found):
                show_example(example, [each for each in found if each.example is example])


def show_example(example: WorkedExample, found: list[CheckedFigure]) -> None:
    st.markdown(f"**{plain(example.title)}**")
    st.markdown("  \n".join(plain(figure_sentence(each)) for each in found))
    st.caption(plain(example.source))
    inputs = example.inputs.replace("; ", "\n")
    st.code(
        f"{example.formula}\n{example.call}\n\n{inputs}",
        language=None,
        wrap_lines=True,
    )
    limits = [
        f"{figure.what} within {figure.allowed:.1g}"
        for figure in example.figures
        if figure.tolerance is not None
    ]
    if limits:
        st.caption(plain(f"Exact, or at the end of double arithmetic: {', '.join(limits)}."))


def show_the_rest() -> None:
    with st.expander("What the test suite checks against the outside, because its inputs are long"):
        for line in IN_THE_TESTS:
            st.markdown(f"- {plain(line)}")
        st.caption("All formulas in ten minutes: docs/maths.md. Each names the function that computes it.")


show_page()
