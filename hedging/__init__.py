"""Beta-weighted hedging: pure functions from prices to an order and its history.

>>> import hedging
>>> aligned = hedging.align(sol_prices, btc_prices)                          # doctest: +SKIP
>>> estimate = hedging.estimate_beta(aligned.asset, aligned.benchmark)       # doctest: +SKIP
>>> plan = hedging.size_hedge(10_000, estimate, contract, price_usd=65_000)  # doctest: +SKIP
"""

from hedging.alignment import AlignedReturns, AlignmentReport, align
from hedging.backtesting.film import LookbackFilm, LookbackFrame, PnlFrame, lookback_film
from hedging.backtesting.lookbacks import LookbackComparison, compare_lookbacks
from hedging.backtesting.results import HedgeRun, HedgeSimulation, RunFigures
from hedging.backtesting.settings import HedgeMarket, HedgeStrategy, TradingTerms, Triggers
from hedging.backtesting.simulate import simulate_hedges
from hedging.backtesting.sweep import TriggerSweep, sweep_triggers, trigger_grid
from hedging.backtesting.walk_forward import HedgeBacktest, StrategyResult, backtest_hedge
from hedging.carry.attribution import HedgeLedger, PnlAttribution, attribute_pnl
from hedging.carry.basis import BasisRisk, annual_basis_fraction, basis_risk
from hedging.carry.break_even import BreakEven, break_even
from hedging.carry.costs import TradingCosts, trading_cost_usd
from hedging.carry.funding import (
    FundingHistory,
    annual_funding_fraction,
    funding_payment_coin,
    funding_payment_usd,
    prepare_funding,
    realised_funding,
)
from hedging.carry.periods import funding_per_period
from hedging.carry.projection import FundingProjection, project_funding
from hedging.carry.worth import HedgeWorth, hedge_worth
from hedging.choice import OutOfSampleComparison, compare_out_of_sample
from hedging.errors import (
    DegenerateDataError,
    HedgingError,
    InputError,
    InsufficientDataError,
    NoHedgeError,
)
from hedging.estimators.atlas import BetaAtlas, beta_atlas
from hedging.estimators.bootstrap import BootstrapBetas, resample_beta
from hedging.estimators.comparison import BetaComparison, band_target, compare_methods, compare_windows
from hedging.estimators.estimate import estimate_beta
from hedging.estimators.lines import RegressionLine, regression_line
from hedging.estimators.results import BetaEstimate, BetaPrior, Covariance, EstimatorOptions, Method
from hedging.estimators.rolling import RollingBeta, rolling_beta
from hedging.estimators.several import SeveralBetas, estimate_betas
from hedging.estimators.shrinkage import prior_from_betas
from hedging.instruments.appetite import AppetiteHedges, StressReturns, size_by_appetite, stress_returns
from hedging.instruments.coin_margin import CoinMargin
from hedging.instruments.contracts import (
    Contract,
    InverseContract,
    LinearContract,
    average_entry_price,
    contract_pnl_coin,
    contract_pnl_usd,
    round_price,
)
from hedging.instruments.effectiveness import effectiveness_of_ratio
from hedging.instruments.liquidation import (
    Liquidation,
    MarginedPosition,
    cross_liquidation_prices,
    inverse_liquidation_price,
    liquidation_price,
)
from hedging.instruments.margin import (
    MaintenanceTier,
    MaintenanceTiers,
    initial_margin_usd,
    maintenance_margin_usd,
)
from hedging.instruments.ranking import InstrumentCandidate, RankedInstrument, rank_instruments
from hedging.instruments.several import SeveralHedges, size_several_hedges
from hedging.instruments.sizing import HedgePlan, position_value_usd, size_hedge, size_inverse_hedge
from hedging.instruments.touch import TouchProbability, touch_probability
from hedging.lag_scan import LagScan, scan_lags
from hedging.monitoring.check import check_hedge
from hedging.monitoring.margin import entered_liquidation, is_closed_before_move
from hedging.monitoring.results import EnteredHedge, HedgeCheck, TriggerCheck
from hedging.performance import (
    HedgingEffectiveness,
    annualise,
    annualised_volatility,
    drawdown,
    expected_shortfall,
    hedging_effectiveness,
    rolling_effectiveness,
)
from hedging.portfolio.alignment import AlignedBook, align_book
from hedging.portfolio.assessment import BookAssessment, assess_book
from hedging.portfolio.hedge import BookHedge, hedge_book
from hedging.portfolio.matrix import beta_matrix
from hedging.portfolio.positions import Position
from hedging.portfolio.value_path import book_value_path
from hedging.sampling import ReturnInterval
from hedging.scenarios.alternatives import Alternatives, compare_alternatives
from hedging.scenarios.hedged_position import HedgedPosition
from hedging.scenarios.options import (
    BlackPrice,
    OptionHedge,
    buy_collar,
    buy_protection,
    implied_volatility,
    price_option,
)
from hedging.scenarios.replay import replay_at_beta
from hedging.scenarios.rolled_future import RolledFuture, compare_rolled_future, rolled_returns
from hedging.scenarios.shock import Shock
from hedging.scenarios.what_if import WhatIf, what_if
from hedging.scenarios.worst_days import worst_days
from hedging.stability.alarm import BreakAlarm, break_alarm
from hedging.stability.breaks import ChowTest, SupFBreak, chow_test, sup_f_break
from hedging.stability.correlation import RollingCorrelation, rolling_correlation
from hedging.stability.cusum import CusumOfSquares, cusum_of_squares
from hedging.stability.decoupling import DecouplingVerdict, decoupling_verdict
from hedging.stability.hansen import HansenStability, hansen_stability

