"""The answer, the strip, the table of triggers and the order of the Monitor page, as texts."""

from __future__ import annotations

import math
from decimal import Decimal

import pandas as pd

from data.coins import coin_of
from hedging import HedgeCheck, HedgingError, Liquidation, TriggerCheck
from hedging.plots.formats import (
    beta_text,
    holding_text,
    order_range_text,
    order_text,
    percent_text,
    price_text,
    range_text,
    signed,
    size_text,
    usd_text,
)
from pages.shared import words
from pages.shared.state import AppState
from pages.shared.strip import Figure
from pages.shared.views.monitor import MonitorView

STATES = {True: "▲ fired", False: "○ not fired", None: "– not known"}
NONE_WANTED = "no hedge is wanted any more"
TRIGGER_WORDS = {
    "time": "time since entry",
    "benchmark move": "benchmark has moved",
    "beta interval": "beta left its interval",
    "position drift": "position has changed",
    "hedge drift": "hedge off what is wanted",
}


def answer_text(check: HedgeCheck, state: AppState, now: pd.Timestamp) -> str:
    """What to do now, in one sentence."""
    if check.fired or check.none_wanted:
        return _fired_text(check, state)
    if not check.triggers:
        return "Nothing to do: no trigger is set"
    if check.unknown:
        names = _list([TRIGGER_WORDS[each.trigger] for each in check.unknown])
        return f"Not known whether to renew, for want of: {names}{_due_text(check, now, '. Time is up at')}"
    if check.due_at is None:
        return "Nothing to do: no trigger has fired"
    return f"Nothing to do{_due_text(check, now, ' until')}"


def _due_text(check: HedgeCheck, now: pd.Timestamp, words: str) -> str:
    if check.due_at is None:
        return ""
    due = f"{check.due_at:%H:%M}" if check.due_at.date() == now.date() else f"{check.due_at:%Y-%m-%d %H:%M}"
    return f"{words} {due} UTC ({time_left_text(check.due_at - now)})"


def _fired_text(check: HedgeCheck, state: AppState) -> str:
    reasons = [_fired_words(each, state) for each in check.fired]
    if check.none_wanted and NONE_WANTED not in reasons:
        reasons.append(NONE_WANTED)
    why = _list(reasons)
    if check.order is None:
        return f"Renew: {why}, but what is wanted now is not known"
    if check.too_small:
        return f"No order: {why}, but the exchange takes none as small as what is missing"
    if not check.order:
        return f"No order needed: {why}, and the hedge is what is wanted now"
    return f"{order_sentence(check, state)} now: {why}"


def time_left_text(left: pd.Timedelta) -> str:
    """``in 5 h 12 min``, ``in 3 days 4 h``, ``due``."""
    minutes = math.ceil(left / pd.Timedelta(minutes=1))
    if minutes <= 0:
        return "due"
    hours, days = minutes // 60, minutes // 1440
    if days >= 2:
        return f"in {days} days {hours % 24} h"
    return f"in {hours} h {minutes % 60:02d} min" if hours else f"in {minutes} min"


def age_text(age: pd.Timedelta) -> str:
    """``12 min old``, ``5 h old``, ``3 days old``."""
    hours = max(age / pd.Timedelta(hours=1), 0.0)
    if hours < 1:
        return f"{60 * hours:.0f} min old"
    return f"{hours:.0f} h old" if hours < 48 else f"{hours / 24:,.0f} days old"


def order_sentence(check: HedgeCheck, state: AppState) -> str:
    """``Buy back 0.021 BTC``."""
    order, held = check.order or Decimal(0), check.entered.contracts
    size = size_text(abs(order), check.entered.contract, coin_of(state.settings.benchmark).name)
    if order > 0:
        return f"Buy back {size}" if held < 0 else f"Buy {size} more"
    return f"Sell {size}" if held > 0 else f"Short {size} more"


def order_lines(check: HedgeCheck, view: MonitorView, state: AppState) -> str:
    """The order to hand on; empty where there is none."""
    if not check.order or check.order_usd is None or check.held_after is None:
        return ""
    contract, coin = check.entered.contract, coin_of(state.settings.benchmark).name
    lines = [
        "SIMULATED MARKET: not an order for a real exchange" if view.hedge.beta.simulated else "",
        f"{'BUY' if check.order > 0 else 'SELL'} {abs(check.order).normalize():f} {contract.name} at "
        f"{view.hedge.chosen.exchange or 'unknown'}  ({size_text(abs(check.order), contract, coin)}, "
        f"{usd_text(abs(check.order_usd))})",
        f"reference price {price_text(check.price_usd)}, as of {view.hedge.beta.quotes.as_of:%Y-%m-%d %H:%M} "
        "UTC",
        f"held {holding_text(check.entered.contracts, contract, coin)}, afterwards "
        f"{holding_text(check.held_after, contract, coin)}",
    ]
    return "\n".join(line for line in lines if line)


