"""What ccxt raises, told apart by what a trader can do about it, and whether asking again may help."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from data.errors import (
    ChangeInputError,
    DataError,
    DeadlineError,
    NoNetworkError,
    RateLimitedError,
    SourceAnswerError,
    UnknownSymbolError,
)
from data.exchanges.wire import Answer, NotJsonError

Verdict = Literal[
    "no network",
    "rate limit",
    "deadline",
    "unknown symbol",
    "account",
    "not offered",
    "refused",
    "failing",
    "broken off",
    "answer",
]

#: Exception class, by its full name so that nothing must be imported, to what it means. An exception takes
#: the verdict of the first of its classes that is listed.
VERDICTS: Final[Mapping[str, Verdict]] = {
    "ccxt.base.errors.BaseError": "answer",
    "ccxt.base.errors.ExchangeError": "answer",
    "ccxt.base.errors.AuthenticationError": "account",
    "ccxt.base.errors.PermissionDenied": "account",
    "ccxt.base.errors.AccountNotEnabled": "account",
    "ccxt.base.errors.AccountSuspended": "account",
    "ccxt.base.errors.ArgumentsRequired": "not offered",
    "ccxt.base.errors.BadRequest": "answer",
    "ccxt.base.errors.BadSymbol": "unknown symbol",
    "ccxt.base.errors.OperationRejected": "answer",
    "ccxt.base.errors.NoChange": "answer",
    "ccxt.base.errors.MarginModeAlreadySet": "answer",
    "ccxt.base.errors.MarketClosed": "unknown symbol",
    "ccxt.base.errors.ManualInteractionNeeded": "account",
    "ccxt.base.errors.RestrictedLocation": "refused",
    "ccxt.base.errors.InsufficientFunds": "answer",
    "ccxt.base.errors.InvalidAddress": "answer",
    "ccxt.base.errors.AddressPending": "answer",
    "ccxt.base.errors.InvalidOrder": "answer",
    "ccxt.base.errors.OrderNotFound": "answer",
    "ccxt.base.errors.OrderNotCached": "answer",
    "ccxt.base.errors.OrderImmediatelyFillable": "answer",
    "ccxt.base.errors.OrderNotFillable": "answer",
    "ccxt.base.errors.DuplicateOrderId": "answer",
    "ccxt.base.errors.ContractUnavailable": "unknown symbol",
    "ccxt.base.errors.NotSupported": "not offered",
    "ccxt.base.errors.InvalidProxySettings": "no network",
    "ccxt.base.errors.ExchangeClosedByUser": "answer",
    "ccxt.base.errors.OperationFailed": "failing",
    "ccxt.base.errors.NetworkError": "no network",
    "ccxt.base.errors.DDoSProtection": "rate limit",
    "ccxt.base.errors.RateLimitExceeded": "rate limit",
    "ccxt.base.errors.ExchangeNotAvailable": "failing",
    "ccxt.base.errors.OnMaintenance": "failing",
    "ccxt.base.errors.InvalidNonce": "failing",
    "ccxt.base.errors.ChecksumError": "failing",
    "ccxt.base.errors.RequestTimeout": "deadline",
    "ccxt.base.errors.BadResponse": "answer",
    "ccxt.base.errors.NullResponse": "answer",
    "ccxt.base.errors.CancelPending": "answer",
    "ccxt.base.errors.UnsubscribeError": "answer",
    "requests.exceptions.RequestException": "answer",
    "requests.exceptions.ChunkedEncodingError": "broken off",
    "requests.exceptions.ContentDecodingError": "broken off",
    "requests.exceptions.ConnectionError": "no network",
    "requests.exceptions.SSLError": "no network",
    "requests.exceptions.ProxyError": "no network",
    "requests.exceptions.ConnectTimeout": "deadline",
    "requests.exceptions.ReadTimeout": "deadline",
    "requests.exceptions.Timeout": "deadline",
    "data.exchanges.wire.NotJsonError": "broken off",
    "data.deadline.DeadlinePassedError": "deadline",
    "builtins.TimeoutError": "deadline",
    "builtins.ConnectionError": "no network",
    "ssl.SSLError": "no network",
}

_AGAIN: Final[frozenset[Verdict]] = frozenset(
    ("no network", "rate limit", "deadline", "failing", "broken off")
)
# Words of exchanges for a symbol they do not have, in lower case, where ccxt gives no class of its own.
_UNKNOWN_WORDS: Final = ("invalid symbol", "symbol invalid", "symbol is invalid", "not supported symbols")


@dataclass(frozen=True)
class Failure:
    """One request that went wrong.

    Attributes
    ----------
    error : DataError
        What to raise when it is given up.
    verdict : str
    again : bool
        Whether the same request may work later.
    retry_after_seconds : float or None
        How long the exchange asks to wait.
    """

    error: DataError
    verdict: Verdict
    again: bool
    retry_after_seconds: float | None = None


def understood(error: Exception, *, exchange: str, about: str, answer: Answer) -> Failure:
    """Say what an exception of the vendor means.

    Parameters
    ----------
    error : Exception
        Anything ccxt raised; what it was made from counts as well.
    exchange : str
        What people call the exchange.
    about : str
        The symbol, or what else was asked for.
    answer : Answer
        What the exchange said last: ccxt raises one class for refusals, failures and wrong addresses.
    """
    verdict = _verdict(error, answer)
    if verdict in _MADE:
        made = _MADE[verdict](exchange, about, answer)
    else:
        made = not_understood(_what_is_wrong(error, verdict, answer), exchange=exchange, about=about)
    waits = answer.retry_after_seconds if verdict in ("rate limit", "failing") else None
    return Failure(made, verdict, verdict in _AGAIN, waits)


def not_understood(what: str, *, exchange: str, about: str) -> SourceAnswerError:
    """Return the error for an answer that is none; ``what`` completes the sentence."""
    return SourceAnswerError(
        f"{exchange} {what} for {about}",
        parameter="source",
        value=exchange,
        allowed="an answer in the exchange's published format",
        remedy="Try again in a few minutes, or use another source.",
    )


def not_offered(exchange: str, about: str) -> ChangeInputError:
    """Return the error for what an exchange, or ccxt, does not have."""
    return ChangeInputError(
        f"{exchange} does not offer this for {about}",
        parameter="source",
        value=exchange,
        allowed="what the exchange publishes for everyone",
        remedy="Use another exchange, or enter the numbers by hand.",
    )


def _verdict(error: Exception, answer: Answer) -> Verdict:
    if answer.status in (418, 429):
        return "rate limit"
    if answer.status in (401, 403, 451):
        return "refused"
    own = _listed(error)
    # What ccxt wrapped says more: it has one class for a failing name look-up and for a cut in the middle.
    # Not so for a time-out, which requests may call a connection error.
    if own != "deadline" and error.__cause__ is not None:
        wrapped = _listed(error.__cause__)
        own = own if wrapped is None else wrapped
    if own in (None, "answer") and any(words in str(error).lower() for words in _UNKNOWN_WORDS):
        return "unknown symbol"
    if own in (None, "answer") and answer.status is not None and answer.status >= 500:
        return "failing"
    if own == "failing" and answer.status in (400, 404, 405, 409, 410):
        return "answer"
    return own or "answer"


def _listed(error: BaseException) -> Verdict | None:
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    return next((VERDICTS[name] for name in names if name in VERDICTS), None)


def _what_is_wrong(error: Exception, verdict: Verdict, answer: Answer) -> str:
    if verdict == "refused":
        return (
            f"refuses to answer from here (status {answer.status})"
            if answer.status
            else ("refuses to answer from this country")
        )
    if verdict == "failing":
        status = f" (status {answer.status})" if answer.status and answer.status >= 500 else ""
        return f"reports a failure of its own{status}"
    if verdict == "broken off":
        said = error.__cause__ if isinstance(error.__cause__, NotJsonError) else error
        gave = str(said) if isinstance(said, NotJsonError) else "an answer that breaks off in the middle"
        return f"gave {gave}"
    return "gave an answer that cannot be understood"


def _no_network(exchange: str, about: str, answer: Answer) -> DataError:
    return NoNetworkError(
        f"{exchange} cannot be reached from this machine",
        parameter="source",
        value=exchange,
        allowed=f"a working connection to {exchange}",
        remedy="Check network, proxy and firewall, or use another source.",
    )


def _rate_limited(exchange: str, about: str, answer: Answer) -> DataError:
    asked = answer.retry_after_seconds
    wait = f"{asked:.0f} seconds" if asked else "some minutes"
    return RateLimitedError(
        f"{exchange} has had too many requests from here and refuses to answer for a while",
        parameter="source",
        value=exchange,
        allowed="fewer requests a minute",
        remedy=f"Wait {wait} and try again; what was fetched so far is kept.",
    )


def _deadline(exchange: str, about: str, answer: Answer) -> DataError:
    return DeadlineError(
        f"{exchange} did not answer in time for {about}",
        parameter="source",
        value=exchange,
        allowed="an answer before the deadline",
        remedy="Try again, or use another source; what was fetched so far is kept.",
    )


def _unknown_symbol(exchange: str, about: str, answer: Answer) -> DataError:
    return UnknownSymbolError(
        f"{exchange} does not know {about}, or no longer",
        parameter="symbol",
        value=about,
        allowed="a symbol on the exchange's list, such as BTC/USDT:USDT",
        remedy="Check the symbol at the exchange; it may have been taken off its list.",
    )


def _account(exchange: str, about: str, answer: Answer) -> DataError:
    return ChangeInputError(
        f"{exchange} shows this of {about} to its account holders only",
        parameter="source",
        value=exchange,
        allowed="public data: this program never asks for a key",
        remedy="Use another exchange, or enter the numbers by hand.",
    )


_MADE: Final[Mapping[Verdict, Callable[[str, str, Answer], DataError]]] = {
    "no network": _no_network,
    "rate limit": _rate_limited,
    "deadline": _deadline,
    "unknown symbol": _unknown_symbol,
    "account": _account,
    "not offered": lambda exchange, about, _: not_offered(exchange, about),
}
