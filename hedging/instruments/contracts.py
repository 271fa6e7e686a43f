"""Futures and perpetual contracts: what one of them is worth and what an exchange takes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal, localcontext
from typing import Literal, TypeAlias, get_args

from hedging._checks import (
    FloatArray,
    Returns,
    finite_values,
    require_choice,
    require_number,
    require_observations,
)
from hedging.errors import InputError

ContractKind: TypeAlias = Literal["linear", "inverse"]
Expiry: TypeAlias = Literal["perpetual", "daily", "weekly", "monthly", "quarterly", "other"]
PricePer: TypeAlias = Literal["unit", "coin"]
Rounding: TypeAlias = Literal["nearest", "down", "up"]

# No exchange states a size outside this range, and products of three of them still fit a float.
SMALLEST_TERM = Decimal("1e-30")
LARGEST_TERM = Decimal("1e30")
SMALLEST_PRICE_USD = 1e-30
LARGEST_PRICE_USD = 1e30
# A fee of 10 % of notional exists nowhere: such a number is a percentage written as a fraction.
LARGEST_FEE_FRACTION = Decimal("0.1")
DECIMAL_DIGITS = 50

_ROUNDINGS = {"nearest": ROUND_HALF_EVEN, "down": ROUND_FLOOR, "up": ROUND_CEILING}


@dataclass(frozen=True)
class _Terms:
    """Fields and checks that both kinds of contract share."""

    name: str
    contract_size: Decimal = Decimal(1)
    quantity_step: Decimal = Decimal(1)
    minimum_quantity: Decimal = Decimal(0)
    minimum_notional_usd: Decimal = Decimal(0)
    price_step: Decimal | None = None
    coins_per_unit: Decimal = Decimal(1)
    taker_fee_fraction: Decimal | None = None
    maker_fee_fraction: Decimal | None = None
    funding_interval_hours: Decimal | None = None
    expiry: Expiry = "perpetual"

    def __post_init__(self) -> None:
        """Refuse terms that no exchange could have."""
        for parameter in ("contract_size", "quantity_step", "coins_per_unit"):
            self._require(parameter, smallest=SMALLEST_TERM)
        for parameter in ("minimum_quantity", "minimum_notional_usd"):
            self._require(parameter, smallest=Decimal(0))
        for parameter in ("price_step", "funding_interval_hours"):
            if getattr(self, parameter) is not None:
                self._require(parameter, smallest=SMALLEST_TERM)
        for parameter in ("taker_fee_fraction", "maker_fee_fraction"):
            if getattr(self, parameter) is not None:
                self._require(parameter, smallest=-LARGEST_FEE_FRACTION, largest=LARGEST_FEE_FRACTION)
        require_choice(self.expiry, "expiry", get_args(Expiry))
        if self.expiry != "perpetual" and self.funding_interval_hours is not None:
            raise InputError(
                f"{self.name} expires and has a funding interval",
                parameter="funding_interval_hours",
                value=self.funding_interval_hours,
                allowed="None for a contract that expires",
                remedy="Leave it out, or set expiry='perpetual'.",
            )

    def unit_price_usd(self, price_usd: float, *, price_per: PricePer) -> float:
        """Price of one unit of the symbol, from the price of a unit or of a coin."""
        return price_usd if price_per == "unit" else price_usd * float(self.coins_per_unit)

    def _require(self, parameter: str, *, smallest: Decimal, largest: Decimal = LARGEST_TERM) -> None:
        value = getattr(self, parameter)
        # Decimal("1e-400") is above 0 but a float of it is 0: the range keeps both arithmetics alive.
        if not (isinstance(value, Decimal) and value.is_finite() and smallest <= value <= largest):
            raise InputError(
                f"{parameter} of {self.name} is {value!r}",
                parameter=parameter,
                value=value,
                allowed=f"a Decimal from {smallest} to {largest}",
                remedy="Write it as Decimal('0.001') from the exchange's contract terms.",
            )


@dataclass(frozen=True)
class LinearContract(_Terms):
    """A contract whose P&L in USD is linear in the price: ``contracts * contract_size * (P1 - P0)``.

    Attributes
    ----------
    name : str
        What the exchange calls it.
    contract_size : Decimal
        Units of the symbol in one contract (0.01 BTC at OKX, 1 where quantity is in coins).
    quantity_step : Decimal
        Orders are whole multiples of this many contracts.
    minimum_quantity : Decimal
        Smallest order in contracts.
    minimum_notional_usd : Decimal
        Smallest order in USD, 0 where the exchange has none.
    price_step : Decimal or None
        Tick of the price in USD; None when unknown.
    coins_per_unit : Decimal
        Coins behind one unit of the symbol: 1000 for 1000PEPE, whose price is that of 1000 coins.
    taker_fee_fraction, maker_fee_fraction : Decimal or None
        Fraction of notional per trade, negative for a rebate; None when unknown.
    funding_interval_hours : Decimal or None
        None when unknown, and for a contract that expires.
    expiry : {"perpetual", "daily", "weekly", "monthly", "quarterly", "other"}
        How the contract ends.
    """

    @property
    def kind(self) -> ContractKind:
        """``"linear"``: margined and settled in dollars."""
        return "linear"

    def value_usd(self, price_usd: float) -> float:
        """USD value of one contract at a price of one unit of the symbol."""
        return float(self.contract_size) * price_usd

    def exact_value_usd(self, price_usd: Decimal) -> Decimal:
        """As :meth:`value_usd`, in decimals."""
        return self.contract_size * price_usd


@dataclass(frozen=True)
class InverseContract(_Terms):
    """A coin-margined contract: a long one earns ``contracts * contract_size * (1/P0 - 1/P1)`` coins.

    In USD at P1 that is exactly ``contracts * contract_size * (P1/P0 - 1)``. The fields are those of
    :class:`LinearContract`, except:

    Attributes
    ----------
    contract_size : Decimal
        USD in one contract (100 for BTC at Binance, 1 at Bybit), whatever the price.
    """

    @property
    def kind(self) -> ContractKind:
        """``"inverse"``: margined and settled in the coin."""
        return "inverse"

    def value_usd(self, price_usd: float) -> float:
        """USD value of one contract: its size, at any price."""
        return float(self.contract_size)

    def exact_value_usd(self, price_usd: Decimal) -> Decimal:
        """As :meth:`value_usd`, in decimals."""
        return self.contract_size


Contract: TypeAlias = LinearContract | InverseContract


def round_price(price_usd: float, contract: Contract, *, rounding: Rounding = "nearest") -> Decimal:
    """Price on the exchange's grid, in decimal arithmetic (ties to the even tick).

    Parameters
    ----------
    price_usd : float
        Positive.
    contract : LinearContract or InverseContract
        Its ``price_step`` is the grid.
    rounding : {"nearest", "down", "up"}

    Raises
    ------
    InputError
        The price is not positive, or the contract's ``price_step`` is unknown.
    """
    price = require_price(price_usd, "price_usd")
    require_choice(rounding, "rounding", get_args(Rounding))
    if contract.price_step is None:
        raise InputError(
            f"the price step of {contract.name} is unknown",
            parameter="price_step",
            value="None",
            allowed="a positive Decimal",
            remedy="Give the contract its price step from the exchange's contract terms.",
        )
    with localcontext(Context(prec=2 * DECIMAL_DIGITS)):
        ticks = Decimal(repr(price)) / contract.price_step
        return ticks.quantize(Decimal(1), rounding=_ROUNDINGS[rounding]) * contract.price_step


def average_entry_price(quantities: Returns, prices_usd: Returns, *, kind: ContractKind) -> float:
    """Price at which one position would have been entered that several orders built up.

    Linear: ``sum(q P) / sum(q)``. Inverse: ``sum(q) / sum(q / P)``, because there P&L is linear in
    ``1/P``.

    Parameters
    ----------
    quantities : Series or array, shape (n,)
        Contracts of each order (or USD when inverse), all of one sign.
    prices_usd : Series or array, shape (n,)
        Price of each order.
    kind : {"linear", "inverse"}

    Returns
    -------
    float
        In USD.

    Raises
    ------
    InputError
        Different lengths, a price that is not positive, a quantity of 0 or of the other sign.
    InsufficientDataError
        No order at all.

    References
    ----------
    Bybit, "Average entry price" of inverse contracts: 1,000 at 5,000 and 2,000 at 6,000 give 5,625.
    """
    require_choice(kind, "kind", get_args(ContractKind))
    amounts = finite_values(quantities, "quantities")
    prices = finite_values(prices_usd, "prices_usd")
    require_observations(amounts.size, 1, what="an average price")
    _require_orders(amounts, prices)
    levels = prices if kind == "linear" else 1.0 / prices
    average = float(amounts @ levels) / float(amounts.sum())
    return average if kind == "linear" else 1.0 / average


def contract_pnl_usd(
    contracts: float, contract: Contract, *, entry_price_usd: float, exit_price_usd: float
) -> float:
    """P&L in USD of a signed number of contracts, without fees and funding.

    Linear: ``N size (P1 - P0)``. Inverse: ``N size (P1 / P0 - 1)``, the coins earned at P1.

    Parameters
    ----------
    contracts : float
        Long positive, short negative.
    contract : LinearContract or InverseContract
    entry_price_usd, exit_price_usd : float
        P0 and P1 of one unit of the symbol, positive.

    Raises
    ------
    InputError
        A price is not positive or a number not finite.
    """
    number = require_number(contracts, "contracts", allowed="a finite number of contracts")
    entry = require_price(entry_price_usd, "entry_price_usd")
    exit_ = require_price(exit_price_usd, "exit_price_usd")
    return number * contract.value_usd(entry) * (exit_ / entry - 1.0)


def contract_pnl_coin(
    contracts: float, contract: Contract, *, entry_price_usd: float, exit_price_usd: float
) -> float:
    """P&L counted in coins at the exit price: for an inverse contract ``N size (1/P0 - 1/P1)``.

    Parameters, errors and signs as :func:`contract_pnl_usd`; a linear contract's dollars are turned
    into coins at the exit price.

    References
    ----------
    Bybit, inverse contracts: 10,000 USD long from 8,000 to 12,500 gain 0.45 BTC.
    """
    pnl_usd = contract_pnl_usd(
        contracts, contract, entry_price_usd=entry_price_usd, exit_price_usd=exit_price_usd
    )
    return pnl_usd / exit_price_usd * float(contract.coins_per_unit)


def require_price(price_usd: float, parameter: str) -> float:
    """A price in USD that both arithmetics can hold."""
    return require_number(
        price_usd,
        parameter,
        allowed="a positive price in USD",
        valid=lambda usd: SMALLEST_PRICE_USD <= usd <= LARGEST_PRICE_USD,
    )


def _require_orders(amounts: FloatArray, prices: FloatArray) -> None:
    if amounts.size != prices.size:
        raise InputError(
            f"quantities has {amounts.size} values and prices_usd {prices.size}",
            parameter="prices_usd",
            value=prices.size,
            allowed="one price for each quantity",
            remedy="Give both for every order.",
        )
    for price in prices:
        require_price(float(price), "prices_usd")
    if not ((amounts > 0).all() or (amounts < 0).all()):
        raise InputError(
            "quantities holds both sides, or an order of 0",
            parameter="quantities",
            value=tuple(amounts.tolist()),
            allowed="orders that all buy or all sell",
            remedy="Leave out the orders that reduced the position.",
        )
