"""The order that every way of sizing ends in, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Literal, TypeAlias, get_args

from hedging._checks import require_choice, require_number
from hedging.estimators.results import BetaEstimate
from hedging.instruments._orders import NOISE, require_order, require_plausible_order, to_step
from hedging.instruments.contracts import (
    DECIMAL_DIGITS,
    Contract,
    InverseContract,
    PricePer,
    require_price,
)

BetaSource: TypeAlias = Literal["estimate", "override", "percentile"]

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
    beta_source : {"estimate", "override", "percentile"}
        Where ``beta`` came from: an estimate, a number set by hand, or a bootstrap percentile.
    estimate : BetaEstimate or None
        The estimate that was given, also when ``beta`` overrides it.
    contract : LinearContract or InverseContract
    price_usd : float
        Price of one unit of the contract's symbol.
    contracts : Decimal
        Signed order after rounding, short negative.
    contracts_exact : float
        Before rounding.
    contracts_low, contracts_high : float or None
        Numerically lower and upper end of the interval from the estimate's interval of beta (a short
        hedge has both negative). They describe ``contracts_exact`` only when ``beta_source`` is
        "estimate": a number set by hand has no sampling error, so they are None there.
    contracts_standard_error : float or None
        ``SE(beta) |V| / (value of one contract)``; None with an override.
    estimate_contracts_low, estimate_contracts_high : float or None
        The same interval whenever an estimate was given: what the data would order, to hold an
        override against.
    override_distance : float or None
        ``(beta - estimate.beta) / SE(estimate)``: how many standard errors an override lies off; None
        without an override or an estimate, or when the estimate has no error.
    quantity : Decimal
        Signed units of the symbol: ``contracts * contract_size``, for an inverse contract divided by
        the price.
    hedge_notional_usd : float
        Signed USD value of the order.
    margin_exposure_usd : float
        Benchmark exposure of coins held as margin, which the order covers as well; 0 for a hedge
        margined in dollars.
    residual_beta_usd : float
        Benchmark exposure left by rounding, USD: what the position (with its margin) still gains, per
        unit of benchmark return, beyond its target at the beta used.
    rounding_fraction : float
        ``|contracts - contracts_exact| / |contracts_exact|``: 1 when the nearest step hedges nothing
        or twice what was asked; 0 for no order.
    effectiveness_lost_by_rounding : float or None
        Effectiveness of the exact order less that of the rounded one at the estimate's beta. For a
        target of 0 it is ``(s_f^2 / s_s^2) (dN m F / V)^2``; with exposure left on purpose or by an
        override it can be negative, because rounding may hedge better than was asked. None without an
        estimate.
    """

    position_usd: float
    beta: float
    beta_target: float
    beta_source: BetaSource
    estimate: BetaEstimate | None
    contract: Contract
    price_usd: float
    contracts: Decimal
    contracts_exact: float
    contracts_low: float | None
    contracts_high: float | None
    contracts_standard_error: float | None
    estimate_contracts_low: float | None
    estimate_contracts_high: float | None
    override_distance: float | None
    quantity: Decimal
    hedge_notional_usd: float
    margin_exposure_usd: float
    residual_beta_usd: float
    rounding_fraction: float
    effectiveness_lost_by_rounding: float | None


