"""What an exchange says of a contract today, asked when the user wants to know."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from data.contract_terms import ContractTerms
from data.environment import utc_now
from data.errors import DataError
from data.exchanges import contract_terms, maintenance_tiers
from data.exchanges.rules import RULES
from data.maintenance_tiers import TierTerms
from data.registry import shared_exchange

KEEP_TERMS_SECONDS = 600
#: Of the exchanges that can be asked, by what the table of terms calls them.
EXCHANGE_OF = {rules.label: exchange_id for exchange_id, rules in RULES.items()}


@dataclass(frozen=True)
class TermsNow:
    """Terms as the exchange states them today.

    Attributes
    ----------
    terms : ContractTerms
    tiers : TierTerms or DataError
        Of its maintenance margin, or why they cannot be had: Binance shows them to account holders only.
    """

    terms: ContractTerms
    tiers: TierTerms | DataError


def can_be_asked(terms: ContractTerms | None) -> bool:
    """Whether an exchange can be asked for this very contract; a row of dated futures stands for many."""
    return terms is not None and terms.exchange in EXCHANGE_OF and terms.expiry == "perpetual"


def load_terms_now(terms: ContractTerms, price_usd: float) -> TermsNow:
    """Ask the exchange of a row of the table; the answer is kept for some minutes, for everybody.

    Raises
    ------
    DataError
        It cannot be asked, or does not have the contract.
    """
    return _asked(EXCHANGE_OF[terms.exchange], terms.symbol, price_usd)


@st.cache_resource(
    ttl=KEEP_TERMS_SECONDS, max_entries=32, show_spinner="Asking the exchange…", show_time=True
)
def _asked(exchange_id: str, symbol: str, _price_usd: float) -> TermsNow:
    exchange, now = shared_exchange(exchange_id), utc_now()
    found = contract_terms(exchange, symbol, now=now)
    try:
        tiers: TierTerms | DataError = maintenance_tiers(exchange, symbol, now=now, price_usd=_price_usd)
    except DataError as error:
        tiers = error
    return TermsNow(found, tiers)
