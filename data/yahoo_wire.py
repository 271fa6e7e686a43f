"""What goes over the wire to Yahoo: which session, which requests, and for how long."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

import requests

from data.stand_in import checked_base_url, send_to

#: Environment variable that points at another server in place of Yahoo: for tests and mirrors.
BASE_URL_VARIABLE = "HEDGING_YAHOO_BASE_URL"

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
    address = checked_base_url(base_url, variable=BASE_URL_VARIABLE, source="Yahoo Finance")
    return send_to(requests.Session(), address, path_of=_path_at_yahoo)


def _path_at_yahoo(parts: SplitResult) -> str:
    if not _is_yahoo(parts.hostname):
        raise NotAskedError(f"not an address of Yahoo: {parts.hostname}")
    return parts.path or "/"


def default_session() -> requests.Session:
    """Return a session that Yahoo takes for a browser (others are soon refused)."""
    from curl_cffi import requests as curl

    # Of another family, but with the few methods that are used here.
    return cast(requests.Session, curl.Session(impersonate="chrome"))
