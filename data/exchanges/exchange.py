"""One exchange as this process talks to it: one request at a time, each in bounded time, again if need be."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

import pandas as pd

from data.deadline import DeadlinePassedError, call_within
from data.errors import DataError
from data.exchanges.client import Client, Connect, ccxt_client
from data.exchanges.failures import Failure, not_understood, understood
from data.exchanges.markets import Market, parsed_markets
from data.exchanges.rules import Rules, rules_of
from data.exchanges.wire import Answer, GuardedSession

Result = TypeVar("Result")

#: New contracts appear, steps change: the list of markets is asked for again after this.
MARKETS_KEPT_SECONDS: Final = 3600.0


@dataclass(frozen=True)
class Patience:
    """How long to wait for an exchange, in seconds, and how often to ask again.

    Attributes
    ----------
    request_seconds : float
        For one request.
    markets_seconds : float
        For the list of markets, which is several long requests.
    total_seconds : float
        For all requests and waits of one call, such as all pages of a series.
    attempts : int
        How often the same is asked for.
    first_wait_seconds, longest_wait_seconds : float
        Before asking again: the first wait, doubled each time up to the longest. An exchange that says how
        long it wants to be left alone is obeyed instead, if the total allows.
    """

    request_seconds: float = 15.0
    markets_seconds: float = 45.0
    total_seconds: float = 90.0
    attempts: int = 5
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 30.0


@dataclass(frozen=True)
class Clock:
    """Time as waiting needs it; tests bring their own."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    #: From 0 to 1: many copies that were refused at once must not come back at once.
    jitter: Callable[[], float] = random.SystemRandom().random


class Budget:
    """Seconds that one call may still spend on asking and waiting; the caller's own time does not count."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self.left = seconds
        self._clock = clock

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Count the time inside."""
        began = self._clock.monotonic()
        try:
            yield
        finally:
            self.left -= self._clock.monotonic() - began


class Exchange:
    """One exchange, asked from any thread; the requests go out one after another.

    The constructor stores settings and does nothing else. Keep the object: it keeps the list of markets.

    Parameters
    ----------
    exchange_id : str
        As ccxt spells it: ``"binance"``, ``"bybit"``, ``"okx"`` or any other.
    connect : callable, optional
        Makes the client; by default ccxt's, without keys.
    patience : Patience, optional
    clock : Clock, optional
    """

    def __init__(
        self,
        exchange_id: str,
        *,
        connect: Connect = ccxt_client,
        patience: Patience | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.exchange_id = exchange_id
        self.rules: Rules = rules_of(exchange_id)
        self.label = self.rules.label
        self.patience = patience or Patience()
        self._connect = connect
        self._clock = clock or Clock()
        self._turn = threading.Lock()
        self._client: Client | None = None
        self._markets: tuple[Market, ...] = ()
        self._markets_at = -float("inf")
        self._has_answered = False

    def budget(self, seconds: float | None = None) -> Budget:
        """What one call may spend, by default as :class:`Patience` says."""
        return Budget(self.patience.total_seconds if seconds is None else seconds, self._clock)

    def ask(
        self,
        call: Callable[[Client], Result],
        *,
        about: str,
        budget: Budget,
        seconds: float | None = None,
    ) -> Result:
        """Ask once, and again while that may help and the budget lasts.

        Parameters
        ----------
        call : callable
            Asks the client; it may be run several times, in other threads.
        about : str
            The symbol, or what else is asked for, in words.
        budget : Budget
        seconds : float, optional
            For one attempt; by default the patience for a request.

        Raises
        ------
        DataError
            As :func:`data.exchanges.failures.understood` says.
        """
        allowed = self.patience.request_seconds if seconds is None else seconds
        attempt = 0
        while True:
            attempt += 1
            with budget.spending():
                outcome = self._attempt(call, about, min(allowed, budget.left))
            if not isinstance(outcome, _Failed):
                return outcome
            wait = self._wait(outcome.failure, attempt)
            if wait is None or wait >= budget.left:
                raise outcome.failure.error from outcome.cause
            with budget.spending():
                self._clock.sleep(wait)

    def markets(self, budget: Budget) -> tuple[Market, ...]:
        """Every spot pair, perpetual and dated future; the list is kept for an hour.

        Raises
        ------
        DataError
            The list cannot be had.
        """
        if self._clock.monotonic() - self._markets_at > MARKETS_KEPT_SECONDS:
            listed = self.ask(
                lambda client: parsed_markets(client.load_markets(True)),
                about="its list of markets",
                budget=budget,
                seconds=self.patience.markets_seconds,
            )
            if not listed:
                raise not_understood("gave an empty answer", exchange=self.label, about="its list of markets")
            self._markets, self._markets_at = listed, self._clock.monotonic()
        return self._markets

    def server_time(self, budget: Budget) -> pd.Timestamp | None:
        """The exchange's own time, UTC; None where it does not tell."""

        def asked(client: Client) -> int | None:
            return client.fetch_time() if client.has.get("fetchTime") is True else None

        stamp = self.ask(asked, about="its time", budget=budget)
        return None if stamp is None else pd.Timestamp(stamp, unit="ms", tz="UTC")

    def close(self) -> None:
        """Let go of the connections."""
        client, self._client = self._client, None
        if client is not None:
            client.session.close()

    def _attempt(self, call: Callable[[Client], Result], about: str, seconds: float) -> Result | _Failed:
        session: GuardedSession | None = None
        # Held by whoever waits, not by the worker: one that hangs for good stops nobody.
        if seconds <= 0 or not self._turn.acquire(timeout=seconds):
            late = DeadlinePassedError(f"no time was left for {about}")
            return _Failed(self._understood(late, about, session), late)
        try:
            client = self._client or self._connect(self.exchange_id, self.patience.request_seconds)
            self._client, session = client, client.session
            session.begin(seconds=seconds, request_seconds=self.patience.request_seconds)
            answer = call_within(
                lambda: call(client), seconds=seconds + _GRACE_SECONDS, name=f"{self.label} {about}"
            )
            self._has_answered = True
        except DataError:
            raise
        except DeadlinePassedError as error:
            # A thread may still be inside this client.
            self._client = None
            return _Failed(self._understood(error, about, session), error)
        except Exception as error:
            # Whatever ccxt raises, now or in its next version, must not reach a page raw.
            return _Failed(self._understood(error, about, session), error)
        finally:
            self._turn.release()
        return answer

    def _understood(self, error: Exception, about: str, session: GuardedSession | None) -> Failure:
        answer = Answer() if session is None else session.last
        return understood(error, exchange=self.label, about=about, answer=answer)

    def _wait(self, failure: Failure, attempt: int) -> float | None:
        """Seconds before the next attempt, None when it is given up."""
        if not failure.again or attempt == self.patience.attempts:
            return None
        # Whoever is offline should hear it now; in the middle of a download it may be a hiccup.
        if failure.verdict == "no network" and not self._has_answered:
            return None
        doubled = self.patience.first_wait_seconds * 2.0 ** (attempt - 1)
        wait = min(doubled, self.patience.longest_wait_seconds) * (0.5 + 0.5 * self._clock.jitter())
        return max(wait, failure.retry_after_seconds or 0.0)


# The socket's own time-out comes first where it can: it leaves no thread behind.
_GRACE_SECONDS: Final = 0.5


@dataclass(frozen=True)
class _Failed:
    failure: Failure
    cause: Exception
