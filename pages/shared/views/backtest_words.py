"""What a backtest says in sentences: what was tested, what is left out, whether the strategies differ."""

from __future__ import annotations

import pandas as pd

from hedging import HedgeRun, HedgingError, OutOfSampleComparison
from hedging.backtesting.sweep import describe
from hedging.plots.formats import (
    basis_points_text,
    beta_text,
    p_value_text,
    percent_text,
    stamp_text,
    usd_text,
)
from pages.shared import words
from pages.shared.state import AppState
from pages.shared.views.backtest import BacktestView
from pages.shared.views.backtest_strategies import UNHEDGED
from pages.shared.views.estimators import METHOD_NAMES


def fired_sentence(run: HedgeRun) -> str:
    """How often each trigger fired."""
    counts = [f"{name} {count:,} times" for name, count in run.fired.items() if count]
    return f"What fired: {', '.join(counts)}." if counts else "Nothing fired after the first trade."


def tested_sentence(view: BacktestView, state: AppState) -> str:
    """What was tested, with which hedge, renewed when."""
    settings, span, held = state.settings, view.span, view.pair.position_usd
    index = view.simulation.unhedged_pnl_usd.index
    unit = words.unit_words(settings, view.pair.aligned.report)
    target = state.hedge.beta_target
    kept = ", set back to that before each period," if state.backtest.holding == "value" else ""
    aim = f" down to a beta of {beta_text(target)}" if target else ""
    cost = f"{basis_points_text(view.terms.fee_fraction)} fee" if view.fee_known else "no fee (none is known)"
    return (
        f"{usd_text(held)} of {settings.asset}{kept} over {span.stop - span.first:,} {unit}, "
        f"{stamp_text(index[0])} to {stamp_text(index[-1])}, hedged{aim} with "
        f"{view.chosen.contract.name}; beta by {METHOD_NAMES[settings.method]} over the "
        f"{settings.lookback} {unit} before; renewed: "
        f"{describe(view.triggers)}; {cost} and {basis_points_text(view.terms.slippage_fraction)} slippage "
        "a side."
    )


def backtest_notes(view: BacktestView, state: AppState) -> list[str]:
    """What the numbers leave out, and why the test is as long as it is."""
    return [*_span_notes(view, state), *_unknown_notes(view), *_coin_notes(view), *_margin_notes(view)]


def _span_notes(view: BacktestView, state: AppState) -> list[str]:
    span, notes = view.span, []
    unit = words.unit_words(state.settings, view.pair.aligned.report)
    if span.shortened:
        first = view.pair.aligned.asset.index[state.settings.lookback]
        notes.append(
            f"The last {span.stop - span.first:,} of {span.n_possible:,} {unit} are tested, so that it takes "
            f"seconds. Choose {first:%Y-%m-%d} under Tested from for all of them."
        )
    if span.n_tail:
        last = f"{span.n_tail:,} {unit} are" if span.n_tail > 1 else f"{unit.removesuffix('s')} is"
        notes.append(f"The last {last} left out: the data of the perpetual end before.")
    return notes


def _unknown_notes(view: BacktestView) -> list[str]:
    notes, known = [], view.simulation
    later = (
        f" It is from {view.known_from:%Y-%m-%d} on: choose that under Tested from to include it."
        if view.known_from is not None
        else ""
    )
    if not known.funding_known:
        why = (
            f"{view.carry.source}"
            if view.carry.funding is None
            else "the funding rates do not cover all of these periods"
        )
        notes.append(f"Funding is left out: {why}.{later}")
    if not known.basis_known:
        why = (
            view.carry.perpetual_problem
            or "no prices of the perpetual are known, so the hedge earns what the benchmark does"
            if view.carry.perpetual_prices is None
            else "the perpetual's prices do not cover all of these periods"
        )
        notes.append(f"Basis is left out: {why}.{later}")
    if not view.fee_known:
        notes.append(
            f"The fee of {view.chosen.contract.name} is not known: P&L is before fees. Type yours under "
            "Terms."
        )
    return notes


def _coin_notes(view: BacktestView) -> list[str]:
    if view.contract.kind == "linear":
        return []
    return [
        f"{view.chosen.contract.name} is margined in coins, and is walked here as a dollar-margined contract "
        "of the position's own hedge: coins posted as margin are themselves long, the order of the Hedge "
        "page covers them too, and its liquidation price is another."
    ]


def _margin_notes(view: BacktestView) -> list[str]:
    if view.terms.leverage is None:
        return []
    rate = percent_text(view.terms.maintenance_fraction)
    return [
        f"Margin: {view.terms.leverage:g}x leverage, maintenance {rate} ({view.chosen.tiers_note}). "
        "Only prices at the ends of periods are known: a hedge that was liquidated in between, before the "
        "price came back, counts as held, and one liquidated at the end lost its margin and no more. Both "
        "flatter a hedge with leverage."
    ]


def verdict_sentences(found: OutOfSampleComparison) -> list[str]:
    """Whether the strategies differ, in plain words."""
    best, *others = found.confidence_set
    level = f"at {found.confidence:.0%} confidence"
    shown = f"The {_plainly(best)}"
    if not others:
        said = [f"{shown} left the least variance, and nothing else comes near it {level}."]
    else:
        alike = _listed([f"the {_plainly(name)}" for name in others])
        said = [
            f"{shown} left the least variance, but cannot be told apart from {alike} {level}: choose among "
            "them by cost and ease."
        ]
    if UNHEDGED in found.confidence_set:
        said.append("No hedge is shown to help here.")
    p_value = found.superiority_p_value
    if found.reference is not None and p_value is not None and best != found.reference:
        shows = "at least one other way is" if p_value <= 1 - found.confidence else "no other way is"
        said.append(
            f"Tested against the {found.reference} alone, {shows} shown to leave less variance "
            f"(p {p_value_text(p_value)})."
        )
    return said


def _plainly(name: str) -> str:
    return "unhedged position" if name == UNHEDGED else name


def verdict_help(found: OutOfSampleComparison) -> str:
    """What the p-values are."""
    return (
        "The p-value says how often noise alone would bring a difference as large as the one seen: small "
        "means that it is real. Which candidates could be the best: model confidence set, every pair "
        "compared period by period. Against the dollar hedge: Hansen's test of superior predictive ability, "
        "which allows for how many were tried. Both resample the history in blocks of "
        f"{found.block_length} periods on average."
    )


def verdict_text(found: OutOfSampleComparison | HedgingError) -> str:
    """All of it in one line."""
    if isinstance(found, HedgingError):
        return f"Whether the strategies differ cannot be said: {found.problem}."
    return " ".join(verdict_sentences(found))


def sweep_sentence(table: pd.DataFrame, current: str) -> str:
    """Where the triggers in use stand, with the warning that goes with every sweep."""
    risk, cost = table["risk_left_fraction"], table["cost_usd"]

    def outcome(name: str) -> str:
        left, paid = percent_text(float(risk.loc[name])), usd_text(float(cost.loc[name]))
        return f"left {left} of the volatility for {paid}"

    said = f"In use: {current}. It {outcome(current)} of fees and slippage"
    better = table["efficient"] & (risk <= risk.loc[current]) & (cost <= cost.loc[current])
    if bool(table["efficient"].loc[current]):
        said += "; no other setting left less risk for less cost."
    else:
        other = str(cost[better].idxmin())
        said += f"; {other} {outcome(other)}."
    return (
        f"{said} The best of a sweep is chosen with hindsight: it says what the trade-off was, not what it "
        "will be, and the choice between neighbours on the line is mostly noise."
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
