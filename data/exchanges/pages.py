"""Histories of an exchange in pages: prices and funding, resumed where they stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pandas as pd

from data.errors import ChangeInputError, NoDataInRangeError
from data.exchanges.client import Client, candles_per_request
from data.exchanges.exchange import Budget, Exchange
from data.exchanges.failures import not_offered
from data.exchanges.markets import Market, find_market, require_dollars
from data.exchanges.rows import HOUR, SECOND, Subject, candle_frame, charge_frame, malformed, page_of
from data.exchanges.walking import Walk
from data.prices import BAR_LENGTH, BarInterval
from data.series import PagedSource, Reading, SeriesKey

#: No exchange has a history that is worth more from before; the oldest of those here opened in July 2017.
EARLIEST: Final = pd.Timestamp("2017-01-01", tz="UTC")
#: Exchanges charge every eight hours or more often, and a span asks for as many as fit an answer then.
USUAL_CHARGE_INTERVAL: Final = 8 * HOUR
#: Clocks may differ by this much: the earlier one counts, so nothing unfinished is taken for finished.
MOST_CLOCK_SKEW: Final = pd.Timedelta(minutes=15)
MENTIONED_CLOCK_SKEW: Final = pd.Timedelta(minutes=1)
#: A history that ends this many bars early is that of a halted or delisted symbol.
STALE_BARS: Final = 3
#: For all pages of one series: five years of hours are 150 requests at the most sparing exchange.
DOWNLOAD_SECONDS: Final = 900.0

_TIMEFRAMES: Final[dict[BarInterval, str]] = {"daily": "1d", "hourly": "1h"}


def _unheard(sentence: str) -> None:
    """Where nobody listens."""


class ExchangePages(PagedSource):
    """Prices (daily and hourly, spot and perpetual) and funding of one exchange.

    Parameters
    ----------
    exchange_id : str
        As ccxt spells it: ``"binance"``, ``"bybit"``, ``"okx"`` or any other.
    exchange : Exchange, optional
        To share its list of markets and its one-request-at-a-time with others.
    say : callable, optional
        Hears one sentence for each thing that had to be decided: how a symbol was read, a clock that is
        wrong, a symbol that is no longer traded.
    total_seconds : float
        For all requests and waits of one series. After it :class:`~data.errors.DeadlineError`; the
        pages handed over are good, and a new call goes on behind them.

    Notes
    -----
    Prices are in the quote, and USDT, USDC and others like them count as USD. Volume is in units of the
    symbol, NaN where an exchange counts contracts of an unknown kind. Rates of funding are those that were
    charged. The mark price comes with them at Binance only, from November 2023 on. OKX gives funding of about
    the last three months.
    """

    reads_symbols = True

    def __init__(
        self,
        exchange_id: str,
        *,
        exchange: Exchange | None = None,
        say: Callable[[str], None] = _unheard,
        total_seconds: float = DOWNLOAD_SECONDS,
    ) -> None:
        self.name = exchange_id
        self.exchange = exchange or Exchange(exchange_id)
        self._say = say
        self._total_seconds = total_seconds

    def reading(self, typed: str) -> Reading:
        """As :func:`data.exchanges.markets.find_market` reads it, in ccxt's spelling.

        Raises
        ------
        DataError
            The exchange cannot be asked, or does not list it.
        """
        markets = self.exchange.markets(self.exchange.budget(self._total_seconds))
        market, note = find_market(typed, markets, exchange=self.exchange.label)
        return Reading(market.symbol, note)

    def pages(
        self, key: SeriesKey, *, start: pd.Timestamp | None, now: pd.Timestamp
    ) -> Iterator[pd.DataFrame]:
        """Rows after ``start``, oldest page first; see :meth:`data.series.PagedSource.pages`.

        Raises
        ------
        UnknownSymbolError
            The exchange does not list the symbol, or no longer.
        NoDataInRangeError
            It does, and has no row at all.
        ChangeInputError
            The symbol is not quoted in dollars, a spot pair has no funding, or the clock here is wrong.
        RateLimitedError, NoNetworkError, DeadlineError
            Asking again did not help; a later call goes on behind the last page.
        ConflictingRowsError, BadPriceError, SourceAnswerError
            The exchange contradicts itself, or its answer is none.
        """
        if key.source != self.name or (key.kind == "prices") != (key.interval is not None):
            raise ChangeInputError(
                f"{self.exchange.label} was asked for the series {key}",
                parameter="key",
                value=key,
                allowed=f"series of {self.name}: prices with an interval, funding without one",
                remedy="Correct the name of the series.",
            )
        budget = self.exchange.budget(self._total_seconds)
        market, note = find_market(key.symbol, self.exchange.markets(budget), exchange=self.exchange.label)
        if note:
            self._say(note)
        require_dollars(market)
        finished_by = self._present(now.tz_convert("UTC"), budget)
        subject = Subject(self.exchange.label, market.symbol)
        if key.interval is not None:
            history = self._candles(market, key.interval, start, finished_by, budget)
        else:
            history = self._charges(market, start, finished_by, budget)
        rows = None
        for rows in history:
            yield page_of(rows)
        if rows is None and start is None:
            raise _nothing(subject, "funding" if key.interval is None else "prices")
        if rows is not None and key.interval is not None:
            self._mention_the_end(market, page_of(rows).index[-1], key.interval, finished_by)

    def _candles(
        self,
        market: Market,
        interval: BarInterval,
        start: pd.Timestamp | None,
        finished_by: pd.Timestamp,
        budget: Budget,
    ) -> Iterator[pd.DataFrame]:
        subject = Subject(self.exchange.label, market.symbol)
        step = _milliseconds(BAR_LENGTH[interval])
        # The last bar that has ended: an open one is not even asked for.
        end = _stamp(finished_by) - step
        limit = self._candles_per_request(market, budget)
        more = {} if market.kind == "spot" else dict(self.exchange.rules.candle_parameters)

        def ask(since: int, until: int) -> pd.DataFrame:
            raw = self.exchange.ask(
                lambda client: client.fetch_ohlcv(
                    market.symbol,
                    _TIMEFRAMES[interval],
                    since,
                    limit,
                    # Within the last bar: some exchanges count its beginning, some exclude the instant.
                    more | {"until": until // step * step + step - 1},
                ),
                about=market.symbol,
                budget=budget,
            )
            return candle_frame(
                _require_list(raw, subject),
                subject,
                with_volume=self.exchange.rules.volume_in_coins
                or market.kind == "spot"
                or str(market.terms.get("contractSize")) in ("1", "1.0"),
            )

        since = None if start is None else _stamp(start) + 1
        if since is None:
            since = _stamp(EARLIEST)
            if interval == "hourly":
                # A few long requests for days find where the hours begin; hundreds of empty ones would too.
                days = self._candles_from(market, since, finished_by, budget)
                if days is None:
                    return
                since = days
        yield from Walk(ask, step, (limit - 1) * step, STALE_BARS * step, subject).pages(since, end)

    def _candles_from(
        self, market: Market, since: int, finished_by: pd.Timestamp, budget: Budget
    ) -> int | None:
        """When the market's first day began."""
        start = pd.Timestamp(since - 1, unit="ms", tz="UTC")
        # A market that opened today has hours and no finished day.
        through_today = finished_by + BAR_LENGTH["daily"]
        first = next(self._candles(market, "daily", start, through_today, budget), None)
        return None if first is None else int(first.index[0])

    def _charges(
        self, market: Market, start: pd.Timestamp | None, finished_by: pd.Timestamp, budget: Budget
    ) -> Iterator[pd.DataFrame]:
        subject = Subject(self.exchange.label, market.symbol)
        if not market.perpetual:
            raise ChangeInputError(
                f"{market.symbol} has no funding: it is {market.words}",
                parameter="symbol",
                value=market.symbol,
                allowed="a perpetual",
                remedy=f"Choose {market.coin}/USDT:USDT.",
            )
        limit, ends_with = self.exchange.rules.charges_per_request, self.exchange.rules.ends_funding_with

        def asked(client: Client, since: int, until: int) -> list[Any]:
            if not client.has.get("fetchFundingRateHistory"):
                raise not_offered(self.exchange.label, f"the funding of {market.symbol}")
            # A stamp may be off by some milliseconds either way.
            early, late = since - SECOND, until + SECOND
            return client.fetch_funding_rate_history(market.symbol, early, limit, {ends_with: late})

        def ask(since: int, until: int) -> pd.DataFrame:
            raw = self.exchange.ask(
                lambda client: asked(client, since, until), about=market.symbol, budget=budget
            )
            return charge_frame(_require_list(raw, subject), subject)

        since = self._charges_from(market, finished_by, budget) if start is None else _stamp(start) + SECOND
        if since is None:
            return
        length = (limit - 1) * USUAL_CHARGE_INTERVAL
        yield from Walk(ask, HOUR, length, STALE_BARS * USUAL_CHARGE_INTERVAL, subject).pages(
            since, _stamp(finished_by)
        )

    def _charges_from(self, market: Market, finished_by: pd.Timestamp, budget: Budget) -> int | None:
        days = self.exchange.rules.funding_days
        if days is not None:
            return _stamp(finished_by - pd.Timedelta(days=days))
        return self._candles_from(market, _stamp(EARLIEST), finished_by, budget)

    def _candles_per_request(self, market: Market, budget: Budget) -> int:
        known = self.exchange.rules.candles_per_request
        if known is not None:
            return known
        return self.exchange.ask(
            lambda client: candles_per_request(client, market.terms), about=market.symbol, budget=budget
        )

    def _present(self, now: pd.Timestamp, budget: Budget) -> pd.Timestamp:
        """The earlier of both clocks: what is not finished by it may be open at the exchange."""
        theirs = self.exchange.server_time(budget)
        if theirs is None:
            return now
        ahead = now - theirs
        if ahead > MOST_CLOCK_SKEW:
            raise ChangeInputError(
                f"the clock of this machine is {_span(ahead)} ahead of {self.exchange.label}'s",
                parameter="now",
                value=now,
                allowed=f"clocks that differ by {_span(MOST_CLOCK_SKEW)} at most",
                remedy="Set the clock of this machine. Nothing was fetched: open bars would look finished.",
            )
        if abs(ahead) > MENTIONED_CLOCK_SKEW:
            side = "ahead of" if ahead > pd.Timedelta(0) else "behind"
            self._say(
                f"the clock of this machine is {_span(abs(ahead))} {side} {self.exchange.label}'s; "
                "bars count as finished by the earlier one"
            )
        return min(now, theirs)

    def _mention_the_end(
        self, market: Market, last: pd.Timestamp, interval: BarInterval, finished_by: pd.Timestamp
    ) -> None:
        if not market.trading:
            self._say(f"{self.exchange.label} no longer trades {market.symbol}; it ends on {last:%Y-%m-%d}")
        elif finished_by - last > (STALE_BARS + 1) * BAR_LENGTH[interval]:
            self._say(
                f"{market.symbol} ends on {last:%Y-%m-%d %H:%M} UTC at {self.exchange.label}: "
                "it may be halted or delisted"
            )


def _require_list(raw: Any, subject: Subject) -> list[Any]:
    if isinstance(raw, list):
        return raw
    raise malformed(subject, "no list of rows")


def _nothing(subject: Subject, what: str) -> NoDataInRangeError:
    return NoDataInRangeError(
        f"{subject.exchange} lists {subject.symbol} and has no {what} of it yet",
        parameter="symbol",
        value=subject.symbol,
        allowed="a market that has been traded",
        remedy="Choose another market, or come back later.",
    )


def _milliseconds(length: pd.Timedelta) -> int:
    return int(length.value // 1_000_000)


def _stamp(instant: pd.Timestamp) -> int:
    return int(instant.tz_convert("UTC").as_unit("ns").value // 1_000_000)


def _span(length: pd.Timedelta) -> str:
    minutes = length.total_seconds() / 60
    return f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:,.1f} hours"
