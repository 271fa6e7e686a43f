"""A server on 127.0.0.1 that answers like Binance, Bybit and OKX, and fails as they do.

::

    with ExchangeServer() as server:
        monkeypatch.setenv("HEDGING_EXCHANGE_BASE_URL", server.base_url)
        server.faults.append(Fault("rate limit", on="klines", times=2, retry_after="3"))

Requests carry the exchange's host as the first step of their path. The address of a server that was stopped
refuses connections.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from tests.fakes.exchange_formats import (
    Listing,
    Query,
    World,
    binance_answer,
    bybit_answer,
    okx_answer,
    stamp,
)

How = Literal[
    "rate limit",
    "banned",
    "server error",
    "maintenance",
    "forbidden",
    "html",
    "truncated",
    "short body",
    "hang up",
    "silent",
    "drip",
    "nonsense",
    "empty",
    "shuffled",
    "repeated",
    "contradicting",
    "early rows too",
    "same page",
]

_ALWAYS = 10**9


@dataclass
class Fault:
    """What goes wrong with requests whose path holds ``on``: ``times`` of them, after the first ``skip``."""

    how: How
    on: str
    times: int = _ALWAYS
    skip: int = 0
    retry_after: str | None = None


def listings() -> tuple[Listing, ...]:
    """The usual markets: two and a half years of BTC and SOL."""
    charges = tuple(
        (at, "0.00010000") for at in range(stamp("2023-01-01"), stamp("2025-08-01"), 8 * 3_600_000)
    )
    return (
        Listing("BTC", charges=charges, size="0.01"),
        Listing("SOL", charges=charges),
        Listing("SOL", kind="spot"),
        Listing("1000PEPE", charges=charges),
        Listing("BTC", kind="inverse", quote="USD", size="100", step="1", least="1", charges=charges),
        Listing("ETH", kind="spot", quote="BTC"),
    )


@dataclass
class ExchangeServer:
    """The fake; a context manager that stops what it started.

    ``world`` and ``faults`` may be changed while it runs; ``requests`` lists every path that was asked
    for; ``recorded`` answers instead, by the path and what must be in its query.
    """

    world: World = field(default_factory=lambda: World(listings(), now=stamp("2025-07-10 12:30")))
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    recorded: dict[str, bytes] = field(default_factory=dict)
    #: Fewer than a client may ask for: the newest of a span are given, and the rest has to be asked for.
    most_old_candles: int = 300

    def __enter__(self) -> ExchangeServer:
        self._stopping = threading.Event()
        self.first_pages: dict[str, tuple[int, Any]] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self.port = int(self._server.server_address[1])
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
        return f"http://127.0.0.1:{self.port}"

    def asked(self, part: str) -> int:
        """How many requests had this in their path."""
        return sum(part in path for path in self.requests)

    def fault_of(self, path: str) -> Fault | None:
        """The fault of a request, counted down."""
        for fault in self.faults:
            if fault.on not in path or not fault.times:
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            return fault
        return None

    def recording_of(self, path: str) -> bytes | None:
        """The recorded answer to a request."""
        parts = urlsplit(path)
        asked = set(parts.query.split("&"))
        for name, content in self.recorded.items():
            recorded = urlsplit(name)
            if recorded.path == parts.path and set(filter(None, recorded.query.split("&"))) <= asked:
                return content
        return None

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the server stops, or some time; True when it stops."""
        return self._stopping.wait(seconds)

    def answer(self, host: str, path: str, query: Query) -> tuple[int, Any]:
        """Status and content of an answer without fault."""
        if "binance" in host:
            return binance_answer(host, path, query, self.world)
        if "bybit" in host:
            return bybit_answer(path, query, self.world)
        return okx_answer(path, query, self.world, most_old_candles=self.most_old_candles)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    fake: ExchangeServer

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that has given up is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        fake = self.server.fake
        fake.requests.append(self.path)
        parts = urlsplit(self.path)
        _, host, rest = parts.path.split("/", 2)
        recording = fake.recording_of(self.path)
        if recording is not None:
            self._send(200, recording)
            return
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        fault = fake.fault_of(self.path)
        if fault is not None and fault.how in _INSTEAD:
            self._instead(fault)
            return
        status, content = fake.answer(host, f"/{rest}", _widened(query) if _widens(fault) else query)
        if fault is not None:
            status, content = self._bent(fault, parts.path, status, content)
        body = json.dumps(content).encode()
        if fault is not None and fault.how in ("truncated", "short body", "drip"):
            self._broken(fault, body)
        else:
            self._send(status, body)

    def _instead(self, fault: Fault) -> None:
        if fault.how == "silent":
            self.server.fake.wait()
        elif fault.how != "hang up":
            status, text, kind = _INSTEAD[fault.how]
            more = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
            self._send(status, text.encode(), kind=kind, more=more)

    def _bent(self, fault: Fault, path: str, status: int, content: Any) -> tuple[int, Any]:
        if fault.how == "same page":
            return self.server.fake.first_pages.setdefault(path, (status, content))
        rows = _rows(content)
        if rows is None:
            return status, content
        if fault.how == "empty":
            rows.clear()
        elif fault.how == "shuffled":
            random.Random(7).shuffle(rows)  # noqa: S311
        elif fault.how == "repeated":
            rows.extend(list(rows))
        elif fault.how == "contradicting" and rows:
            rows.append(_with_other_close(rows[0]))
        return status, content

    def _broken(self, fault: Fault, body: bytes) -> None:
        if fault.how == "truncated":
            self._send(200, body[: len(body) // 2])
        elif fault.how == "short body":
            self._send(200, body, missing=len(body) // 2)
        else:
            self._headers(200, len(body), "application/json", {})
            for at in range(len(body)):
                self.wfile.write(body[at : at + 1])
                self.wfile.flush()
                if self.server.fake.wait(0.05):
                    return

    def _send(
        self,
        status: int,
        body: bytes,
        *,
        kind: str = "application/json",
        missing: int = 0,
        more: Mapping[str, str] | None = None,
    ) -> None:
        self._headers(status, len(body), kind, more or {})
        self.wfile.write(body[: len(body) - missing])

    def _headers(self, status: int, length: int, kind: str, more: Mapping[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()


_JSON, _HTML = "application/json", "text/html"
_INSTEAD: dict[str, tuple[int, str, str]] = {
    "rate limit": (429, '{"code": -1003, "msg": "Too many requests.", "retCode": 10006, "data": []}', _JSON),
    "banned": (418, '{"code": -1003, "msg": "Way too many requests; IP banned.", "data": []}', _JSON),
    "server error": (503, "<html><body>Service Unavailable</body></html>", _HTML),
    "maintenance": (503, '{"code": "50001", "retCode": 10016, "msg": "Service temporarily down"}', _JSON),
    "forbidden": (403, "<html><body>The Amazon CloudFront distribution is configured</body></html>", _HTML),
    "html": (200, "<!doctype html><html><body>Sign in to the guest network</body></html>", _HTML),
    "nonsense": (200, '{"surprise": [{"it": "is"}, "no answer"]}', _JSON),
    "silent": (0, "", ""),
    "hang up": (0, "", ""),
}


def _rows(content: Any) -> list[Any] | None:
    """The list of rows within an answer of any of the three."""
    if isinstance(content, dict):
        content = content.get("data", content.get("result"))
        if isinstance(content, dict):
            content = content.get("list")
    return content if isinstance(content, list) else None


def _with_other_close(row: Any) -> Any:
    if isinstance(row, dict):
        name = "realizedRate" if "realizedRate" in row else "fundingRate"
        return {**row, name: "0.00777"}
    return [*row[:4], "777.77", *row[5:]]


def _widens(fault: Fault | None) -> bool:
    return fault is not None and fault.how == "early rows too"


def _widened(query: Query) -> Query:
    """The same request with ten days more at its beginning."""
    more = {name: 10 * 86_400_000 for name in ("startTime", "start", "before") if name in query}
    return {**query, **{name: str(max(0, int(query[name]) - days)) for name, days in more.items()}}
