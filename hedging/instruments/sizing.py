"""From beta to an order: how many contracts, what rounding leaves, and how sure the number is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal, localcontext

from hedging._checks import require_number
from hedging.errors import NoHedgeError
from hedging.estimators.regression import BetaEstimate
from hedging.instruments.contracts import LinearContract

LARGEST_POSITION_USD = 1e12
LARGEST_BETA = 1e3
MOST_STEPS = 1e24  # no exchange takes an order of that many steps, and decimals still hold it exactly
BETA_NOISE = 1e-12
DECIMAL_DIGITS = 50


@dataclass(frozen=True, eq=False)
class HedgePlan:
    """An order in contracts that takes a position from its beta to a target beta.

    Attributes
    ----------
    position_usd : float
        Signed value of the position, long positive.
    beta, beta_target : float
        Sensitivity before and wanted after the hedge.
    contract : LinearContract
    price_usd : float
        Price of one unit of the contract's underlying.
    contracts : Decimal
        Signed order after rounding, short negative.
    contracts_exact : float
        Before rounding.
    contracts_low, contracts_high : float or None
        Numerically lower and upper end of the interval from beta's interval (a short hedge has both
        negative). None when beta was given as a plain number.
    contracts_standard_error : float or None
        ``SE(beta) |V| / (contract_size * price)``.
    quantity : Decimal
        Signed units of the underlying, ``contracts * contract_size``.
    hedge_notional_usd : float
        Signed USD value of the order.
    residual_beta_usd : float
        Benchmark exposure left by rounding, USD: what the position still gains, per unit of
        benchmark return, beyond its target.
    effectiveness_lost_by_rounding : float or None
        Effectiveness of the exact order less that of the rounded one. For a target of 0 it is
        ``(s_f^2 / s_s^2) (dN m F / V)^2``; with exposure left on purpose it can be negative, because
        rounding may hedge more than was asked. None when beta was given as a plain number.
    """

    position_usd: float
    beta: float
    beta_target: float
    contract: LinearContract
    price_usd: float
    contracts: Decimal
    contracts_exact: float
    contracts_low: float | None
    contracts_high: float | None
    contracts_standard_error: float | None
    quantity: Decimal
    hedge_notional_usd: float
    residual_beta_usd: float
    effectiveness_lost_by_rounding: float | None


def size_hedge(
    position_usd: float,
    beta: BetaEstimate | float,
    contract: LinearContract,
    price_usd: float,
    *,
    beta_target: float = 0.0,
) -> HedgePlan:
    """Size the order ``N = -(beta - beta_target) V / (contract_size * price)`` and round it.

    Rounding is to the nearest step of the exchange, in decimal arithmetic.

    Parameters
    ----------
    position_usd : float
        Signed value V of the position in USD, long positive.
    beta : BetaEstimate or float
        An estimate carries the interval and the volatilities; a number typed by hand has neither.
    contract : LinearContract
        The instrument and what the exchange takes.
    price_usd : float
        Price of one unit of the contract's underlying, positive.
    beta_target : float
        Beta wanted after the hedge, 0 for market neutral.

    Returns
    -------
    HedgePlan

    Raises
    ------
    InputError
        A value is not finite, the price is not positive, the position is 0.
    NoHedgeError
        The order is below the smallest one the exchange takes. (No order at all, because beta is
        already at its target, is no error: ``contracts`` is 0.)

    References
    ----------
    Hull, Options, Futures, and Other Derivatives, chapter 3 (hedging with an index future).
    """
    value = require_position(position_usd)
    price = _price_number(price_usd)
    target = _beta_number(beta_target, "beta_target")
    estimate = beta if isinstance(beta, BetaEstimate) else None
    point = _beta_number(beta.beta if isinstance(beta, BetaEstimate) else beta, "beta")

    per_beta = -value / contract.value_usd(price)
    exact = _without_noise(point, target) * per_beta
    _require_plausible_order(exact, contract, value)
    contracts = _to_step(exact, contract)
    _require_order(contracts, exact, contract, price, value)
    notional = float(contracts) * contract.value_usd(price)
    residual = (point - target) * value + notional
    low = high = error = lost = None
    if estimate:
        ends = [(end - target) * per_beta for end in (estimate.beta_low, estimate.beta_high)]
        low, high = min(ends), max(ends)
        error = estimate.beta_standard_error * abs(per_beta)
        variance_ratio = (estimate.benchmark_volatility / estimate.asset_volatility) ** 2
        lost = variance_ratio * ((residual / value + target) ** 2 - target**2)
    return HedgePlan(
        position_usd=value,
        beta=point,
        beta_target=target,
        contract=contract,
        price_usd=price,
        contracts=contracts,
        contracts_exact=exact,
        contracts_low=low,
        contracts_high=high,
        contracts_standard_error=error,
        quantity=contracts * contract.contract_size,
        hedge_notional_usd=notional,
        residual_beta_usd=residual,
        effectiveness_lost_by_rounding=lost,
    )


def position_value_usd(quantity: float, price_usd: float) -> float:
    """Signed value of a position counted in coins: ``quantity * price``.

    Parameters
    ----------
    quantity : float
        Signed number of coins, long positive.
    price_usd : float
        Price of one coin, positive.

    Raises
    ------
    InputError
        A value is not finite or the price is not positive.
    """
    coins = require_number(quantity, "quantity", allowed="a finite number of coins")
    price = _price_number(price_usd)
    return require_number(
        coins * price,
        "quantity",
        allowed=f"a position worth at most {LARGEST_POSITION_USD:g} USD",
        valid=lambda usd: abs(usd) <= LARGEST_POSITION_USD,
    )


def require_position(position_usd: float) -> float:
    """A position that can be hedged: finite, not 0, no larger than 1e12 USD."""
    return require_number(
        position_usd,
        "position_usd",
        allowed="a size between 0 and 1e12 USD, not 0; negative when short",
        valid=lambda usd: 0 < abs(usd) <= LARGEST_POSITION_USD,
    )


def _price_number(price_usd: float) -> float:
    return require_number(
        price_usd, "price_usd", allowed="a positive price in USD", valid=lambda usd: usd > 0
    )


def _beta_number(value: float, parameter: str) -> float:
    return require_number(
        value,
        parameter,
        allowed="a number between -1000 and 1000",
        valid=lambda number: abs(number) <= LARGEST_BETA,
    )


def _without_noise(beta: float, target: float) -> float:
    """Beta to hedge away; what binary fractions leave of 0.1 + 0.2 - 0.3 is not worth an order."""
    excess = beta - target
    return excess if abs(excess) > BETA_NOISE * max(1.0, abs(beta), abs(target)) else 0.0


def _require_plausible_order(exact: float, contract: LinearContract, value: float) -> None:
    steps = abs(exact) / float(contract.quantity_step)
    require_number(
        value,
        "position_usd",
        allowed=f"a position of at most {MOST_STEPS:g} steps of {contract.name}",
        valid=lambda _: steps <= MOST_STEPS,
    )


def _to_step(exact: float, contract: LinearContract) -> Decimal:
    # A context of its own: the caller's precision must not round the order.
    with localcontext(Context(prec=DECIMAL_DIGITS)):
        steps = (Decimal(repr(exact)) / contract.quantity_step).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
        rounded = steps * contract.quantity_step
    return rounded if rounded else Decimal(0)  # no negative zero


def _smallest_order(contract: LinearContract, price: float) -> Decimal:
    """The smallest multiple of the step that satisfies both minima."""
    with localcontext(Context(prec=DECIMAL_DIGITS)):
        for_notional = contract.minimum_notional_usd / (contract.contract_size * Decimal(repr(price)))
        smallest = max(contract.minimum_quantity, contract.quantity_step, for_notional)
        steps = (smallest / contract.quantity_step).to_integral_value(rounding=ROUND_CEILING)
        return steps * contract.quantity_step


def _require_order(
    contracts: Decimal, exact: float, contract: LinearContract, price: float, value: float
) -> None:
    smallest = _smallest_order(contract, price)
    if exact == 0.0 or abs(contracts) >= smallest:
        return
    enough_usd = abs(value) * float(smallest) / abs(exact)
    raise NoHedgeError(
        f"the hedge would be {abs(exact):.6g} contracts of {contract.name}, less than the exchange takes",
        parameter="position_usd",
        value=value,
        allowed=f"orders of at least {smallest} contracts",
        remedy=f"A position of about {_rounded_up_usd(enough_usd)} or a smaller contract can be hedged.",
    )


def _rounded_up_usd(amount: float) -> str:
    """Three significant digits or whole dollars, rounded up so that the advice is enough."""
    decimals = max(0, 2 - math.floor(math.log10(amount)))
    scale = 10.0**decimals
    rounded = math.ceil(amount * scale * (1.0 - BETA_NOISE)) / scale
    return f"${rounded:,.{0 if rounded == int(rounded) else decimals}f}"
