"""One pair through every estimator, and whether its beta, its correlation and its basis hold still."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import pandas as pd
import streamlit as st

from data.errors import DataError
from hedging import (
    AlignedReturns,
    BasisRisk,
    BetaComparison,
    BetaEstimate,
    BreakAlarm,
    DecouplingVerdict,
    HedgingError,
    Method,
    ReturnInterval,
    RollingCorrelation,
    band_target,
    basis_risk,
    break_alarm,
    compare_methods,
    compare_windows,
    decoupling_verdict,
    rolling_correlation,
)
from hedging.plots import plot_basis, plot_break_search, plot_decoupling, plot_estimators
from hedging.plots.estimator_forest import forest_height
from hedging.stability.decoupling import STRETCHES_SEARCHED
from pages.shared import words
from pages.shared.carry import Carry, load_carry
from pages.shared.catalogue import FileInputs
from pages.shared.charts import Chart, current_theme
from pages.shared.loading import BetaView, load_view, or_reason
from pages.shared.settings import PAGE_METHODS, Settings
from pages.shared.state import AppState

LOOKBACKS = (30, 60, 90, 180)
BREAK_HEIGHT, DECOUPLING_HEIGHT, BASIS_HEIGHT = 300, 400, 240
METHOD_NAMES: dict[Method, str] = {
    "ols": "least squares",
    "ewma": "EWMA, half-life 30",
    "kalman": "Kalman filter",
    "huber": "Huber",
    "theil_sen": "Theil-Sen",
    "dimson": "Dimson",
    "downside": "falling benchmark",
    "upside": "rising benchmark",
    "blume": "Blume",
    "bootstrap": "bootstrap",
}


@dataclass(frozen=True, eq=False)
class EstimatorsView:
    """Everything the Estimators page shows. A part that cannot be computed holds the reason instead.

    Attributes
    ----------
    pair : BetaView
        Its estimate is not used: it may be of another method than the one chosen.
    lookback : int
    methods, windows : BetaComparison
        Every estimator at the chosen lookback; least squares at several lookbacks.
    true_beta : pandas.Series or None
        Of a simulated asset, on the index of the returns.
    alarm, coupling, correlation
        Of the recent past against what came before.
    basis : BasisRisk, HedgingError, DataError or None
        None where no prices of a perpetual are known; ``carry_source`` says why.
    n_shown : int
        Returns that the tests of a break and the charts of time look at.
    """

    pair: BetaView
    lookback: int
    methods: BetaComparison[Method]
    windows: BetaComparison[int]
    true_beta: pd.Series | None
    alarm: BreakAlarm | HedgingError
    coupling: DecouplingVerdict | HedgingError
    correlation: RollingCorrelation | HedgingError
    basis: BasisRisk | HedgingError | DataError | None
    carry_source: str
    n_shown: int

    @property
    def true_today(self) -> float | None:
        """Today's true beta of a simulated asset."""
        return None if self.true_beta is None else float(self.true_beta.iloc[-1])

    def target(self, estimate: BetaEstimate, window: int) -> float | None:
        """The true beta that the band of an estimate over the last ``window`` returns is about."""
        if self.true_beta is None:
            return None
        return band_target(self.true_beta.iloc[-window:], estimate.band)


def load_estimators(state: AppState, files: FileInputs) -> EstimatorsView:
    """Prices, then every estimate and every test.

    Raises
    ------
    DataError, HedgingError
        There are no prices, or not enough for the chosen lookback.
    """
    # Rolling a slow estimator takes seconds and is not shown here.
    plain = replace(state, settings=replace(state.settings, method="ols"))
    pair = load_view(plain, files)
    settings, aligned = plain.settings, pair.aligned
    shared = replace(settings, position=0.0, unit="usd")
    methods, windows = _compared(pair.versions, shared, aligned)
    recent, n_shown = state.estimators.recent, _n_shown(state, aligned)
    alarm, coupling, correlation = _stability(
        pair.versions, settings.interval, recent, n_shown, settings.confidence, aligned
    )
    basis, carry_source = _basis(pair, settings, files)
    return EstimatorsView(
        pair=pair,
        lookback=settings.lookback,
        methods=methods,
        windows=windows,
        true_beta=_true_beta(pair, settings),
        alarm=alarm,
        coupling=coupling,
        correlation=correlation,
        basis=basis,
        carry_source=carry_source,
        n_shown=n_shown,
    )


def _n_shown(state: AppState, aligned: AlignedReturns) -> int:
    """Where a break as old as the recent stretch lies well inside."""
    return min(len(aligned.asset), STRETCHES_SEARCHED * state.estimators.recent)


@st.cache_resource(max_entries=32, show_spinner="Trying every estimator…", show_time=True)
def _compared(
    versions: tuple[str, str], settings: Settings, _aligned: AlignedReturns
) -> tuple[BetaComparison[Method], BetaComparison[int]]:
    """Every estimator, every lookback; ``settings`` without a position and a method."""
    asset, benchmark, window = _aligned.asset, _aligned.benchmark, settings.lookback
    return (
        compare_methods(
            asset.iloc[-window:],
            benchmark.iloc[-window:],
            methods=PAGE_METHODS,
            covariance=settings.covariance,
            confidence=settings.confidence,
        ),
        compare_windows(
            asset,
            benchmark,
            windows=sorted({*LOOKBACKS, window}),
            covariance=settings.covariance,
            confidence=settings.confidence,
        ),
    )


