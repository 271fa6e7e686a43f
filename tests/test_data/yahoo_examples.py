"""What the tests of the Yahoo source share."""

from __future__ import annotations

import socket
import threading

import pandas as pd

from tests.fakes.yahoo_server import Script, daily_quotes, hourly_quotes

NOW = pd.Timestamp("2024-01-05 12:00", tz="UTC")
DAYS = daily_quotes([100.5, 101.25, 99.0, 102.0, 103.0], first="2024-01-01")
HOURS = hourly_quotes([10.0, 11.0, 12.0], first="2024-01-05 09:30")
OK = Script(daily=DAYS, hourly=HOURS)
#: After this long yfinance and ccxt give up by themselves: only an end before it is that of a deadline.
OWN_TIME_OUT_SECONDS = 10.0


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_workers() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("Yahoo "):
            thread.join(timeout=5.0)
            assert not thread.is_alive(), "a worker outlived its deadline"
