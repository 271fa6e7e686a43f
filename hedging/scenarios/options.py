"""Options on the benchmark's future, for when a linear hedge is too blunt."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from hedging._checks import FloatArray, require_choice, require_kind, require_number
from hedging.errors import InputError, NoHedgeError
from hedging.instruments.plan import require_beta, require_position
from hedging.scenarios.what_if import require_moves

OptionKind: TypeAlias = Literal["call", "put"]

DAYS_PER_YEAR = 365.0
LARGEST_VOLATILITY = 20.0  # 2000 % a year
SMALLEST_VOLATILITY = 1e-6
LONGEST_DAYS, SHORTEST_DAYS = 36_500.0, 1e-3
LEAST_STRIKE, MOST_STRIKE = 0.01, 100.0  # times the future
SAME_STRIKE = 1e-9


@dataclass(frozen=True)
class BlackPrice:
    """Value of a European option on a future and its sensitivities.

    Attributes
    ----------
    price_usd : float
        For one unit of the underlying.
    delta : float
        USD per USD of the future's price.
    gamma : float
        Change of delta per USD.
    vega_usd : float
        Per 1.00 of annual volatility.
    theta_usd_daily : float
        Change of value as one day passes.
    """

    price_usd: float
    delta: float
    gamma: float
    vega_usd: float
    theta_usd_daily: float


def price_option(
    kind: OptionKind,
    *,
    future_usd: float,
    strike_usd: float,
    days_to_expiry: float,
    volatility_annual: float,
    rate_annual: float = 0.0,
) -> BlackPrice:
    """European option on a future by Black's model.

    ``call = e^(-rT) (F N(d1) - K N(d2))``, ``put = e^(-rT) (K N(-d2) - F N(-d1))``,
    ``d1 = (ln(F/K) + v^2 T / 2) / (v sqrt(T))``, ``d2 = d1 - v sqrt(T)``, T in years of 365 days.

    Parameters
    ----------
    kind : {"call", "put"}
    future_usd, strike_usd : float
        Positive.
    days_to_expiry : float
        0.001 to 36500.
    volatility_annual : float
        Fraction, given or realised (:func:`hedging.annualised_volatility`).
    rate_annual : float
        Continuously compounded.

    Raises
    ------
    InputError
        A value is out of range.

    References
    ----------
    Black (1976), "The pricing of commodity contracts"; Hull, chapter 18.
    """
    require_kind(kind, "kind", str)
    require_choice(kind, "kind", ("call", "put"))
    future, strike = _positive(future_usd, "future_usd"), _positive(strike_usd, "strike_usd")
    require_number(
        strike_usd,
        "strike_usd",
        allowed=f"{future / 1e3:g} to {future * 1e3:g}, a thousandth to a thousand times the future",
        valid=lambda usd: future / 1e3 <= usd <= future * 1e3,
    )
    years = (
        require_number(
            days_to_expiry,
            "days_to_expiry",
            allowed=f"{SHORTEST_DAYS:g} to {LONGEST_DAYS:g}",
            valid=lambda days: SHORTEST_DAYS <= days <= LONGEST_DAYS,
        )
        / DAYS_PER_YEAR
    )
    volatility = require_number(
        volatility_annual,
        "volatility_annual",
        allowed=f"{SMALLEST_VOLATILITY:g} to {LARGEST_VOLATILITY:g}, as a fraction",
        valid=lambda value: SMALLEST_VOLATILITY <= value <= LARGEST_VOLATILITY,
    )
    rate = require_number(rate_annual, "rate_annual", allowed="-1 to 1", valid=lambda value: abs(value) <= 1)
    root = volatility * math.sqrt(years)
    d1 = (math.log(future / strike) + 0.5 * root * root) / root
    discount = math.exp(-rate * years)
    density = math.exp(-0.5 * d1 * d1) / math.sqrt(2.0 * math.pi)
    sign = 1.0 if kind == "call" else -1.0
    n1, n2 = float(ndtr(sign * d1)), float(ndtr(sign * (d1 - root)))
    price = discount * sign * (future * n1 - strike * n2)
    decay = discount * future * density * volatility / (2.0 * math.sqrt(years))
    return BlackPrice(
        price_usd=max(price, 0.0) + 0.0,  # no negative zero
        delta=sign * discount * n1,
        gamma=discount * density / (future * root),
        vega_usd=discount * future * density * math.sqrt(years),
        theta_usd_daily=(rate * price - decay) / DAYS_PER_YEAR,
    )


def implied_volatility(
    kind: OptionKind,
    price_usd: float,
    *,
    future_usd: float,
    strike_usd: float,
    days_to_expiry: float,
    rate_annual: float = 0.0,
) -> float:
    """Annual volatility at which the model gives this price.

    Raises
    ------
    InputError
        The price lies outside what any volatility up to 2000 % gives.
    """

    def value(volatility: float) -> float:
        return price_option(
            kind,
            future_usd=future_usd,
            strike_usd=strike_usd,
            days_to_expiry=days_to_expiry,
            volatility_annual=volatility,
            rate_annual=rate_annual,
        ).price_usd

    lowest, highest = value(SMALLEST_VOLATILITY), value(LARGEST_VOLATILITY)
    wanted = require_number(
        price_usd,
        "price_usd",
        allowed=f"above {lowest:.6g} and below {highest:.6g}, the prices without arbitrage",
        valid=lambda price: lowest < price < highest,
    )
    found = brentq(lambda v: value(v) - wanted, SMALLEST_VOLATILITY, LARGEST_VOLATILITY, xtol=1e-12)
    return float(found)


@dataclass(frozen=True)
class OptionHedge:
    """Options on the benchmark beside a position, sized by beta.

    Attributes
    ----------
    position_usd, beta : float
    units : float
        Units of the benchmark covered, ``beta |V| / F``.
    future_usd : float
    protection_strike_usd : float
        Of the option bought: a put for a long position, a call for a short one.
    financing_strike_usd : float or None
        Of the option sold in a collar.
    premium_usd : float
        Paid in total, negative where the collar pays.
    delta_usd : float
        Signed benchmark exposure of the options now, USD: what a linear hedge of the same delta is.
    days_to_expiry, volatility_annual : float
    """

    position_usd: float
    beta: float
    units: float
    future_usd: float
    protection_strike_usd: float
    financing_strike_usd: float | None
    premium_usd: float
    delta_usd: float
    days_to_expiry: float
    volatility_annual: float

    def payoff_usd(self, benchmark_returns: FloatArray) -> FloatArray:
        """Value of the options at expiry less the premium, for moves of the FUTURE above -1, shape (k,)."""
        moves = require_moves(benchmark_returns)
        prices = self.future_usd * (1.0 + moves)
        side = 1.0 if self.position_usd > 0.0 else -1.0
        bought = np.maximum(side * (self.protection_strike_usd - prices), 0.0)
        sold = np.zeros_like(prices)
        if self.financing_strike_usd is not None:
            sold = np.maximum(side * (prices - self.financing_strike_usd), 0.0)
        return np.asarray(self.units * (bought - sold) - self.premium_usd, dtype=np.float64)

    @property
    def worst_market_loss_usd(self) -> float:
        """Largest loss of the position's benchmark part with the options, premium included; positive.

        Negative where protection in the money locks in a gain.
        """
        side = 1.0 if self.position_usd > 0.0 else -1.0
        return self.units * side * (self.future_usd - self.protection_strike_usd) + self.premium_usd


def buy_protection(
    position_usd: float,
    beta: float,
    *,
    future_usd: float,
    strike_fraction: float,
    days_to_expiry: float,
    volatility_annual: float,
    rate_annual: float = 0.0,
) -> OptionHedge:
    """Protective put on the benchmark for a long position (a call for a short one), sized by beta.

    It caps what the benchmark can take; the asset's own moves stay with the position.

    Parameters
    ----------
    position_usd : float
        Signed value V.
    beta : float
        Above 0: units are ``beta |V| / F``.
    future_usd : float
        Price of the benchmark's future to the same expiry.
    strike_fraction : float
        Strike over future: 0.9 for a put 10 % out of the money.
    days_to_expiry, volatility_annual, rate_annual
        As in :func:`price_option`.

    Returns
    -------
    OptionHedge
    """
    value, units = _sized(position_usd, beta, future_usd)
    strike = _strike(strike_fraction, "strike_fraction") * future_usd
    kind: OptionKind = "put" if value > 0 else "call"
    option = price_option(
        kind,
        future_usd=future_usd,
        strike_usd=strike,
        days_to_expiry=days_to_expiry,
        volatility_annual=volatility_annual,
        rate_annual=rate_annual,
    )
    return OptionHedge(
        position_usd=value,
        beta=beta,
        units=units,
        future_usd=future_usd,
        protection_strike_usd=strike,
        financing_strike_usd=None,
        premium_usd=units * option.price_usd,
        delta_usd=units * option.delta * future_usd,
        days_to_expiry=days_to_expiry,
        volatility_annual=volatility_annual,
    )


def buy_collar(
    position_usd: float,
    beta: float,
    *,
    future_usd: float,
    strike_fraction: float,
    days_to_expiry: float,
    volatility_annual: float,
    financing_strike_fraction: float | None = None,
    rate_annual: float = 0.0,
) -> OptionHedge:
    """Protection paid by selling the other side: a put bought and a call sold for a long position.

    Parameters
    ----------
    position_usd, beta, future_usd, strike_fraction, days_to_expiry, volatility_annual, rate_annual
        As in :func:`buy_protection`.
    financing_strike_fraction : float, optional
        Strike of the option sold, over the future. Left out, it is solved so that the collar costs
        nothing.

    Raises
    ------
    NoHedgeError
        No strike on the other side of the future pays for the protection, which is in the money or nearly
        worthless.
    """
    bought = buy_protection(
        position_usd,
        beta,
        future_usd=future_usd,
        strike_fraction=strike_fraction,
        days_to_expiry=days_to_expiry,
        volatility_annual=volatility_annual,
        rate_annual=rate_annual,
    )
    kind: OptionKind = "call" if bought.position_usd > 0 else "put"

    def sold(fraction: float) -> BlackPrice:
        return price_option(
            kind,
            future_usd=future_usd,
            strike_usd=fraction * future_usd,
            days_to_expiry=days_to_expiry,
            volatility_annual=volatility_annual,
            rate_annual=rate_annual,
        )

    fraction = financing_strike_fraction
    if fraction is None:
        fraction = _paying_strike(
            sold, bought.premium_usd / bought.units, strike_fraction, above=kind == "call"
        )
    else:
        fraction = _strike(fraction, "financing_strike_fraction")
    # Equal strikes are a future sold, which is where protection at the money that costs nothing ends.
    room = fraction - strike_fraction if kind == "call" else strike_fraction - fraction
    crossed = room < -SAME_STRIKE
    if crossed:
        raise InputError(
            f"the option sold has its strike at {fraction:g} and the one bought at {strike_fraction:g}",
            parameter="financing_strike_fraction",
            value=fraction,
            allowed=f"{'above' if kind == 'call' else 'below'} the strike of the protection",
            remedy="Move the strikes apart.",
        )
    option = sold(fraction)
    return OptionHedge(
        position_usd=bought.position_usd,
        beta=beta,
        units=bought.units,
        future_usd=future_usd,
        protection_strike_usd=bought.protection_strike_usd,
        financing_strike_usd=fraction * future_usd,
        premium_usd=bought.premium_usd - bought.units * option.price_usd,
        delta_usd=bought.delta_usd - bought.units * option.delta * future_usd,
        days_to_expiry=days_to_expiry,
        volatility_annual=volatility_annual,
    )


def _paying_strike(
    sold: Callable[[float], BlackPrice], premium: float, strike_fraction: float, *, above: bool
) -> float:
    """Strike over future at which the option sold brings in the premium; on its side of the future."""
    near, far = 1.0, (MOST_STRIKE if above else LEAST_STRIKE)
    if premium > sold(near).price_usd * (1.0 + 1e-12):
        raise NoHedgeError(
            f"protection at {strike_fraction:g} costs more than any option beyond the future brings in",
            parameter="strike_fraction",
            value=strike_fraction,
            allowed="protection out of the money",
            remedy="Choose a strike further away, or accept a premium.",
        )
    if premium < sold(far).price_usd:
        raise NoHedgeError(
            f"protection at {strike_fraction:g} costs less than an option at {far:g} times the future",
            parameter="strike_fraction",
            value=strike_fraction,
            allowed="protection nearer to the future",
            remedy="Choose a nearer strike, or give the financing strike.",
        )
    if premium >= sold(near).price_usd:
        return near
    return float(brentq(lambda fraction: sold(fraction).price_usd - premium, near, far, xtol=1e-12))


def _sized(position_usd: float, beta: float, future_usd: float) -> tuple[float, float]:
    value = require_position(position_usd)
    require_beta(beta, "beta")
    require_number(
        beta, "beta", allowed="above 0, so that options on the benchmark protect", valid=_is_positive
    )
    return value, beta * abs(value) / _positive(future_usd, "future_usd")


def _strike(fraction: float, parameter: str) -> float:
    return require_number(
        fraction,
        parameter,
        allowed=f"{LEAST_STRIKE:g} to {MOST_STRIKE:g} times the future",
        valid=lambda value: LEAST_STRIKE <= value <= MOST_STRIKE,
    )


def _positive(value: float, parameter: str) -> float:
    return require_number(value, parameter, allowed="above 0", valid=_is_positive)


def _is_positive(value: float) -> bool:
    return value > 0
