"""A server on 127.0.0.1 that answers like Yahoo Finance, one script per symbol.

::

    with YahooServer({"BTC-USD": Script(daily=daily_quotes([1.0, 2.0], first="2024-01-01"))}) as yahoo:
        source = YahooSource(session_for(yahoo.base_url))

A browser test sets ``HEDGING_YAHOO_BASE_URL`` to ``base_url`` instead. The address of a server
that was stopped refuses connections: that is how to make Yahoo unreachable.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import pandas as pd

Answer = Literal[
    "ok",
    "empty",  # the symbol is described, without a quote
    "not in range",  # the symbol exists, Yahoo says that the range holds nothing
    "rate limit",
    "not found",
    "html",
    "down",  # "Will be right back", as a page
    "nonsense",  # JSON that is no chart
    "truncated",  # JSON that stops in the middle
    "short body",  # fewer bytes than promised
    "hang up",  # the connection is closed without an answer
    "silent",  # accepted, and never answered
    "server error",
    "wants crumb",  # 401 without a crumb, ok with one
    "forbidden",
]

_CRUMB = "fakeCrumb"


@dataclass(frozen=True)
class Quotes:
    """Closes on epoch seconds, None where Yahoo has no price."""

    stamps: tuple[int, ...]
    closes: tuple[float | None, ...]


@dataclass(frozen=True)
class Script:
    """How the server answers for one symbol."""

    answer: Answer = "ok"
    daily: Quotes | None = None
    hourly: Quotes | None = None
    zone: str = "UTC"
    currency: str | None = "USD"
    kind: str = "CRYPTOCURRENCY"
    adjusted: tuple[float | None, ...] | None = None
    seen_until: int | None = None  # Yahoo's own time of the last trade; else the last stamp


def daily_quotes(closes: Sequence[float | None], *, first: str, zone: str = "UTC") -> Quotes:
    """Closes of consecutive days, stamped at midnight of the zone."""
    return _quotes(closes, pd.date_range(first, periods=len(closes), freq="D", tz=zone))


def hourly_quotes(closes: Sequence[float | None], *, first: str) -> Quotes:
    """Closes of consecutive hours, UTC."""
    return _quotes(closes, pd.date_range(first, periods=len(closes), freq="h", tz="UTC"))


def _quotes(closes: Sequence[float | None], index: pd.DatetimeIndex) -> Quotes:
    return Quotes(stamps=tuple(int(stamp.timestamp()) for stamp in index), closes=tuple(closes))


@dataclass
class YahooServer:
    """The fake; a context manager that stops what it started.

    ``scripts`` may be changed while it runs; ``requests`` lists every path that was asked for.
    A symbol without a script is answered as Yahoo answers one that it does not have.
    """

    scripts: dict[str, Script] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def __enter__(self) -> YahooServer:
        self._stopping = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def charts(self) -> list[str]:
        """Addresses of the charts that were asked for."""
        return [path for path in self.requests if "/chart/" in path]

    def wait_until_stopped(self) -> None:
        self._stopping.wait()


class _Server(ThreadingHTTPServer):
    # Waited for when the server is closed, so that no socket is left behind.
    daemon_threads = False
    block_on_close = True
    fake: YahooServer

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that has given up is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        fake = self.server.fake
        fake.requests.append(self.path)
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.endswith("/v1/test/getcrumb"):
            self._send(200, _CRUMB, kind="text/plain")
        elif parts.path.startswith("/v8/finance/chart/"):
            symbol = unquote(parts.path.removeprefix("/v8/finance/chart/"))
            self._chart(symbol, fake.scripts.get(symbol, Script("not found")), query)
        else:
            self._send(200, "<html></html>", kind="text/html")

    def _chart(self, symbol: str, script: Script, query: Mapping[str, str]) -> None:
        answer = script.answer
        if answer == "wants crumb":
            answer = "ok" if query.get("crumb") == _CRUMB else "forbidden"
        if answer == "silent":
            self.server.fake.wait_until_stopped()
        elif answer == "hang up":
            pass
        elif answer == "short body":
            self._send(200, json.dumps(_chart(symbol, script, query)), missing=20)
        elif answer == "truncated":
            self._send(200, json.dumps(_chart(symbol, script, query))[:-20])
        elif answer == "ok":
            status, body = _found(symbol, script, query)
            self._send(status, json.dumps(body))
        else:
            self._send(*_FIXED[answer](symbol, script, query))

    def _send(self, status: int, text: str, kind: str = "application/json", missing: int = 0) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) - missing])


def _error(code: str, description: str) -> dict[str, Any]:
    return {"chart": {"result": None, "error": {"code": code, "description": description}}}


def _meta(symbol: str, script: Script, query: Mapping[str, str]) -> dict[str, Any]:
    stamps = (script.daily or script.hourly or Quotes((0,), (None,))).stamps
    meta: dict[str, Any] = {
        "currency": script.currency,
        "symbol": symbol,
        "exchangeName": "CCC",
        "instrumentType": script.kind,
        "firstTradeDate": stamps[0],
        "regularMarketTime": _seen_until(script),
        "gmtoffset": 0,
        "timezone": script.zone,
        "exchangeTimezoneName": script.zone,
        "priceHint": 2,
        "dataGranularity": query.get("interval", "1d"),
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }
    if query.get("interval") == "1h":
        meta["tradingPeriods"] = _trading_periods(script)
    return meta


def _seen_until(script: Script) -> int:
    stamps = [quotes.stamps[-1] for quotes in (script.daily, script.hourly) if quotes and quotes.stamps]
    return script.seen_until or max(stamps, default=0)


def _trading_periods(script: Script) -> list[list[dict[str, Any]]]:
    stamps = script.hourly.stamps if script.hourly else ()
    days = sorted({stamp // 86400 * 86400 for stamp in stamps})
    return [[{"timezone": "UTC", "start": day, "end": day + 86399, "gmtoffset": 0}] for day in days]


def _chart(symbol: str, script: Script, query: Mapping[str, str]) -> dict[str, Any]:
    quotes = script.hourly if query.get("interval") == "1h" else script.daily
    quotes = quotes or Quotes((), ())
    low, high = int(query.get("period1", 0)), int(query.get("period2", 2**62))
    kept = [at for at, stamp in enumerate(quotes.stamps) if low <= stamp < high]
    closes = [quotes.closes[at] for at in kept]
    quote = dict.fromkeys(("open", "high", "low", "close"), closes)
    result: dict[str, Any] = {
        "meta": _meta(symbol, script, query),
        "timestamp": [quotes.stamps[at] for at in kept],
        "indicators": {"quote": [{**quote, "volume": [None if close is None else 1000 for close in closes]}]},
    }
    if query.get("interval") != "1h":
        adjusted = script.adjusted or quotes.closes
        result["indicators"]["adjclose"] = [{"adjclose": [adjusted[at] for at in kept]}]
    return {"chart": {"result": [result], "error": None}}


def _found(symbol: str, script: Script, query: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    body = _chart(symbol, script, query)
    if body["chart"]["result"][0]["timestamp"]:
        return 200, body
    return 200, _empty(symbol, script, query)


def _empty(symbol: str, script: Script, query: Mapping[str, str]) -> dict[str, Any]:
    result = {"meta": _meta(symbol, script, query), "indicators": {"quote": [{}], "adjclose": [{}]}}
    return {"chart": {"result": [result], "error": None}}


def _range_error(query: Mapping[str, str]) -> str:
    low, high = query.get("period1"), query.get("period2")
    return json.dumps(_error("Bad Request", f"Data doesn't exist for startDate = {low}, endDate = {high}"))


_FIXED = {
    "empty": lambda symbol, script, query: (200, json.dumps(_empty(symbol, script, query))),
    "not in range": lambda symbol, script, query: (400, _range_error(query)),
    "rate limit": lambda *_: (429, "Too Many Requests\r\n", "text/html"),
    "not found": lambda *_: (
        404,
        json.dumps(_error("Not Found", "No data found, symbol may be delisted")),
    ),
    "html": lambda *_: (
        200,
        "<!doctype html><html><body>Sign in to the guest network</body></html>",
        "text/html",
    ),
    "down": lambda *_: (200, "<html><body>Will be right back</body></html>", "text/html"),
    "nonsense": lambda *_: (200, '[{"chart": 1}]'),
    "server error": lambda *_: (503, "<html><body>Service Unavailable</body></html>", "text/html"),
    "forbidden": lambda *_: (
        401,
        json.dumps(
            {"finance": {"result": None, "error": {"code": "Unauthorized", "description": "Invalid Crumb"}}}
        ),
    ),
}