@st.cache_resource(max_entries=32, show_spinner="Looking for a break…", show_time=True)
def _stability(
    versions: tuple[str, str],
    interval: ReturnInterval,
    recent: int,
    n_shown: int,
    confidence: float,
    _aligned: AlignedReturns,
) -> tuple[BreakAlarm | HedgingError, DecouplingVerdict | HedgingError, RollingCorrelation | HedgingError]:
    asset, benchmark = _aligned.asset, _aligned.benchmark
    return (
        or_reason(lambda: break_alarm(asset.iloc[-n_shown:], benchmark.iloc[-n_shown:])),
        or_reason(lambda: decoupling_verdict(asset, benchmark, recent=recent, confidence=confidence)),
        or_reason(lambda: rolling_correlation(asset, benchmark, window=recent, confidence=confidence)),
    )


def _basis(
    pair: BetaView, settings: Settings, files: FileInputs
) -> tuple[BasisRisk | HedgingError | DataError | None, str]:
    try:
        carry: Carry = load_carry(settings, files)
        if carry.perpetual_prices is None:
            return None, carry.perpetual_problem or carry.source
        return basis_risk(pair.benchmark.prices, carry.perpetual_prices), carry.source
    except (DataError, HedgingError) as error:
        return error, ""


def _true_beta(pair: BetaView, settings: Settings) -> pd.Series | None:
    known = pair.asset.true_beta
    if known is None or pair.asset.true_beta_benchmark != settings.benchmark:
        return None
    return known.reindex(pair.aligned.asset.index).dropna()


def estimators_charts(view: EstimatorsView, state: AppState) -> dict[str, Chart]:
    """The page's charts by the name their files get; those whose part failed are missing."""
    settings, versions = state.settings, view.pair.versions
    asset, benchmark, simulated = settings.asset, settings.benchmark, view.pair.simulated
    unit, theme = words.unit_words(settings, view.pair.aligned.report), current_theme()
    estimated = (versions, replace(settings, position=0.0, unit="usd"))
    height = forest_height(max(len(view.methods.estimates), len(view.windows.estimates)))
    (low, high), (low_by_window, high_by_window) = view.methods.reach, view.windows.reach
    forest = partial(
        plot_estimators,
        asset=asset,
        benchmark=benchmark,
        true_beta=view.true_today,
        theme=theme,
        simulated=simulated,
        beta_range=(min(low, low_by_window), max(high, high_by_window)),
        height=height,
    )
    charts = {
        "estimators": Chart(
            "estimators",
            height,
            lambda: forest(
                {METHOD_NAMES[name]: found for name, found in view.methods.estimates.items()},
                across=f"estimator, over {settings.lookback} {unit}",
                chosen=METHOD_NAMES[settings.method],
            ),
            estimated,
        ),
        "estimates_by_lookback": Chart(
            "estimates_by_lookback",
            height,
            lambda: forest(
                {f"{window} {unit}": found for window, found in view.windows.estimates.items()},
                across="lookback, by least squares",
                chosen=f"{settings.lookback} {unit}",
            ),
            estimated,
        ),
    }
    tested = (versions, settings.interval, settings.confidence, state.estimators.recent)
    return charts | _stability_charts(view, settings, tested) | _basis_chart(view, settings)


def _stability_charts(
    view: EstimatorsView, settings: Settings, tested: tuple[object, ...]
) -> dict[str, Chart]:
    alarm, coupling, correlation = view.alarm, view.coupling, view.correlation
    asset, benchmark, aligned = settings.asset, settings.benchmark, view.pair.aligned
    theme, simulated = current_theme(), view.pair.simulated
    charts = {}
    if isinstance(alarm, BreakAlarm):
        charts["break_search"] = Chart(
            "break_search",
            BREAK_HEIGHT,
            lambda: plot_break_search(
                alarm.search,
                asset=asset,
                benchmark=benchmark,
                theme=theme,
                simulated=simulated,
                height=BREAK_HEIGHT,
            ),
            tested,
        )
    if isinstance(coupling, DecouplingVerdict) and isinstance(correlation, RollingCorrelation):
        rows = slice(-view.n_shown, None)
        charts["decoupling"] = Chart(
            "decoupling",
            DECOUPLING_HEIGHT,
            lambda: plot_decoupling(
                aligned.asset_prices.iloc[rows],
                aligned.benchmark_prices.iloc[rows],
                last_of(correlation, view.n_shown),
                coupling,
                asset=asset,
                benchmark=benchmark,
                unit=words.unit_words(settings, aligned.report),
                theme=theme,
                simulated=simulated,
                height=DECOUPLING_HEIGHT,
            ),
            tested,
        )
    return charts


def _basis_chart(view: EstimatorsView, settings: Settings) -> dict[str, Chart]:
    basis, theme, simulated = view.basis, current_theme(), view.pair.simulated
    if not isinstance(basis, BasisRisk):
        return {}
    return {
        "spot_perpetual_basis": Chart(
            "spot_perpetual_basis",
            BASIS_HEIGHT,
            lambda: plot_basis(
                basis,
                benchmark=settings.benchmark,
                theme=theme,
                simulated=simulated,
                height=BASIS_HEIGHT,
            ),
            (view.pair.versions, view.carry_source, float(basis.latest), len(basis.basis)),
        )
    }


def last_of(correlation: RollingCorrelation, n: int) -> RollingCorrelation:
    """The last ``n`` windows."""
    rows = slice(-n, None)
    return replace(
        correlation,
        correlation=correlation.correlation.iloc[rows],
        low=correlation.low.iloc[rows],
        high=correlation.high.iloc[rows],
    )
