"""Every exception of ccxt has one meaning, and a new one is not forgotten."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator

import ccxt
import pytest
import requests
from ccxt.base import errors as vendor

from data import errors
from data.exchanges.failures import VERDICTS, understood
from data.exchanges.wire import Answer, NotJsonError


def _vendor_errors() -> list[type[Exception]]:
    return [kind for kind in vars(vendor).values() if inspect.isclass(kind) and issubclass(kind, Exception)]


def _named_in_the_hierarchy(tree: dict[str, dict] = vendor.error_hierarchy) -> Iterator[str]:
    for name, below in tree.items():
        yield name
        yield from _named_in_the_hierarchy(below)


def test_every_exception_of_the_installed_client_has_a_verdict() -> None:
    kinds = _vendor_errors()
    assert len(kinds) >= 40
    missing = [kind.__name__ for kind in kinds if f"{kind.__module__}.{kind.__qualname__}" not in VERDICTS]
    assert missing == []
    unnamed = [name for name in _named_in_the_hierarchy() if f"ccxt.base.errors.{name}" not in VERDICTS]
    assert unnamed == []


def test_every_exception_that_ccxt_exports_is_among_them() -> None:
    exported = [kind for kind in vars(ccxt).values() if inspect.isclass(kind) and issubclass(kind, Exception)]
    assert {f"{kind.__module__}.{kind.__qualname__}" for kind in exported} <= set(VERDICTS)


def _below(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def test_ccxt_has_no_exception_elsewhere() -> None:
    """Importing it imports every exchange: one that brings an exception of its own fails here."""
    found = {
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in _below(Exception)
        if kind.__module__.startswith("ccxt.") and "static_dependencies" not in kind.__module__
    }
    assert len(found) >= 40
    assert found <= set(VERDICTS)


#: What the client under ccxt raises for a request or an answer that makes no sense, as the table says of the
#: base of them all. Anything else has a row of its own.
MAKES_NO_SENSE = frozenset(
    {
        "HTTPError",
        "InvalidHeader",
        "InvalidJSONError",
        "InvalidProxyURL",
        "InvalidSchema",
        "InvalidURL",
        "JSONDecodeError",
        "MissingSchema",
        "RetryError",
        "StreamConsumedError",
        "TooManyRedirects",
        "URLRequired",
        "UnrewindableBodyError",
    }
)


def test_every_exception_of_the_client_under_ccxt_is_known() -> None:
    """A new one fails here, until someone has said what it means."""
    kinds = [
        kind
        for kind in vars(requests.exceptions).values()
        if inspect.isclass(kind)
        and issubclass(kind, requests.exceptions.RequestException)
        and kind.__name__ not in MAKES_NO_SENSE
    ]
    assert len(kinds) >= 8
    assert [kind.__name__ for kind in kinds if f"requests.exceptions.{kind.__name__}" not in VERDICTS] == []


def test_every_name_in_the_table_is_an_exception() -> None:
    for name in VERDICTS:
        module, _, kind = name.rpartition(".")
        found = getattr(importlib.import_module(module), kind)
        assert issubclass(found, Exception), name
        assert f"{found.__module__}.{found.__qualname__}" == name, "a nickname never matches"


@pytest.mark.parametrize("kind", _vendor_errors(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("status", [None, 200, 400, 403, 404, 418, 429, 451, 500, 503])
def test_every_exception_becomes_ours(kind: type[Exception], status: int | None) -> None:
    failure = understood(kind("words"), exchange="Binance", about="BTC", answer=Answer(status))
    assert isinstance(failure.error, errors.DataError)
    assert failure.error.problem
    assert failure.error.remedy


def wrapped(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "answer", "expected", "again"),
    [
        (vendor.NetworkError("x"), Answer(), errors.NoNetworkError, True),
        (vendor.RequestTimeout("x"), Answer(), errors.DeadlineError, True),
        (vendor.RateLimitExceeded("x"), Answer(200), errors.RateLimitedError, True),
        (vendor.DDoSProtection("x"), Answer(418), errors.RateLimitedError, True),
        (vendor.ExchangeNotAvailable("x"), Answer(429), errors.RateLimitedError, True),
        (vendor.BadSymbol("x"), Answer(400), errors.UnknownSymbolError, False),
        (vendor.BadRequest("bybit symbol invalid"), Answer(200), errors.UnknownSymbolError, False),
        (vendor.BadRequest("bybit limit wrong"), Answer(200), errors.SourceAnswerError, False),
        (vendor.ExchangeNotAvailable("x"), Answer(503), errors.SourceAnswerError, True),
        (vendor.ExchangeNotAvailable("x"), Answer(404), errors.SourceAnswerError, False),
        (vendor.ExchangeNotAvailable("x"), Answer(451), errors.SourceAnswerError, False),
        (vendor.OnMaintenance("x"), Answer(200), errors.SourceAnswerError, True),
        (vendor.RestrictedLocation("x"), Answer(200), errors.SourceAnswerError, False),
        (vendor.AuthenticationError("x"), Answer(), errors.ChangeInputError, False),
        (vendor.NotSupported("x"), Answer(), errors.ChangeInputError, False),
        (
            wrapped(vendor.NetworkError("x"), requests.exceptions.ChunkedEncodingError("cut")),
            Answer(200),
            errors.SourceAnswerError,
            True,
        ),
        (
            wrapped(vendor.ExchangeError("x"), requests.exceptions.SSLError("self-signed")),
            Answer(),
            errors.NoNetworkError,
            True,
        ),
        (
            wrapped(vendor.RequestTimeout("x"), requests.exceptions.ConnectionError("Read timed out")),
            Answer(),
            errors.DeadlineError,
            True,
        ),
        (
            wrapped(vendor.ExchangeError("x"), NotJsonError("a web page")),
            Answer(200),
            errors.SourceAnswerError,
            True,
        ),
        (KeyError("symbol"), Answer(200), errors.SourceAnswerError, False),
        (TypeError("None"), Answer(200), errors.SourceAnswerError, False),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value)[:40],
)
def test_verdicts(error: Exception, answer: Answer, expected: type[errors.DataError], again: bool) -> None:
    failure = understood(error, exchange="OKX", about="SOL/USDT:USDT", answer=answer)
    assert type(failure.error) is expected
    assert failure.again is again


def test_an_error_says_what_a_trader_needs() -> None:
    limited = understood(vendor.RateLimitExceeded("x"), exchange="OKX", about="SOL", answer=Answer(429, 30.0))
    assert str(limited.error) == (
        "OKX has had too many requests from here and refuses to answer for a while; allowed: fewer requests "
        "a minute. Wait 30 seconds and try again; what was fetched so far is kept."
    )
    assert limited.retry_after_seconds == 30.0
    account = understood(vendor.AuthenticationError("x"), exchange="OKX", about="SOL", answer=Answer())
    assert "never asks for a key" in account.error.allowed


def test_nothing_of_the_vendor_is_shown() -> None:
    """Its text holds addresses and whole answers."""
    text = "okx GET https://www.okx.com/api?x=1 <script>"
    for kind in _vendor_errors():
        error = understood(kind(text), exchange="OKX", about="SOL", answer=Answer(500)).error
        assert "script" not in str(error)
        assert "http" not in str(error)
