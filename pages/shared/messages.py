"""Errors and hostile text to plain sentences on the page."""

from __future__ import annotations

import re

import streamlit as st

from data.environment import STORE_VARIABLE
from data.errors import DataError, StoreError, TryAgainError
from data.store import open_store
from hedging.errors import ExplainedError, HedgingError
from hedging.plots.formats import signed
from pages.shared.security import serves_this_machine_only

#: The only errors a page catches; anything else is a defect and belongs in the log.
EXPECTED_ERRORS = (HedgingError, DataError)

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|$~:&])")
LONGEST_MESSAGE = 600


def plain(text: str) -> str:
    """Text that Streamlit's markdown shows exactly as written, whoever wrote it."""
    one_line = " ".join(text.split())
    cut = one_line if len(one_line) <= LONGEST_MESSAGE else f"{one_line[:LONGEST_MESSAGE]}…"
    return _MARKDOWN.sub(r"\\\1", cut)


def problem_of(error: ExplainedError) -> str:
    """What is wrong; a parameter of the library and its value as a reader says them."""
    value = error.value
    if not isinstance(value, (int, float)) or error.problem != f"{error.parameter} is {value}":
        return error.problem
    name = error.parameter.replace("_usd", ", in USD,").replace("_", " ")
    number = f"{value:,.0f}" if abs(value) >= 1e6 else f"{value + 0.0:,.6g}"
    return f"{name} is {signed(number)}"


def sentence(error: ExplainedError) -> str:
    """What is wrong, what would be accepted where the input is at fault, and what to do."""
    problem = problem_of(error)
    problem = problem[:1].upper() + problem[1:]
    said = problem if isinstance(error, TryAgainError) else f"{problem} (allowed: {error.allowed})"
    return plain(f"{said}. {error.remedy}{_place(error)}")


def _place(error: ExplainedError) -> str:
    """Where the store lies, which no error says: where others see the page too, it is nobody's business."""
    about_store = isinstance(error, StoreError) or error.parameter == STORE_VARIABLE
    return f" The store lies in {open_store().shown}." if about_store and serves_this_machine_only() else ""


def explain(error: ExplainedError) -> None:
    """Show an error at the place it concerns."""
    st.error(sentence(error), icon=":material/error:")
