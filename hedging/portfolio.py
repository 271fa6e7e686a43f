"""A book of positions: its beta with the right standard error, and one hedge for all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hedging._checks import FloatArray, paired_returns, require_number
from hedging.errors import HedgingError, InputError, NoHedgeError
from hedging.estimators.estimate import estimate_beta
from hedging.estimators.results import BetaEstimate, Covariance
from hedging.instruments.contracts import Contract
from hedging.instruments.sizing import HedgePlan, position_value_usd, require_position, size_hedge

MOST_POSITIONS = 500


@dataclass(frozen=True)
class Position:
    """One holding, counted in coins or in USD.

    Attributes
    ----------
    name : str
        Column of the returns it earns.
    value_usd : float
        Signed value, long positive.
    quantity : float or None
        Signed coins, where it was counted in them.
    beta_override : float or None
        Beta set by hand instead of the estimate; it carries no statistical error.
    """

    name: str
    value_usd: float
    quantity: float | None = None
    beta_override: float | None = None

    def __post_init__(self) -> None:
        require_position(self.value_usd)
        if self.beta_override is not None:
            require_number(
                self.beta_override,
                "beta_override",
                allowed="a number between -1000 and 1000",
                valid=lambda beta: abs(beta) <= 1_000,
            )

    @classmethod
    def in_coins(
        cls, name: str, quantity: float, *, price_usd: float, beta_override: float | None = None
    ) -> Position:
        """A position of so many coins at a price."""
        value = position_value_usd(quantity, price_usd)
        return cls(name, value, quantity=quantity, beta_override=beta_override)


@dataclass(frozen=True, eq=False)
class BookAssessment:
    """A book's exposure to the benchmark, and where it comes from.

    Attributes
    ----------
    table : pandas.DataFrame
        One row for each position: ``value_usd``, ``weight`` (share of gross value, signed), ``beta``,
        ``beta_low``, ``beta_high`` and ``beta_standard_error`` (NaN for a beta set by hand),
        ``overridden``, ``exposure_usd`` (``V beta``; the column adds up to the book's) and
        ``exposure_share`` of the book's exposure.
    estimates : dict of str to BetaEstimate
        Of every position on its own, overridden or not.
    exposure_usd, exposure_standard_error_usd, exposure_low_usd, exposure_high_usd : float
        USD that the book gains per unit of benchmark return, with its interval.
    exposure_benchmark : float or None
        The same in units of the benchmark, where its price was given.
    beta : float or None
        ``exposure / net value``; None where long and short cancel.
    gross_usd, net_usd : float
    quadrature_standard_error_usd : float
        What adding standard errors in quadrature would say: wrong, because residuals are correlated.
    correlation : pandas.DataFrame
        Of the positions' returns and the benchmark's.
    covariance : str
    confidence : float
    n_observations : int
    """

    table: pd.DataFrame
    estimates: dict[str, BetaEstimate]
    exposure_usd: float
    exposure_standard_error_usd: float
    exposure_low_usd: float
    exposure_high_usd: float
    exposure_benchmark: float | None
    beta: float | None
    gross_usd: float
    net_usd: float
    quadrature_standard_error_usd: float
    correlation: pd.DataFrame
    covariance: str
    confidence: float
    n_observations: int


@dataclass(frozen=True, eq=False)
class BookHedge:
    """One order for the book beside the orders of its positions.

    Attributes
    ----------
    order : HedgePlan or None
        None where no order is needed or the exchange takes none this small; ``problem`` says which.
    problem : str
        Empty where there is an order.
    singles : dict of str to HedgePlan or NoHedgeError
    singles_notional_usd : float
        Signed sum of the single orders.
    singles_traded_usd : float
        Sum of their sizes: what fees are paid on.
    residual_book_usd, residual_singles_usd : float
        Benchmark exposure left by either way, USD.
    """

    order: HedgePlan | None
    problem: str
    singles: dict[str, HedgePlan | NoHedgeError]
    singles_notional_usd: float
    singles_traded_usd: float
    residual_book_usd: float
    residual_singles_usd: float


def assess_book(
    positions: Sequence[Position],
    asset_returns: pd.DataFrame,
    benchmark_returns: pd.Series,
    *,
    covariance: Covariance = "hac",
    confidence: float = 0.95,
    benchmark_price_usd: float | None = None,
) -> BookAssessment:
    """Add up betas in USD and find out how sure the sum is.

    Exposure ``= sum V_i beta_i``. Its standard error comes from ONE regression of the book's P&L
    ``sum V_i r_i`` on the benchmark, which equals ``sqrt(V' Cov(b) V)``: residuals of altcoins move
    together, so standard errors never add in quadrature. It works in USD, not in weights, because a
    market-neutral book has no net value to divide by. Betas set by hand shift the exposure and have
    no error; the regression then holds the other positions only.

    Parameters
    ----------
    positions : sequence of Position
        Several positions of one name add up.
    asset_returns : pandas.DataFrame, shape (n, k)
        Simple returns, a column for each name, no NaN: all over the same instants.
    benchmark_returns : pandas.Series, shape (n,)
        On the same index.
    covariance, confidence
        As in :func:`hedging.estimate_beta`.
    benchmark_price_usd : float, optional
        To express the exposure in units of the benchmark.

    Returns
    -------
    BookAssessment

    Raises
    ------
    InputError
        No position, a name without returns, or unusable returns.
    InsufficientDataError, DegenerateDataError
        As :func:`hedging.estimate_beta`.

    References
    ----------
    Sharpe (1963) for adding betas; Zellner (1962) for the covariance of a system of regressions.
    """
    held = _added_up(positions, asset_returns)
    y = np.column_stack([paired_returns(asset_returns[name], benchmark_returns)[0] for name in held])
    estimates = {
        name: estimate_beta(
            asset_returns[name], benchmark_returns, covariance=covariance, confidence=confidence
        )
        for name in held
    }
    values = np.array([position.value_usd for position in held.values()])
    by_hand = np.array([position.beta_override is not None for position in held.values()])
    table = _table(held, estimates, values)
    exposure = float(table["exposure_usd"].sum())
    error, reach = (
        _error_of_the_sum(y[:, ~by_hand] @ values[~by_hand], benchmark_returns, covariance, confidence)
        if not by_hand.all()
        else (0.0, 0.0)
    )
    errors = np.array([estimates[name].beta_standard_error for name in held])
    gross, net = float(np.abs(values).sum()), float(values.sum())
    return BookAssessment(
        table=table,
        estimates=estimates,
        exposure_usd=exposure,
        exposure_standard_error_usd=error,
        exposure_low_usd=exposure - reach,
        exposure_high_usd=exposure + reach,
        exposure_benchmark=None if benchmark_price_usd is None else exposure / _price(benchmark_price_usd),
        beta=exposure / net if abs(net) > 1e-9 * gross else None,
        gross_usd=gross,
        net_usd=net,
        quadrature_standard_error_usd=float(np.sqrt(np.square((values * errors)[~by_hand]).sum())),
        correlation=_correlation(asset_returns[list(held)], benchmark_returns),
        covariance=covariance,
        confidence=float(confidence),
        n_observations=len(y),
    )


def hedge_book(
    book: BookAssessment, contract: Contract, price_usd: float, *, exposure_target_usd: float = 0.0
) -> BookHedge:
    """One order against the book's exposure, beside one order for each position.

    Parameters
    ----------
    book : BookAssessment
    contract : LinearContract or InverseContract
    price_usd : float
        Price of one unit of the contract's symbol.
    exposure_target_usd : float
        Exposure wanted after the hedge of the book; single orders aim at 0.

    Returns
    -------
    BookHedge

    Raises
    ------
    InputError
        A value is unusable.
    """
    excess = book.exposure_usd - require_number(
        exposure_target_usd, "exposure_target_usd", allowed="a finite amount of USD"
    )
    order: HedgePlan | None = None
    problem = ""
    if abs(excess) <= 1e-9 * book.gross_usd:
        problem = "The book has the exposure that is wanted; no order is needed."
    else:
        # The exposure itself is hedged one to one: it is the book's position in benchmark terms.
        try:
            order = size_hedge(excess, 1.0, contract, price_usd)
        except NoHedgeError as error:
            problem = str(error)
    singles: dict[str, HedgePlan | NoHedgeError] = {}
    for name, row in book.table.iterrows():
        try:
            singles[str(name)] = size_hedge(float(row["value_usd"]), float(row["beta"]), contract, price_usd)
        except NoHedgeError as error:
            singles[str(name)] = error
    notionals = [plan.hedge_notional_usd for plan in singles.values() if isinstance(plan, HedgePlan)]
    total = float(sum(notionals))
    return BookHedge(
        order=order,
        problem=problem,
        singles=singles,
        singles_notional_usd=total,
        singles_traded_usd=float(sum(abs(notional) for notional in notionals)),
        residual_book_usd=book.exposure_usd + (order.hedge_notional_usd if order else 0.0),
        residual_singles_usd=book.exposure_usd + total,
    )


def _added_up(positions: Sequence[Position], returns: pd.DataFrame) -> Mapping[str, Position]:
    if not 1 <= len(positions) <= MOST_POSITIONS:
        raise InputError(
            f"the book has {len(positions)} positions",
            parameter="positions",
            value=len(positions),
            allowed=f"1 to {MOST_POSITIONS}",
            remedy="Enter a position, or add small ones up.",
        )
    held: dict[str, Position] = {}
    for position in positions:
        if position.name not in returns.columns:
            raise InputError(
                f"there are no returns of {position.name!r}",
                parameter="positions",
                value=position.name,
                allowed=", ".join(str(name) for name in returns.columns)[:300],
                remedy="Remove the position or load its prices.",
            )
        known = held.get(position.name)
        if known is None:
            held[position.name] = position
        elif known.beta_override != position.beta_override:
            raise InputError(
                f"{position.name!r} is held twice with different betas set by hand",
                parameter="positions",
                value=position.name,
                allowed="one beta for each asset",
                remedy="Set the same beta for both, or none.",
            )
        else:
            held[position.name] = Position(
                position.name,
                known.value_usd + position.value_usd,
                beta_override=known.beta_override,
            )
    return held


def _table(
    held: Mapping[str, Position], estimates: Mapping[str, BetaEstimate], values: FloatArray
) -> pd.DataFrame:
    rows = []
    for name, position in held.items():
        estimate, override = estimates[name], position.beta_override
        by_hand = override is not None
        rows.append(
            {
                "beta": override if override is not None else estimate.beta,
                "beta_low": np.nan if by_hand else estimate.beta_low,
                "beta_high": np.nan if by_hand else estimate.beta_high,
                "beta_standard_error": np.nan if by_hand else estimate.beta_standard_error,
                "overridden": by_hand,
            }
        )
    table = pd.DataFrame(rows, index=pd.Index(list(held), name="position"))
    table.insert(0, "value_usd", values)
    table.insert(1, "weight", values / np.abs(values).sum())
    table["exposure_usd"] = table["value_usd"] * table["beta"]
    total = float(table["exposure_usd"].sum())
    table["exposure_share"] = table["exposure_usd"] / total if total else np.nan
    return table


def _error_of_the_sum(
    pnl_usd: FloatArray, benchmark: pd.Series, covariance: Covariance, confidence: float
) -> tuple[float, float]:
    """Standard error and half width of the interval of the book's exposure."""
    scale = float(np.abs(pnl_usd).max()) or 1.0  # estimate_beta takes returns, not millions of USD
    try:
        whole = estimate_beta(
            pnl_usd / scale, benchmark.to_numpy(), covariance=covariance, confidence=confidence
        )
    except HedgingError:
        if np.ptp(pnl_usd) <= 1e-12 * scale:  # long and short of the same thing
            return 0.0, 0.0
        raise
    return whole.beta_standard_error * scale, (whole.beta_high - whole.beta) * scale


def _correlation(returns: pd.DataFrame, benchmark: pd.Series) -> pd.DataFrame:
    name = "benchmark" if benchmark.name is None else str(benchmark.name)
    return returns.assign(**{name: benchmark}).corr()


def _price(price_usd: float) -> float:
    return require_number(
        price_usd, "benchmark_price_usd", allowed="a positive price", valid=lambda price: price > 0
    )
