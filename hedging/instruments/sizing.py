"""From beta to an order: how many contracts of a linear or of a coin-margined contract."""

from __future__ import annotations

from hedging._checks import require_number
from hedging.errors import InputError
from hedging.estimators.results import BetaEstimate
from hedging.instruments.contracts import Contract, InverseContract, PricePer, require_price
from hedging.instruments.plan import (
    LARGEST_POSITION_USD,
    BetaSource,
    HedgePlan,
    plan_order,
    require_beta,
    require_position,
)

__all__ = ["HedgePlan", "position_value_usd", "require_position", "size_hedge", "size_inverse_hedge"]


def size_hedge(
    position_usd: float,
    beta: BetaEstimate | float,
    contract: Contract,
    price_usd: float,
    *,
    beta_target: float = 0.0,
    beta_override: float | None = None,
    price_per: PricePer = "unit",
) -> HedgePlan:
    """Size the order ``N = -(beta - beta_target) V / (value of one contract)`` and round it.

    One contract is worth ``contract_size * price`` (linear) or ``contract_size`` (inverse). Rounding
    is to the nearest step of the exchange, in decimal arithmetic; look at ``rounding_fraction``
    before trusting a small order, because the nearest step may be twice the exact number.

    Parameters
    ----------
    position_usd : float
        Signed value V of the position in USD, long positive.
    beta : BetaEstimate or float
        An estimate carries the interval and the volatilities; a number typed by hand has neither.
    contract : LinearContract or InverseContract
        The instrument and what the exchange takes. For an inverse contract whose margin is held in
        coins see :func:`size_inverse_hedge`.
    price_usd : float
        Price of one unit of the contract's symbol, positive.
    beta_target : float
        Beta wanted after the hedge, 0 for market neutral.
    beta_override : float or None
        Sizes the order in place of the estimate, which stays in the plan for comparison.
    price_per : {"unit", "coin"}
        What ``price_usd`` is the price of: a unit of the symbol (1000PEPE) or one coin.

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
    point, source, estimate = _beta_used(beta, beta_override)
    return plan_order(
        position_usd,
        point,
        contract,
        price_usd,
        source=source,
        estimate=estimate,
        beta_target=beta_target,
        price_per=price_per,
    )


def size_inverse_hedge(
    position_usd: float,
    beta: BetaEstimate | float,
    contract: InverseContract,
    price_usd: float,
    *,
    margin_coins: float,
    beta_target: float = 0.0,
    beta_override: float | None = None,
) -> HedgePlan:
    """Size a coin-margined hedge whose margin is itself long the benchmark: ``Q = H + M P0``.

    ``H = (beta - beta_target) V`` is the short that the position asks for, and M coins of margin ask
    for as much again as they are worth. After the exact order the benchmark delta
    ``beta V + M P0 - Q`` is exactly ``beta_target V``. The delta counted in coins, ``M - Q / P0``,
    then stays what it is at any price, as with a linear contract.

    Parameters
    ----------
    position_usd, beta, contract, price_usd, beta_target, beta_override
        As :func:`size_hedge`; the contract is inverse and its coin is the benchmark.
    margin_coins : float
        Coins M held as margin, 0 or more. Leave out coins that another hedge already covers.

    Returns
    -------
    HedgePlan
        With ``margin_exposure_usd`` = ``M P0``.

    Raises
    ------
    InputError, NoHedgeError
        As :func:`size_hedge`, or the contract is not inverse, or the margin negative.
    """
    if not isinstance(contract, InverseContract):
        raise InputError(
            f"{getattr(contract, 'name', contract)} is not margined in coins",
            parameter="contract",
            value=contract,
            allowed="an InverseContract",
            remedy="Use hedging.size_hedge for a contract margined in dollars.",
        )
    price = require_price(price_usd, "price_usd")
    coins = require_number(
        margin_coins,
        "margin_coins",
        allowed="a number of coins worth at most 1e12 USD, 0 or more",
        valid=lambda number: number >= 0 and number * price <= LARGEST_POSITION_USD,
    )
    point, source, estimate = _beta_used(beta, beta_override)
    return plan_order(
        position_usd,
        point,
        contract,
        price,
        source=source,
        estimate=estimate,
        beta_target=beta_target,
        margin_coins=coins,
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
    price = require_price(price_usd, "price_usd")
    return require_number(
        coins * price,
        "quantity",
        allowed=f"a position worth at most {LARGEST_POSITION_USD:g} USD",
        valid=lambda usd: abs(usd) <= LARGEST_POSITION_USD,
    )


def _beta_used(
    beta: BetaEstimate | float, override: float | None
) -> tuple[float, BetaSource, BetaEstimate | None]:
    estimate = beta if isinstance(beta, BetaEstimate) else None
    point = require_beta(beta.beta if isinstance(beta, BetaEstimate) else beta, "beta")
    if override is not None:
        return require_beta(override, "beta_override"), "override", estimate
    return point, "estimate" if estimate else "override", estimate
