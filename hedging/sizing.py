"""From beta to an order: how many contracts, what rounding leaves, and how sure the number is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from hedging._checks import require_number
from hedging.contracts import LinearContract
from hedging.errors import NoHedgeError
from hedging.regression import BetaEstimate

LARGEST_POSITION_USD = 1e12
LARGEST_BETA = 1e3


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
        Fraction of the position's variance that rounding leaves unhedged,
        ``(s_f^2 / s_s^2) (dN m F / V)^2``. None when beta was given as a plain number.
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
    value = require_number(
        position_usd,
        "position_usd",
        allowed="a size between 0 and 1e12 USD, not 0; negative when short",
        valid=0 < abs(position_usd) <= LARGEST_POSITION_USD,
    )
    price = require_number(price_usd, "price_usd", allowed="a positive price in USD", valid=price_usd > 0)
    target = _beta_number(beta_target, "beta_target")
    estimate = beta if isinstance(beta, BetaEstimate) else None
    point = _beta_number(estimate.beta if estimate else beta, "beta")

    per_beta = -value / contract.value_usd(price)
    exact = (point - target) * per_beta
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
        lost = variance_ratio * (residual / value) ** 2
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
    return coins * require_number(
        price_usd, "price_usd", allowed="a positive price in USD", valid=price_usd > 0
    )


def _beta_number(value: object, parameter: str) -> float:
    number = value if isinstance(value, (int, float)) else float("nan")
    return require_number(
        number, parameter, allowed="a number between -1000 and 1000", valid=abs(number) <= LARGEST_BETA
    )


def _to_step(exact: float, contract: LinearContract) -> Decimal:
    steps = Decimal(repr(exact)) / contract.quantity_step
    rounded = steps.quantize(Decimal(1), rounding=ROUND_HALF_EVEN) * contract.quantity_step
    return rounded if rounded else Decimal(0)  # no negative zero


def _require_order(
    contracts: Decimal, exact: float, contract: LinearContract, price: float, value: float
) -> None:
    if exact == 0.0:
        return
    size = abs(contracts)
    smallest = max(
        contract.minimum_quantity,
        contract.quantity_step,
        contract.minimum_notional_usd / (contract.contract_size * Decimal(repr(price))),
    )
    if size >= smallest:
        return
    enough_usd = abs(value) * float(smallest) / abs(exact)
    raise NoHedgeError(
        f"the hedge would be {abs(exact):.6g} contracts of {contract.name}, less than the exchange takes",
        parameter="position_usd",
        value=value,
        allowed=f"orders of at least {float(smallest):.6g} contracts",
        remedy=f"A position of about ${enough_usd:,.0f} or a smaller contract can be hedged.",
    )