def monitor_figures(view: MonitorView, state: AppState) -> tuple[Figure, ...]:
    """What is held, what is wanted, what it made, and how old the data are."""
    check = view.check
    if not isinstance(check, HedgeCheck):
        return ()
    entered, coin = check.entered, coin_of(state.settings.benchmark).name
    return (
        Figure(
            "Held",
            holding_text(entered.contracts, entered.contract, coin),
            f"since {entered.entered_at:%Y-%m-%d %H:%M} UTC at {price_text(entered.price_usd)}",
            f"The hedge as it was entered, in {entered.contract.name}.",
        ),
        _wanted_figure(check, view, state),
        _pnl_figure(check, view, state),
        _liquidation_figure(check, view, state),
        _beta_figure(check, view),
        Figure(
            "Renewal due",
            "not set" if check.due_at is None else f"{check.due_at:%Y-%m-%d %H:%M}",
            "no time trigger" if check.due_at is None else f"UTC, every {state.monitor.renew_hours:g} hours",
            "When the time trigger fires: time of entry and the hours chosen below.",
        ),
        _data_figure(check, view),
    )


def triggers_table(check: HedgeCheck) -> pd.DataFrame:
    """Each trigger with what was measured, its limit and whether it fired."""
    return pd.DataFrame(
        {
            "state": [STATES[each.fired] for each in check.triggers],
            "now": [_measured_text(each) for each in check.triggers],
            "fires": [_limit_text(each) for each in check.triggers],
            "in words": [each.reason for each in check.triggers],
        },
        index=pd.Index([TRIGGER_WORDS[each.trigger] for each in check.triggers], name="trigger"),
    )


def _wanted_figure(check: HedgeCheck, view: MonitorView, state: AppState) -> Figure:
    plan = check.plan
    text = "The order of the Hedge page with today's beta, price and position."
    if check.none_wanted:
        why = "the position is 0"
        if view.hedge.beta.position_usd:
            why = "beta is at its target" if plan is not None else "less than the exchange takes"
        return Figure("Wanted now", "no hedge", why, text)
    if plan is None or isinstance(view.hedge.plan, HedgingError):
        return Figure("Wanted now", "not known", "see the message below", text)
    interval = order_range_text(plan)
    return Figure(
        "Wanted now",
        order_text(plan, coin_of(state.settings.benchmark).name),
        interval or "beta by hand",
        f"{text}  \n`{words.order_formula(plan)}`  \n"
        f"Beta {beta_text(plan.beta)} times {usd_text(plan.position_usd)} over "
        f"{price_text(plan.price_usd)}.",
    )


def _pnl_figure(check: HedgeCheck, view: MonitorView, state: AppState) -> Figure:
    entered = check.entered
    text = f"What the contracts have made since entry, without fees and funding.  \n{_pnl_formula(check)}  \n"
    if check.hedge_pnl_usd is None or check.benchmark_move_fraction is None:
        last = f"{price_text(check.price_usd)} as of {view.hedge.beta.quotes.as_of:%Y-%m-%d %H:%M} UTC"
        return Figure(
            "P&L of the hedge",
            "not known",
            "no price since entry",
            f"{text}{price_text(entered.price_usd)} then; the last price, {last}, is from before the entry.",
        )
    return Figure(
        "P&L of the hedge",
        usd_text(check.hedge_pnl_usd),
        f"{state.settings.benchmark} {_move_text(check.benchmark_move_fraction)} since entry",
        f"{text}{price_text(entered.price_usd)} then, {price_text(check.price_usd)} now.",
    )


def _liquidation_figure(check: HedgeCheck, view: MonitorView, state: AppState) -> Figure:
    found, hedge = view.liquidation, state.hedge
    added = f", {usd_text(hedge.extra_margin_usd)} added" if hedge.extra_margin_usd else ""
    text = (
        "Where the exchange closes the hedge as it was entered, isolated, without fees and funding since.  \n"
        "`margin = contracts * value of one at entry / leverage + added margin`  \n"
        f"{hedge.leverage:g}x of the Hedge page{added}; {view.hedge.chosen.tiers_note}."
    )
    if not isinstance(found, Liquidation):
        return Figure("Liquidation of the hedge", "not known", "see the message below", text)
    if found.price_usd is None or found.distance_fraction is None:
        return Figure("Liquidation of the hedge", found.outcome, found.reason, text)
    since = "now" if check.hedge_pnl_usd is not None else "entry"
    return Figure(
        "Liquidation of the hedge",
        price_text(found.price_usd),
        "margin is used up already"
        if found.outcome == "already"
        else f"{_move_text(found.distance_fraction)} from {since}, at {hedge.leverage:g}x",
        text,
    )


