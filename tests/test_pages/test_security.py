"""What the server answers, to whom, and what it tells browsers to refuse."""

from __future__ import annotations

import asyncio
import re
import tomllib
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Scope
from streamlit.web.server.starlette import starlette_websocket

from pages.shared import health, security, warm_up
from pages.shared.routes import ROUTES
from pages.shared.security import (
    LOOPBACK_HOSTS,
    MIDDLEWARE,
    AllowedHosts,
    SecurityHeaders,
    content_security_policy,
    security_headers,
)

ROOT = Path(__file__).parents[2]
TEAM = ["hedge.example", "*.desk.example", "192.0.2.7"]


def to_the_end(work: Awaitable[None]) -> None:
    """Run on a thread of its own: a browser test before it leaves an event loop in the main one."""

    async def waited() -> None:
        await work

    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, waited()).result()


def asked(app: ASGIApp, scope: Scope) -> list[Message]:
    """All that an app sends on one connection."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect" if scope["type"] == "websocket" else "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    to_the_end(app(scope, receive, send))
    return sent


def request(path: str = "/", host: str | None = "localhost:8501", kind: str = "http") -> dict[str, Any]:
    return {
        "type": kind,
        "method": "GET",
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": [] if host is None else [(b"host", host.encode("latin-1"))],
        "extensions": {"websocket.http.response": {}},
        "subprotocols": [],
    }


def headers_of(messages: list[Message]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in messages[0]["headers"]}


async def page(scope: Any) -> PlainTextResponse:
    return PlainTextResponse("page")


async def stream(socket: Any) -> None:
    await socket.accept()
    await socket.close()


def server(*middleware: Middleware) -> Starlette:
    return Starlette(
        routes=[*ROUTES, WebSocketRoute("/_stcore/stream", stream), Route("/{path:path}", page)],
        middleware=middleware or MIDDLEWARE,
    )


# Headers


@pytest.mark.parametrize("path", ["/", "/hedge", "/chart/unknown", "/film/unknown", "/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["localhost", "elsewhere.example"])
def test_every_answer_carries_every_header(path, host):
    found = headers_of(asked(server(), request(path, host)))
    for name, value in security_headers().items():
        assert found[name.lower()] == value


def test_a_header_of_the_answer_itself_stays():
    async def framed(scope, receive, send):
        answer = PlainTextResponse("", headers={"X-Frame-Options": "SAMEORIGIN"})
        await answer(scope, receive, send)

    (first, _) = asked(SecurityHeaders(framed), request())
    assert [value for name, value in first["headers"] if name == b"x-frame-options"] == [b"SAMEORIGIN"]


def test_a_body_is_passed_on_piece_by_piece():
    log: list[str] = []

    async def large(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(3):
            log.append(f"made {number}")
            await send({"type": "http.response.body", "body": b"x" * 10, "more_body": number < 2})

    async def talk():
        async def send(message):
            if message["type"] == "http.response.body":
                log.append("sent")

        await SecurityHeaders(AllowedHosts(large, ["localhost"]))(request(), None, send)

    to_the_end(talk())
    assert log == ["made 0", "sent", "made 1", "sent", "made 2", "sent"]


def test_the_policy_lets_nothing_through_that_the_app_does_not_need():
    policy = dict(part.split(" ", 1) for part in security_headers()["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "'unsafe-eval'" not in policy["script-src"].split()
    assert policy["connect-src"] == "'self'"
    for sources in policy.values():
        assert not re.search(r"\*|https?:|wss?:|data:.*script", sources)
    assert "data:" not in policy["script-src"]


def test_scripts_in_the_page_of_the_installed_streamlit_are_let_through_by_their_hash():
    shell = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    inline = [tag for tag in re.findall(r"<script[^>]*>", shell) if "src=" not in tag]
    assert set(inline) == {"<script>"}
    assert content_security_policy(shell).count("'sha256-") == len(inline)
    # The example of the standard: https://www.w3.org/TR/CSP3/#example-16e90dcc
    found = content_security_policy("<script>alert('Hello, world.');</script>")
    assert "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='" in found


# Hosts

HOSTS = [
    ("hedge.example", True),
    ("HEDGE.example:8501", True),
    ("a.desk.example", True),
    ("192.0.2.7:80", True),
    ("desk.example", False),
    ("evil.example", False),
    ("hedge.example.evil.example", False),
    ("evil-hedge.example", False),
    ("localhost", False),
    ("127.0.0.1:8501", False),
    ("hedge.example@evil.example", False),
    ("hedge.example/..", False),
    ("hedge.example:port", False),
    ("hedge.example, evil.example", False),
    ("", False),
    (None, False),
]


@pytest.mark.parametrize(("host", "allowed"), HOSTS)
@pytest.mark.parametrize("path", ["/", "/chart/token", "/film/token", "/_stcore/health"])
def test_a_foreign_name_is_refused_on_every_page_and_file(path, host, allowed):
    app = AllowedHosts(server(Middleware(SecurityHeaders)), TEAM)
    status = asked(app, request(path, host))[0]["status"]
    assert (status != 400) is allowed


@pytest.mark.parametrize(("host", "allowed"), HOSTS)
def test_the_websocket_has_the_same_rule_and_so_has_streamlit(host, allowed, monkeypatch):
    messages = asked(AllowedHosts(server(), TEAM), request("/_stcore/stream", host, "websocket"))
    if allowed:
        # It is let through to the app, whose own rule in this test knows this machine only.
        assert messages[0]["status"] == 400
        messages = asked(
            AllowedHosts(server(Middleware(SecurityHeaders)), TEAM),
            request("/_stcore/stream", host, "websocket"),
        )
        assert messages[0]["type"] == "websocket.accept"
    else:
        assert (messages[0]["type"], messages[0]["status"]) == ("websocket.http.response.start", 400)
    monkeypatch.setattr(starlette_websocket.config, "get_option", lambda _: TEAM)
    assert starlette_websocket.is_host_allowed(host) is allowed


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:1", "[::1]:8501", "LOCALHOST"])
def test_without_a_setting_this_machine_is_answered_and_nobody_else(host):
    for hosts in (None, [], LOOPBACK_HOSTS):
        assert asked(AllowedHosts(server(), hosts), request("/", host))[0]["status"] == 200
        assert asked(AllowedHosts(server(), hosts), request("/", "evil.example"))[0]["status"] == 400


def test_a_load_balancer_may_ask_for_health_by_number():
    for path in (health.LIVE_PATH, health.READY_PATH):
        assert asked(AllowedHosts(server(), TEAM), request(path, "10.1.2.3:80"))[0]["status"] != 400


# Health


def test_readiness_follows_the_warm_up(monkeypatch):
    monkeypatch.setattr(health, "READY", type(health.READY)())
    for ready, status, body in ((False, 503, b'{"status":"warming up"}'), (True, 200, b'{"status":"ready"}')):
        if ready:
            health.READY.set()
        start, content = asked(server(), request("/readyz"))
        assert (start["status"], content["body"]) == (status, body)
        assert headers_of([start])["cache-control"] == "no-store"
    start, content = asked(server(), request("/healthz"))
    assert (start["status"], content["body"]) == (200, b'{"status":"up"}')
    assert headers_of([start])["cache-control"] == "no-store"


def test_a_warm_up_that_fails_is_logged_by_its_type_and_the_server_is_ready(monkeypatch, caplog):
    def failing() -> None:
        raise OSError("/srv/secret: no space left")

    ready = type(health.READY)()
    monkeypatch.setattr(warm_up, "READY", ready)
    monkeypatch.setattr(warm_up, "compile_kernels", failing)
    warm_up.warm_up()
    assert ready.is_set()
    assert "OSError" in caplog.text
    assert "secret" not in caplog.text


# Settings


@pytest.mark.parametrize(
    ("address", "hosts", "headers", "private"),
    [
        ("127.0.0.1", ["localhost", "127.0.0.1", "::1"], {"Origin": "http://localhost:8501"}, True),
        ("::1", [], {"Origin": "http://[::1]:8501"}, True),
        ("127.0.0.1", [], {}, True),  # a script without a server
        ("0.0.0.0", [], {"Origin": "http://localhost:8501"}, False),  # noqa: S104
        (None, [], {"Origin": "http://localhost:8501"}, False),
        ("127.0.0.1", ["localhost", "hedge.example"], {"Origin": "http://localhost:8501"}, False),
        ("127.0.0.1", ["*"], {"Origin": "http://localhost:8501"}, False),
        ("127.0.0.1", [], {"Origin": "https://hedge.example"}, False),  # a proxy that hides itself
        ("127.0.0.1", [], {"Origin": "https://localhost.hedge.example"}, False),
        ("127.0.0.1", [], {"Origin": "null"}, False),
        ("127.0.0.1", [], {"Host": "127.0.0.1"}, False),
    ],
)
def test_files_may_be_named_only_where_nobody_else_is_served(address, hosts, headers, private, monkeypatch):
    options = {"server.address": address, "server.allowedHosts": hosts}
    fake = SimpleNamespace(get_option=options.__getitem__, context=SimpleNamespace(headers=headers))
    monkeypatch.setattr(security, "st", fake)
    assert security.serves_this_machine_only() is private


def test_the_settings_are_safe_ones():
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["address"] == "127.0.0.1"
    assert set(settings["server"]["allowedHosts"]) == set(LOOPBACK_HOSTS)
    assert settings["client"]["showErrorDetails"] == "none"
    assert settings["client"]["allowedOrigins"] == []
    assert settings["browser"]["gatherUsageStats"] is False
    weakened = {"enableCORS", "enableXsrfProtection", "enableStaticServing", "enableAgentApi", "cookieSecret"}
    assert not weakened & set(settings["server"])
    for name, expected in (("enableCORS", True), ("enableXsrfProtection", True), ("enableAgentApi", False)):
        assert st.get_option(f"server.{name}") is expected
