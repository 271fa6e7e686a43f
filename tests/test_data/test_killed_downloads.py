"""The command itself, ``python -m data fetch``, killed again and again while it downloads over HTTP.

Real processes, real clients and real sockets; only the servers are those of ``tests/fakes``, on this machine.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pandas as pd
import pytest

from data.cli import main as command_line
from data.environment import STORE_VARIABLE
from data.errors import NotStoredError
from data.exchanges.wire import BASE_URL_VARIABLE as EXCHANGE_VARIABLE
from data.prices import BarInterval
from data.series import SeriesKey
from data.store import open_store
from data.store.writer import OVERLAP_BARS
from data.yahoo_wire import BASE_URL_VARIABLE as YAHOO_VARIABLE
from tests.fakes.exchange_formats import DAY, Listing, World
from tests.fakes.exchange_server import ExchangeServer
from tests.fakes.yahoo_server import Script, YahooServer, daily_quotes

ROOT = Path(__file__).parents[2]
FIVE_YEARS = 1826
ONE_DAY = pd.Timedelta(days=1)
COINS = ("BTC", "ETH", "SOL", "XRP", "ADA", "DOGE", "AVAX")
TICKERS = tuple(f"{coin}-USD" for coin in (*COINS[:5], "LINK"))


@dataclass(frozen=True)
class Command:
    """One ``python -m data fetch``, and after how many answers at the least and the most it is killed."""

    source: str
    interval: BarInterval
    symbols: tuple[str, ...]
    kills: Sequence[tuple[int, int]]

    @property
    def keys(self) -> list[SeriesKey]:
        return [SeriesKey(self.source, symbol, "prices", self.interval) for symbol in self.symbols]

    def start(self, fakes: Fakes, store: Path) -> subprocess.Popen[str]:
        arguments = ["fetch", "--source", self.source, "--interval", self.interval, *self.symbols]
        return subprocess.Popen(
            [sys.executable, "-m", "data", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONDONTWRITEBYTECODE": "1",
                STORE_VARIABLE: str(store),
                EXCHANGE_VARIABLE: fakes.exchanges.base_url,
                YAHOO_VARIABLE: fakes.yahoo.base_url,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


#: Twenty symbols a day apart for five years, and one of them hour by hour.
COMMANDS = (
    Command("bybit", "daily", tuple(f"{coin}/USDT:USDT" for coin in COINS), [(5, 12), (8, 30)]),
    Command("binance", "daily", tuple(f"{coin}/USDT:USDT" for coin in COINS), [(5, 12), (8, 30)]),
    Command("yahoo", "daily", TICKERS, [(1, 8), (4, 16)]),
    Command("bybit", "hourly", ("BTC/USDT:USDT",), [(14, 30), (10, 20)]),
)


@dataclass(frozen=True)
class Fakes:
    """The exchanges and Yahoo, as one run meets them."""

    exchanges: ExchangeServer
    yahoo: YahooServer

    @property
    def n_requests(self) -> int:
        return len(self.exchanges.requests) + len(self.yahoo.requests)

    def asked_from(self, command: Command) -> Iterator[tuple[str, pd.Timestamp]]:
        """Symbol and first instant of every request for prices."""
        paths = self.yahoo.requests if command.source == "yahoo" else self.exchanges.requests
        for path in paths:
            parts = urlsplit(path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if "/chart/" in parts.path:
                begin = pd.Timestamp(int(query["period1"]), unit="s", tz="UTC")
                yield unquote(parts.path.rpartition("/")[2]), begin
            elif parts.path.endswith(("/kline", "/klines")):
                begin = pd.Timestamp(int(query.get("start") or query["startTime"]), unit="ms", tz="UTC")
                yield f"{query['symbol'].removesuffix('USDT')}/USDT:USDT", begin

    def forget_requests(self) -> None:
        self.exchanges.requests.clear()
        self.yahoo.requests.clear()


@contextmanager
def fakes(now: int) -> Iterator[Fakes]:
    """Five years of everything, each symbol with prices of its own, as it stands at an instant."""
    # Yahoo settles a day half an hour after its end: take one that has ended well before.
    newest = (now - DAY // 24) // DAY * DAY - DAY
    first = now // DAY * DAY - FIVE_YEARS * DAY
    listings = tuple(
        Listing(coin, first=first, changed=_closes(number, first)) for number, coin in enumerate(COINS)
    )
    scripts = {
        ticker: Script(
            daily=daily_quotes(
                [100.0 * (number + 1) + day % 97 for day in range(FIVE_YEARS)],
                first=str(pd.Timestamp(newest - (FIVE_YEARS - 1) * DAY, unit="ms").date()),
            ),
            seen_until=now // 1000,
        )
        for number, ticker in enumerate(TICKERS)
    }
    with ExchangeServer(World(listings, now=now)) as exchanges, YahooServer(scripts) as yahoo:
        yield Fakes(exchanges, yahoo)


def _closes(number: int, first: int) -> Mapping[int, str]:
    return {first + day * DAY: f"{50 * (number + 1) + day % 89 + 0.5:.2f}" for day in range(FIVE_YEARS)}


def before_of(store: Path, command: Command) -> dict[str, tuple[pd.Timestamp, bool]]:
    """Last stamp of each series that is stored, and whether its download came to its end."""
    found, opened = {}, open_store(str(store))
    for key in command.keys:
        try:
            stored = opened.read(key)
        except NotStoredError:
            continue
        found[key.symbol] = stored.last, stored.checked_at is not None
    return found


def ended(process: subprocess.Popen[str]) -> None:
    said, complained = process.communicate(timeout=240)
    assert process.returncode == 0, said + complained


def killed(process: subprocess.Popen[str], world: Fakes, *, after: int, delay: float) -> bool:
    """Kill a process once it has asked for so much; whether it was still at work."""
    asked = world.n_requests
    while world.n_requests < asked + after and process.poll() is None:
        time.sleep(0.001)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.mark.fault(
    "store: a download of five years of 20 symbols, over HTTP, is killed (kill -9) again and again",
    saw="the next fetch goes on from there; at the end every exported file is, byte for byte, that of a "
    "download that nothing disturbed",
    lost="the page under way, which is fetched again",
)
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_a_killed_download_goes_on_and_ends_like_an_undisturbed_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sum(len(command.symbols) for command in COMMANDS if command.interval == "daily") == 20
    chance = random.Random(20260615)  # noqa: S311
    quiet, broken = tmp_path / "quiet", tmp_path / "broken"
    now = int(time.time() * 1000)
    n_kills = n_broken_off = n_finished_before = 0
    with fakes(now) as undisturbed, fakes(now) as world:
        for command in COMMANDS:
            beside = command.start(undisturbed, quiet)
            for least, most in (*command.kills, (0, 0)):
                before = before_of(broken, command)
                n_broken_off += sum(not complete for _, complete in before.values())
                n_finished_before += sum(complete for _, complete in before.values())
                world.forget_requests()
                process = command.start(world, broken)
                if most:
                    delay = chance.uniform(0.0, 0.05)
                    n_kills += killed(process, world, after=chance.randint(least, most), delay=delay)
                else:
                    ended(process)
                _assert_nothing_is_asked_for_twice(world, command, before)
            ended(beside)
    assert n_kills >= 6
    assert n_broken_off >= 2  # in the middle of a symbol
    assert n_finished_before >= 4
    _assert_same(quiet, broken, tmp_path)
    assert capsys.readouterr().err == ""


def _assert_nothing_is_asked_for_twice(
    world: Fakes, command: Command, before: Mapping[str, tuple[pd.Timestamp, bool]]
) -> None:
    """What is stored is asked for again only as far as new rows are joined to it."""
    overlap = (OVERLAP_BARS + 1) * (ONE_DAY if command.interval == "daily" else ONE_DAY / 24)
    asked = list(world.asked_from(command))
    for symbol, (last, complete) in before.items():
        begun = [begin for each, begin in asked if each == symbol]
        assert all(begin >= last - overlap for begin in begun), symbol
        nothing_newer = last + 2 * overlap / (OVERLAP_BARS + 1) > pd.Timestamp.now(tz="UTC")
        if complete and nothing_newer:
            assert not begun, symbol


def _assert_same(quiet: Path, broken: Path, folder: Path) -> None:
    for command in COMMANDS:
        for key in command.keys:
            stored = [open_store(str(each)).read(key) for each in (quiet, broken)]
            assert stored[0].version == stored[1].version
            hours = 24 if command.interval == "hourly" else 1
            assert len(stored[0].rows) >= FIVE_YEARS * hours
            assert stored[0].rows.index.to_series().diff().dropna().nunique() == 1  # no hole
            options = ["--source", key.source, "--interval", command.interval, "--overwrite"]
            for suffix in ("csv", "parquet"):
                files = [folder / f"{name}.{suffix}" for name in ("quiet", "broken")]
                for store, file in zip((quiet, broken), files, strict=True):
                    arguments = ["export", key.symbol, "--to", str(file), *options]
                    assert command_line(arguments, store=open_store(str(store))) == 0
                assert files[0].read_bytes() == files[1].read_bytes()
