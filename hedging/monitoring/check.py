"""Which triggers have fired since a hedge was entered, and the order that renews it."""

from __future__ import annotations

import math
from decimal import Decimal

import pandas as pd

from hedging._checks import require_kind
from hedging.backtesting.settings import Trigger, Triggers
from hedging.errors import InputError
from hedging.estimators.results import BetaEstimate
from hedging.instruments._orders import smallest_order, to_step
from hedging.instruments.contracts import contract_pnl_usd, require_price
from hedging.instruments.plan import HedgePlan
from hedging.monitoring.results import EnteredHedge, HedgeCheck, TriggerCheck, require_instant

SAME_HOURS = 1e-6  # an hour counts when it is full up to rounding of the clock


def check_hedge(
    entered: EnteredHedge,
    *,
    now: pd.Timestamp,
    price_usd: float,
    estimate: BetaEstimate,
    plan: HedgePlan | None,
    triggers: Triggers,
) -> HedgeCheck:
    """Which triggers have fired since a hedge was entered, and the order that renews it.

    With N contracts held, N* wanted, prices P0 at entry and P now, the triggers mean what they mean in
    :func:`hedging.simulate_hedges`:

    - time: hours since entry ``>= every_hours``;
    - benchmark move: ``|P / P0 - 1| > limit``;
    - beta interval: today's beta outside the interval that beta had. Where that is unknown, the beta then
      outside today's interval;
    - position drift: ``|V / V0 - 1| > limit``;
    - hedge drift: ``|N - N*| > limit |N*|``, N* before rounding.

    The order is ``N* - N`` to the nearest step of the exchange.

    Parameters
    ----------
    entered : EnteredHedge
    now : pandas.Timestamp
        Instant up to which triggers are judged, with a time zone; not before entry.
    price_usd : float
        Of one unit of the contract's symbol now.
    estimate : BetaEstimate
        Today's.
    plan : HedgePlan or None
        What is wanted now, in the contract of the hedge. None when it is not known: then there is no order,
        and what needs it cannot be told.
    triggers : Triggers
        Without margin ratio, funding flip and risk aversion, which need what is not given here.

    Returns
    -------
    HedgeCheck

    Raises
    ------
    InputError
        ``now`` before entry, a plan in another contract, a trigger that cannot be judged, or an unusable
        value.
    """
    require_kind(entered, "entered", EnteredHedge)
    require_kind(estimate, "estimate", BetaEstimate)
    require_kind(triggers, "triggers", Triggers)
    require_instant(now, "now")
    price = require_price(price_usd, "price_usd")
    _require_past(entered, now)
    _require_judged(triggers)
    exact, order, too_small = _order(entered, plan, price)
    move = price / entered.price_usd - 1.0
    hours = triggers.every_hours
    return HedgeCheck(
        entered=entered,
        now=now,
        price_usd=price,
        plan=plan,
        triggers=_checks(entered, triggers, now=now, move=move, estimate=estimate, plan=plan),
        due_at=None if hours is None else entered.entered_at + pd.Timedelta(hours=hours),
        benchmark_move_fraction=move,
        hedge_pnl_usd=contract_pnl_usd(
            entered.contracts, entered.contract, entry_price_usd=entered.price_usd, exit_price_usd=price
        ),
        order_exact=exact,
        order=order,
        too_small=too_small,
        order_usd=None if order is None else float(order) * entered.contract.value_usd(price),
    )


def _order(
    entered: EnteredHedge, plan: HedgePlan | None, price: float
) -> tuple[float | None, Decimal | None, bool]:
    if plan is None:
        return None, None, False
    require_kind(plan, "plan", HedgePlan)
    if plan.contract != entered.contract:
        raise InputError(
            f"the plan is in {plan.contract.name} and the hedge in {entered.contract.name}",
            parameter="plan",
            value=plan.contract.name,
            allowed=f"a plan in {entered.contract.name}, at the same terms",
            remedy="Size the hedge in the contract that is held.",
        )
    exact = plan.contracts_exact - entered.contracts
    rounded = to_step(exact, entered.contract)
    if rounded and abs(rounded) < smallest_order(entered.contract, price):
        return exact, Decimal(0), True
    return exact, rounded, False


