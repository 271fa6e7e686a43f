"""Two hours of a team looking at prices, in a process of its own: ``python -m tests.test_data.soak FOLDER``.

Every minute of these two hours three sessions look at four series of one exchange, while the exchange's
clock moves on by an hour, so that each look starts a refresh; every third one meets a fault. Prints what the
process held on the way, and what is stored at the end beside an undisturbed download, as JSON.
"""

from __future__ import annotations

import gc
import json
import os
import random
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pandas as pd

from data.collect import collect
from data.errors import DataError
from data.exchanges.pages import ExchangePages
from data.exchanges.source import ExchangeSource
from data.exchanges.wire import BASE_URL_VARIABLE
from data.kept import KeptSource
from data.series import SeriesKey
from data.store import open_store
from tests.fakes.exchange_server import ExchangeServer, Fault, How
from tests.test_data.exchange_examples import SOL, exchange_of, key_of

LOOKS, SESSIONS = 120, 3
BTC = "BTC/USDT:USDT"
SERIES: Sequence[SeriesKey] = (
    key_of("binance", SOL, "daily"),
    key_of("binance", SOL, "hourly"),
    key_of("binance", BTC, "hourly"),
    key_of("binance", BTC, None),
)
FAULTS: Sequence[How] = ("rate limit", "server error", "hang up", "truncated", "html", "nonsense")
HOUR_MS = 3_600_000


def resident_mb() -> float:
    """What this process holds (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def held() -> dict[str, float]:
    """Memory, threads and open files of this process."""
    gc.collect()
    return {
        "mb": resident_mb(),
        "threads": threading.active_count(),
        "files": len(os.listdir("/proc/self/fd")),
    }


def look(source: KeptSource, key: SeriesKey, now: pd.Timestamp) -> str:
    """One session's look at a series; gives what it was told where there was nothing to show."""
    try:
        if key.interval is None:
            source.funding(key.symbol)
        else:
            source.fetch(key.symbol, interval=key.interval, now=now)
    except DataError as error:
        return type(error).__name__
    return ""


def main(folder: str) -> dict[str, object]:
    """Look, and look again."""
    chance = random.Random(11)  # noqa: S311 - faults, no secrets
    store = open_store(folder)
    told: list[str] = []
    marks: list[dict[str, float]] = []
    with ExchangeServer() as server:
        os.environ[BASE_URL_VARIABLE] = server.base_url
        exchange = exchange_of("binance")

        def now() -> pd.Timestamp:
            return pd.Timestamp(server.world.now, unit="ms", tz="UTC")

        source = KeptSource(
            ExchangeSource("binance", exchange=exchange),
            ExchangePages("binance", exchange=exchange, say=lambda _: None),
            store,
            clock=now,
        )
        with ThreadPoolExecutor(SESSIONS) as sessions:
            for number in range(LOOKS):
                if number % 3 == 2:
                    server.faults[:] = [Fault(chance.choice(FAULTS), on="fapi", times=chance.randrange(1, 8))]
                for session in [
                    sessions.submit(lambda: [look(source, key, now()) for key in SERIES])
                    for _ in range(SESSIONS)
                ]:
                    told += filter(None, session.result())
                while any(thread.name.startswith("refresh") for thread in threading.enumerate()):
                    threading.Event().wait(0.002)
                server.faults.clear()
                server.world = replace(server.world, now=server.world.now + HOUR_MS)
                del server.requests[:]
                if number % 20 == 19:
                    marks.append(held())
        quiet = open_store(f"{folder}-quiet")
        for key in SERIES:
            for place in (store, quiet):  # the last hour for both
                found = collect(ExchangePages("binance", exchange=exchange), key, place, now=now())
                assert found.problem is None, found.problem
        same = [store.version(key) == quiet.version(key) for key in SERIES]
    files = sum(len(names) for _, _, names in os.walk(folder))
    return {"marks": marks, "told": sorted(set(told)), "same": same, "files": files}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1])))
