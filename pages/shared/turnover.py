"""A day's turnover of the coin's perpetuals, asked from the exchanges when the user wants to know."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from data.coins import coin_of
from data.errors import DataError
from data.exchanges import daily_turnover
from data.registry import shared_exchange
from pages.shared.catalogue import SOURCE_LABELS
from pages.shared.settings import EXCHANGES

KEEP_TURNOVER_SECONDS = 600


@dataclass(frozen=True)
class CoinTurnover:
    """What the exchanges said.

    Attributes
    ----------
    usd_daily : dict of str to float
        Of the most traded linear perpetual of the coin, by exchange.
    problems : dict of str to DataError
        Why an exchange said nothing.
    """

    usd_daily: dict[str, float]
    problems: dict[str, DataError]


@st.cache_resource(
    ttl=KEEP_TURNOVER_SECONDS, max_entries=16, show_spinner="Asking the exchanges…", show_time=True
)
def load_turnover(benchmark: str) -> CoinTurnover:
    """Ask Binance, Bybit and OKX; one that fails does not keep the others from answering."""
    coin = coin_of(benchmark).name
    found: dict[str, float] = {}
    problems: dict[str, DataError] = {}
    for name in EXCHANGES:
        label = SOURCE_LABELS[name]
        try:
            mine = [each.turnover_usd for each in daily_turnover(shared_exchange(name)) if each.coin == coin]
        except DataError as error:
            problems[label] = error
            continue
        if mine:
            found[label] = max(mine)
    return CoinTurnover(found, problems)
