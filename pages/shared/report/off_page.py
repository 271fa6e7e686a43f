"""Work that uses what pages use, where there is no page."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident

# Where Streamlit says that a spinner, a progress bar or the theme has no page to be on.
_LOGGER = "streamlit.runtime.scriptrunner_utils.script_run_context"


class _OtherThreads(logging.Filter):
    def __init__(self) -> None:
        super().__init__()
        self.thread = get_ident()

    def filter(self, record: logging.LogRecord) -> bool:
        return record.thread != self.thread


@contextmanager
def off_page() -> Iterator[None]:
    """Spinners and progress of what is computed here go nowhere, on purpose: nothing is logged about it.

    A download is made in a thread of its own, after its page has run. Lending it that page would paint
    spinners into it; warnings of other threads stay.
    """
    logger, others = logging.getLogger(_LOGGER), _OtherThreads()
    logger.addFilter(others)
    try:
        yield
    finally:
        logger.removeFilter(others)
