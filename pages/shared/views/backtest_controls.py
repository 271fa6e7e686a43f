"""What the Backtest page asks beside the shared settings: strategies, triggers, terms and span."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from hedging import Method
from pages.shared.addresses import n_links
from pages.shared.choices import BacktestChoices, HedgeChoices
from pages.shared.settings import PAGE_METHODS, Settings
from pages.shared.state import AppState
from pages.shared.views.estimators import METHOD_NAMES
from pages.shared.widgets import number, seed, select, several, switch

EARLIEST, LATEST = pd.Timestamp("1990-01-02").date(), pd.Timestamp("2199-12-30").date()
HOLDINGS = {"value": "value is kept", "quantity": "coins are kept"}
NEVER = "never"


def backtest_controls(state: AppState) -> AppState:
    """One line: estimators beside the one in use, time trigger, span; more triggers and terms in popovers."""
    choices, hedge = state.backtest, state.hedge
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=380):
            choices = replace(choices, estimators=_estimators(choices, state.settings))
        with st.container(width=165):
            every_hours = number(
                "every_hours",
                "Renewed after, hours",
                choices.every_hours,
                1,
                8_760,
                step=24.0,
                optional=True,
                placeholder=NEVER,
                help="Hours since the last rebalance after which the hedge is renewed, at the next end of a "
                "period. Empty: time alone never renews it.",
            )
        with st.container(width=170):
            choices = _triggers(replace(choices, every_hours=every_hours))
        with st.container(width=165):
            choices = replace(choices, tested_from=_tested_from(choices.tested_from))
        with st.container(width=150):
            choices = replace(
                choices,
                holding=select(
                    "holding",
                    "While it is held",
                    HOLDINGS,
                    choices.holding,
                    help="Whether the value is set back before each period, at no cost, so that all of them "
                    "weigh the same, or the number of coins stays and their value drifts.",
                ),
            )
        with st.container(width=120):
            choices, hedge = _terms(choices, hedge)
    choices = replace(
        choices,
        split_of=_kept("split_of", choices.split_of),
        effectiveness_window=int(_kept("effectiveness_window", choices.effectiveness_window)),
    )
    return replace(state, backtest=choices, hedge=hedge)


def _kept(key: str, value: Any) -> Any:
    """What a widget further down is set to: it stands beside what it changes."""
    seed(key, value)
    return st.session_state[key]


def _estimators(choices: BacktestChoices, settings: Settings) -> tuple[Method, ...]:
    chosen: tuple[Method, ...] = several(
        "estimators",
        f"Beside {METHOD_NAMES[settings.method]}, also hedge by",
        {name: METHOD_NAMES[name] for name in PAGE_METHODS},
        choices.estimators,
        placeholder="other estimators of beta",
        help="Each becomes a strategy of its own. Kalman filter, Huber, Theil-Sen and bootstrap take "
        "seconds for every hundred periods; the test is then shorter unless a start is chosen.",
    )
    return chosen


def _tested_from(text: str) -> str:
    """A day, whose widget holds a date where the state holds its text."""
    key = f"tested_from_{n_links()}"
    seed(key, pd.Timestamp(text).date() if text else None)
    chosen = st.date_input(
        "Tested from",
        value=None,
        key=key,
        format="YYYY-MM-DD",
        min_value=EARLIEST,
        max_value=LATEST,
        help="First period tested; the lookback before it is the warm-up. Empty: as long as a test takes "
        "seconds, and the page says how long that is.",
    )
    return "" if chosen is None else pd.Timestamp(chosen).isoformat(timespec="minutes")


def _triggers(choices: BacktestChoices) -> BacktestChoices:
    """What else renews the hedge; each that is empty or off never fires."""
    with st.popover("More triggers", icon=":material/notifications_active:", width="stretch"):
        return replace(
            choices,
            move_percent=_percent(
                "move_percent",
                "Benchmark moved, percent",
                choices.move_percent,
                "Move of the hedge's price since the last rebalance, either way.",
            ),
            hedge_drift_percent=_percent(
                "hedge_drift_percent",
                "Hedge off by, percent",
                choices.hedge_drift_percent,
                "Difference between the hedge held and the one wanted now, as a share of the latter.",
            ),
            position_drift_percent=_percent(
                "position_drift_percent",
                "Position drifted, percent",
                choices.position_drift_percent,
                "Change of the position's value since the last rebalance.",
            ),
            beta_outside=switch(
                "beta_outside",
                "Beta left its interval",
                choices.beta_outside,
                help="Today's estimate lies outside the interval that beta had at the last rebalance, at the "
                "confidence chosen under Settings.",
            ),
            funding_flip=switch(
                "funding_flip",
                "Funding changed its sign",
                choices.funding_flip,
                help="Since the last rebalance; needs a funding history.",
            ),
            margin_used_percent=_percent(
                "margin_used_percent",
                "Margin used, percent",
                choices.margin_used_percent,
                "Maintenance margin over the margin left; needs a leverage under Terms. Margin is then "
                "filled up again.",
            ),
            risk_aversion=number(
                "risk_aversion",
                "Trade only where worth it: risk aversion",
                choices.risk_aversion,
                0.1,
                100,
                step=1.0,
                optional=True,
                placeholder="trade whatever fires",
                help="When something fired, the trade is made only if half the risk aversion times the "
                "variance it removes over 30 days exceeds its cost. 1 to 10 are usual.",
            ),
        )


def _terms(choices: BacktestChoices, hedge: HedgeChoices) -> tuple[BacktestChoices, HedgeChoices]:
    """Costs and margin; fee, slippage and target are those of the Hedge page."""
    with st.popover("Terms", icon=":material/contract_edit:", width="stretch"):
        hedge = replace(
            hedge,
            fee_bp=number(
                "fee_bp",
                "Fee, basis points a side",
                hedge.fee_bp,
                -10,
                100,
                step=0.5,
                optional=True,
                placeholder="from the table",
                help="Taker fee of your account, 5 basis points are 0.05%. The same as on the Hedge page.",
            ),
            slippage_bp=number(
                "slippage_bp",
                "Slippage, basis points a side",
                hedge.slippage_bp,
                0,
                500,
                step=0.5,
                help="What the price gives way between decision and fill.",
            ),
            beta_target=number(
                "beta_target",
                "Target beta",
                hedge.beta_target,
                -10,
                10,
                step=0.1,
                help="Beta wanted after the hedge; 0 is market neutral.",
            ),
        )
        leverage = number(
            "walk_leverage",
            "Leverage of the hedge",
            choices.walk_leverage,
            1,
            150,
            step=1.0,
            optional=True,
            placeholder="no margin modelled",
            help="Isolated margin posted at each rebalance is notional over leverage, and the hedge can be "
            "liquidated. Empty: so much margin that it never is.",
        )
    return replace(choices, walk_leverage=leverage), hedge


def _percent(key: str, label: str, value: float | None, said: str) -> float | None:
    found: float | None = number(
        key, label, value, 0.1, 100, step=1.0, optional=True, placeholder=NEVER, help=said
    )
    return found
