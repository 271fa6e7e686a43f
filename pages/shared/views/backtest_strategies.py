"""The ways of hedging that the Backtest page lays side by side, and when they are renewed."""

from __future__ import annotations

from hedging import HedgeStrategy, Method, Triggers
from hedging.backtesting.settings import Sizing
from hedging.estimators.results import STANDARD_ERRORS, Covariance
from pages.shared.choices import BacktestChoices
from pages.shared.settings import Settings
from pages.shared.state import AppState

DOLLAR, BETA, MIN_VARIANCE = "dollar", "beta", "min_variance"
UNHEDGED = "unhedged"
ESTIMATOR_HEDGES: dict[Method, str] = {
    "ols": "least squares hedge",
    "ewma": "EWMA hedge",
    "kalman": "Kalman hedge",
    "huber": "Huber hedge",
    "theil_sen": "Theil-Sen hedge",
    "dimson": "Dimson hedge",
    "downside": "downside hedge",
    "upside": "upside hedge",
    "blume": "Blume hedge",
    "bootstrap": "bootstrap hedge",
}


def triggers_of(choices: BacktestChoices) -> Triggers:
    """The page's percentages as the library's fractions."""

    def fraction(percent: float | None) -> float | None:
        return None if percent is None else percent / 100

    return Triggers(
        every_hours=choices.every_hours,
        benchmark_move_fraction=fraction(choices.move_percent),
        beta_outside_interval=choices.beta_outside,
        position_drift_fraction=fraction(choices.position_drift_percent),
        hedge_drift_fraction=fraction(choices.hedge_drift_percent),
        margin_ratio=fraction(choices.margin_used_percent),
        funding_flip=choices.funding_flip,
        risk_aversion=choices.risk_aversion,
    )


def strategy_names(choices: BacktestChoices, settings: Settings) -> dict[str, str]:
    """Key and name of every strategy that was asked for."""
    names = {DOLLAR: "dollar hedge", BETA: "beta hedge", MIN_VARIANCE: "minimum variance hedge"}
    return names | {
        method: ESTIMATOR_HEDGES[method] for method in choices.estimators if method != settings.method
    }


def strategies_of(state: AppState, *, basis_known: bool) -> dict[str, HedgeStrategy]:
    """Every strategy that can run; on the benchmark's own prices minimum variance is the beta hedge again."""
    settings, triggers = state.settings, triggers_of(state.backtest)
    sizings: dict[str, Sizing] = {DOLLAR: "dollar", MIN_VARIANCE: "min_variance"}
    extra: dict[str, Method] = {method: method for method in state.backtest.estimators}
    found = {}
    for key, name in strategy_names(state.backtest, settings).items():
        if key == MIN_VARIANCE and not basis_known:
            continue
        method = extra.get(key, settings.method)
        found[key] = HedgeStrategy(
            name,
            sizing=sizings.get(key, "beta"),
            window=settings.lookback,
            method=method,
            covariance=_covariance(settings, method),
            beta_target=state.hedge.beta_target,
            triggers=triggers,
        )
    return found


def _covariance(settings: Settings, method: Method) -> Covariance | None:
    return settings.covariance if settings.covariance in STANDARD_ERRORS[method] else None
