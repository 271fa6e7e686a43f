"""The client of one exchange: the only place that imports ccxt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final, Protocol, TypeAlias, cast

from data.errors import ChangeInputError
from data.exchanges.rules import RULES, rules_of
from data.exchanges.wire import GuardedSession, configured_base_url

# An exchange that ccxt knows nothing about is asked for little; one that promises much is not asked for more.
_FEW_CANDLES: Final = 200
_MOST_CANDLES: Final = 1000


class Client(Protocol):
    """The part of a ccxt exchange that is used here; every method raises what ccxt raises."""

    has: Mapping[str, Any]
    features: Mapping[str, Any] | None
    precisionMode: int  # noqa: N815
    session: Any

    def load_markets(self, reload: bool = ...) -> Mapping[str, Mapping[str, Any]]:
        """Markets by unified symbol."""

    def fetch_time(self) -> int | None:
        """The exchange's own time, in milliseconds."""

    def fetch_ohlcv(
        self, symbol: str, timeframe: str, since: int, limit: int, params: Mapping[str, Any]
    ) -> list[Any]:
        """Candles as lists of time, open, high, low, close, volume."""

    def fetch_funding_rate_history(
        self, symbol: str, since: int, limit: int, params: Mapping[str, Any]
    ) -> list[Any]:
        """Charges with ``timestamp``, ``fundingRate`` and ``info``."""

    def fetch_funding_intervals(self, symbols: list[str]) -> Mapping[str, Any]:
        """Current funding of several contracts, each with its ``interval``."""

    def fetch_funding_interval(self, symbol: str) -> Mapping[str, Any]:
        """Current funding of one contract, with its ``interval``."""

    def fetch_market_leverage_tiers(self, symbol: str) -> list[Any]:
        """Tiers of one contract."""

    def fetch_tickers(self, symbols: None, params: Mapping[str, str]) -> Mapping[str, Mapping[str, Any]]:
        """What was traded in the last 24 hours, by unified symbol."""


#: Makes the client of an exchange: ``connect(exchange_id, request_seconds)``.
Connect: TypeAlias = Callable[[str, float], Client]


def ccxt_client(exchange_id: str, request_seconds: float) -> Client:
    """A ccxt client without keys, on a session of its own; nothing is asked yet.

    Parameters
    ----------
    exchange_id : str
        As ccxt spells it.
    request_seconds : float
        Time-out of one request.

    Raises
    ------
    ChangeInputError
        ccxt knows no such exchange, or the environment names an unusable server.
    """
    base_url = configured_base_url()
    import ccxt

    if exchange_id not in ccxt.exchanges:
        raise _unknown_exchange(exchange_id, ccxt.exchanges)
    session = GuardedSession(base_url=base_url)
    settings: dict[str, Any] = {
        "session": session,
        "timeout": int(request_seconds * 1000),
        # Numbers as the exchange wrote them: a float would lose digits of a step or a fee.
        "number": str,
        # ccxt spares the exchange by itself; a server on this machine needs no sparing.
        "enableRateLimit": not session.on_this_machine,
    }
    types = rules_of(exchange_id).market_types
    if types:
        settings["options"] = {"fetchMarkets": {"types": list(types)}}
    client = _with_all_rows(getattr(ccxt, exchange_id))(settings)
    # Currencies are about deposits; some exchanges give them to account holders only.
    client.has["fetchCurrencies"] = False
    return cast(Client, client)


def _with_all_rows(kind: type[Any]) -> type[Any]:
    """The exchange's class, but handing over every row that was answered.

    ccxt drops rows from before the time that was asked for. A stale copy of another page then looks like an
    honest answer without rows.
    """

    class Whole(kind):  # type: ignore[misc]
        def filter_by_since_limit(self, array: Any, *_: Any, **__: Any) -> Any:
            return array

        def filter_by_value_since_limit(
            self, array: Any, field: Any, value: Any = None, *_: Any, **__: Any
        ) -> Any:
            return super().filter_by_value_since_limit(array, field, value)

    Whole.__name__ = kind.__name__
    return Whole


def candles_per_request(client: Client, terms: Mapping[str, Any]) -> int:
    """Most candles in one answer, as far as ccxt knows it."""
    known: Any = client.features
    steps = (
        ("spot",)
        if terms.get("spot")
        else (str(terms.get("type")), "inverse" if terms.get("inverse") else "linear")
    )
    for step in (*steps, "fetchOHLCV", "limit"):
        known = known.get(step) if isinstance(known, Mapping) else None
    return min(known, _MOST_CANDLES) if isinstance(known, int) and known > 1 else _FEW_CANDLES


def _unknown_exchange(exchange_id: str, known: list[str]) -> ChangeInputError:
    close = get_close_matches(exchange_id.lower(), known, n=3)
    return ChangeInputError(
        f"there is no exchange {exchange_id[:40]!r}",
        parameter="exchange",
        value=exchange_id,
        allowed=", ".join(close or RULES),
        remedy="Use the short lower-case name of an exchange, such as binance.",
    )
