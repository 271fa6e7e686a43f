"""What goes over the wire to an exchange: bounded in time, read as JSON or refused, sent nowhere else."""

from __future__ import annotations

import copy
import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException, Timeout

from data.errors import ChangeInputError

#: Environment variable that names another server in place of all exchanges: for tests and mirrors. The host
#: of the exchange becomes the first step of the path.
BASE_URL_VARIABLE: Final = "HEDGING_EXCHANGE_BASE_URL"

_LOOPBACK: Final = "http://127.0.0.1:"
_BASE_URL: Final = re.compile(
    r"http://127\.0\.0\.1:[0-9]{1,5}|https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?"
)
_FIRST_SUCCESS, _FIRST_FAILURE = 200, 300
_REQUEST_SECONDS: Final = 15.0


class NotJsonError(RequestException):
    """A success that is no JSON: a login page, or an answer that stops in the middle."""


@dataclass(frozen=True)
class Answer:
    """What an exchange said last.

    Attributes
    ----------
    status : int or None
        HTTP status; None when there was no answer.
    retry_after_seconds : float or None
        How long it asks to wait.
    """

    status: int | None = None
    retry_after_seconds: float | None = None


class GuardedSession(requests.Session):
    """A session for one client: every call has an end, and an answer that is no JSON is an error.

    Without the check a login page would reach ccxt's readers as text, and some of them take it for an
    answer without rows.

    Parameters
    ----------
    base_url : str or None
        A server that stands in for every exchange.
    """

    def __init__(self, *, base_url: str | None = None) -> None:
        super().__init__()
        self.last = Answer()
        self._end = float("inf")
        self._request_seconds = _REQUEST_SECONDS
        self.on_this_machine = base_url is not None and base_url.startswith(_LOOPBACK)
        # A proxy of the environment is meant for the outside, not for a server on this machine.
        self.trust_env = not self.on_this_machine
        # Else requests would look for a login for the exchange in the user's .netrc.
        self.auth = _no_login
        if base_url is not None:
            for scheme in ("https://", "http://"):
                self.mount(scheme, _Elsewhere(base_url))

    def begin(self, *, seconds: float, request_seconds: float) -> None:
        """Forget the last answer and allow the requests of one call."""
        self.last = Answer()
        self._end = time.monotonic() + seconds
        self._request_seconds = request_seconds

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send while time is left.

        Raises
        ------
        requests.exceptions.Timeout
            No time is left.
        NotJsonError
            The answer says success and is no JSON.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise Timeout("the time for this call is over")
        kwargs["timeout"] = min(left, self._request_seconds)
        self.last = Answer()
        response = super().request(method, url, *args, **kwargs)
        self.last = Answer(response.status_code, _retry_after(response))
        if _FIRST_SUCCESS <= response.status_code < _FIRST_FAILURE:
            _check_json(response.content)
        return response


class _Elsewhere(HTTPAdapter):
    """Sends what is meant for an exchange to another server."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._base_url = base_url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        elsewhere = copy.copy(request)
        query = f"?{parts.query}" if parts.query else ""
        elsewhere.url = f"{self._base_url}/{parts.hostname}{parts.path or '/'}{query}"
        return super().send(elsewhere, *args, **kwargs)


def checked_base_url(address: str | None) -> str | None:
    """The address of a server that stands in for every exchange; None where none is named.

    Raises
    ------
    ChangeInputError
        It is neither a server on this machine nor one reached over https.
    """
    stripped = (address or "").strip().rstrip("/")
    if not stripped:
        return None
    if _BASE_URL.fullmatch(stripped) is None:
        raise ChangeInputError(
            f"The address {address!r:.80} cannot stand in for the exchanges",
            parameter=BASE_URL_VARIABLE,
            value=address,
            allowed="http://127.0.0.1:PORT or https://HOST",
            remedy=f"Correct {BASE_URL_VARIABLE} or remove it to use the exchanges themselves.",
        )
    return stripped


def _no_login(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _check_json(content: bytes) -> None:
    try:
        json.loads(content)
    except ValueError:
        page = content.lstrip()[:1] == b"<"
        raise NotJsonError("a web page" if page else "an answer that breaks off or is no JSON") from None


def _retry_after(response: requests.Response) -> float | None:
    """Seconds that the answer asks to wait: a number, or a date by the server's own clock."""
    said = response.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return float(said)
    until = _date(said)
    if until is None:
        return None
    sent = _date(response.headers.get("Date", "")) or datetime.now(UTC)
    return max(0.0, (until - sent).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        stamp = parsedate_to_datetime(text)
    except ValueError:
        return None
    return stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
