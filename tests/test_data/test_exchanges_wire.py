"""What goes over the wire: nowhere else, without keys, and not before it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pandas as pd
import pytest

from data import errors
from data.exchanges import USUAL_EXCHANGES, Exchange, Patience
from data.exchanges.client import candles_per_request, ccxt_client
from data.exchanges.wire import BASE_URL_VARIABLE, Answer, GuardedSession, configured_base_url
from tests.fakes.exchange_server import ExchangeServer, Fault
from tests.test_data.exchange_examples import (
    CANDLES,
    NOW,
    SteppedClock,
    exchange_of,
    fetched,
    wait_for_workers,
)
from tests.test_data.yahoo_examples import closed_port

ROOT = Path(__file__).parents[2]
each_exchange = pytest.mark.parametrize("exchange_id", USUAL_EXCHANGES)


def _run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


def test_ccxt_is_imported_by_the_first_request_and_not_before() -> None:
    script = (
        "import sys, data.exchanges as e\n"
        "[e.ExchangeSource(name).symbols() for name in e.USUAL_EXCHANGES]\n"
        "e.ExchangePages('binance')\n"
        "print('ccxt' in sys.modules, 'requests' in sys.modules)\n"
    )
    assert _run(script).split()[0] == "False"


@each_exchange
def test_no_key_is_sent_or_looked_for(
    exchanges: ExchangeServer, exchange_id: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login trader password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("BINANCE_API_KEY", "BYBIT_API_KEY", "OKX_API_KEY", "CCXT_API_KEY", "API_KEY", "SECRET"):
        monkeypatch.setenv(name, "secret-of-the-trader")
    seen: list[str] = []
    client = ccxt_client(exchange_id, 5.0)
    send = client.session.get_adapter("https://x").send

    def watched(request: object, *args: object, **kwargs: object) -> object:
        seen.append(f"{request.url} {dict(request.headers)} {request.body}")  # type: ignore[attr-defined]
        return send(request, *args, **kwargs)

    monkeypatch.setattr(client.session.get_adapter("https://x"), "send", watched)
    fetched(Exchange(exchange_id, connect=lambda *_: client))
    assert seen
    text = " ".join(seen).lower()
    assert "secret" not in text
    assert "authorization" not in text
    assert "apikey" not in text.replace("-", "")
    for credential in ("apiKey", "secret", "password", "uid", "token", "privateKey", "walletAddress"):
        assert not getattr(client, credential)


def test_a_login_of_the_netrc_file_stays_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine api.binance.com login trader password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    import requests

    session = GuardedSession()
    prepared = session.prepare_request(requests.Request("GET", "https://api.binance.com/api/v3/time"))
    assert "Authorization" not in prepared.headers
    assert session.trust_env, "a proxy of the environment is used"


@each_exchange
def test_a_server_on_this_machine_is_reached_past_any_proxy(
    exchanges: ExchangeServer, exchange_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    assert len(fetched(exchange_of(exchange_id))) > 900


@each_exchange
def test_every_request_carries_the_host_it_was_meant_for(exchanges: ExchangeServer, exchange_id: str) -> None:
    fetched(exchange_of(exchange_id))
    hosts = {path.split("/")[1] for path in exchanges.requests}
    assert (
        hosts
        == {
            "binance": {"api.binance.com", "fapi.binance.com", "dapi.binance.com"},
            "bybit": {"api.bybit.com"},
            "okx": {"www.okx.com"},
        }[exchange_id]
    )


@pytest.mark.parametrize(
    "address",
    [
        "http://192.168.0.1:80",
        "http://127.0.0.1",
        "http://127.0.0.1:80@elsewhere.example",
        "http://localhost:80",
        "file:///tmp",
        "https://user:secret@mirror.example",
        "https://mirror.example/?q=1",
        "https://mirror.example\nX: y",
    ],
)
def test_no_other_address_stands_in_for_the_exchanges(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BASE_URL_VARIABLE, address)
    with pytest.raises(errors.ChangeInputError, match="cannot stand in for the exchanges") as caught:
        fetched(exchange_of("binance"))
    assert caught.value.parameter == BASE_URL_VARIABLE


@pytest.mark.parametrize(
    ("named", "address"),
    [
        ("  ", None),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        (" https://mirror.example/ccxt", "https://mirror.example/ccxt"),
    ],
)
def test_addresses_that_may_stand_in(
    named: str, address: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BASE_URL_VARIABLE, named)
    assert configured_base_url() == address


def test_only_a_server_on_this_machine_is_reached_past_a_proxy() -> None:
    uses_proxy = {None: True, "https://mirror.example": True, "http://127.0.0.1:8080": False}
    assert {address: GuardedSession(base_url=address).trust_env for address in uses_proxy} == uses_proxy


def test_no_request_is_sent_after_the_end(exchanges: ExchangeServer) -> None:
    import requests

    session = GuardedSession(base_url=exchanges.base_url)
    session.begin(seconds=-1.0, request_seconds=1.0)
    with pytest.raises(requests.exceptions.Timeout):
        session.get("https://api.binance.com/api/v3/time")
    assert exchanges.requests == []
    assert session.last == Answer()


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0.0),
        ("17", 17.0),
        ("-1", None),
        ("soon", None),
        ("٣", None),
        ("", None),
        (format_datetime(datetime(2000, 1, 1, tzinfo=UTC), usegmt=True), 0.0),
    ],
)
def test_what_retry_after_says(exchanges: ExchangeServer, said: str, seconds: float | None) -> None:
    value = said.encode("utf-8").decode("latin-1")
    exchanges.faults.append(Fault("rate limit", on="/time", retry_after=value))
    session = GuardedSession(base_url=exchanges.base_url)
    session.get("https://api.binance.com/api/v3/time")
    assert session.last == Answer(429, seconds)


def test_a_date_counts_by_the_server_s_own_clock(exchanges: ExchangeServer) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    exchanges.faults.append(Fault("rate limit", on="/time", retry_after=until))
    session = GuardedSession(base_url=exchanges.base_url)
    session.get("https://api.binance.com/api/v3/time")
    assert session.last.retry_after_seconds == pytest.approx(90, abs=2)


# One after another, and nobody stuck behind a request that hangs


@each_exchange
def test_threads_share_one_exchange(exchanges: ExchangeServer, exchange_id: str) -> None:
    exchange = exchange_of(exchange_id)
    whole = fetched(exchange)
    lengths: list[int] = []
    threads = [threading.Thread(target=lambda: lengths.append(len(fetched(exchange)))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lengths == [len(whole)] * 6


def test_after_a_request_that_hangs_the_next_one_works(exchanges: ExchangeServer) -> None:
    exchange = exchange_of("binance", patience=Patience(request_seconds=0.5, attempts=1))
    fetched(exchange)
    exchanges.faults.append(Fault("drip", on=CANDLES["binance"], times=1))
    with pytest.raises(errors.DeadlineError):
        fetched(exchange, start=NOW - pd.Timedelta(days=300))
    assert len(fetched(exchange)) > 900


def test_the_first_answer_decides_whether_to_wait_for_the_network(
    exchanges: ExchangeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stepped = SteppedClock()
    exchange = exchange_of("binance", stepped)
    fetched(exchange)
    exchanges.faults.append(Fault("hang up", on=CANDLES["binance"]))
    with pytest.raises(errors.NoNetworkError):
        fetched(exchange)
    assert stepped.waits == [0.5, 1.0, 2.0, 4.0]


def test_an_exchange_can_be_closed_and_used_again(exchanges: ExchangeServer) -> None:
    exchange = exchange_of("okx")
    fetched(exchange, start=NOW - NOW.resolution)
    exchange.close()
    exchange.close()
    assert len(fetched(exchange)) > 900
    wait_for_workers()


@pytest.mark.parametrize(
    ("exchange_id", "terms", "most"),
    [
        ("mexc", {"type": "swap", "linear": True}, 1000),
        ("weex", {"spot": True, "type": "spot"}, 300),
        ("kraken", {"spot": True, "type": "spot"}, 720),
        ("kraken", {"type": "swap", "linear": True}, 200),
    ],
)
def test_other_exchanges_are_asked_for_what_ccxt_says_they_give(
    exchange_id: str, terms: dict[str, object], most: int
) -> None:
    assert candles_per_request(ccxt_client(exchange_id, 5.0), terms) == most


@pytest.mark.parametrize("exchange_id", ["bingx", "mexc", "weex"])
def test_other_exchanges_are_reached_by_name(exchange_id: str) -> None:
    with pytest.raises(errors.NoNetworkError):
        fetched(exchange_of(exchange_id))
