"""Which triggers have fired since a hedge was entered, and the order that renews it."""

from __future__ import annotations

import math
from decimal import Decimal

import pandas as pd

from hedging._checks import require_kind
from hedging.backtesting.settings import Trigger, Triggers
from hedging.errors import InputError, NoHedgeError
from hedging.estimators.results import BetaEstimate
from hedging.instruments._orders import smallest_order, to_step
from hedging.instruments.contracts import contract_pnl_usd, require_price
from hedging.instruments.plan import HedgePlan, require_position
from hedging.monitoring.results import EnteredHedge, HedgeCheck, TriggerCheck, require_instant

SAME_HOURS = 1e-6  # an hour counts when it is full up to rounding of the clock


def check_hedge(
    entered: EnteredHedge,
    *,
    now: pd.Timestamp,
    price_usd: float,
    estimate: BetaEstimate,
    plan: HedgePlan | NoHedgeError | None,
    triggers: Triggers,
    price_at: pd.Timestamp | None = None,
    position_usd: float | None = None,
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

    The order is ``N* - N`` to the nearest step of the exchange. Without a position, or where the exchange
    takes no order as small as it asks for, N* is 0 and the order closes what is held, however small that is:
    minima are for opening.

    A price from before the entry says nothing about the time since: P&L, benchmark move and position drift
    are unknown then, and hedge drift as well unless no hedge is wanted.

    Parameters
    ----------
    entered : EnteredHedge
    now : pandas.Timestamp
        Instant up to which triggers are judged, with a time zone; not before entry.
    price_usd : float
        Of one unit of the contract's symbol now.
    estimate : BetaEstimate
        Today's.
    plan : HedgePlan, NoHedgeError or None
        What is wanted now, in the contract of the hedge; the error that sizing raised where the exchange
        takes no order so small. None when it is not known: then there is no order, and what needs it cannot
        be told.
    triggers : Triggers
        Without margin ratio, funding flip and risk aversion, which need what is not given here.
    price_at : pandas.Timestamp or None
        Instant of ``price_usd``, with a time zone; None for ``now``.
    position_usd : float or None
        Signed value of the position now; 0 where it is sold, and then no hedge is wanted. None for that of
        the plan.

    Returns
    -------
    HedgeCheck

    Raises
    ------
    InputError
        ``now`` before entry, a plan in another contract or for another position, a trigger that cannot be
        judged, or an unusable value.
    """
    require_kind(entered, "entered", EnteredHedge)
    require_kind(estimate, "estimate", BetaEstimate)
    require_kind(triggers, "triggers", Triggers)
    require_instant(now, "now")
    price = require_price(price_usd, "price_usd")
    _require_past(entered, now)
    _require_judged(triggers)
    if price_at is not None:
        require_instant(price_at, "price_at")
    since_entry = price_at is None or price_at >= entered.entered_at
    position, sized = _position(position_usd, plan), plan if isinstance(plan, HedgePlan) else None
    wanted = _wanted(entered, plan, position)
    exact, order, too_small = _order(entered, wanted, price)
    move = price / entered.price_usd - 1.0 if since_entry else None
    hours = triggers.every_hours
    return HedgeCheck(
        entered=entered,
        now=now,
        price_usd=price,
        plan=sized,
        wanted_exact=wanted,
        triggers=_checks(
            entered,
            triggers,
            now=now,
            move=move,
            estimate=estimate,
            wanted=wanted,
            position=position,
        ),
        due_at=None if hours is None else entered.entered_at + pd.Timedelta(hours=hours),
        benchmark_move_fraction=move,
        hedge_pnl_usd=contract_pnl_usd(
            entered.contracts, entered.contract, entry_price_usd=entered.price_usd, exit_price_usd=price
        )
        if since_entry
        else None,
        order_exact=exact,
        order=order,
        too_small=too_small,
        order_usd=None if order is None else float(order) * entered.contract.value_usd(price),
    )


def _position(position_usd: float | None, plan: HedgePlan | NoHedgeError | None) -> float | None:
    sized = plan.position_usd if isinstance(plan, HedgePlan) else None
    if position_usd is None:
        return sized
    position = 0.0 if position_usd == 0 else require_position(position_usd)
    if sized is not None and position not in (0.0, sized):
        raise InputError(
            f"the plan is for a position of {sized:,.2f} USD and the position is {position:,.2f} USD",
            parameter="position_usd",
            value=position,
            allowed="the position of the plan, or 0 where it is sold",
            remedy="Size the hedge for the position that is held.",
        )
    return position


def _wanted(
    entered: EnteredHedge, plan: HedgePlan | NoHedgeError | None, position: float | None
) -> float | None:
    """Contracts before rounding; None when not known."""
    if position == 0.0 or isinstance(plan, NoHedgeError):
        return 0.0
    if plan is None:
        return None
    require_kind(plan, "plan", HedgePlan)
    if plan.contract != entered.contract:
        raise InputError(
            f"the plan is in {plan.contract.name} and the hedge in {entered.contract.name}",
            parameter="plan",
            value=plan.contract.name,
            allowed=f"a plan in {entered.contract.name}, at the same terms",
            remedy="Size the hedge in the contract that is held.",
        )
    return plan.contracts_exact


def _order(
    entered: EnteredHedge, wanted: float | None, price: float
) -> tuple[float | None, Decimal | None, bool]:
    if wanted is None:
        return None, None, False
    exact = wanted - entered.contracts
    rounded = to_step(exact, entered.contract)
    if rounded and wanted and abs(rounded) < smallest_order(entered.contract, price):
        return exact, Decimal(0), True
    return exact, rounded, False


def _checks(
    entered: EnteredHedge,
    triggers: Triggers,
    *,
    now: pd.Timestamp,
    move: float | None,
    estimate: BetaEstimate,
    wanted: float | None,
    position: float | None,
) -> tuple[TriggerCheck, ...]:
    since_entry = move is not None
    found = []
    if triggers.every_hours is not None:
        found.append(_time(entered, now, triggers.every_hours))
    if triggers.benchmark_move_fraction is not None:
        found.append(_beyond("benchmark move", move, triggers.benchmark_move_fraction, since_entry))
    if triggers.beta_outside_interval:
        found.append(_beta(entered, estimate))
    if triggers.position_drift_fraction is not None:
        drift = None
        if position is not None and entered.position_usd is not None and (since_entry or not position):
            drift = position / entered.position_usd - 1.0
        found.append(_beyond("position drift", drift, triggers.position_drift_fraction, since_entry))
    if triggers.hedge_drift_fraction is not None:
        off = None
        if wanted is not None and (since_entry or not wanted):
            off = entered.contracts / wanted - 1.0 if wanted else math.inf
        found.append(_beyond("hedge drift", off, triggers.hedge_drift_fraction, since_entry))
    return tuple(found)


def _time(entered: EnteredHedge, now: pd.Timestamp, every_hours: float) -> TriggerCheck:
    hours = (now - entered.entered_at) / pd.Timedelta(hours=1)
    fired = hours >= every_hours - SAME_HOURS
    reason = f"{every_hours:g} hours {'have' if fired else 'have not'} passed since entry."
    return TriggerCheck("time", hours, None, every_hours, fired, reason)


def _beta(entered: EnteredHedge, estimate: BetaEstimate) -> TriggerCheck:
    low, high, measured = entered.beta_low, entered.beta_high, estimate.beta
    words = "Today's beta lies", "the interval that beta had at entry."
    if entered.beta_by_hand:
        words = "Today's estimate of beta lies", "the interval that the estimate had at entry."
    if low is None or high is None:
        if entered.beta is None:
            return _unknown_beta("neither beta at entry nor its interval is given")
        if entered.beta_by_hand:
            return _unknown_beta(
                "beta at entry was set by hand, and the estimate's interval then is not given"
            )
        low, high, measured = estimate.beta_low, estimate.beta_high, entered.beta
        words = "The beta at entry lies", "today's interval of beta."
    fired = not low <= measured <= high
    reason = f"{words[0]} {'outside' if fired else 'within'} {words[1]}"
    return TriggerCheck("beta interval", measured, low, high, fired, reason)


def _unknown_beta(why: str) -> TriggerCheck:
    return TriggerCheck("beta interval", None, None, None, None, f"Unknown: {why}.")


_MEASURED: dict[Trigger, tuple[str, str]] = {
    "benchmark move": ("The benchmark has moved by", "the benchmark's price is unknown."),
    "position drift": ("The value of the position has changed by", "its value at entry or now is not given."),
    "hedge drift": ("The hedge is off what is wanted now by", "what is wanted now is not known."),
}


def _beyond(trigger: Trigger, measured: float | None, limit: float, since_entry: bool) -> TriggerCheck:
    """Fires where the size of what is measured exceeds the limit."""
    said, unknown = _MEASURED[trigger]
    if measured is None:
        why = unknown if since_entry else "there is no price since entry yet."
        return TriggerCheck(trigger, None, -limit, limit, None, f"Unknown: {why}")
    if math.isinf(measured):
        return TriggerCheck(trigger, measured, -limit, limit, True, "No hedge is wanted any more.")
    fired = abs(measured) > limit
    reason = f"{said} {'more' if fired else 'no more'} than {100 * limit:g}%."
    return TriggerCheck(trigger, measured, -limit, limit, fired, reason)


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
