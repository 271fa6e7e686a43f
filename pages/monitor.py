"""Is the hedge that was entered still the one to hold, and if not, what is to be done?"""

from __future__ import annotations

from dataclasses import fields, replace

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.environment import utc_now
from hedging import HedgeCheck, HedgingError
from pages.shared.addresses import current_state, n_links, publish
from pages.shared.choices import MonitorChoices
from pages.shared.components.figure_strip import figure_strip
from pages.shared.components.text_table import text_table
from pages.shared.controls import market_controls
from pages.shared.downloads import show_downloads
from pages.shared.frame import explained, has_data
from pages.shared.messages import explain, plain
from pages.shared.notes import show_notes
from pages.shared.prices import KEEP_PRICES_SECONDS
from pages.shared.state import AppState
from pages.shared.views.monitor import MonitorView, load_monitor, monitor_tables, subject_of
from pages.shared.views.monitor_figures import (
    answer_text,
    monitor_figures,
    order_lines,
    triggers_table,
)
from pages.shared.views.notes import monitor_notes
from pages.shared.widgets import number, seed, select, switch

COUNTDOWN_SECONDS = 10
EARLIEST, LATEST = pd.Timestamp("1990-01-02"), pd.Timestamp("2199-12-30")
SIDES = {"short": "short", "long": "long"}
LARGEST = 1e12


def show_page() -> None:
    state, files, problem = market_controls(current_state())
    answer = st.container()
    with st.container(border=True):
        choices = entered_controls(state.monitor, subject_of(state))
        entered = st.container()
        choices = trigger_controls(choices)
    rest = st.container()
    state = replace(state, monitor=choices)
    publish(state)
    with answer, explained(state.settings, files, problem, state.book.book):
        if has_data(state.settings, files, problem):
            show_view(load_monitor(state, files), state, entered, rest)


def entered_controls(choices: MonitorChoices, subject: str) -> MonitorChoices:
    """The hedge as it was entered, and what was shown when its first number was."""
    st.markdown("**The hedge as it was entered**")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=200):
            entered_at = _entered_at(choices.entered_at)
        with st.container(width=90):
            side = select("entered_side", "Side", SIDES, choices.entered_side)
        with st.container(width=135):
            contracts = _optional(
                "entered_contracts",
                "Contracts",
                choices.entered_contracts,
                help="As the exchange counts them, without a sign: at Binance a contract is one coin.",
            )
        with st.container(width=155):
            price = _optional(
                "entered_price", "Entry price, USD", choices.entered_price, help="Average price of entry."
            )
        with st.container(width=135):
            beta = _optional(
                "entered_beta", "Beta then", choices.entered_beta, low=-1_000, high=1_000, step=0.05
            )
        with st.container(width=135):
            low = _optional(
                "entered_beta_low",
                "Its interval from",
                choices.entered_beta_low,
                low=-1_000,
                high=1_000,
                step=0.05,
                help="Lower end of the interval that beta had. Without it, beta then is held against today's "
                "interval.",
            )
        with st.container(width=135):
            beta_high = _optional(
                "entered_beta_high",
                "to",
                choices.entered_beta_high,
                low=-1_000,
                high=1_000,
                step=0.05,
                help="Higher end of the interval that beta had.",
            )
        with st.container(width=150):
            position = _optional(
                "entered_position_usd",
                "Position then, USD",
                choices.entered_position_usd,
                low=-LARGEST,
                step=1000.0,
                help="Value of the position at entry, for the trigger on its change. Enter the position "
                "above in coins, so that its value follows the price.",
            )
        by_hand = switch(
            "entered_beta_by_hand",
            "beta by hand",
            choices.entered_beta_by_hand,
            help="Beta then was set by hand: the interval beside it, if any, is that of the estimate then.",
        )
    seed("entered_for", choices.entered_for)
    if contracts is None and price is None:
        st.session_state["entered_for"] = ""
    elif not st.session_state["entered_for"]:
        st.session_state["entered_for"] = subject
    return replace(
        choices,
        entered_at=entered_at,
        entered_side=side,
        entered_contracts=contracts,
        entered_price=price,
        entered_beta=beta,
        entered_beta_low=low,
        entered_beta_high=beta_high,
        entered_position_usd=position,
        entered_beta_by_hand=by_hand,
        entered_for=st.session_state["entered_for"],
    )


def trigger_controls(choices: MonitorChoices) -> MonitorChoices:
    """What renews it; an empty field leaves the trigger out."""
    st.markdown("**Renew it**")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=140):
            hours = _optional("renew_hours", "every, hours", choices.renew_hours, low=0.25, high=8_760)
        with st.container(width=190):
            move = _percent("renew_move_percent", "when benchmark moved, %", choices.renew_move_percent)
        with st.container(width=190):
            drift = _percent(
                "renew_drift_percent",
                "when hedge is off, %",
                choices.renew_drift_percent,
                help="Contracts held against contracts wanted now, before rounding.",
            )
        with st.container(width=190):
            position = _percent(
                "renew_position_percent", "when position changed, %", choices.renew_position_percent
            )
        with st.container(width=210):
            beta = switch(
                "renew_beta_outside",
                "when beta left its interval",
                choices.renew_beta_outside,
                help="Today's beta outside the interval it had at entry.",
            )
    return replace(
        choices,
        renew_hours=hours,
        renew_move_percent=move,
        renew_drift_percent=drift,
        renew_position_percent=position,
        renew_beta_outside=beta,
    )


