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
from hedging.estimators.regression import (
    BetaEstimate,
    Covariance,
    Method,
    RegressionLine,
    estimate_beta,
    regression_line,
)
from hedging.estimators.rolling import RollingBeta, rolling_beta
from hedging.instruments.contracts import LinearContract
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
    "Covariance",
    "DegenerateDataError",
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
    "StrategyResult",
    "align",
    "annualise",
    "annualised_volatility",
    "backtest_hedge",
    "drawdown",
    "estimate_beta",
    "hedging_effectiveness",
    "position_value_usd",
    "regression_line",
    "rolling_beta",
    "scan_lags",
    "size_hedge",
]
