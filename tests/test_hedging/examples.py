"""Small series that the tests of the library share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from hedging import AlignedReturns, HedgingError, LinearContract, align

Array = npt.NDArray[np.float64]

BTC = LinearContract("BTC-PERP", quantity_step=Decimal("0.001"), minimum_quantity=Decimal("0.001"))
WHOLE = LinearContract("WHOLE")


def noisy_pair(seed: int, n: int = 120, *, beta: float = 1.4, noise: float = 0.02) -> tuple[Array, Array]:
    """Asset and benchmark returns; the noise is fat-tailed, heteroscedastic and autocorrelated."""
    generator = np.random.default_rng(seed)
    benchmark = 0.02 * generator.standard_t(4, n) + 0.001
    shocks = generator.standard_t(5, n) * (0.5 + 20 * np.abs(benchmark))
    shocks[1:] += 0.4 * shocks[:-1]
    return 0.0005 + beta * benchmark + noise * shocks, benchmark


def days(n: int, start: str = "2024-01-01", zone: str = "UTC") -> pd.DatetimeIndex:
    """``n`` calendar days at midnight of a zone."""
    return pd.date_range(start, periods=n, freq="D", tz=zone)


def price_path(returns: Array, index: pd.DatetimeIndex, start: float = 100.0) -> pd.Series:
    """Prices on ``index`` (one more than there are returns)."""
    return pd.Series(start * np.cumprod(np.r_[1.0, 1.0 + returns]), index=index)


def random_prices(seed: int, index: pd.DatetimeIndex, volatility: float = 0.02) -> pd.Series:
    """A random walk on ``index``."""
    steps = volatility * np.random.default_rng(seed).standard_normal(len(index) - 1)
    return price_path(steps, index)


def aligned_pair(seed: int = 0, n: int = 120, *, beta: float = 1.4) -> AlignedReturns:
    """Daily returns of a 7-day calendar, through :func:`hedging.align`."""
    asset, benchmark = noisy_pair(seed, n, beta=beta)
    index = days(n + 1)
    return align(price_path(asset, index), price_path(benchmark, index, 50_000.0))


def check_error(
    caught: pytest.ExceptionInfo[HedgingError], *, parameter: str | None = None, names: Any = None
) -> None:
    """What every error owes its reader; ``names`` is the text the message must hold."""
    error = caught.value
    assert error.problem
    assert isinstance(error.parameter, str)
    assert error.parameter
    assert error.value is not None
    assert error.allowed
    assert error.remedy
    assert str(error) == f"{error.problem}; allowed: {error.allowed}. {error.remedy}"
    if parameter is not None:
        assert error.parameter == parameter
    if names is not None:
        assert str(names) in str(error)
