"""The random ingredients of a path: volatility, shocks, jumps and a wandering beta.

Each function takes its own generator, so that leaving one asset out changes no other.
"""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.simulation.models import AssetModel

Floats = NDArray[np.float64]

HOURS_PER_DAY = 24
HOURS_PER_YEAR = 24 * 365

# Quiet, usual and wild weather: volatility relative to the usual, and mean length in days.
REGIME_VOLATILITY = np.array([0.6, 1.0, 1.9])
REGIME_DAYS = np.array([70.0, 50.0, 18.0])
LOG_VOLATILITY_HALF_LIFE_HOURS = 6 * 24.0
LOG_VOLATILITY_SPREAD = 0.30
OWN_LOG_VOLATILITY_SPREAD = 0.20
# The assets' own volatility moves largely with the market's, which keeps R2 in a narrow band.
SHARED_VOLATILITY_POWER = 0.85
SHOCK_DEGREES_OF_FREEDOM = 5.0
BETA_MEMORY_DAYS = 75.0


def generator(seed: int, name: str) -> np.random.Generator:
    """A generator that belongs to one name: the same seed and name always draw the same numbers."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(name.encode())])))


def mean_reverting(rng: np.random.Generator, *, size: int, memory: float, spread: float) -> Floats:
    """A stationary Gaussian AR(1): mean 0, standard deviation ``spread``, autocorrelation exp(-k/memory).

    Started from its stationary distribution, so that the first values are like all others.
    """
    decay = np.exp(-1.0 / memory)
    shocks = rng.standard_normal(size) * (spread * np.sqrt(1.0 - decay**2))
    before = rng.standard_normal() * spread
    # The recursion x_t = decay x_(t-1) + shock_t is an exponential average of scaled shocks; pandas has
    # it compiled, and scipy.signal would add most of a second to the start of the app.
    fed = np.concatenate([[before], shocks / (1.0 - decay)])
    path = pd.Series(fed).ewm(alpha=1.0 - decay, adjust=False).mean()
    return path.to_numpy(dtype=np.float64)[1:]


def volatility_weather(rng: np.random.Generator, *, hours: int) -> Floats:
    """Volatility of the market relative to its usual level: regimes times a log-AR(1), root mean square 1."""
    # Twice as many spells as the shortest kind could need; the last one lasts as long as necessary.
    spells = 2 * int(np.ceil(hours / (HOURS_PER_DAY * REGIME_DAYS.min()))) + 10
    # A step of 1 or 2 modulo 3 never stays: every spell differs from the one before it.
    states = np.cumsum(rng.integers(1, 3, size=spells)) % REGIME_VOLATILITY.size
    ends = np.cumsum(rng.exponential(REGIME_DAYS[states] * HOURS_PER_DAY))
    spell_of_hour = np.minimum(np.searchsorted(ends, np.arange(hours), side="right"), spells - 1)
    log_volatility = mean_reverting(
        rng, size=hours, memory=LOG_VOLATILITY_HALF_LIFE_HOURS / np.log(2.0), spread=LOG_VOLATILITY_SPREAD
    )
    return unit_rms(REGIME_VOLATILITY[states[spell_of_hour]] * np.exp(log_volatility))


def own_volatility(rng: np.random.Generator, weather: Floats) -> Floats:
    """Volatility of one asset's own moves: mostly the market's weather; root mean square 1."""
    own = mean_reverting(
        rng,
        size=weather.size,
        memory=LOG_VOLATILITY_HALF_LIFE_HOURS / np.log(2.0),
        spread=OWN_LOG_VOLATILITY_SPREAD,
    )
    return unit_rms(weather**SHARED_VOLATILITY_POWER * np.exp(own))


def heavy_tailed(rng: np.random.Generator, *, size: int) -> Floats:
    """Student-t shocks with 5 degrees of freedom, scaled to variance 1."""
    scale = np.sqrt((SHOCK_DEGREES_OF_FREEDOM - 2.0) / SHOCK_DEGREES_OF_FREEDOM)
    return np.asarray(rng.standard_t(SHOCK_DEGREES_OF_FREEDOM, size) * scale, dtype=np.float64)


def jumps(rng: np.random.Generator, *, hours: int, per_year: float, size: float) -> Floats:
    """Rare single-hour moves: Poisson in number, Gaussian in size, 0 in all other hours."""
    happens = rng.random(hours) < per_year / HOURS_PER_YEAR
    return np.where(happens, rng.standard_normal(hours) * size, 0.0)


def beta_path(rng: np.random.Generator, model: AssetModel, *, days: int) -> Floats:
    """True beta of each day, shape (days,): level, wander, lasting shifts, decoupling."""
    beta = model.beta + mean_reverting(rng, size=days, memory=BETA_MEMORY_DAYS, spread=model.beta_wander)
    for shift in model.shifts:
        beta[shift.day :] += shift.change
    if model.decoupling is not None:
        event = model.decoupling
        beta[event.day : event.day + event.days] = event.beta
    return beta


def unit_rms(values: Floats) -> Floats:
    """The values divided by their root mean square."""
    return np.asarray(values / np.sqrt(np.mean(values**2)), dtype=np.float64)
