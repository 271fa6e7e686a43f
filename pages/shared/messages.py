"""Errors and hostile text to plain sentences on the page."""

from __future__ import annotations

import re

import streamlit as st

from data.errors import DataError, TryAgainError
from hedging.errors import ExplainedError, HedgingError

#: The only errors a page catches; anything else is a defect and belongs in the log.
EXPECTED_ERRORS = (HedgingError, DataError)

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|$~:&])")
LONGEST_MESSAGE = 600


def plain(text: str) -> str:
    """Text that Streamlit's markdown shows exactly as written, whoever wrote it."""
    one_line = " ".join(text.split())
    cut = one_line if len(one_line) <= LONGEST_MESSAGE else f"{one_line[:LONGEST_MESSAGE]}…"
    return _MARKDOWN.sub(r"\\\1", cut)


def sentence(error: ExplainedError) -> str:
    """What is wrong, what would be accepted where the input is at fault, and what to do."""
    problem = error.problem[:1].upper() + error.problem[1:]
    if isinstance(error, TryAgainError):
        return plain(f"{problem}. {error.remedy}")
    return plain(f"{problem} (allowed: {error.allowed}). {error.remedy}")


def explain(error: ExplainedError) -> None:
    """Show an error at the place it concerns."""
    st.error(sentence(error), icon=":material/error:")