def plan_order(
    position_usd: float,
    beta: float,
    contract: Contract,
    price_usd: float,
    *,
    source: BetaSource,
    estimate: BetaEstimate | None,
    beta_target: float,
    price_per: PricePer = "unit",
    margin_coins: float = 0.0,
) -> HedgePlan:
    """The order that every way of sizing ends in; the public functions explain the arguments."""
    value = require_position(position_usd)
    require_choice(price_per, "price_per", get_args(PricePer))
    given = require_price(price_usd, "price_usd")
    price = require_price(contract.unit_price_usd(given, price_per=price_per), "price_usd")
    target = require_beta(beta_target, "beta_target")
    point = require_beta(beta, "beta")
    held = margin_coins * price
    unit = contract.value_usd(price)

    exact = _exact_contracts(point, target, value=value, held=held, unit=unit)
    require_plausible_order(exact, contract, value)
    contracts = to_step(exact, contract)
    require_order(contracts, exact, contract=contract, price=price, value=value, held_usd=held)
    notional = float(contracts) * unit
    low, high = _interval(estimate, target, value=value, held=held, unit=unit)
    own = estimate if source == "estimate" else None
    return HedgePlan(
        position_usd=value,
        beta=point,
        beta_target=target,
        beta_source=source,
        estimate=estimate,
        contract=contract,
        price_usd=price,
        contracts=contracts,
        contracts_exact=exact,
        contracts_low=low if own else None,
        contracts_high=high if own else None,
        contracts_standard_error=own.beta_standard_error * abs(value) / unit if own else None,
        estimate_contracts_low=low,
        estimate_contracts_high=high,
        override_distance=_override_distance(point, source, estimate),
        quantity=_units(contracts, contract, price),
        hedge_notional_usd=notional,
        margin_exposure_usd=held,
        residual_beta_usd=(point - target) * value + held + notional,
        rounding_fraction=abs(float(contracts) - exact) / abs(exact) if exact else 0.0,
        effectiveness_lost_by_rounding=_lost(
            estimate,
            exposure=(estimate.beta - point + target) if estimate else 0.0,
            rounding=(notional - exact * unit) / value,
        ),
    )


def require_position(position_usd: float) -> float:
    """A position that can be hedged: finite, not 0, no larger than 1e12 USD."""
    return require_number(
        position_usd,
        "position_usd",
        allowed="a size between 0 and 1e12 USD, not 0; negative when short",
        valid=lambda usd: 0 < abs(usd) <= LARGEST_POSITION_USD,
    )


def require_beta(value: float, parameter: str) -> float:
    """A beta or a target that some market could have."""
    return require_number(
        value,
        parameter,
        allowed="a number between -1000 and 1000",
        valid=lambda number: abs(number) <= LARGEST_BETA,
    )


def _exact_contracts(beta: float, target: float, *, value: float, held: float, unit: float) -> float:
    """Order before rounding; what binary fractions leave of 0.1 + 0.2 - 0.3 is not worth an order."""
    # Written out, not via USD: contracts must not gain a rounding for linear hedges without margin.
    excess = beta - target
    exposure = excess + held / value
    scale = max(1.0, abs(beta), abs(target), abs(held / value))
    return exposure * (-value / unit) if abs(exposure) > NOISE * scale else 0.0


def _interval(
    estimate: BetaEstimate | None, target: float, *, value: float, held: float, unit: float
) -> tuple[float | None, float | None]:
    if estimate is None:
        return None, None
    ends = [-((end - target) * value + held) / unit for end in (estimate.beta_low, estimate.beta_high)]
    return min(ends), max(ends)


def _override_distance(beta: float, source: BetaSource, estimate: BetaEstimate | None) -> float | None:
    if source != "override" or estimate is None or estimate.beta_standard_error == 0.0:
        return None
    return (beta - estimate.beta) / estimate.beta_standard_error


def _units(contracts: Decimal, contract: Contract, price: float) -> Decimal:
    if isinstance(contract, InverseContract):
        with localcontext(Context(prec=DECIMAL_DIGITS)):
            return contracts * contract.contract_size / Decimal(repr(price))
    return contracts * contract.contract_size


def _lost(estimate: BetaEstimate | None, *, exposure: float, rounding: float) -> float | None:
    """``(s_f^2 / s_s^2) ((e + d)^2 - e^2)``: e is the beta the exact order leaves, d what rounding adds."""
    if estimate is None:
        return None
    variance_ratio = (estimate.benchmark_volatility / estimate.asset_volatility) ** 2
    return variance_ratio * rounding * (2.0 * exposure + rounding)