def liquidation_warning(view: MonitorView, state: AppState) -> str:
    """What to say where the exchange closes the hedge before a trigger fires; empty where not."""
    found, check = view.liquidation, view.check
    if not isinstance(check, HedgeCheck) or not isinstance(found, Liquidation):
        return ""
    remedy = "Add margin, lower the leverage, or check both on the Hedge page."
    if found.outcome == "already":
        return f"At {state.hedge.leverage:g}x the margin of this hedge is used up at the last price. {remedy}"
    if not view.closed_before_trigger or found.price_usd is None:
        return ""
    return (
        f"At {state.hedge.leverage:g}x the exchange closes this hedge at {price_text(found.price_usd)}, "
        f"before the trigger at {state.monitor.renew_move_percent:g}% from "
        f"{price_text(check.entered.price_usd)} can fire. {remedy}"
    )


def _beta_figure(check: HedgeCheck, view: MonitorView) -> Figure:
    now, entered, plan = view.hedge.beta.estimate, check.entered, check.plan
    then = "not given" if entered.beta is None else beta_text(entered.beta)
    if entered.beta is not None and entered.beta_by_hand:
        then += " by hand"
    if entered.beta_low is not None and entered.beta_high is not None:
        whose = "; estimate then " if entered.beta_by_hand else ", "
        then += f"{whose}{range_text(beta_text(entered.beta_low), beta_text(entered.beta_high))}"
    typed = plan is not None and plan.beta_source == "override"
    order = f"order uses {beta_text(plan.beta)} by hand · " if plan is not None and typed else ""
    return Figure(
        "Beta now, estimated",
        beta_text(now.beta),
        f"{order}then {then}",
        f"Today's estimate, {range_text(beta_text(now.beta_low), beta_text(now.beta_high))} "
        f"({now.confidence:.0%}). The trigger compares it with the interval that the estimate had at entry; "
        "a beta set by hand has none, and is not compared.",
    )


def _data_figure(check: HedgeCheck, view: MonitorView) -> Figure:
    as_of = view.hedge.beta.quotes.as_of
    if not view.is_live:
        return Figure(
            "Data as of",
            f"{as_of:%Y-%m-%d %H:%M}",
            "UTC: the time of these data ends here",
            "These embedded data end at their last bar, so that now is then and the countdown stands still.",
        )
    return Figure(
        "Data as of",
        f"{as_of:%Y-%m-%d %H:%M}",
        f"UTC, {age_text(check.now - as_of)}",
        "End of the last bar that position and benchmark both have; now is the clock of the server.",
    )


def _fired_words(check: TriggerCheck, state: AppState) -> str:
    measured = check.measured or 0.0
    if check.trigger == "time":
        return f"{check.high:g} hours have passed"
    if check.trigger == "benchmark move":
        return f"{state.settings.benchmark} moved {_move_text(measured)}"
    if check.trigger == "beta interval":
        return "beta left its interval"
    if check.trigger == "position drift":
        return f"the position changed by {_move_text(measured)}"
    return _drift_words(measured)


def _drift_words(measured: float) -> str:
    if math.isinf(measured):
        return NONE_WANTED
    if measured <= -1.0:
        return "the hedge is on the wrong side"
    return f"the hedge is {percent_text(abs(measured))} too {'small' if measured < 0 else 'large'}"


def _measured_text(check: TriggerCheck) -> str:
    if check.measured is None:
        return "not known"
    if math.isinf(check.measured):
        return "none is wanted"
    if check.trigger == "time":
        return f"{check.measured:,.1f} h"
    return beta_text(check.measured) if check.trigger == "beta interval" else _move_text(check.measured)


def _limit_text(check: TriggerCheck) -> str:
    if check.high is None:
        return "not known"
    if check.trigger == "time":
        return f"after {check.high:g} h"
    if check.trigger == "beta interval" and check.low is not None:
        return f"outside {range_text(beta_text(check.low), beta_text(check.high))}"
    return f"beyond ±{percent_text(check.high)}"


def _pnl_formula(check: HedgeCheck) -> str:
    if check.entered.contract.kind == "inverse":
        return "`contracts * contract size * (price / entry price - 1)`"
    return "`contracts * contract size * (price - entry price)`"


def _move_text(fraction: float) -> str:
    return signed(f"{fraction:+.1%}")


def _list(words: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
