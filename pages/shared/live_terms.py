"""What an exchange says of a contract: asked when the user wants to know, and kept for when it cannot be."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from data.contract_terms import ContractTerms
from data.environment import utc_now
from data.errors import DataError
from data.exchanges.rules import RULES
from data.kept_terms import ExchangeTerms, ask_terms, kept_terms
from data.registry import shared_exchange
from data.store import open_store

KEEP_TERMS_SECONDS = 600
#: Of the exchanges that can be asked, by what the table of terms calls them.
EXCHANGE_OF = {rules.label: exchange_id for exchange_id, rules in RULES.items()}


@dataclass(frozen=True)
class TermsSaid:
    """What is known of an exchange's own terms, without asking it.

    Attributes
    ----------
    terms : ExchangeTerms or None
    problem : DataError or None
        Why terms that were kept cannot be used.
    """

    terms: ExchangeTerms | None
    problem: DataError | None


def can_be_asked(terms: ContractTerms | None) -> bool:
    """Whether an exchange can be asked for this very contract; a row of dated futures stands for many."""
    return terms is not None and terms.exchange in EXCHANGE_OF and terms.expiry == "perpetual"


def load_terms_now(terms: ContractTerms, price_usd: float) -> ExchangeTerms:
    """Ask the exchange of a row of the table; the answer is good for some minutes, for everybody.

    Raises
    ------
    DataError
        It cannot be asked, or does not have the contract.
    """
    return _asked(EXCHANGE_OF[terms.exchange], terms.symbol, price_usd)


def load_kept_terms(terms: ContractTerms) -> TermsSaid:
    """What the exchange said when it was last asked, by anybody."""
    try:
        return TermsSaid(kept_terms(open_store(), EXCHANGE_OF[terms.exchange], terms.symbol), None)
    except DataError as error:
        return TermsSaid(None, error)


@st.cache_resource(
    ttl=KEEP_TERMS_SECONDS, max_entries=32, show_spinner="Asking the exchange…", show_time=True
)
def _asked(exchange_id: str, symbol: str, _price_usd: float) -> ExchangeTerms:
    return ask_terms(
        shared_exchange(exchange_id), symbol, price_usd=_price_usd, store=open_store(), now=utc_now()
    )
