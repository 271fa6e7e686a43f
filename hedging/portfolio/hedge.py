"""One order for a whole book."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from hedging._checks import require_number
from hedging.carry.costs import TradingCosts, trading_cost_usd
from hedging.errors import NoHedgeError
from hedging.instruments.coin_margin import CoinMargin
from hedging.instruments.contracts import Contract, InverseContract
from hedging.instruments.sizing import HedgePlan, size_hedge, size_inverse_hedge
from hedging.portfolio.assessment import BookAssessment


@dataclass(frozen=True, eq=False)
class BookHedge:
    """One order for the book beside the orders of its positions.

    Attributes
    ----------
    order : HedgePlan or None
        None where no order is needed or the exchange takes none this small; ``problem`` says which.
        Its interval and standard error in contracts are those of the book's exposure.
    problem : str
        Empty where there is an order.
    contracts_standard_error : float
        Of the exact order, from the book's own standard error: single errors do not add up to it.
    contract : LinearContract or InverseContract
    singles : dict of str to HedgePlan or NoHedgeError
    singles_contracts : Decimal
    singles_notional_usd : float
        Signed sums of the single orders.
    singles_traded_usd : float
        Sum of their sizes: what fees are paid on.
    residual_book_usd, residual_singles_usd : float
        Benchmark exposure left by either way, coins posted as margin included, USD.
    cost_book_usd, cost_singles_usd : float or None
        Of trading either way once; None where no costs were given.
    """

    order: HedgePlan | None
    problem: str
    contracts_standard_error: float
    contract: Contract
    singles: dict[str, HedgePlan | NoHedgeError]
    singles_contracts: Decimal
    singles_notional_usd: float
    singles_traded_usd: float
    residual_book_usd: float
    residual_singles_usd: float
    cost_book_usd: float | None
    cost_singles_usd: float | None


def hedge_book(
    book: BookAssessment,
    contract: Contract,
    price_usd: float,
    *,
    exposure_target_usd: float = 0.0,
    costs: TradingCosts | None = None,
    coin_margin: CoinMargin | None = None,
) -> BookHedge:
    """One order against the book's exposure, beside one order for each position.

    Parameters
    ----------
    book : BookAssessment
    contract : LinearContract or InverseContract
    price_usd : float
        Price of one unit of the contract's symbol.
    exposure_target_usd : float
        Exposure wanted after the hedge of the book; single orders aim at 0.
    costs : TradingCosts, optional
        Fee and slippage of one trade.
    coin_margin : CoinMargin, optional
        What is posted behind each order in an inverse contract; every order covers its own coins.
        Without it, and for a contract margined in dollars, no coins are counted.

    Returns
    -------
    BookHedge

    Raises
    ------
    InputError
        A value is unusable, or a coin-margined short has a leverage of 1.
    """
    excess = book.exposure_usd - require_number(
        exposure_target_usd, "exposure_target_usd", allowed="a finite amount of USD"
    )
    order: HedgePlan | None = None
    problem = ""
    unit_usd = contract.value_usd(price_usd)
    contracts_error = book.exposure_standard_error_usd / unit_usd
    if abs(excess) <= 1e-9 * book.gross_usd:
        problem = "The book has the exposure that is wanted; no order is needed."
    else:
        # The exposure itself is hedged one to one: it is the book's position in benchmark terms.
        try:
            sized = _sized(excess, 1.0, contract, price_usd, coin_margin)
            covered = excess + sized.margin_exposure_usd
            order = replace(
                sized,
                contracts_low=-(covered + book.exposure_high_usd - book.exposure_usd) / unit_usd,
                contracts_high=-(covered + book.exposure_low_usd - book.exposure_usd) / unit_usd,
                contracts_standard_error=contracts_error,
            )
        except NoHedgeError as error:
            problem = str(error)
    singles: dict[str, HedgePlan | NoHedgeError] = {}
    for name, row in book.table[book.table["value_usd"] != 0.0].iterrows():
        try:
            singles[str(name)] = _sized(
                float(row["value_usd"]), float(row["beta"]), contract, price_usd, coin_margin
            )
        except NoHedgeError as error:
            singles[str(name)] = error
    plans = [plan for plan in singles.values() if isinstance(plan, HedgePlan)]
    notionals = [plan.hedge_notional_usd for plan in plans]
    total = float(sum(notionals))
    traded = float(sum(abs(notional) for notional in notionals))
    return BookHedge(
        order=order,
        problem=problem,
        contracts_standard_error=contracts_error,
        contract=contract,
        singles=singles,
        singles_contracts=sum((plan.contracts for plan in plans), Decimal(0)),
        singles_notional_usd=total,
        singles_traded_usd=traded,
        residual_book_usd=book.exposure_usd
        + (order.hedge_notional_usd + order.margin_exposure_usd if order else 0.0),
        residual_singles_usd=book.exposure_usd + total + float(sum(p.margin_exposure_usd for p in plans)),
        cost_book_usd=_cost(costs, order.hedge_notional_usd if order else 0.0),
        cost_singles_usd=_cost(costs, traded),
    )


def _sized(
    position_usd: float, beta: float, contract: Contract, price_usd: float, coin_margin: CoinMargin | None
) -> HedgePlan:
    if coin_margin is None or not isinstance(contract, InverseContract):
        return size_hedge(position_usd, beta, contract, price_usd)
    posted = coin_margin.value_usd(beta * position_usd)
    return size_inverse_hedge(position_usd, beta, contract, price_usd, margin_coins=posted / price_usd)


def _cost(costs: TradingCosts | None, traded_usd: float) -> float | None:
    return None if costs is None else trading_cost_usd(costs, traded_usd)
