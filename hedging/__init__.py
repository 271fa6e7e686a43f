"""Beta-weighted hedging: pure functions from prices to an order and its history.

>>> import hedging
>>> aligned = hedging.align(sol_prices, btc_prices)                          # doctest: +SKIP
>>> estimate = hedging.estimate_beta(aligned.asset, aligned.benchmark)       # doctest: +SKIP
>>> plan = hedging.size_hedge(10_000, estimate, contract, price_usd=65_000)  # doctest: +SKIP
"""

from hedging.alignment import AlignedReturns, AlignmentReport, align
from hedging.backtesting.walk_forward import HedgeBacktest, StrategyResult, backtest_hedge
from hedging.errors import (
    DegenerateDataError,
    HedgingError,
    InputError,
    InsufficientDataError,
    NoHedgeError,
)
from hedging.estimators.bootstrap import BootstrapBetas, resample_beta
from hedging.estimators.estimate import estimate_beta
from hedging.estimators.lines import RegressionLine, regression_line
from hedging.estimators.results import BetaEstimate, BetaPrior, Covariance, EstimatorOptions, Method
from hedging.estimators.rolling import RollingBeta, rolling_beta
from hedging.estimators.several import SeveralBetas, estimate_betas
from hedging.estimators.shrinkage import prior_from_betas
from hedging.instruments.contracts import LinearContract
from hedging.instruments.several import SeveralHedges, size_several_hedges
from hedging.instruments.sizing import HedgePlan, position_value_usd, size_hedge
from hedging.lag_scan import LagScan, scan_lags
from hedging.performance import (
    HedgingEffectiveness,
    annualise,
    annualised_volatility,
    drawdown,
    hedging_effectiveness,
)
from hedging.sampling import ReturnInterval

__all__ = [
    "AlignedReturns",
    "AlignmentReport",
    "BetaEstimate",
    "BetaPrior",
    "BootstrapBetas",
    "Covariance",
    "DegenerateDataError",
    "EstimatorOptions",
    "HedgeBacktest",
    "HedgePlan",
    "HedgingEffectiveness",
    "HedgingError",
    "InputError",
    "InsufficientDataError",
    "LagScan",
    "LinearContract",
    "Method",
    "NoHedgeError",
    "RegressionLine",
    "ReturnInterval",
    "RollingBeta",
    "SeveralBetas",
    "SeveralHedges",
    "StrategyResult",
    "align",
    "annualise",
    "annualised_volatility",
    "backtest_hedge",
    "drawdown",
    "estimate_beta",
    "estimate_betas",
    "hedging_effectiveness",
    "position_value_usd",
    "prior_from_betas",
    "regression_line",
    "resample_beta",
    "rolling_beta",
    "scan_lags",
    "size_hedge",
    "size_several_hedges",
]
