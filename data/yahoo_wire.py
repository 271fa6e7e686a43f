"""What goes over the wire to Yahoo: which session, which requests, and for how long."""

from __future__ import annotations

import copy
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from data.errors import ChangeInputError

#: Environment variable that points at another server in place of Yahoo: for tests and mirrors.
BASE_URL_VARIABLE = "HEDGING_YAHOO_BASE_URL"

_BASE_URL = re.compile(
    r"http://127\.0\.0\.1:[0-9]{1,5}|https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?"
)
_CHART_PATH = "/v8/finance/chart/"

# A socket may stay open this long after the deadline: the caller, who comes back exactly at the
# deadline, then always says "deadline", and never what the closing socket happens to raise.
_GRACE_SECONDS = 0.25
# Cookie and crumb are extras; each may take this share of the time, the prices need the rest.
_EXTRAS_SHARE = 0.2


class NotAskedError(ConnectionError):
    """A request that is not needed for prices and was therefore not sent."""


@dataclass(frozen=True)
class YahooAnswer:
    """What Yahoo said last about a symbol.

    Attributes
    ----------
    status : int or None
        HTTP status; None when there was no answer.
    meta : mapping or None
        Yahoo's description of the symbol; None when the answer had none.
    """

    status: int | None = None
    meta: Mapping[str, object] | None = None


class GuardedSession(requests.Session):
    """One fetch's view of a session: bounded in time, and asking for prices only.

    The client asks for a cookie and a crumb before any price, with fixed time-outs of 30 seconds.
    The chart endpoint answers without them, and Yahoo limits requests for crumbs hardest, so they
    are held back until Yahoo refuses an answer without them; the client then repeats its request.

    Parameters
    ----------
    inner : requests.Session
        The session that sends (a curl_cffi session does as well).
    seconds : float
        Time from now until the fetch is given up.
    """

    def __init__(self, inner: requests.Session, *, seconds: float) -> None:
        super().__init__()
        self._inner = inner
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._extras_wanted = False
        self._last: requests.Response | None = None

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send if it is about prices and time is left.

        Raises
        ------
        NotAskedError
            The request is not needed for prices.
        TimeoutError
            No time is left.
        """
        parts = urlsplit(str(url))
        is_chart = parts.path.startswith(_CHART_PATH)
        if not _is_yahoo(parts.hostname) or not (is_chart or self._extras_wanted):
            raise NotAskedError(f"not needed for prices: {parts.hostname}{parts.path}")
        left = self._end - time.monotonic() + _GRACE_SECONDS
        if left <= 0:
            raise TimeoutError("the time for this fetch is over")
        kwargs["timeout"] = left if is_chart else min(left, self._seconds * _EXTRAS_SHARE)
        response = self._inner.request(str(method), str(url), *args, **kwargs)
        if is_chart:
            self._last = response
            consent = (urlsplit(str(response.url)).hostname or "").endswith("consent.yahoo.com")
            self._extras_wanted = consent or response.status_code in (401, 403, 429)
        return response

    def last_answer(self) -> YahooAnswer:
        """What Yahoo said last about the symbol."""
        if self._last is None:
            return YahooAnswer()
        status = int(self._last.status_code)
        try:
            meta = self._last.json()["chart"]["result"][0]["meta"]
        except (ValueError, TypeError, KeyError, IndexError):
            return YahooAnswer(status=status)
        return YahooAnswer(status=status, meta=meta if isinstance(meta, Mapping) else None)


class _Elsewhere(HTTPAdapter):
    """Sends what is meant for Yahoo to another server, and nothing anywhere else."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        if not _is_yahoo(parts.hostname):
            raise NotAskedError(f"not an address of Yahoo: {parts.hostname}")
        elsewhere = copy.copy(request)
        query = f"?{parts.query}" if parts.query else ""
        elsewhere.url = f"{self._base_url}{parts.path or '/'}{query}"
        return super().send(elsewhere, *args, **kwargs)


def _is_yahoo(host: str | None) -> bool:
    return host is not None and (host == "yahoo.com" or host.endswith(".yahoo.com"))


def session_for(base_url: str) -> requests.Session:
    """Return a session that reaches another server in place of ``https://*.yahoo.com``.

    Parameters
    ----------
    base_url : str
        ``http://127.0.0.1:PORT`` (a server on this machine) or ``https://HOST`` (a mirror).

    Raises
    ------
    ChangeInputError
        The address is neither.
    """
    address = base_url.strip().rstrip("/")
    if _BASE_URL.fullmatch(address) is None:
        raise ChangeInputError(
            f"The address {base_url!r:.80} cannot stand in for Yahoo Finance",
            parameter=BASE_URL_VARIABLE,
            value=base_url,
            allowed="http://127.0.0.1:PORT or https://HOST",
            remedy=f"Correct {BASE_URL_VARIABLE} or remove it to use Yahoo Finance itself.",
        )
    session = requests.Session()
    # A proxy of the environment is meant for the outside, not for a server on this machine.
    session.trust_env = not address.startswith("http://127.0.0.1")
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Elsewhere(address))
    return session


def default_session() -> requests.Session:
    """Return a session that Yahoo takes for a browser (others are soon refused)."""
    from curl_cffi import requests as curl

    # Of another family, but with the few methods that are used here.
    return cast(requests.Session, curl.Session(impersonate="chrome"))