__all__ = [
    "AlignedBook",
    "AlignedReturns",
    "AlignmentReport",
    "Alternatives",
    "AppetiteHedges",
    "BasisRisk",
    "BetaAtlas",
    "BetaComparison",
    "BetaEstimate",
    "BetaPrior",
    "BlackPrice",
    "BookAssessment",
    "BookHedge",
    "BootstrapBetas",
    "BreakAlarm",
    "BreakEven",
    "ChowTest",
    "CoinMargin",
    "Contract",
    "Covariance",
    "CusumOfSquares",
    "DecouplingVerdict",
    "DegenerateDataError",
    "EnteredHedge",
    "EstimatorOptions",
    "FundingHistory",
    "FundingProjection",
    "HansenStability",
    "HedgeBacktest",
    "HedgeCheck",
    "HedgeLedger",
    "HedgeMarket",
    "HedgePlan",
    "HedgeRun",
    "HedgeSimulation",
    "HedgeStrategy",
    "HedgeWorth",
    "HedgedPosition",
    "HedgingEffectiveness",
    "HedgingError",
    "InputError",
    "InstrumentCandidate",
    "InsufficientDataError",
    "InverseContract",
    "LagScan",
    "LinearContract",
    "Liquidation",
    "LookbackComparison",
    "LookbackFilm",
    "LookbackFrame",
    "MaintenanceTier",
    "MaintenanceTiers",
    "MarginedPosition",
    "Method",
    "NoHedgeError",
    "OptionHedge",
    "OutOfSampleComparison",
    "PnlAttribution",
    "PnlFrame",
    "Position",
    "RankedInstrument",
    "RegressionLine",
    "ReturnInterval",
    "RolledFuture",
    "RollingBeta",
    "RollingCorrelation",
    "RunFigures",
    "SeveralBetas",
    "SeveralHedges",
    "Shock",
    "StrategyResult",
    "StressReturns",
    "SupFBreak",
    "TouchProbability",
    "TradingCosts",
    "TradingTerms",
    "TriggerCheck",
    "TriggerSweep",
    "Triggers",
    "WhatIf",
    "align",
    "align_book",
    "annual_basis_fraction",
    "annual_funding_fraction",
    "annualise",
    "annualised_volatility",
    "assess_book",
    "attribute_pnl",
    "average_entry_price",
    "backtest_hedge",
    "band_target",
    "basis_risk",
    "beta_atlas",
    "beta_matrix",
    "book_value_path",
    "break_alarm",
    "break_even",
    "buy_collar",
    "buy_protection",
    "check_hedge",
    "chow_test",
    "compare_alternatives",
    "compare_lookbacks",
    "compare_methods",
    "compare_out_of_sample",
    "compare_rolled_future",
    "compare_windows",
    "contract_pnl_coin",
    "contract_pnl_usd",
    "cross_liquidation_prices",
    "cusum_of_squares",
    "decoupling_verdict",
    "drawdown",
    "effectiveness_of_ratio",
    "entered_liquidation",
    "estimate_beta",
    "estimate_betas",
    "expected_shortfall",
    "funding_payment_coin",
    "funding_payment_usd",
    "funding_per_period",
    "hansen_stability",
    "hedge_book",
    "hedge_worth",
    "hedging_effectiveness",
    "implied_volatility",
    "initial_margin_usd",
    "inverse_liquidation_price",
    "is_closed_before_move",
    "liquidation_price",
    "lookback_film",
    "maintenance_margin_usd",
    "position_value_usd",
    "prepare_funding",
    "price_option",
    "prior_from_betas",
    "project_funding",
    "rank_instruments",
    "realised_funding",
    "regression_line",
    "replay_at_beta",
    "resample_beta",
    "rolled_returns",
    "rolling_beta",
    "rolling_correlation",
    "rolling_effectiveness",
    "round_price",
    "scan_lags",
    "simulate_hedges",
    "size_by_appetite",
    "size_hedge",
    "size_inverse_hedge",
    "size_several_hedges",
    "stress_returns",
    "sup_f_break",
    "sweep_triggers",
    "touch_probability",
    "trading_cost_usd",
    "trigger_grid",
    "what_if",
    "worst_days",
]
