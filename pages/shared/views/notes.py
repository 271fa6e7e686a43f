"""The warnings, reasons and small print of each page, for the page and for the report."""

from __future__ import annotations

from data.environment import utc_now
from hedging import HedgeCheck, HedgingError
from pages.shared import words
from pages.shared.carry import hedge_market
from pages.shared.loading import BetaView
from pages.shared.notes import Note, reasons_of, warnings_of
from pages.shared.settings import Settings
from pages.shared.state import AppState
from pages.shared.views.backtest import BacktestView
from pages.shared.views.estimator_figures import basis_missing
from pages.shared.views.estimators import METHOD_NAMES, EstimatorsView
from pages.shared.views.hedge import HedgeView
from pages.shared.views.hedge_figures import days_text, horizon_text, is_rounded
from pages.shared.views.monitor import MonitorView
from pages.shared.views.monitor_figures import liquidation_warning
from pages.shared.views.portfolio import BookResult, PortfolioView
from pages.shared.views.portfolio_figures import doubt
from pages.shared.views.what_if import WhatIfView

LIKELY = 0.05  # of being liquidated within the holding time


def market_notes(view: BetaView, settings: Settings) -> list[Note]:
    """What is wrong with the prices and the estimate that every order rests on."""
    said = words.alignment_warnings(view.aligned, view.lag_scan, settings.asset, settings.benchmark)
    said += age_sentences(view)
    said += words.estimate_warnings(view.estimate, settings.asset, settings.benchmark)
    return warnings_of(said)


def age_sentences(view: BetaView) -> list[str]:
    """Prices too old to trade on; simulated ones have no age."""
    if view.simulated:
        return []
    return words.age_warnings(view.quotes.as_of, utc_now(), view.asset.interval)


def beta_notes(view: BetaView, settings: Settings) -> list[Note]:
    """Of the Beta page."""
    missing = (view.plan, view.backtest if view.position_usd else None)
    said = [Note("caption", each) for each in words.estimate_notes(view.estimate)]
    return [*market_notes(view, settings), *reasons_of(missing), *said]


def hedge_notes(view: HedgeView, state: AppState) -> list[Note]:
    """Of the Hedge page."""
    notes = market_notes(view.beta, state.settings)
    notes += warnings_of(carry_sentences(view))
    notes += reasons_of((view.plan, view.costs, view.liquidation, view.worth, view.appetite))
    if not isinstance(view.touch, HedgingError) and view.touch.probability >= LIKELY:
        notes.append(
            Note(
                "warning",
                f"In {view.touch.probability:.0%} of the resampled holding periods the price meets the "
                "liquidation price: the hedge is then liquidated and its margin lost, which cost and verdict "
                "do not count. Lower the leverage or add margin.",
            )
        )
    if view.holding_periods >= 1 and is_rounded(view, state):
        notes.append(
            Note(
                "info",
                f"Risk and verdict are those of {horizon_text(view, state)}, the whole number of returns "
                f"nearest to {days_text(state)}.",
            )
        )
    if isinstance(view.funding, HedgingError):
        why = f"Funding: {view.funding.problem}, so it is left out of cost and verdict."
        notes.append(Note("info", f"{why} {view.funding.remedy}"))
    return notes


def carry_sentences(view: HedgeView) -> list[str]:
    """Why a perpetual that was chosen is not used, or not by its own prices."""
    carry = view.carry
    if carry.perpetual_problem:
        return [carry.perpetual_problem]
    if carry.perpetual_prices is None or hedge_market(view.beta.aligned, carry).hedge_prices is not None:
        return []
    return [
        "The perpetual's prices do not cover all of these data, so risk is measured with the benchmark's own "
        "and leaves its basis out."
    ]


def what_if_notes(view: WhatIfView, state: AppState) -> list[Note]:
    """Of the What-if page."""
    parts: tuple[object, ...] = (view.fan,)
    if not isinstance(view.fan, HedgingError):  # without it nothing else is there, for the same reason
        parts = (view.worst, view.ways, view.put, view.collar)
    carry = warnings_of(carry_sentences(view.hedge))
    return [*market_notes(view.hedge.beta, state.settings), *carry, *reasons_of(parts)]


def backtest_refusals(view: BacktestView) -> list[Note]:
    """Strategies, and the margin, that could not be tested."""
    margin = [] if view.margin_refusal is None else [Note("warning", "Margin", view.margin_refusal)]
    return [*margin, *(Note("warning", name, error) for name, error in view.refused.items())]


def estimator_notes(view: EstimatorsView, state: AppState) -> list[Note]:
    """Estimators and lookbacks that have no estimate, and tests that could not be made."""
    unit = words.unit_words(state.settings, view.pair.aligned.report)
    said = [Note("caption", METHOD_NAMES[name], error) for name, error in view.methods.refused.items()]
    said += [Note("caption", f"{window} {unit}", error) for window, error in view.windows.refused.items()]
    if view.basis is None:
        said.append(Note("info", basis_missing(state.settings.benchmark, view.carry_source)))
    return [*said, *reasons_of((view.alarm, view.coupling, view.basis))]


def portfolio_notes(view: PortfolioView, result: BookResult, state: AppState) -> list[Note]:
    """Of the Portfolio page."""
    book, benchmark = result.book, view.benchmark
    said = [f"{each.line.symbol} is {why}." for each in view.lines if (why := doubt(each))]
    if not benchmark.simulated:
        said += words.age_warnings(book.as_of, utc_now(), benchmark.interval)
    for name, report in result.returns.reports.items():
        said += words.stamp_warnings(report, name, benchmark.symbol)
    small = []
    if result.assessment.table["overridden"].any():
        small.append("A beta by hand has no interval: that of the book covers the other positions only.")
    left_out = [each.line.symbol for each in view.lines if not each.line.included]
    if left_out:
        small.append(f"Left out: {', '.join(left_out)}.")
    if state.settings.method != "ols":
        small.append("A book is estimated by least squares, whatever estimator is chosen for single assets.")
    if state.hedge.beta_target:
        small.append("The target beta of the Hedge page is not applied here: this is the full hedge.")
    return [
        *warnings_of(said),
        *reasons_of((result.hedge, result.betas)),
        *(Note("caption", each) for each in small),
    ]


def monitor_notes(view: MonitorView, state: AppState) -> list[Note]:
    """Of the Monitor page."""
    notes, beta = [], view.hedge.beta
    if view.is_live:
        notes = warnings_of(words.age_warnings(beta.quotes.as_of, view.now, beta.asset.interval))
    if not isinstance(view.check, HedgeCheck):
        return [*notes, *reasons_of((view.check,))]
    warning = liquidation_warning(view, state)
    plan = None if view.check.none_wanted else view.hedge.plan
    return [*notes, *warnings_of([warning] if warning else []), *reasons_of((plan, view.liquidation))]
