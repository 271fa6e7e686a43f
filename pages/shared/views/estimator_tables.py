"""What the Estimators page shows, as tables for download: full precision, units in the column names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd

from hedging import BasisRisk, BetaEstimate, BreakAlarm, RollingCorrelation
from pages.shared import words
from pages.shared.views.estimators import METHOD_NAMES, EstimatorsView


def estimators_tables(view: EstimatorsView) -> Mapping[str, Callable[[], pd.DataFrame]]:
    """Label of each table and what makes it."""
    tables: dict[str, Callable[[], pd.DataFrame]] = {
        "Estimates": lambda: estimates_table(view).set_index(["estimator", "lookback"])
    }
    if isinstance(view.alarm, BreakAlarm):
        tables["Break search"] = partial(_path_table, view.alarm)
    if isinstance(view.correlation, RollingCorrelation):
        tables["Correlation"] = partial(_correlation_table, view, view.correlation)
    if isinstance(view.basis, BasisRisk):
        basis = view.basis.basis
        tables["Basis"] = lambda: basis.rename("basis_fraction").rename_axis("time_utc").to_frame()
    return tables


def estimates_table(view: EstimatorsView) -> pd.DataFrame:
    """One row for each estimator and each lookback, and the truth where it is known."""
    rows = [(METHOD_NAMES[name], view.lookback, found) for name, found in view.methods.estimates.items()]
    rows += [(METHOD_NAMES["ols"], each, found) for each, found in view.windows.estimates.items()]
    return pd.DataFrame([_row(view, *row) for row in rows])


def _row(view: EstimatorsView, name: str, window: int, found: BetaEstimate) -> dict[str, object]:
    target = view.target(found, window)
    truth: dict[str, object] = {}
    if target is not None and view.true_today is not None:
        truth = {
            "true_beta_of_the_band": target,
            "interval_holds_it": found.beta_low <= target <= found.beta_high,
            "true_beta_today": view.true_today,
            "interval_holds_today": found.beta_low <= view.true_today <= found.beta_high,
        }
    return {
        "estimator": name,
        "lookback": window,
        "beta": found.beta,
        "beta_low": found.beta_low,
        "beta_high": found.beta_high,
        "beta_standard_error": found.beta_standard_error,
        "standard_error_kind": words.COVARIANCE_WORDS[found.covariance],
        "interval_is_about": found.band,
        "n_observations": found.n_observations,
    } | truth


def _path_table(alarm: BreakAlarm) -> pd.DataFrame:
    table = alarm.search.path.rename("f_statistic").rename_axis("first_day_after_utc").to_frame()
    return table.assign(critical_value=alarm.search.critical_value)


def _correlation_table(view: EstimatorsView, found: RollingCorrelation) -> pd.DataFrame:
    aligned = view.pair.aligned
    return pd.DataFrame(
        {
            "price_ratio": aligned.asset_prices / aligned.benchmark_prices,
            "correlation": found.correlation,
            "correlation_low": found.low,
            "correlation_high": found.high,
        }
    ).rename_axis("time_utc")
