"""What the first visitor would otherwise wait for, done while the server starts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread

import numpy as np
import streamlit as st


def compile_kernels() -> None:
    """Load or compile what every page computes first, and import what it draws with."""
    import hedging.plots  # noqa: F401
    from hedging import rolling_beta
    from hedging.estimators.results import COVARIANCES

    x = np.sin(np.arange(40.0))
    for covariance in COVARIANCES:
        rolling_beta(x + np.cos(np.arange(40.0)), x, window=20, covariance=covariance)


@asynccontextmanager
async def warmed_up(app: st.App) -> AsyncIterator[None]:
    """Warm up beside the starting server; it answers at once."""
    Thread(target=compile_kernels, name="warm-up", daemon=True).start()
    yield
