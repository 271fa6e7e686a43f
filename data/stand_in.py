"""Another server in place of a source's own: a mirror, or a fake on this machine."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import requests
from requests.adapters import HTTPAdapter

from data.errors import ChangeInputError

_LOOPBACK: Final = "http://127.0.0.1:"
_BASE_URL: Final = re.compile(
    r"http://127\.0\.0\.1:[0-9]{1,5}|https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?"
)


def checked_base_url(address: str, *, variable: str, source: str) -> str:
    """The address of a server that stands in for a source, without a slash at its end.

    Parameters
    ----------
    address : str
    variable : str
        The environment variable that names it.
    source : str
        What it stands in for, in words.

    Raises
    ------
    ChangeInputError
        It is neither a server on this machine nor one reached over https.
    """
    stripped = address.strip().rstrip("/")
    if _BASE_URL.fullmatch(stripped) is None:
        raise ChangeInputError(
            f"The address {address!r:.80} cannot stand in for {source}",
            parameter=variable,
            value=address,
            allowed="http://127.0.0.1:PORT or https://HOST",
            remedy=f"Correct {variable} or remove it to use {source} itself.",
        )
    return stripped


def is_on_this_machine(base_url: str | None) -> bool:
    """Whether a stand-in is a server on this machine."""
    return base_url is not None and base_url.startswith(_LOOPBACK)


def send_to(
    session: requests.Session, base_url: str, *, path_of: Callable[[SplitResult], str]
) -> requests.Session:
    """Send whatever a session is asked for to a stand-in, and nothing anywhere else.

    Parameters
    ----------
    session : requests.Session
    base_url : str
        As :func:`checked_base_url` gives it.
    path_of : callable
        The path there of an address; raises for one that is not to be asked.
    """
    # A proxy of the environment is meant for the outside, not for a server on this machine.
    session.trust_env = not is_on_this_machine(base_url)
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Elsewhere(base_url, path_of))
    return session


class _Elsewhere(HTTPAdapter):
    def __init__(self, base_url: str, path_of: Callable[[SplitResult], str]) -> None:
        super().__init__()
        self._base_url = base_url
        self._path_of = path_of

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        query = f"?{parts.query}" if parts.query else ""
        elsewhere = copy.copy(request)
        elsewhere.url = f"{self._base_url}{self._path_of(parts)}{query}"
        return super().send(elsewhere, *args, **kwargs)
