"""What the server refuses, and what it tells browsers to refuse; docs/security.md says why, line by line."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st
from starlette.datastructures import URL
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.shared.health import LIVE_PATH, READY_PATH

#: Names of this machine; the only ones answered to where server.allowedHosts is empty.
LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "::1")
# A load balancer asks for these by number; their answers are the same for everybody.
_FOR_ANY_HOST: Final = frozenset({LIVE_PATH, READY_PATH})

_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_SHELL: Final = Path(st.__file__).parent / "static" / "index.html"

_NO_SENSORS: Final = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "geolocation", "gyroscope", "hid",
        "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock",
        "serial", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip


def content_security_policy(shell: str) -> str:
    """The policy under which the browser runs the app.

    Parameters
    ----------
    shell : str
        The HTML page that Streamlit starts from; scripts that stand in it are let through by their hash.
    """
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(shell)
    ]
    policy = {
        "default-src": ["'none'"],
        # Streamlit imports the script of a component from a blob; only a script that runs can make one.
        # Its decoder of messages counts in WebAssembly; eval of text stays forbidden.
        "script-src": ["'self'", "blob:", "'wasm-unsafe-eval'", *hashes],
        # Streamlit and Plotly write style attributes and elements.
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.items())


def security_headers() -> dict[str, str]:
    """Headers of every answer."""
    return {
        "Content-Security-Policy": content_security_policy(_SHELL.read_text(encoding="utf-8")),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # A link holds the positions.
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": _NO_SENSORS,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


class SecurityHeaders:
    """Adds the headers to every answer, without looking at bodies; a header that is there stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = [
            (name.lower().encode(), value.encode()) for name, value in security_headers().items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                there = list(message.get("headers", ()))
                names = {name.lower() for name, _ in there}
                message["headers"] = there + [pair for pair in self._headers if pair[0] not in names]
            await send(message)

        await self._app(scope, receive, send_with_headers)


class AllowedHosts:
    """Answers only to the names of server.allowedHosts, pages, files and websocket alike.

    A page elsewhere whose name is turned to point at this machine (DNS rebinding) sends its own name.

    Parameters
    ----------
    app : ASGIApp
    hosts : sequence of str, optional
        By default those of Streamlit's setting, and without any those of this machine.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str] | None = None) -> None:
        named = hosts if hosts is not None else st.get_option("server.allowedHosts")
        self._app = app
        self._guarded = TrustedHostMiddleware(
            app, [_as_sent(host) for host in named or LOOPBACK_HOSTS], www_redirect=False
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        app = self._app if scope.get("path") in _FOR_ANY_HOST else self._guarded
        await app(scope, receive, send)


def serves_this_machine_only() -> bool:
    """Whether nobody else reaches this server, so that its files may be named and removed here.

    By its settings, and by the address in the browser: a proxy that hides where it stands does not hide
    that from the page.
    """
    if st.get_option("server.address") not in LOOPBACK_HOSTS:
        return False
    if not set(st.get_option("server.allowedHosts")) <= set(LOOPBACK_HOSTS):
        return False
    headers = st.context.headers
    # Every connection has headers; a script that is run without a server has none.
    return not len(headers) or URL(headers.get("Origin") or "").hostname in LOOPBACK_HOSTS


def _as_sent(host: str) -> str:
    """A name of the setting as browsers send it: an address of IPv6 stands in brackets."""
    bare = host.strip().lower()
    return f"[{bare}]" if ":" in bare and not bare.startswith("[") else bare


MIDDLEWARE = (Middleware(SecurityHeaders), Middleware(AllowedHosts))
