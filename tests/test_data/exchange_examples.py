"""What the tests of the exchanges share."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pandas as pd

from data.exchanges.exchange import Clock, Exchange, Patience
from data.exchanges.pages import ExchangePages
from data.prices import BarInterval
from data.series import SeriesKey
from tests.fakes.exchange_formats import DAY, HOUR, Listing, World
from tests.fakes.exchange_server import ExchangeServer

NOW = pd.Timestamp("2025-07-10 12:30", tz="UTC")
SOL = "SOL/USDT:USDT"
LENGTHS: dict[BarInterval, int] = {"daily": DAY, "hourly": HOUR}
#: The request for rows of prices, by exchange, as a part of its path.
CANDLES = {"binance": "/klines", "bybit": "/kline?", "okx": "candles"}
CHARGES = {"binance": "/fundingRate", "bybit": "/funding/history", "okx": "/funding-rate-history"}
LABELS = {"binance": "Binance", "bybit": "Bybit", "okx": "OKX"}


class SteppedClock:
    """Real time, plus every wait at once; ``waits`` lists them."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.lock = threading.Lock()

    def clock(self, *, jitter: float = 1.0) -> Clock:
        return Clock(
            monotonic=lambda: time.monotonic() + sum(self.waits),
            sleep=self.waits.append,
            jitter=lambda: jitter,
        )


def exchange_of(
    exchange_id: str, stepped: SteppedClock | None = None, *, patience: Patience | None = None
) -> Exchange:
    """An exchange that waits without waiting."""
    return Exchange(exchange_id, clock=(stepped or SteppedClock()).clock(), patience=patience)


def key_of(exchange_id: str, symbol: str = SOL, interval: BarInterval | None = "daily") -> SeriesKey:
    return SeriesKey(exchange_id, symbol, "prices" if interval else "funding", interval)


def fetched(
    exchange: Exchange,
    symbol: str = SOL,
    interval: BarInterval | None = "daily",
    *,
    start: pd.Timestamp | None = None,
    now: pd.Timestamp = NOW,
    said: list[str] | None = None,
) -> pd.DataFrame:
    """All pages of a series as one frame."""
    pages = ExchangePages(
        exchange.exchange_id, exchange=exchange, say=said.append if said is not None else (lambda _: None)
    )
    found = list(pages.pages(key_of(exchange.exchange_id, symbol, interval), start=start, now=now))
    return pd.concat(found) if found else pd.DataFrame(columns=["close"])


def expected_closes(
    listing: Listing,
    interval: BarInterval,
    *,
    start: pd.Timestamp | None = None,
    now: pd.Timestamp = NOW,
) -> pd.Series:
    """Every finished bar's close, straight from the listing."""
    length = LENGTHS[interval]
    low = 0 if start is None else int(start.value // 1_000_000) + 1
    end = int(now.value // 1_000_000) - length
    stamps = listing.stamps(length, low, end, end)
    index = pd.to_datetime(stamps, unit="ms", utc=True).as_unit("ns")
    return pd.Series([float(listing.close(at, length)) for at in stamps], index=index, name="close")


def listing_of(server: ExchangeServer, coin: str = "SOL", kind: str = "linear") -> Listing:
    return next(each for each in server.world.listings if (each.coin, each.kind) == (coin, kind))


def with_listing(server: ExchangeServer, **changes: object) -> Listing:
    """Change the SOL perpetual of a server."""
    old = listing_of(server)
    new = replace(old, **changes)  # type: ignore[arg-type]
    others = tuple(each for each in server.world.listings if each is not old)
    server.world = World((*others, new), server.world.now)
    return new


def wait_for_workers() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith(tuple(LABELS.values())):
            thread.join(timeout=5.0)
            assert not thread.is_alive(), "a worker outlived its deadline"
