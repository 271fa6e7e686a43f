"""A hedge that was entered, held against today's data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from data.environment import utc_now
from hedging import (
    EnteredHedge,
    HedgeCheck,
    HedgePlan,
    HedgingError,
    Triggers,
    check_hedge,
    round_price,
)
from pages.shared.catalogue import FileInputs
from pages.shared.choices import LONGEST_NAME, MonitorChoices
from pages.shared.loading import or_reason
from pages.shared.orders import unit_price_usd
from pages.shared.settings import SourceKey
from pages.shared.state import AppState
from pages.shared.views.hedge import HedgeView, load_hedge

#: Their time ends at their last bar.
EMBEDDED: tuple[SourceKey, ...] = ("simulated", "indices")
SHOWN_BETA = 3  # decimals: no interval of beta supports more


@dataclass(frozen=True, eq=False)
class MonitorView:
    """What to do about a hedge that was entered.

    Attributes
    ----------
    hedge : HedgeView
        What is wanted now.
    is_live : bool
        Whether now is the clock; the embedded markets end at their last bar, and now is then.
    now : pandas.Timestamp
    missing : tuple of str
        What is still to be entered, in words.
    check : HedgeCheck, HedgingError or None
        None while something is missing.
    wanted : MonitorChoices or None
        The plan of the Hedge page as if it were entered now; None where there is none.
    subject : str
        What is hedged with what. Hostile until escaped.
    """

    hedge: HedgeView
    is_live: bool
    now: pd.Timestamp
    missing: tuple[str, ...]
    check: HedgeCheck | HedgingError | None
    wanted: MonitorChoices | None
    subject: str


def load_monitor(state: AppState, files: FileInputs) -> MonitorView:
    """Today's data and plan, and what they make of the hedge that was entered."""
    hedge, choices = load_hedge(state, files), state.monitor
    is_live = state.settings.source not in EMBEDDED
    now = utc_now() if is_live else hedge.beta.quotes.as_of
    subject = _subject(hedge, state)
    missing = tuple(
        words
        for words, value in (
            ("when it was entered", choices.entered_at or None),
            ("how many contracts", choices.entered_contracts),
            ("at what price", choices.entered_price),
        )
        if value is None
    )
    return MonitorView(
        hedge=hedge,
        is_live=is_live,
        now=now,
        missing=missing,
        check=None if missing else or_reason(lambda: _check(hedge, choices, state, now)),
        wanted=_wanted(hedge, now, subject),
        subject=subject,
    )


def monitor_tables(view: MonitorView) -> dict[str, Callable[[], pd.DataFrame]]:
    """What fired and what is to be done, full precision."""
    check = view.check
    if not isinstance(check, HedgeCheck):
        return {}
    return {
        "Triggers": lambda: pd.DataFrame(
            {
                "trigger": [each.trigger for each in check.triggers],
                "measured": [each.measured for each in check.triggers],
                "fires_below": [each.low for each in check.triggers],
                "fires_above": [each.high for each in check.triggers],
                "fired": [each.fired for each in check.triggers],
                "reason": [each.reason for each in check.triggers],
            }
        ).set_index("trigger"),
        "Hedge": lambda: pd.DataFrame({"value": pd.Series(_facts(check, view), dtype=object)}).rename_axis(
            "figure"
        ),
    }


def _facts(check: HedgeCheck, view: MonitorView) -> dict[str, object]:
    entered, plan = check.entered, check.plan
    return {
        "hedge": view.subject,
        "simulated": view.hedge.beta.simulated,
        "now_utc": check.now,
        "prices_as_of_utc": view.hedge.beta.quotes.as_of,
        "entered_at_utc": entered.entered_at,
        "contract": entered.contract.name,
        "contracts_held": entered.contracts,
        "contracts_wanted": None if plan is None else plan.contracts,
        "contracts_to_trade": check.order,
        "entry_price_usd": entered.price_usd,
        "price_usd": check.price_usd,
        "hedge_pnl_usd": check.hedge_pnl_usd,
        "beta_then": entered.beta,
        "beta_now": view.hedge.beta.estimate.beta,
        "due_at_utc": check.due_at,
    }


def _check(hedge: HedgeView, choices: MonitorChoices, state: AppState, now: pd.Timestamp) -> HedgeCheck:
    plan, contract = hedge.plan, hedge.chosen.contract
    size = choices.entered_contracts or 0.0
    return check_hedge(
        EnteredHedge(
            entered_at=pd.Timestamp(choices.entered_at, tz="UTC"),
            contract=contract,
            contracts=-size if choices.entered_side == "short" else size,
            price_usd=choices.entered_price or 0.0,
            beta=choices.entered_beta,
            beta_low=choices.entered_beta_low,
            beta_high=choices.entered_beta_high,
            position_usd=choices.entered_position_usd,
        ),
        now=now,
        price_usd=unit_price_usd(
            contract,
            benchmark=state.settings.benchmark,
            price_usd=hedge.beta.quotes.benchmark_price_usd,
        ),
        estimate=hedge.beta.estimate,
        plan=plan if isinstance(plan, HedgePlan) else None,
        triggers=Triggers(
            every_hours=choices.renew_hours,
            benchmark_move_fraction=_fraction(choices.renew_move_percent),
            beta_outside_interval=choices.renew_beta_outside,
            position_drift_fraction=_fraction(choices.renew_position_percent),
            hedge_drift_fraction=_fraction(choices.renew_drift_percent),
        ),
    )


def _fraction(percent: float | None) -> float | None:
    return None if percent is None else percent / 100


def _wanted(hedge: HedgeView, now: pd.Timestamp, subject: str) -> MonitorChoices | None:
    plan, estimate = hedge.plan, hedge.beta.estimate
    if isinstance(plan, HedgingError) or plan.contracts == 0:
        return None
    return MonitorChoices(
        entered_at=now.tz_localize(None).floor("min").isoformat(timespec="minutes"),
        entered_side="short" if plan.contracts < 0 else "long",
        entered_contracts=float(abs(plan.contracts)),
        entered_price=_on_tick(plan),
        entered_beta=round(plan.beta, SHOWN_BETA),
        entered_beta_low=round(estimate.beta_low, SHOWN_BETA),
        entered_beta_high=round(estimate.beta_high, SHOWN_BETA),
        entered_position_usd=round(plan.position_usd, 2),
        entered_for=subject,
    )


def _on_tick(plan: HedgePlan) -> float:
    """A price at which the exchange could have filled it."""
    if plan.contract.price_step is None:
        return plan.price_usd
    return float(round_price(plan.price_usd, plan.contract))


def _subject(hedge: HedgeView, state: AppState) -> str:
    settings = state.settings
    return f"{settings.asset} on {settings.benchmark}, {hedge.chosen.contract.name}"[:LONGEST_NAME]
