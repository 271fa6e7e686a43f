"""Prices, funding and contract terms of crypto exchanges, through ccxt: public data only, without any key.

Start with :class:`ExchangePages` (histories in pages, for the store), :class:`ExchangeSource` (closes for
the dashboard) or, for terms, tiers and turnover, an :class:`Exchange`. ccxt is imported by the first
request, not by this package.
"""

from data.exchanges.exchange import Exchange, Patience
from data.exchanges.pages import ExchangePages
from data.exchanges.rules import USUAL_EXCHANGES
from data.exchanges.source import ExchangeSource
from data.exchanges.terms import all_contract_terms, contract_terms
from data.exchanges.tiers import leverage_tiers, maintenance_tiers
from data.exchanges.turnover import daily_turnover

__all__ = [
    "USUAL_EXCHANGES",
    "Exchange",
    "ExchangePages",
    "ExchangeSource",
    "Patience",
    "all_contract_terms",
    "contract_terms",
    "daily_turnover",
    "leverage_tiers",
    "maintenance_tiers",
]
