"""What the vendor raises, told apart by what a trader can do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from data.errors import (
    DataError,
    DeadlineError,
    NoDataInRangeError,
    NoNetworkError,
    RateLimitedError,
    SourceAnswerError,
    UnknownSymbolError,
)
from data.yahoo_wire import YahooAnswer

Verdict = Literal["no network", "rate limit", "unknown symbol", "no prices", "deadline", "answer"]

#: Exception class, by its full name so that nothing must be imported, to what it means. An
#: exception takes the verdict of the first of its classes that is listed.
VERDICTS: Mapping[str, Verdict] = {
    "yfinance.exceptions.YFException": "answer",
    "yfinance.exceptions.YFDataException": "answer",
    "yfinance.exceptions.YFNotImplementedError": "answer",
    "yfinance.exceptions.YFTickerMissingError": "unknown symbol",
    "yfinance.exceptions.YFTzMissingError": "unknown symbol",
    "yfinance.exceptions.YFPricesMissingError": "no prices",
    "yfinance.exceptions.YFEarningsDateMissing": "answer",
    "yfinance.exceptions.YFInvalidPeriodError": "answer",
    "yfinance.exceptions.YFRateLimitError": "rate limit",
    "curl_cffi.requests.exceptions.RequestException": "answer",
    "curl_cffi.requests.exceptions.HTTPError": "answer",
    "curl_cffi.requests.exceptions.IncompleteRead": "answer",
    "curl_cffi.requests.exceptions.ConnectionError": "no network",
    "curl_cffi.requests.exceptions.DNSError": "no network",
    "curl_cffi.requests.exceptions.ProxyError": "no network",
    "curl_cffi.requests.exceptions.SSLError": "no network",
    "curl_cffi.requests.exceptions.CertificateVerifyError": "no network",
    "curl_cffi.requests.exceptions.InterfaceError": "no network",
    "curl_cffi.requests.exceptions.ConnectTimeout": "deadline",
    "curl_cffi.requests.exceptions.ReadTimeout": "deadline",
    "curl_cffi.requests.exceptions.Timeout": "deadline",
    "requests.exceptions.RequestException": "answer",
    "requests.exceptions.HTTPError": "answer",
    "requests.exceptions.ChunkedEncodingError": "answer",
    "requests.exceptions.ContentDecodingError": "answer",
    "requests.exceptions.ConnectionError": "no network",
    "requests.exceptions.ProxyError": "no network",
    "requests.exceptions.SSLError": "no network",
    "requests.exceptions.ConnectTimeout": "deadline",
    "requests.exceptions.ReadTimeout": "deadline",
    "requests.exceptions.Timeout": "deadline",
    "data.deadline.DeadlinePassedError": "deadline",
    "builtins.TimeoutError": "deadline",
    "builtins.ConnectionError": "no network",
    "socket.gaierror": "no network",
    "ssl.SSLError": "no network",
}

# Yahoo's own words, in lower case.
_UNKNOWN_WORDS = ("no data found", "delisted", "not found")
_RANGE_WORDS = ("data doesn't exist for", "data not available for", "range must be within")


def translated(error: Exception, *, symbol: str, answer: YahooAnswer) -> DataError:
    """Return the error of this package that says what the vendor's exception means.

    Parameters
    ----------
    error : Exception
        Anything the vendor raised.
    symbol : str
        The symbol that was asked for.
    answer : YahooAnswer
        What Yahoo said last: the vendor raises the same class for an empty answer, for one that
        is nonsense and for a refusal.
    """
    verdict = _verdict(error, answer)
    if verdict == "answer":
        return not_understood(_what_is_wrong(answer), symbol=symbol)
    return _MADE[verdict](symbol)


def _verdict(error: Exception, answer: YahooAnswer) -> Verdict:
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    verdict: Verdict = next((VERDICTS[name] for name in names if name in VERDICTS), "answer")
    if verdict == "answer" and answer.status in (429, 999):
        return "rate limit"
    if verdict != "no prices":
        return verdict
    reason = str(getattr(error, "yahoo_reason", None) or "").lower()
    if any(words in reason for words in _UNKNOWN_WORDS):
        return "unknown symbol"
    # An empty answer counts as "no prices" only when it describes the symbol.
    if any(words in reason for words in _RANGE_WORDS) or (not reason and answer.meta):
        return "no prices"
    return "rate limit" if answer.status in (429, 999) else "answer"


def _what_is_wrong(answer: YahooAnswer) -> str:
    if answer.status is not None and answer.status >= 500:
        return f"reports a failure of its own (status {answer.status})"
    if answer.status in (401, 403):
        return f"refuses access (status {answer.status})"
    return "gave an answer that cannot be read as prices"


def not_understood(what: str, *, symbol: str) -> SourceAnswerError:
    """Return the error for an answer that is no price history; ``what`` completes the sentence."""
    return SourceAnswerError(
        f"Yahoo Finance {what} for {symbol}",
        parameter="symbol",
        value=symbol,
        allowed="a table of dates and prices",
        remedy="Try again in a few minutes, or use another source.",
    )


def no_single_price(symbol: str) -> SourceAnswerError:
    """Return the error for an answer of nothing but missing prices."""
    return not_understood("gave dates without a single price", symbol=symbol)


def _no_network(symbol: str) -> DataError:
    return NoNetworkError(
        "Yahoo Finance cannot be reached from this machine",
        parameter="symbol",
        value=symbol,
        allowed="a working connection to Yahoo Finance",
        remedy="Check network, proxy and firewall, or use another source.",
    )


def _rate_limited(symbol: str) -> DataError:
    return RateLimitedError(
        "Yahoo Finance has had too many requests from here and refuses to answer for a while",
        parameter="symbol",
        value=symbol,
        allowed="a few requests a minute",
        remedy="Wait some minutes and try again, or use another source.",
    )


def unknown_symbol(symbol: str) -> UnknownSymbolError:
    """Return the error for a symbol that Yahoo does not have."""
    return UnknownSymbolError(
        f"Yahoo Finance does not know {symbol}",
        parameter="symbol",
        value=symbol,
        allowed="a Yahoo ticker such as BTC-USD, SUI20947-USD or ^GSPC",
        remedy="Check the ticker on Yahoo Finance; those of some coins carry a number.",
    )


def no_prices(symbol: str) -> NoDataInRangeError:
    """Return the error for a symbol without prices in the range."""
    return NoDataInRangeError(
        f"Yahoo Finance knows {symbol} but has no prices of it in the range asked for",
        parameter="symbol",
        value=symbol,
        allowed="a symbol that has been traded lately",
        remedy="Choose another symbol or another bar length.",
    )


def _deadline(symbol: str) -> DataError:
    return DeadlineError(
        f"Yahoo Finance did not answer in time for {symbol}",
        parameter="symbol",
        value=symbol,
        allowed="an answer before the deadline",
        remedy="Try again, or use another source.",
    )


_MADE: Mapping[Verdict, Callable[[str], DataError]] = {
    "no network": _no_network,
    "rate limit": _rate_limited,
    "unknown symbol": unknown_symbol,
    "no prices": no_prices,
    "deadline": _deadline,
}
