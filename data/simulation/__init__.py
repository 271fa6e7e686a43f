"""A simulated crypto market whose true, time-varying betas are known.

Nothing here is the price of anything: it is the yardstick that estimators are held against and
what the dashboard shows where no market data can be reached.
"""

from __future__ import annotations

from data.simulation.market import SimulatedMarket, simulate_market
from data.simulation.models import (
    DEFAULT_ASSETS,
    DEFAULT_BENCHMARK,
    DEFAULT_DAYS,
    DEFAULT_SEED,
    DEFAULT_START,
    AssetModel,
    BenchmarkModel,
    BetaShift,
    Decoupling,
)

__all__ = [
    "DEFAULT_ASSETS",
    "DEFAULT_BENCHMARK",
    "DEFAULT_DAYS",
    "DEFAULT_SEED",
    "DEFAULT_START",
    "AssetModel",
    "BenchmarkModel",
    "BetaShift",
    "Decoupling",
    "SimulatedMarket",
    "simulate_market",
]
