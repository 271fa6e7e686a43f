"""Errors and hostile text to plain sentences on the page."""

from __future__ import annotations

import re

import streamlit as st

from data.errors import DataError
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
    """One plain sentence: what is wrong, what is allowed, what to do."""
    text = str(error)
    return plain(text[:1].upper() + text[1:])


def explain(error: ExplainedError) -> None:
    """Show an error at the place it concerns."""
    st.error(sentence(error), icon=":material/error:")
