"""Numbers as a trader reads them; pages and figures share these and nothing else formats."""

from __future__ import annotations

import math
from decimal import Decimal

import pandas as pd

from hedging.instruments.contracts import Contract
from hedging.instruments.sizing import HedgePlan

MINUS = "\N{MINUS SIGN}"


def signed(text: str) -> str:
    """Replace the keyboard hyphen of a formatted number by a minus sign."""
    return text.replace("-", MINUS)


def beta_text(beta: float) -> str:
    """``1.42``."""
    return signed(f"{beta:.2f}")


def range_text(low: str, high: str) -> str:
    """``1.21 to 1.63``."""
    return f"{low} to {high}"


def usd_text(amount: float) -> str:
    """``$12,340``, ``−$1.23m``; cents only below 100 USD."""
    size = abs(amount)
    # What rounds up to a unit is written in it, and what rounds to nothing has no sign.
    sign = MINUS if amount < 0 and size >= 0.005 else ""
    for unit, letter in ((1e9, "bn"), (1e6, "m")):
        if size >= unit * (1.0 - 0.5e-6 if letter == "m" else 1.0 - 0.5e-5):
            return f"{sign}${size / unit:,.2f}{letter}"
    return f"{sign}${size:,.0f}" if size >= 99.995 else f"{sign}${size:,.2f}"


def price_text(price: float) -> str:
    """USD price with five significant digits, never fewer than the cents above one dollar."""
    if price >= 1000:
        return f"${price:,.0f}"
    if price >= 1:
        return f"${price:,.2f}"
    digits = min(4 - math.floor(math.log10(price)), 18)
    return f"${price:.{digits}f}"


def percent_text(fraction: float) -> str:
    """``61.3%``; what rounds to nothing has no sign."""
    return signed(f"{fraction if abs(fraction) >= 0.0005 else 0.0:.1%}")


def basis_points_text(fraction: float) -> str:
    """``−4.2 basis points``."""
    return signed(f"{1e4 * fraction + 0.0:.1f} basis points")


def p_value_text(p_value: float) -> str:
    """``0.03``, or ``below 0.001`` where more digits would mean nothing."""
    return "below 0.001" if p_value < 0.001 else f"{p_value:.2g}"


def quantity_text(quantity: float | Decimal, step: Decimal) -> str:
    """A size with the decimals of the instrument's step, without a sign."""
    decimals = max(0, -int(step.normalize().as_tuple().exponent))
    return f"{abs(quantity):,.{decimals}f}"


def side_text(quantity: float | Decimal, step: Decimal) -> str:
    """``short 0.43`` or ``long 0.02``; ``0`` has no side."""
    size = quantity_text(quantity, step)
    if not any(digit in "123456789" for digit in size):
        return size
    return f"{'short' if quantity < 0 else 'long'} {size}"


def order_text(plan: HedgePlan, coin: str) -> str:
    """``short 0.432 BTC``, ``short 150 contracts`` of an inverse one; ``no hedge needed`` for none."""
    if not plan.contracts:
        return "no hedge needed"
    return holding_text(plan.contracts, plan.contract, coin)


def holding_text(contracts: float | Decimal, contract: Contract, coin: str) -> str:
    """``short 0.432 BTC``, ``short 150 contracts`` of an inverse one."""
    size, step, unit = _shown(contract, coin)
    return f"{side_text(float(contracts) * size, step)} {unit}"


def size_text(contracts: float | Decimal, contract: Contract, coin: str) -> str:
    """``0.432 BTC``, ``150 contracts`` of an inverse one: a size without its side."""
    size, step, unit = _shown(contract, coin)
    return f"{quantity_text(float(contracts) * size, step)} {unit}"


def contract_size_text(contract: Contract, coin: str) -> str:
    """What one contract holds: ``0.01 BTC``, ``1,000 PEPE`` of 1000PEPE, ``100 USD`` of an inverse one."""
    if contract.kind == "inverse":
        return f"{contract.contract_size.normalize():,f} USD"
    return f"{(contract.contract_size * contract.coins_per_unit).normalize():,f} {coin}"


def order_range_text(plan: HedgePlan) -> str:
    """``0.391 to 0.473``: sizes of a short, sides named only where the interval crosses zero."""
    if plan.contracts_low is None or plan.contracts_high is None:
        return ""
    size, step, _ = _shown(plan.contract, "")
    low, high = plan.contracts_low * size, plan.contracts_high * size
    near, far = (high, low) if plan.contracts <= 0 else (low, high)
    if low < 0 < high:
        return range_text(side_text(near, step), side_text(far, step))
    return range_text(quantity_text(near, step), quantity_text(far, step))


def stamp_text(stamp: pd.Timestamp) -> str:
    """ISO date, with the time where it is not midnight."""
    return f"{stamp:%Y-%m-%d}" if stamp == stamp.normalize() else f"{stamp:%Y-%m-%d %H:%M}"


def _shown(contract: Contract, coin: str) -> tuple[float, Decimal, str]:
    """Units in one contract, their step and their name: coins, or contracts where these are dollars."""
    step = contract.quantity_step
    if contract.kind == "inverse":
        return 1.0, step, "contracts"
    size = contract.contract_size * contract.coins_per_unit  # 1000PEPE counts thousands, the name says coins
    return float(size), step * size, coin
