"""A hedge that was entered, held against today's data."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from data.environment import utc_now
from hedging import (
    EnteredHedge,
    HedgeCheck,
    HedgePlan,
    HedgingError,
    Liquidation,
    NoHedgeError,
    Triggers,
    check_hedge,
    entered_liquidation,
    is_closed_before_move,
    round_price,
)
from hedging.errors import InputError
from pages.shared.catalogue import FileInputs
from pages.shared.choices import LONGEST_SUBJECT, MonitorChoices
from pages.shared.loading import or_reason
from pages.shared.orders import unit_price_usd
from pages.shared.settings import SourceKey
from pages.shared.state import AppState
from pages.shared.terms import chosen_contract
from pages.shared.views.hedge import HedgeView, load_hedge
from pages.shared.views.hedge_costs import DAYS_PER_YEAR

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
    belongs : bool
        Whether what was entered was entered for that; where not, ``check`` is the reason not to look.
    liquidation : Liquidation, HedgingError or None
        Of the hedge as entered, at the leverage and with the added margin of the Hedge page; None without a
        check.
    closed_before_trigger : bool
        Whether the exchange closes it before the trigger on the benchmark's move can fire.
    """

    hedge: HedgeView
    is_live: bool
    now: pd.Timestamp
    missing: tuple[str, ...]
    check: HedgeCheck | HedgingError | None
    wanted: MonitorChoices | None
    subject: str
    belongs: bool
    liquidation: Liquidation | HedgingError | None
    closed_before_trigger: bool


def load_monitor(state: AppState, files: FileInputs) -> MonitorView:
    """Today's data and plan, and what they make of the hedge that was entered."""
    hedge, choices = load_hedge(state, files), state.monitor
    is_live = state.settings.source not in EMBEDDED
    now = utc_now() if is_live else hedge.beta.quotes.as_of
    subject = subject_of(state)
    belongs = choices.entered_for in ("", subject)
    missing = tuple(
        words
        for words, value in (
            ("when it was entered", choices.entered_at or None),
            ("how many contracts", choices.entered_contracts),
            ("at what price", choices.entered_price),
        )
        if value is None
    )
    check = None
    if not missing:
        check = (
            or_reason(lambda: _check(hedge, choices, state, now)) if belongs else _foreign(choices, subject)
        )
    closing, closed_first = None, False
    if isinstance(check, HedgeCheck):
        closing = or_reason(lambda: _liquidation(check, hedge, state))
        limit = _fraction(choices.renew_move_percent)
        if isinstance(closing, Liquidation) and limit is not None:
            closed_first = is_closed_before_move(check.entered, closing, benchmark_move_fraction=limit)
    return MonitorView(
        hedge=hedge,
        is_live=is_live,
        now=now,
        missing=missing,
        check=check,
        wanted=_wanted(hedge, now, subject),
        subject=subject,
        belongs=belongs,
        liquidation=closing,
        closed_before_trigger=closed_first,
    )


def subject_of(state: AppState) -> str:
    """What is hedged with what: whatever makes contracts and their price mean something else."""
    settings = state.settings
    chosen = chosen_contract(state.hedge, settings.benchmark)
    words = (
        f"{settings.asset} on {settings.benchmark}, {chosen.exchange} {chosen.contract.name} of "
        f"{chosen.contract.contract_size.normalize():f} each, prices from {settings.source}"
    )
    return " ".join(words.split())[:LONGEST_SUBJECT]


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
        "contracts_wanted_exact": check.wanted_exact,
        "contracts_to_trade": check.order,
        "entry_price_usd": entered.price_usd,
        "price_usd": check.price_usd,
        "hedge_pnl_usd": check.hedge_pnl_usd,
        "liquidation_price_usd": view.liquidation.price_usd
        if isinstance(view.liquidation, Liquidation)
        else None,
        "beta_then": entered.beta,
        "beta_then_by_hand": entered.beta_by_hand,
        "beta_estimated_now": view.hedge.beta.estimate.beta,
        "beta_of_the_order": None if plan is None else plan.beta,
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
            beta_by_hand=choices.entered_beta_by_hand,
        ),
        now=now,
        price_usd=unit_price_usd(
            contract,
            benchmark=state.settings.benchmark,
            price_usd=hedge.beta.quotes.benchmark_price_usd,
        ),
        estimate=hedge.beta.estimate,
        plan=plan if isinstance(plan, (HedgePlan, NoHedgeError)) else None,
        price_at=hedge.beta.quotes.as_of,
        position_usd=hedge.beta.position_usd,
        triggers=Triggers(
            every_hours=choices.renew_hours,
            benchmark_move_fraction=_fraction(choices.renew_move_percent),
            beta_outside_interval=choices.renew_beta_outside,
            position_drift_fraction=_fraction(choices.renew_position_percent),
            hedge_drift_fraction=_fraction(choices.renew_drift_percent),
        ),
    )


def _foreign(choices: MonitorChoices, subject: str) -> InputError:
    """Contracts, price and beta mean something else in another contract or against another benchmark."""
    return InputError(
        f"the hedge was entered for {choices.entered_for}, and {subject} is shown",
        parameter="entered_for",
        value=choices.entered_for,
        allowed="the position, benchmark, contract and source that it was entered for",
        remedy="Choose those again, or clear it and enter the hedge that is held.",
    )


def _liquidation(check: HedgeCheck, hedge: HedgeView, state: AppState) -> Liquidation:
    """Measured from the price of entry while there is none since."""
    beta = hedge.beta
    since_entry = check.hedge_pnl_usd is not None
    return entered_liquidation(
        check.entered,
        price_usd=check.price_usd if since_entry else check.entered.price_usd,
        leverage=state.hedge.leverage,
        extra_margin_usd=state.hedge.extra_margin_usd,
        tiers=hedge.chosen.tiers,
        convention=hedge.chosen.convention,
        daily_volatility_fraction=beta.estimate.benchmark_volatility
        * math.sqrt(beta.aligned.periods_per_year / DAYS_PER_YEAR),
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
        entered_beta_by_hand=plan.beta_source == "override",
        entered_for=subject,
    )


def _on_tick(plan: HedgePlan) -> float:
    """A price at which the exchange could have filled it."""
    if plan.contract.price_step is None:
        return plan.price_usd
    return float(round_price(plan.price_usd, plan.contract))
