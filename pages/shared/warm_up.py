"""What the first visitor would otherwise wait for, done while the server starts."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread

import numpy as np
import streamlit as st

# All of them here, before any session runs: two threads that import one package from different ends
# can wait for each other for ever.
import hedging.plots  # noqa: F401
from hedging import rolling_beta
from hedging.estimators import _compiled  # noqa: F401
from hedging.estimators.results import COVARIANCES
from pages.shared.assets import packed_plotly
from pages.shared.health import READY

logger = logging.getLogger(__name__)


def warm_up() -> None:
    """Make ready what every page needs first; a server on which that fails is slower, not away.

    The log has the type alone: a message may name what a user has.
    """
    try:
        compile_kernels()
    except Exception as error:
        logger.error("the warm-up failed with %s: the first visitor waits longer", type(error).__name__)
    finally:
        READY.set()


def compile_kernels() -> None:
    """Load what every page computes first, or compile it where nothing was kept on disk."""
    x = np.sin(np.arange(40.0))
    for covariance in COVARIANCES:
        rolling_beta(x + np.cos(np.arange(40.0)), x, window=20, covariance=covariance)
    packed_plotly()
    # What the imports made lives as long as the server. A full collection that walks through it stops
    # every session for 100 ms or more; frozen, it is left out.
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def warmed_up(app: st.App) -> AsyncIterator[None]:
    """Warm up beside the starting server; it answers at once."""
    Thread(target=warm_up, name="warm-up", daemon=True).start()
    yield
    READY.clear()
