"""A book's exposure to its benchmark, with the right standard error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hedging._checks import FloatArray, paired_returns, require_number
from hedging.errors import InputError
from hedging.estimators.estimate import estimate_beta
from hedging.estimators.results import BetaEstimate, Covariance
from hedging.portfolio.positions import Held, Position, add_up

CANCELS_NET = 1e-9  # a net value below this share of the gross one is none
CANCELS = 1e-12  # P&L that moves less than this share of the values held is long and short of the same


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
    exposure_benchmark, exposure_benchmark_low, exposure_benchmark_high : float or None
        The same in units of the benchmark, where its price was given.
    beta, beta_low, beta_high : float or None
        ``exposure / net value`` with its interval; None where long and short cancel.
    gross_usd, net_usd : float
    quadrature_standard_error_usd : float
        What adding standard errors in quadrature would say: wrong, because residuals are correlated.
    correlation : pandas.DataFrame
        Of the positions' returns and the benchmark's.
    r_squared, benchmark_correlation : float or None
        Of the book's P&L on the benchmark, betas set by hand or not; None where it does not move.
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
    exposure_benchmark_low: float | None
    exposure_benchmark_high: float | None
    beta: float | None
    beta_low: float | None
    beta_high: float | None
    gross_usd: float
    net_usd: float
    quadrature_standard_error_usd: float
    correlation: pd.DataFrame
    r_squared: float | None
    benchmark_correlation: float | None
    covariance: str
    confidence: float
    n_observations: int


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
    _require_series(benchmark_returns)
    held = add_up(positions, asset_returns)
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
    gross, net = float(np.abs(values).sum()), float(values.sum())
    price = None if benchmark_price_usd is None else _price(benchmark_price_usd)
    error, reach = 0.0, 0.0
    if not by_hand.all():
        estimated = y[:, ~by_hand] @ values[~by_hand]
        error, reach = _error_of_the_sum(
            estimated, benchmark_returns, covariance, confidence, gross_usd=gross
        )
    errors = np.array([estimates[name].beta_standard_error for name in held])
    ends = (exposure - reach, exposure + reach)
    betas = _betas(exposure, *ends, net_usd=net, gross_usd=gross)
    correlation = _correlation_of_the_sum(y @ values, benchmark_returns, gross_usd=gross)
    return BookAssessment(
        table=table,
        estimates=estimates,
        exposure_usd=exposure,
        exposure_standard_error_usd=error,
        exposure_low_usd=ends[0],
        exposure_high_usd=ends[1],
        exposure_benchmark=None if price is None else exposure / price,
        exposure_benchmark_low=None if price is None else ends[0] / price,
        exposure_benchmark_high=None if price is None else ends[1] / price,
        beta=betas[0],
        beta_low=betas[1],
        beta_high=betas[2],
        gross_usd=gross,
        net_usd=net,
        quadrature_standard_error_usd=float(np.sqrt(np.square((values * errors)[~by_hand]).sum())),
        correlation=_correlation(asset_returns[list(held)], benchmark_returns),
        r_squared=None if correlation is None else correlation**2,
        benchmark_correlation=correlation,
        covariance=covariance,
        confidence=float(confidence),
        n_observations=len(y),
    )


def _table(
    held: Mapping[str, Held], estimates: Mapping[str, BetaEstimate], values: FloatArray
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
    pnl_usd: FloatArray, benchmark: pd.Series, covariance: Covariance, confidence: float, *, gross_usd: float
) -> tuple[float, float]:
    """Standard error and half width of the interval of the book's exposure."""
    scale = float(np.abs(pnl_usd).max())  # estimate_beta takes returns, not millions of USD
    if np.ptp(pnl_usd) <= CANCELS * gross_usd:
        return 0.0, 0.0
    whole = estimate_beta(pnl_usd / scale, benchmark.to_numpy(), covariance=covariance, confidence=confidence)
    return whole.beta_standard_error * scale, (whole.beta_high - whole.beta) * scale


def _betas(
    exposure: float, low: float, high: float, *, net_usd: float, gross_usd: float
) -> tuple[float, float, float] | tuple[None, None, None]:
    """Per USD of net value; a book that is short on balance turns the interval round."""
    if abs(net_usd) <= CANCELS_NET * gross_usd:
        return None, None, None
    ends = sorted((low / net_usd, high / net_usd))
    return exposure / net_usd, ends[0], ends[1]


def _correlation_of_the_sum(pnl_usd: FloatArray, benchmark: pd.Series, *, gross_usd: float) -> float | None:
    if np.ptp(pnl_usd) <= CANCELS * gross_usd:
        return None
    return float(np.corrcoef(pnl_usd, benchmark.to_numpy(dtype=np.float64))[0, 1])


def _require_series(benchmark_returns: object) -> None:
    if not isinstance(benchmark_returns, pd.Series):
        raise InputError(
            "benchmark_returns has no index to match the assets' returns with",
            parameter="benchmark_returns",
            value=type(benchmark_returns).__name__,
            allowed="a Series on the index of asset_returns",
            remedy="Pass prices through hedging.align first.",
        )


def _correlation(returns: pd.DataFrame, benchmark: pd.Series) -> pd.DataFrame:
    name = "benchmark" if benchmark.name is None else str(benchmark.name)
    return returns.assign(**{name: benchmark}).corr()


def _price(price_usd: float) -> float:
    return require_number(
        price_usd, "benchmark_price_usd", allowed="a positive price", valid=lambda price: price > 0
    )
