"""From an exact number of contracts to an order that the exchange takes."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal, localcontext

from hedging._checks import require_number
from hedging.errors import NoHedgeError
from hedging.instruments.contracts import DECIMAL_DIGITS, Contract

MOST_STEPS = 1e24  # no exchange takes an order of that many steps, and decimals still hold it exactly
NOISE = 1e-12


def require_plausible_order(exact: float, contract: Contract, value: float) -> None:
    """Refuse an order of more steps than decimals hold exactly."""
    steps = abs(exact) / float(contract.quantity_step)
    require_number(
        value,
        "position_usd",
        allowed=f"a position of at most {MOST_STEPS:g} steps of {contract.name}",
        valid=lambda _: steps <= MOST_STEPS,
    )


def to_step(exact: float, contract: Contract) -> Decimal:
    """The nearest multiple of the exchange's step, ties to even."""
    # A context of its own: the caller's precision must not round the order.
    with localcontext(Context(prec=DECIMAL_DIGITS)):
        steps = (Decimal(repr(exact)) / contract.quantity_step).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
        rounded = steps * contract.quantity_step
    return rounded if rounded else Decimal(0)  # no negative zero


def smallest_order(contract: Contract, price: float) -> Decimal:
    """The smallest multiple of the step that satisfies both minima."""
    with localcontext(Context(prec=DECIMAL_DIGITS)):
        for_notional = contract.minimum_notional_usd / contract.exact_value_usd(Decimal(repr(price)))
        smallest = max(contract.minimum_quantity, contract.quantity_step, for_notional)
        steps = (smallest / contract.quantity_step).to_integral_value(rounding=ROUND_CEILING)
        return steps * contract.quantity_step


def require_order(
    contracts: Decimal, exact: float, *, contract: Contract, price: float, value: float, held_usd: float
) -> None:
    """Refuse an order below the smallest one the exchange takes; no order at all is none."""
    smallest = smallest_order(contract, price)
    if exact == 0.0 or abs(contracts) >= smallest:
        return
    remedy = "Use a smaller contract, or leave this exposure unhedged."
    if not held_usd:  # the order is proportional to the position, so a size that is enough exists
        enough = _rounded_up_usd(abs(value) * float(smallest) / abs(exact))
        remedy = f"A position of about {enough} or a smaller contract can be hedged."
    raise NoHedgeError(
        f"the hedge would be {abs(exact):.6g} contracts of {contract.name}, less than the exchange takes",
        parameter="position_usd",
        value=value,
        allowed=f"orders of at least {smallest} contracts",
        remedy=remedy,
    )


def _rounded_up_usd(amount: float) -> str:
    """Three significant digits or whole dollars, rounded up so that the advice is enough."""
    decimals = max(0, 2 - math.floor(math.log10(amount)))
    scale = 10.0**decimals
    rounded = math.ceil(amount * scale * (1.0 - NOISE)) / scale
    return f"${rounded:,.{0 if rounded == int(rounded) else decimals}f}"
