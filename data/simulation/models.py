"""What the instruments of the simulated market are made of."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import pandas as pd

from data.errors import ChangeInputError

# Chosen among 400 seeds for plausible price paths and a decoupling that shows in a daily regression, so
# compare estimators on other seeds as well.
DEFAULT_SEED = 179
DEFAULT_START = pd.Timestamp("2021-01-01", tz="UTC")
DEFAULT_DAYS = 1826  # to the end of 2025, one leap day included


@dataclass(frozen=True)
class BetaShift:
    """A lasting step of an asset's beta.

    Attributes
    ----------
    day : int
        First day with the new beta, counted from the start of the market (0 is the first day).
    change : float
        What is added to beta from then on.
    """

    day: int
    change: float

    def __post_init__(self) -> None:
        """Refuse a day before the start."""
        _require_numbers(self, "a beta shift", not_negative=("day",))


@dataclass(frozen=True)
class Decoupling:
    """A stretch of days in which an asset goes its own way.

    Attributes
    ----------
    day : int
        First day, counted from the start of the market.
    days : int
        Length of the stretch.
    beta : float
        Beta during it; the usual wander is stilled.
    volatility_factor : float
        Idiosyncratic volatility is multiplied by this.
    """

    day: int
    days: int
    beta: float
    volatility_factor: float

    def __post_init__(self) -> None:
        """Refuse a day before the start and a negative length or factor."""
        _require_numbers(self, "a decoupling", not_negative=("day", "days", "volatility_factor"))


@dataclass(frozen=True, kw_only=True)
class BenchmarkModel:
    """How the benchmark moves.

    Attributes
    ----------
    symbol : str
        Ends in ``-SIM`` so that nobody takes it for a real one.
    start_price : float
        USD at the opening of the first bar.
    growth_per_year : float
        Continuously compounded growth that the path realises from first opening to last close.
    volatility : float
        Annual volatility (365 days) of hourly returns over the whole path.
    jumps_per_year, jump_size : float
        Expected number of jumps and the standard deviation of one, as a simple return.
    funding_per_year : float
        Average funding a long pays, as a fraction of notional per year.
    basis_size : float
        Standard deviation of perpetual/spot - 1.
    """

    symbol: str
    start_price: float
    growth_per_year: float
    volatility: float
    jumps_per_year: float = 10.0
    jump_size: float = 0.035
    funding_per_year: float = 0.10
    basis_size: float = 0.0004

    def __post_init__(self) -> None:
        """Refuse numbers with which no path can be drawn."""
        _require_numbers(
            self,
            self.symbol,
            positive=("start_price", "volatility"),
            not_negative=("jumps_per_year", "jump_size"),
        )


@dataclass(frozen=True, kw_only=True)
class AssetModel:
    """How one asset moves: ``r_asset = beta_t * r_benchmark + e`` in hourly simple returns.

    Attributes
    ----------
    symbol, start_price, growth_per_year, jumps_per_year, jump_size, funding_per_year, basis_size
        As in :class:`BenchmarkModel`; the jumps are the asset's own.
    beta : float
        The level around which beta wanders, before any shift.
    beta_wander : float
        Standard deviation of the wander, which forgets itself over about 75 days.
    idiosyncratic_volatility : float
        Annual volatility of ``e`` outside a decoupling.
    shifts : tuple of BetaShift
        Lasting steps of beta.
    decoupling : Decoupling or None
        A stretch with almost no beta.
    """

    symbol: str
    start_price: float
    growth_per_year: float
    beta: float
    idiosyncratic_volatility: float
    beta_wander: float = 0.12
    jumps_per_year: float = 12.0
    jump_size: float = 0.05
    funding_per_year: float = 0.10
    basis_size: float = 0.0007
    shifts: tuple[BetaShift, ...] = ()
    decoupling: Decoupling | None = None

    def __post_init__(self) -> None:
        """Refuse numbers with which no path can be drawn."""
        _require_numbers(
            self,
            self.symbol,
            positive=("start_price",),
            not_negative=("idiosyncratic_volatility", "beta_wander", "jumps_per_year", "jump_size"),
        )


def _require_numbers(
    model: BenchmarkModel | AssetModel | BetaShift | Decoupling,
    owner: str,
    *,
    positive: tuple[str, ...] = (),
    not_negative: tuple[str, ...] = (),
) -> None:
    for item in fields(model):
        value = getattr(model, item.name)
        if not isinstance(value, int | float):
            continue
        allowed, good = "a finite number", math.isfinite(value)
        if item.name in positive:
            allowed, good = "a finite number above 0", good and value > 0
        elif item.name in not_negative:
            allowed, good = "a finite number of 0 or more", good and value >= 0
        elif item.name == "growth_per_year":
            # Beyond this an hourly constant could no longer bring a path to its end.
            allowed, good = "a number between -5 and 5", abs(value) <= 5
        if not good:
            raise ChangeInputError(
                f"{item.name} of {owner} is {value:g}",
                parameter=item.name,
                value=value,
                allowed=allowed,
                remedy=f"Correct {item.name} in the model of {owner}.",
            )


DEFAULT_BENCHMARK = BenchmarkModel(
    symbol="BTC-SIM", start_price=29_000.0, growth_per_year=0.24, volatility=0.60
)

DEFAULT_ASSETS: tuple[AssetModel, ...] = (
    AssetModel(
        symbol="ETH-SIM",
        start_price=740.0,
        growth_per_year=0.30,
        beta=1.15,
        idiosyncratic_volatility=0.47,
        beta_wander=0.08,
        funding_per_year=0.105,
        basis_size=0.0005,
    ),
    AssetModel(
        symbol="SOL-SIM",
        start_price=12.0,
        growth_per_year=0.50,
        beta=1.45,
        idiosyncratic_volatility=0.78,
        beta_wander=0.15,
        funding_per_year=0.11,
    ),
    AssetModel(
        symbol="AVAX-SIM",
        start_price=6.0,
        growth_per_year=0.25,
        beta=1.30,
        idiosyncratic_volatility=0.86,
        beta_wander=0.15,
        shifts=(BetaShift(day=870, change=0.40),),
    ),
    AssetModel(
        symbol="LINK-SIM",
        start_price=12.0,
        growth_per_year=0.08,
        beta=1.30,
        idiosyncratic_volatility=0.70,
    ),
    AssetModel(
        symbol="DOGE-SIM",
        start_price=0.012,
        growth_per_year=0.45,
        beta=1.45,
        idiosyncratic_volatility=0.88,
        jumps_per_year=18.0,
        jump_size=0.06,
        funding_per_year=0.12,
        shifts=(BetaShift(day=1240, change=-0.40),),
    ),
    AssetModel(
        symbol="XRP-SIM",
        start_price=0.35,
        growth_per_year=0.25,
        beta=0.95,
        idiosyncratic_volatility=0.62,
        jumps_per_year=16.0,
        funding_per_year=0.09,
    ),
    AssetModel(
        symbol="ADA-SIM",
        start_price=0.25,
        growth_per_year=0.12,
        beta=1.20,
        idiosyncratic_volatility=0.68,
        funding_per_year=0.09,
    ),
    AssetModel(
        symbol="BNB-SIM",
        start_price=40.0,
        growth_per_year=0.55,
        beta=0.80,
        idiosyncratic_volatility=0.41,
        beta_wander=0.08,
        funding_per_year=0.08,
        basis_size=0.0005,
    ),
    AssetModel(
        symbol="DOT-SIM",
        start_price=9.0,
        growth_per_year=-0.15,
        beta=1.30,
        idiosyncratic_volatility=0.69,
    ),
    AssetModel(
        symbol="LTC-SIM",
        start_price=130.0,
        growth_per_year=-0.05,
        beta=0.95,
        idiosyncratic_volatility=0.52,
        beta_wander=0.10,
        funding_per_year=0.08,
    ),
    AssetModel(
        symbol="ATOM-SIM",
        start_price=6.0,
        growth_per_year=0.0,
        beta=1.25,
        idiosyncratic_volatility=0.78,
    ),
    AssetModel(
        symbol="NEAR-SIM",
        start_price=1.5,
        growth_per_year=0.15,
        beta=1.60,
        idiosyncratic_volatility=1.0,
        beta_wander=0.15,
        funding_per_year=0.11,
        decoupling=Decoupling(day=1130, days=120, beta=0.1, volatility_factor=1.4),
    ),
)