def _checks(
    entered: EnteredHedge,
    triggers: Triggers,
    *,
    now: pd.Timestamp,
    move: float,
    estimate: BetaEstimate,
    plan: HedgePlan | None,
) -> tuple[TriggerCheck, ...]:
    found = []
    if triggers.every_hours is not None:
        found.append(_time(entered, now, triggers.every_hours))
    if triggers.benchmark_move_fraction is not None:
        found.append(_beyond("benchmark move", move, triggers.benchmark_move_fraction))
    if triggers.beta_outside_interval:
        found.append(_beta(entered, estimate))
    if triggers.position_drift_fraction is not None:
        drift = None
        if plan is not None and entered.position_usd is not None:
            drift = plan.position_usd / entered.position_usd - 1.0
        found.append(_beyond("position drift", drift, triggers.position_drift_fraction))
    if triggers.hedge_drift_fraction is not None:
        found.append(_beyond("hedge drift", _hedge_drift(entered, plan), triggers.hedge_drift_fraction))
    return tuple(found)


def _time(entered: EnteredHedge, now: pd.Timestamp, every_hours: float) -> TriggerCheck:
    hours = (now - entered.entered_at) / pd.Timedelta(hours=1)
    fired = hours >= every_hours - SAME_HOURS
    reason = f"{every_hours:g} hours {'have' if fired else 'have not'} passed since entry."
    return TriggerCheck("time", hours, None, every_hours, fired, reason)


def _beta(entered: EnteredHedge, estimate: BetaEstimate) -> TriggerCheck:
    low, high, measured = entered.beta_low, entered.beta_high, estimate.beta
    words = "Today's beta lies", "the interval that beta had at entry."
    if low is None or high is None:
        if entered.beta is None:
            reason = "Unknown: neither beta at entry nor its interval is given."
            return TriggerCheck("beta interval", None, None, None, None, reason)
        low, high, measured = estimate.beta_low, estimate.beta_high, entered.beta
        words = "The beta at entry lies", "today's interval of beta."
    fired = not low <= measured <= high
    reason = f"{words[0]} {'outside' if fired else 'within'} {words[1]}"
    return TriggerCheck("beta interval", measured, low, high, fired, reason)


_MEASURED: dict[Trigger, tuple[str, str]] = {
    "benchmark move": ("The benchmark has moved by", "the benchmark's price is unknown."),
    "position drift": ("The value of the position has changed by", "its value at entry or now is not given."),
    "hedge drift": ("The hedge is off what is wanted now by", "what is wanted now is not known."),
}


def _beyond(trigger: Trigger, measured: float | None, limit: float) -> TriggerCheck:
    """Fires where the size of what is measured exceeds the limit."""
    said, unknown = _MEASURED[trigger]
    if measured is None:
        return TriggerCheck(trigger, None, -limit, limit, None, f"Unknown: {unknown}")
    fired = abs(measured) > limit
    reason = f"{said} {'more' if fired else 'no more'} than {100 * limit:g}%."
    return TriggerCheck(trigger, measured, -limit, limit, fired, reason)


def _hedge_drift(entered: EnteredHedge, plan: HedgePlan | None) -> float | None:
    if plan is None:
        return None
    wanted = plan.contracts_exact
    return entered.contracts / wanted - 1.0 if wanted else math.inf


def _require_past(entered: EnteredHedge, now: pd.Timestamp) -> None:
    if entered.entered_at > now:
        raise InputError(
            f"the hedge was entered at {entered.entered_at:%Y-%m-%d %H:%M} and now is {now:%Y-%m-%d %H:%M}",
            parameter="entered_at",
            value=str(entered.entered_at),
            allowed="a time up to now",
            remedy="Correct the time of entry; it is in UTC.",
        )


def _require_judged(triggers: Triggers) -> None:
    for name in ("margin_ratio", "risk_aversion", "funding_flip"):
        value = getattr(triggers, name)
        if value is not None and value is not False:
            raise InputError(
                f"the trigger {name} is set, and a check of an entered hedge does not know what it needs",
                parameter=name,
                value=value,
                allowed="time, benchmark move, beta interval, position drift, hedge drift",
                remedy="Leave it out here; simulate_hedges judges it.",
            )