def show_view(view: MonitorView, state: AppState, entered: DeltaGenerator, rest: DeltaGenerator) -> None:
    check = view.check
    with entered:
        show_entered(view, state)
    notes = monitor_notes(view, state)
    show_notes(notes, "warning")
    if not isinstance(check, HedgeCheck):
        show_unanswered(view)
        return
    # A fragment runs by itself: the countdown counts, and prices are asked for again in time.
    st.fragment(show_answer, run_every=COUNTDOWN_SECONDS if view.is_live else None)(view, check, state)
    figure_strip(monitor_figures(view, state), key="monitor")
    show_notes(notes, "error")
    left, right = st.columns([1.6, 1], gap="medium")
    with left:
        text_table(
            triggers_table(check),
            key="triggers",
            alt="Each trigger and whether it fired",
            left=("state", "in words"),
        )
    with right:
        show_order(view, check, state)
    with rest:
        show_downloads(monitor_tables(view), [], state.settings.asset, "monitored")


def show_answer(view: MonitorView, check: HedgeCheck, state: AppState) -> None:
    """The answer, which counts down by itself."""
    now = utc_now() if view.is_live else view.now
    st.header(plain(answer_text(check, state, now)), anchor=False)
    is_due = check.due_at is not None and check.now < check.due_at <= now
    if is_due or now - view.now > pd.Timedelta(seconds=KEEP_PRICES_SECONDS):
        st.rerun()


def show_unanswered(view: MonitorView) -> None:
    """What to do while there is no hedge to watch."""
    if isinstance(view.check, HedgingError):
        st.header("The hedge below cannot be watched as it is entered", anchor=False)
        return
    st.header("No hedge is entered yet", anchor=False)
    if len(view.missing) == 3:
        what = "Enter below what you hold, or take over the plan of the Hedge page."
    else:
        what = f"Still to enter: {', '.join(view.missing)}."
    st.caption(plain(what))
    if isinstance(view.hedge.plan, HedgingError):
        explain(view.hedge.plan)


def show_entered(view: MonitorView, state: AppState) -> None:
    """What is wrong with the entry, whether it belongs to what is shown, and the buttons that fill it."""
    if isinstance(view.check, HedgingError):
        explain(view.check)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Take the plan of the Hedge page as entered now",
            icon=":material/input:",
            on_click=_enter,
            args=(view.wanted,),
            disabled=view.wanted is None,
            help="Contracts as rounded, today's price, beta with its interval and the position.",
        )
        if not view.belongs:
            st.button(
                "The contracts entered are of what is shown",
                icon=":material/check:",
                on_click=_belongs,
                args=(view.subject,),
                help="Keeps the numbers and reads them in the contract, benchmark and prices shown.",
            )
        st.button("Clear", icon=":material/delete:", on_click=_enter, args=(MonitorChoices(),))
        st.caption(plain(f"{view.subject}. {view.hedge.chosen.note}"))


def show_order(view: MonitorView, check: HedgeCheck, state: AppState) -> None:
    """The order that brings the hedge to what is wanted now."""
    text = order_lines(check, view, state)
    st.markdown(
        "**Order**" if check.fired or check.none_wanted else "**Order, if you renewed it all the same**"
    )
    if text:
        st.code(text, language=None, wrap_lines=True)
    elif check.order is None:
        st.caption("What is wanted now is not known.")
    elif check.too_small:
        st.caption("What is missing is less than the exchange takes.")
    else:
        st.caption("None: the hedge is what is wanted now, to the nearest step.")
    if check.fired and check.order is not None and not check.too_small:
        st.caption("Done? Take the plan as entered now, so that everything counts from then.")


def _belongs(subject: str) -> None:
    st.session_state["entered_for"] = subject


def _enter(choices: MonitorChoices | None) -> None:
    """Fill in everything about the hedge; what renews it stays."""
    if choices is None:
        return
    for each in fields(choices):
        if each.name.startswith("entered_"):
            st.session_state[each.name] = getattr(choices, each.name)
    st.session_state[_entered_key()] = _as_time(choices.entered_at)


def _entered_at(text: str) -> str:
    """The instant, whose widget holds a time where the state holds its text."""
    key = _entered_key()
    seed(key, _as_time(text))
    chosen = st.datetime_input(
        "Entered at, UTC",
        value=None,
        key=key,
        step=60,
        format="YYYY-MM-DD",
        min_value=EARLIEST,
        max_value=LATEST,
    )
    return "" if chosen is None else pd.Timestamp(chosen).isoformat(timespec="minutes")


def _entered_key() -> str:
    return f"entered_at_{n_links()}"


def _as_time(text: str) -> object:
    return pd.Timestamp(text).to_pydatetime() if text else None


def _optional(
    key: str,
    label: str,
    value: float | None,
    *,
    low: float = 0.0,
    high: float = LARGEST,
    step: float | None = None,
    help: str | None = None,
) -> float | None:
    found: float | None = number(key, label, value, low, high, optional=True, step=step, help=help)
    return found


def _percent(key: str, label: str, value: float | None, *, help: str | None = None) -> float | None:
    return _optional(key, label, value, low=0.1, high=100, step=1.0, help=help)


show_page()
