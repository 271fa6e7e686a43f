"""The contract to hedge with: chosen from the tables, edited by hand where the user knows better."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from data.contract_terms import ContractTerms, coin_of, shipped_terms, terms_for_coin
from data.errors import UnknownSymbolError
from data.maintenance_tiers import tiers_for
from hedging import HedgingError, LinearContract, MaintenanceTiers, TradingCosts
from hedging.errors import InputError
from hedging.instruments.contracts import Contract
from hedging.instruments.liquidation import Convention
from hedging.instruments.margin import MarginUnit
from pages.shared.choices import HedgeChoices

ASSUMED_MAINTENANCE = 0.005  # usual lowest tier; said wherever it is used
BASIS_POINT = 1e-4


@dataclass(frozen=True)
class ChosenContract:
    """A contract as the page uses it, and where each part of it comes from.

    Attributes
    ----------
    exchange : str
    contract : LinearContract or InverseContract
        With what was typed by hand in place of the table's.
    terms : ContractTerms or None
        The row of the table; None where there is none for this coin.
    by_hand : tuple of str
        What was typed by hand, in words.
    maintenance : MaintenanceTiers or HedgingError
        In the unit of the contract's margin, or why what was typed is none.
    tiers_note : str
        Where the tiers come from, or that one rate is assumed.
    convention : {"binance", "bybit"}
        How the liquidation price is worked out.
    """

    exchange: str
    contract: Contract
    terms: ContractTerms | None
    by_hand: tuple[str, ...]
    maintenance: MaintenanceTiers | HedgingError
    tiers_note: str
    convention: Convention

    @property
    def tiers(self) -> MaintenanceTiers:
        """The maintenance margin; only what liquidates needs it, so only that fails without."""
        if isinstance(self.maintenance, HedgingError):
            raise self.maintenance
        return self.maintenance

    @property
    def note(self) -> str:
        """Where the terms come from, one sentence."""
        if self.terms is None:
            return f"No contract terms are known for {self.contract.name}: whole units of it are assumed."
        edited = f"; by hand: {', '.join(self.by_hand)}" if self.by_hand else ""
        dated = f"terms of {self.terms.as_of}" if self.terms.as_of else "undated terms"
        return f"{self.exchange} {self.terms.symbol} {dated} ({self.terms.status}{edited})."

    @property
    def key(self) -> str:
        """What the state and the URL call it."""
        return contract_key(self.terms) if self.terms is not None else ""


def contract_key(terms: ContractTerms) -> str:
    """Exchange and symbol."""
    return f"{terms.exchange} {terms.symbol}"


def offered_terms(benchmark: str) -> tuple[ContractTerms, ...]:
    """Contracts on the benchmark's coin, in the order of the table."""
    coin = coin_of(benchmark).name
    return tuple(terms for terms in shipped_terms() if terms.coin == coin)


def chosen_contract(choices: HedgeChoices, benchmark: str) -> ChosenContract:
    """The contract the user chose; Binance's linear perpetual where none of this coin is chosen."""
    terms = _terms_in_use(choices, benchmark)
    contract: Contract = _unknown(benchmark) if terms is None else terms.contract()
    contract, by_hand = _edited(contract, choices)
    maintenance, tiers_note = _tiers(terms, contract, choices)
    return ChosenContract(
        exchange="" if terms is None else terms.exchange,
        contract=contract,
        terms=terms,
        by_hand=by_hand,
        maintenance=maintenance,
        tiers_note=tiers_note,
        convention="binance" if terms is None or terms.exchange == "Binance" else "bybit",
    )


def contract_in_use(choices: HedgeChoices, benchmark: str) -> str:
    """Exchange and symbol of the chosen contract, or what stands for it where no terms are known."""
    terms = _terms_in_use(choices, benchmark)
    return f"whole units of {benchmark}" if terms is None else contract_key(terms)


def _terms_in_use(choices: HedgeChoices, benchmark: str) -> ContractTerms | None:
    offered = {contract_key(terms): terms for terms in offered_terms(benchmark)}
    if choices.contract in offered:
        return offered[choices.contract]
    try:
        return terms_for_coin(coin_of(benchmark).name)
    except UnknownSymbolError:
        return next(iter(offered.values()), None)


def trading_costs(chosen: ChosenContract, choices: HedgeChoices) -> TradingCosts:
    """Fee and slippage of one trade.

    Raises
    ------
    InputError
        The contract's fee is unknown and none was typed.
    """
    fee = chosen.contract.taker_fee_fraction
    if choices.fee_bp is not None:
        return TradingCosts(choices.fee_bp * BASIS_POINT, choices.slippage_bp * BASIS_POINT)
    if fee is None:
        raise InputError(
            f"the fee of {chosen.contract.name} is not in the table",
            parameter="fee_bp",
            value=None,
            allowed="a fee in basis points of notional",
            remedy="Type the taker fee of your account under Terms.",
        )
    return TradingCosts(float(fee), choices.slippage_bp * BASIS_POINT)


def _unknown(benchmark: str) -> Contract:
    return LinearContract(name=benchmark, coins_per_unit=Decimal(coin_of(benchmark).units))


def _edited(contract: Contract, choices: HedgeChoices) -> tuple[Contract, tuple[str, ...]]:
    words = []
    if choices.contract_size is not None:
        contract = replace(contract, contract_size=_as_typed(choices.contract_size))
        words.append("contract size")
    if choices.quantity_step is not None:
        contract = replace(contract, quantity_step=_as_typed(choices.quantity_step))
        words.append("quantity step")
    if choices.minimum_quantity is not None:
        contract = replace(contract, minimum_quantity=_as_typed(choices.minimum_quantity))
        words.append("smallest order")
    if choices.fee_bp is not None:
        words.append("fee")
    return contract, tuple(words)


def _as_typed(value: float) -> Decimal:
    return Decimal(repr(value))  # the shortest text that gives this float is what was typed


def _tiers(
    terms: ContractTerms | None, contract: Contract, choices: HedgeChoices
) -> tuple[MaintenanceTiers | HedgingError, str]:
    unit: MarginUnit = "usd" if contract.kind == "linear" else "coin"
    if choices.maintenance_percent is not None:
        rate = choices.maintenance_percent / 100
        note = f"maintenance margin {rate:.2%}, by hand"
        try:
            return MaintenanceTiers.flat(rate, unit=unit), note
        except HedgingError as error:
            return error, note
    if terms is not None:
        try:
            found = tiers_for(terms.exchange, terms.symbol)
        except UnknownSymbolError:
            pass
        else:
            return found.tiers, f"{found.exchange} tiers ({found.status})"
    assumed = MaintenanceTiers.flat(ASSUMED_MAINTENANCE, unit=unit)
    return assumed, f"tiers unknown: {ASSUMED_MAINTENANCE:.1%} maintenance is assumed"
