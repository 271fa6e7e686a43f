"""What goes over the wire to an exchange: bounded in time, read as JSON or refused, sent nowhere else."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import requests
from requests.exceptions import RequestException, Timeout

from data.stand_in import checked_base_url, is_on_this_machine, send_to

#: Environment variable that names another server in place of all exchanges: for tests and mirrors. The host
#: of the exchange becomes the first step of the path.
BASE_URL_VARIABLE: Final = "HEDGING_EXCHANGE_BASE_URL"

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
        self.on_this_machine = is_on_this_machine(base_url)
        # Else requests would look for a login for the exchange in the user's .netrc.
        self.auth = _no_login
        if base_url is not None:
            send_to(self, base_url, path_of=lambda parts: f"/{parts.hostname}{parts.path or '/'}")

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


def configured_base_url() -> str | None:
    """The address of the server that stands in for every exchange; None where none is named.

    Raises
    ------
    ChangeInputError
        It is neither a server on this machine nor one reached over https.
    """
    named = os.environ.get(BASE_URL_VARIABLE, "").strip()
    return checked_base_url(named, variable=BASE_URL_VARIABLE, source="the exchanges") if named else None


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
