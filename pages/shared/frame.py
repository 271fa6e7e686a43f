"""What every page has around its content: notices, and what shows where there is nothing to show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from data.errors import DataError
from hedging.errors import ExplainedError
from pages.shared.catalogue import FileInputs
from pages.shared.controls import choose_pair_again, show_notices
from pages.shared.messages import EXPECTED_ERRORS, explain, plain
from pages.shared.prices import unusable_files
from pages.shared.settings import Settings

KEPT = "Everything you entered is kept: change it above, or look at the embedded market meanwhile."


@contextmanager
def explained(settings: Settings, files: FileInputs, problem: ExplainedError | None = None) -> Iterator[None]:
    """Show the notices, then the page; an error that is expected becomes one sentence.

    Parameters
    ----------
    settings, files, problem
        From :func:`pages.shared.controls.market_controls`.
    """
    show_notices(settings)
    show_unusable_files(settings, files, problem)
    try:
        yield
    except EXPECTED_ERRORS as error:
        explain(error)
        show_empty(KEPT)


def has_data(settings: Settings, files: FileInputs, problem: ExplainedError | None) -> bool:
    """Whether there is something to load; says what to do where no file is chosen yet.

    Raises
    ------
    DataError
        The source offers nothing: the problem that the controls met.
    """
    if settings.source == "upload" and not files.uploads:
        show_empty("Choose price files under Settings: one file per symbol, or one with a column per symbol.")
        return False
    if problem is not None:
        raise problem
    return True


def show_unusable_files(settings: Settings, files: FileInputs, problem: ExplainedError | None) -> None:
    """Files of the folder or upload that offer nothing, and why."""
    if problem is not None or settings.source not in ("folder", "upload"):
        return
    try:
        found = unusable_files(settings, files)
    except DataError:  # the page says so where it needs them
        return
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
