"""What an estimate of beta is, whichever method made it."""

from __future__ import annotations

from dataclasses import dataclass
from types import NoneType
from typing import Any, Literal, TypeAlias, get_args

from scipy.special import stdtrit

from hedging._checks import FloatArray, require_kind, require_number, require_window

Method: TypeAlias = Literal[
    "ols",
    "ewma",
    "kalman",
    "huber",
    "theil_sen",
    "dimson",
    "downside",
    "upside",
    "blume",
    "vasicek",
    "bootstrap",
]
Covariance: TypeAlias = Literal["nonrobust", "hc3", "hac"]
StandardError: TypeAlias = Literal["nonrobust", "hc3", "hac", "state", "rank", "bootstrap"]
Band: TypeAlias = Literal["window average", "weighted average", "today"]

METHODS: tuple[Method, ...] = get_args(Method)
COVARIANCES: tuple[Covariance, ...] = get_args(Covariance)

# Which standard errors a method has; the first is taken when none is asked for.
STANDARD_ERRORS: dict[Method, tuple[StandardError, ...]] = {
    "ols": ("hac", "hc3", "nonrobust"),
    "ewma": ("hc3",),
    "kalman": ("state",),
    "huber": ("hc3", "nonrobust"),
    "theil_sen": ("rank",),
    "dimson": ("hac", "hc3", "nonrobust"),
    "downside": ("hc3", "nonrobust"),
    "upside": ("hc3", "nonrobust"),
    "blume": ("hac", "hc3", "nonrobust"),
    "vasicek": ("hac", "hc3", "nonrobust"),
    "bootstrap": ("bootstrap",),
}

SMALLEST_WINDOW = 5  # two parameters and three degrees of freedom: below that t intervals are useless


@dataclass(frozen=True)
class BetaPrior:
    """Where beta lies before the data speak, for Vasicek's shrinkage.

    Attributes
    ----------
    mean, variance : float
        Of the true betas of comparable assets; see :func:`hedging.prior_from_betas`.
    """

    mean: float
    variance: float

    def __post_init__(self) -> None:
        require_number(self.mean, "prior.mean", allowed="a finite beta")
        require_number(self.variance, "prior.variance", allowed="above 0", valid=lambda number: number > 0)


@dataclass(frozen=True)
class EstimatorOptions:
    """Settings that only some methods use.

    Attributes
    ----------
    half_life : float
        "ewma": observations after which a weight has halved.
    lead_lags : int
        "dimson": benchmark returns this many periods before and after are regressors as well.
    prior : BetaPrior or None
        "vasicek": required there.
    replications, seed : int
        "bootstrap": resampled series, and the seed that makes them the same every time.
    block_length : float or None
        "bootstrap": mean block length in observations, rounded up to a whole number, at most a third of the
        observations; None lets the data choose.
    refit_every : int
        "kalman" in :func:`hedging.rolling_beta`: observations after which the variances are fitted anew.
    """

    half_life: float = 30.0
    lead_lags: int = 1
    prior: BetaPrior | None = None
    replications: int = 999
    seed: int = 0
    block_length: float | None = None
    refit_every: int = 30

    def __post_init__(self) -> None:
        require_number(
            self.half_life, "half_life", allowed="1 to 10000 observations", valid=lambda v: 1 <= v <= 10_000
        )
        require_kind(self.prior, "prior", (BetaPrior, NoneType))
        require_window(self.lead_lags, smallest=1, parameter="lead_lags")
        require_window(self.replications, smallest=99, parameter="replications")
        require_window(self.seed, smallest=0, parameter="seed")
        require_window(self.refit_every, smallest=1, parameter="refit_every")
        if self.block_length is not None:
            require_number(
                self.block_length, "block_length", allowed="1 or more, or None", valid=lambda v: v >= 1
            )


DEFAULT_OPTIONS = EstimatorOptions()


@dataclass(frozen=True, eq=False)
class BetaEstimate:
    """A line ``asset = alpha + beta * benchmark + residual`` over one window.

    Attributes
    ----------
    beta, alpha : float
        Slope, and intercept in return per period.
    beta_standard_error, alpha_standard_error : float
        Of the kind that ``covariance`` names.
    beta_low, beta_high : float
        Interval of ``confidence``.
    band : {"window average", "weighted average", "today"}
        What the interval is about: the AVERAGE beta of the window, the average with recent
        observations weighted up, or the beta at the last observation.
    r_squared, correlation : float
        Share of the asset's variance that the line explains (below 0 where a robust line is worse
        than a flat one); correlation of the observations used.
    residual_volatility : float
        ``sqrt(SSE / (n - k))``, fraction per period; ``k`` coefficients were fitted, 2 for a line.
    asset_volatility, benchmark_volatility : float
        Sample standard deviations (n - 1), fraction per period.
    benchmark_mean : float
        Mean benchmark return, fraction per period.
    parameter_covariance : numpy.ndarray, shape (2, 2)
        Covariance of ``(alpha, beta)``.
    n_observations : int
        Observations the line rests on.
    effective_observations : float
        ``(sum w)^2 / sum w^2`` of the weights; ``n_observations`` where all weigh the same.
    degrees_of_freedom : float
    method, covariance : str
        How beta and its standard error were found.
    hac_lags : int or None
        Lags of the Bartlett kernel when ``covariance`` is "hac".
    confidence, critical_value : float
        Level as a fraction and its quantile of Student's t.
    first, last : Any
        Labels of the first and last observation given, None for arrays.
    """

    beta: float
    alpha: float
    beta_standard_error: float
    alpha_standard_error: float
    beta_low: float
    beta_high: float
    band: Band
    r_squared: float
    correlation: float
    residual_volatility: float
    asset_volatility: float
    benchmark_volatility: float
    benchmark_mean: float
    parameter_covariance: FloatArray
    n_observations: int
    effective_observations: float
    degrees_of_freedom: float
    method: Method
    covariance: StandardError
    hac_lags: int | None
    confidence: float
    critical_value: float
    first: Any
    last: Any


def student_t_quantile(confidence: float, degrees_of_freedom: float) -> float:
    """Two-sided critical value of Student's t."""
    return float(stdtrit(degrees_of_freedom, 0.5 + confidence / 2.0))
