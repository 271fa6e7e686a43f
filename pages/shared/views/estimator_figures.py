"""The Estimators page in figures and sentences."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from hedging import BasisRisk, BreakAlarm, DecouplingVerdict, HedgingError
from hedging.plots.formats import (
    basis_points_text,
    beta_text,
    p_value_text,
    range_text,
    stamp_text,
)
from pages.shared import words
from pages.shared.settings import Settings
from pages.shared.state import AppState
from pages.shared.strip import Figure
from pages.shared.views.estimator_tables import estimates_table
from pages.shared.views.estimators import METHOD_NAMES, EstimatorsView

ABOUT = {
    "window average": "the window's average beta",
    "weighted average": "the average, recent days weighted up",
    "today": "today's beta",
}


def estimators_figures(view: EstimatorsView, state: AppState) -> tuple[Figure, ...]:
    """The strip of the page."""
    settings = state.settings
    figures = [_range(view), _chosen(view, settings), _spread(view, settings)]
    figures += [_break(view, settings), _coupling(view, settings)]
    if view.true_today is not None:
        figures.append(_truth(view, view.true_today))
    return tuple(figures)


def _range(view: EstimatorsView) -> Figure:
    found, n = view.methods, len(view.methods.estimates)
    low, high = (beta_text(found.estimates[name].beta) for name in (found.lowest, found.highest))
    return Figure(
        f"Beta of {n} estimators",
        range_text(low, high),
        f"{METHOD_NAMES[found.lowest]} to {METHOD_NAMES[found.highest]}",
        "Smallest and largest beta that the estimators find in the same returns.  \n"
        "`smallest beta to largest beta`  \n"
        f"{METHOD_NAMES[found.lowest]} says {low}, {METHOD_NAMES[found.highest]} {high}: sized by the one or "
        "the other, the same hedge differs by that much.",
    )


def _chosen(view: EstimatorsView, settings: Settings) -> Figure:
    span = words.span_text(settings.lookback, settings, view.pair.aligned.report)
    label = f"{METHOD_NAMES[settings.method].capitalize()}, {span}"
    estimate = view.methods.estimates.get(settings.method)
    if estimate is None:
        return Figure(label, "none", "see the message below", "The estimator chosen under Settings.")
    return Figure(
        label,
        beta_text(estimate.beta),
        words.interval_text(estimate),
        words.beta_help(estimate, settings.asset, settings.benchmark),
    )


def _spread(view: EstimatorsView, settings: Settings) -> Figure:
    found = view.methods
    spread = beta_text(found.spread)
    errors = found.spread_in_errors(settings.method) if settings.method in found.estimates else None
    small = "" if errors is None else f"{errors:.1f} standard errors of the chosen one"
    return Figure(
        "Spread",
        spread,
        small,
        "How far the estimators disagree, beside how unsure the chosen one is of itself.  \n"
        "`largest beta - smallest beta`  \n"
        f"Here {spread}{f', {small}' if small else ''}. Several standard errors mean that single days or one "
        "side of the market decide beta; below two the choice of estimator matters less than noise.",
    )


def _break(view: EstimatorsView, settings: Settings) -> Figure:
    unit = words.unit_words(settings, view.pair.aligned.report)
    help_text = (
        "Whether one beta describes the returns shown, by the largest F of all dates and Hansen's test.  \n"
        "`F = d' (V_before + V_after)^-1 d / 2, d = change of (alpha, beta)`  \n"
    )
    alarm = view.alarm
    if isinstance(alarm, HedgingError):
        return Figure("Break", "unknown", "see the message below", help_text + "Here the tests cannot run.")
    search, p_hansen = alarm.search, p_value_text(alarm.hansen.beta.p_value)
    shown = {
        "quiet": "none found",
        "moved": "beta moved",
        "broke": break_date(alarm),
    }[alarm.verdict]
    return Figure(
        "Break",
        shown,
        f"p {p_value_text(search.p_value)}, Hansen {p_hansen} · {alarm.n_observations} {unit}",
        help_text + break_sentence(alarm, unit),
    )


def _coupling(view: EstimatorsView, settings: Settings) -> Figure:
    help_text = (
        "Whether the correlation of the recent stretch fell by more than chance.  \n"
        "`(atanh r_before - atanh r_recent) / SE, against resampled histories`  \n"
    )
    found = view.coupling
    if isinstance(found, HedgingError):
        return Figure("Coupling", "unknown", "see the message below", help_text + "Here it cannot be judged.")
    return Figure(
        "Coupling",
        found.verdict,
        f"correlation {beta_text(found.correlation)}, before {beta_text(found.correlation_before)}",
        help_text + coupling_sentence(found, settings),
    )


def _truth(view: EstimatorsView, today: float) -> Figure:
    table = estimates_table(view).iloc[: len(view.methods.estimates)]
    held = int(table["interval_holds_it"].sum())
    return Figure(
        "True beta today",
        beta_text(today),
        f"{held} of {len(table)} intervals hold theirs",
        "The simulator's own beta, which no estimator sees.  \n"
        "`interval low <= true beta <= interval high`  \n"
        f"{held} of {len(table)} intervals hold the true beta that they are about, the average over the "
        f"window or today's; {int(table['interval_holds_today'].sum())} hold today's {beta_text(today)}.",
    )


def break_date(alarm: BreakAlarm) -> str:
    """The first period after the likeliest break."""
    return stamp_text(pd.Timestamp(alarm.search.break_at))  # type: ignore[arg-type]


def break_sentence(alarm: BreakAlarm, unit: str) -> str:
    """The verdict, with date and betas where there is one."""
    search, span = alarm.search, f"the last {alarm.n_observations} {unit}"
    before, after = beta_text(search.beta_before), beta_text(search.beta_after)
    if alarm.verdict == "broke":
        return (
            f"The line broke near {break_date(alarm)}: beta {before} before and {after} after "
            f"(p {p_value_text(search.p_value)}). A lookback that reaches across that date mixes the two."
        )
    if alarm.verdict == "moved":
        p_value = p_value_text(alarm.hansen.beta.p_value)
        return (
            f"Beta did not hold still over {span} (Hansen's test, p {p_value}), yet no single date stands "
            "out: it wandered, and a long lookback lags behind it."
        )
    return (
        f"No break found in {span} at the {alarm.significance:.0%} level; a small one, or one of the last "
        f"{unit}, would not show yet."
    )


def coupling_sentence(found: DecouplingVerdict, settings: Settings) -> str:
    """What the verdict means for a hedge."""
    asset, benchmark = settings.asset, settings.benchmark
    if found.verdict == "decoupled":
        return f"Decoupled: {asset} no longer follows {benchmark}, and a hedge with it may add risk."
    if found.verdict == "weakened":
        return f"Weakened: {asset} follows {benchmark} less than before, so a hedge removes less risk."
    return f"Coupled: the link of {asset} to {benchmark} did not fall by more than chance."


def basis_figures(found: BasisRisk, benchmark: str, bars: str) -> tuple[Figure, ...]:
    """The basis in five figures."""
    formula = "`perpetual / spot - 1`"
    return (
        Figure(
            "Basis now",
            basis_points_text(found.latest),
            f"{stamp_text(found.basis.index[-1])} UTC",
            f"How far {benchmark}'s perpetual stands above its spot.  \n{formula}  \n"
            f"A short entered now at {basis_points_text(found.latest)} gains that when the two meet again.",
        ),
        Figure(
            "Mean",
            basis_points_text(found.mean),
            f"{len(found.basis):,} {bars} closes",
            f"Average of the basis over all common closes.  \n{formula}  \n"
            f"Here {basis_points_text(found.mean)}.",
        ),
        Figure(
            "Lowest",
            basis_points_text(found.lowest),
            stamp_text(pd.Timestamp(str(found.basis.idxmin()))),
            f"The deepest discount of the perpetual.  \n{formula}  \n"
            f"A short entered without a basis and closed at {basis_points_text(found.lowest)} gained it.",
        ),
        Figure(
            "Highest",
            basis_points_text(found.highest),
            stamp_text(pd.Timestamp(str(found.basis.idxmax()))),
            f"The largest premium of the perpetual.  \n{formula}  \n"
            f"A short entered without a basis and closed at {basis_points_text(found.highest)} lost it.",
        ),
        Figure(
            "Volatility of its change",
            basis_points_text(found.change_volatility),
            f"from one {bars} close to the next",
            "The risk that the hedge's own price adds, however right beta is.  \n"
            "`standard deviation of basis_t - basis_(t-1)`  \n"
            f"Here {basis_points_text(found.change_volatility)} of the hedge's size.",
        ),
    )


def basis_missing(benchmark: str, source: str) -> str:
    """Why there is no basis, and where there is one."""
    return (
        f"No basis: it needs prices of {benchmark}'s perpetual beside its spot, and {source}. "
        "The simulated market has both."
    )


def estimate_rows(view: EstimatorsView, state: AppState) -> pd.DataFrame:
    """The table of estimates as it is read on the page."""
    unit = words.unit_words(state.settings, view.pair.aligned.report)
    return pd.DataFrame([_shown(row, unit) for row in estimates_table(view).to_dict("records")])


def _shown(row: dict[Hashable, Any], unit: str) -> dict[str, str]:
    shown = {
        "estimator": row["estimator"],
        "lookback": f"{row['lookback']} {unit}",
        "beta": beta_text(row["beta"]),
        "interval": range_text(beta_text(row["beta_low"]), beta_text(row["beta_high"])),
        "standard error": f"{row['beta_standard_error']:.2f}, {row['standard_error_kind']}",
        "interval is about": ABOUT[row["interval_is_about"]],
    }
    for label, truth, held in (
        ("true beta of that", "true_beta_of_the_band", "interval_holds_it"),
        ("true beta today", "true_beta_today", "interval_holds_today"),
    ):
        if truth in row:
            shown[label] = f"{beta_text(row[truth])}, {'✓ inside' if row[held] else '✗ outside'}"
    return shown
