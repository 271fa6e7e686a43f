"""Every exception of the vendor and of its clients has one meaning."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import socket
from collections.abc import Iterator

import pytest
import requests
import yfinance
from curl_cffi import requests as curl

from data import errors
from data.yahoo_errors import VERDICTS, translated
from data.yahoo_wire import YahooAnswer


def _exceptions_of(module: str) -> list[type[Exception]]:
    members = vars(importlib.import_module(module)).values()
    return [
        kind
        for kind in members
        if inspect.isclass(kind) and issubclass(kind, Exception) and kind.__module__ == module
    ]


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _below(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def test_every_exception_of_the_installed_vendor_has_a_verdict() -> None:
    kinds = _exceptions_of("yfinance.exceptions")
    assert len(kinds) >= 9
    assert [_full_name(kind) for kind in kinds if _full_name(kind) not in VERDICTS] == []


def test_the_vendor_has_no_exception_elsewhere() -> None:
    """Those that begin with an underscore it catches itself: they are about its own files."""
    for module in pkgutil.walk_packages(yfinance.__path__, "yfinance."):
        importlib.import_module(module.name)
    found = {
        _full_name(kind)
        for kind in _below(Exception)
        if kind.__module__.startswith("yfinance.") and not kind.__name__.startswith("_")
    }
    assert len(found) >= 9
    assert found <= set(VERDICTS)


#: What the clients under the vendor raise for a request or an answer that makes no sense: an answer that
#: cannot be read as prices, as the table says of their common base. Anything else has a row of its own.
MAKES_NO_SENSE = frozenset(
    {
        "ChunkedEncodingError",
        "ContentDecodingError",
        "CookieConflict",
        "ImpersonateError",
        "InvalidHeader",
        "InvalidJSONError",
        "InvalidProxyURL",
        "InvalidSchema",
        "InvalidURL",
        "JSONDecodeError",
        "MissingSchema",
        "RetryError",
        "SessionClosed",
        "StreamConsumedError",
        "TooManyRedirects",
        "URLRequired",
        "UnrewindableBodyError",
    }
)


@pytest.mark.parametrize("module", ["curl_cffi.requests.exceptions", "requests.exceptions"])
def test_every_exception_of_the_clients_is_known(module: str) -> None:
    """A new one fails here, until someone has said what it means."""
    kinds = [kind for kind in _exceptions_of(module) if not issubclass(kind, Warning)]
    assert len(kinds) >= 20
    named = [kind for kind in kinds if kind.__name__ not in MAKES_NO_SENSE]
    assert [_full_name(kind) for kind in named if _full_name(kind) not in VERDICTS] == []


def test_every_name_in_the_table_is_an_exception() -> None:
    for name in VERDICTS:
        module, _, kind = name.rpartition(".")
        found = getattr(importlib.import_module(module), kind)
        assert issubclass(found, Exception), name
        assert f"{found.__module__}.{found.__qualname__}" == name, "a nickname never matches"


@pytest.mark.parametrize("module", ["curl_cffi.requests.exceptions", "requests.exceptions"])
def test_every_exception_of_the_clients_becomes_ours(module: str) -> None:
    for kind in _exceptions_of(module):
        error = kind.__new__(kind)
        assert isinstance(translated(error, symbol="X", answer=YahooAnswer()), errors.DataError)


@pytest.mark.parametrize(
    ("error", "status", "expected"),
    [
        (curl.exceptions.DNSError("no such host"), None, errors.NoNetworkError),
        (curl.exceptions.CertificateVerifyError("self-signed"), None, errors.NoNetworkError),
        (curl.exceptions.Timeout("28"), None, errors.DeadlineError),
        (curl.exceptions.IncompleteRead("18"), 200, errors.SourceAnswerError),
        (requests.exceptions.ConnectTimeout(), None, errors.DeadlineError),
        (requests.exceptions.ReadTimeout(), None, errors.DeadlineError),
        (socket.gaierror(-2, "unknown"), None, errors.NoNetworkError),
        (TimeoutError(), None, errors.DeadlineError),
        (KeyError("timestamp"), 200, errors.SourceAnswerError),
        (ValueError("not JSON"), 429, errors.RateLimitedError),
        (ValueError("not JSON"), 999, errors.RateLimitedError),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value)[:30],
)
def test_verdicts(error: Exception, status: int | None, expected: type[errors.DataError]) -> None:
    assert type(translated(error, symbol="X", answer=YahooAnswer(status=status))) is expected


def test_an_error_names_what_a_trader_needs() -> None:
    error = translated(TimeoutError(), symbol="BTC-USD", answer=YahooAnswer())
    assert (error.parameter, error.value) == ("symbol", "BTC-USD")
    assert str(error) == (
        "Yahoo Finance did not answer in time for BTC-USD; allowed: an answer before the deadline. "
        "Try again, or use another source."
    )
