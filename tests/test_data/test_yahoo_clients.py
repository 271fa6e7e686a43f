"""The session that is used when none is given: another client with exceptions of its own."""

from __future__ import annotations

import time
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
import requests
from curl_cffi import requests as curl

from data import errors
from data.prices import PriceHistory
from data.yahoo import YahooSource
from data.yahoo_wire import BASE_URL_VARIABLE, GuardedSession, NotAskedError, YahooAnswer, session_for
from tests.fakes.yahoo_server import Script, YahooServer
from tests.test_data.yahoo_examples import DAYS, NOW, OWN_TIME_OUT_SECONDS, closed_port, wait_for_workers

pytestmark = pytest.mark.usefixtures("_yahoo_itself")


class BrowserLike(curl.Session):
    """The default client, sent to a server on this machine."""

    def __init__(self, base_url: str) -> None:
        super().__init__(impersonate="chrome", trust_env=False)
        self.base_url = base_url

    def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Any:
        return super().request(method, self.base_url + urlsplit(url).path, *args, **kwargs)


def fetched_with(session: curl.Session, *, seconds: float = 15.0) -> PriceHistory:
    source = YahooSource(cast(requests.Session, session), deadline_seconds=seconds)
    return source.fetch("X-USD", interval="daily", now=NOW)


def test_browser_like_session_refused_connection_is_no_network() -> None:
    with (
        BrowserLike(f"http://127.0.0.1:{closed_port()}") as session,
        pytest.raises(errors.NoNetworkError) as caught,
    ):
        fetched_with(session)
    assert type(caught.value.__cause__) is curl.exceptions.ConnectionError


def test_browser_like_session_failing_encryption_is_no_network(yahoo: YahooServer) -> None:
    with (
        BrowserLike(yahoo.base_url.replace("http:", "https:")) as session,
        pytest.raises(errors.NoNetworkError) as caught,
    ):
        fetched_with(session)
    assert type(caught.value.__cause__) is curl.exceptions.SSLError


@pytest.mark.fault(
    "Yahoo: its name is not found (DNS)",
    saw="Yahoo Finance cannot be reached from this machine",
    lost="nothing",
)
def test_browser_like_session_unknown_host_is_no_network() -> None:
    with BrowserLike("http://nowhere.invalid") as session, pytest.raises(errors.NoNetworkError) as caught:
        fetched_with(session)
    assert type(caught.value.__cause__) is curl.exceptions.DNSError


@pytest.mark.parametrize("proxy", ["http://nowhere.invalid:3128", "http://127.0.0.1:{port}"])
def test_browser_like_session_dead_proxy_is_no_network(proxy: str) -> None:
    address = proxy.format(port=closed_port())
    with (
        curl.Session(impersonate="chrome", proxies={"https": address}) as session,
        pytest.raises(errors.NoNetworkError),
    ):
        fetched_with(session)


def test_browser_like_session_keeps_the_deadline(yahoo: YahooServer) -> None:
    yahoo.scripts["X-USD"] = Script("silent")
    began = time.monotonic()
    with BrowserLike(yahoo.base_url) as session:
        with pytest.raises(errors.DeadlineError):
            fetched_with(session, seconds=0.5)
        assert 0.5 <= time.monotonic() - began < OWN_TIME_OUT_SECONDS
        wait_for_workers()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("short body", errors.SourceAnswerError),
        ("truncated", errors.SourceAnswerError),
        ("html", errors.SourceAnswerError),
        ("server error", errors.SourceAnswerError),
        ("hang up", errors.NoNetworkError),
        ("rate limit", errors.RateLimitedError),
        ("not found", errors.UnknownSymbolError),
        ("empty", errors.NoDataInRangeError),
    ],
)
def test_browser_like_session_failures(
    yahoo: YahooServer, answer: Any, expected: type[errors.DataError]
) -> None:
    yahoo.scripts["X-USD"] = Script(answer, daily=DAYS)
    with BrowserLike(yahoo.base_url) as session, pytest.raises(errors.DataError) as caught:
        fetched_with(session)
    assert type(caught.value) is expected


def test_browser_like_session_prices(yahoo: YahooServer) -> None:
    yahoo.scripts["X-USD"] = Script(daily=DAYS)
    with BrowserLike(yahoo.base_url) as session:
        assert list(fetched_with(session).prices) == [100.5, 101.25, 99.0, 102.0]


# Another server in place of Yahoo


def test_the_environment_names_another_server(yahoo: YahooServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BASE_URL_VARIABLE, yahoo.base_url + "/")
    history = YahooSource().fetch("BTC-USD", interval="daily", now=NOW)
    assert list(history.prices) == [100.5, 101.25, 99.0, 102.0]


def test_a_stopped_server_is_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    with YahooServer() as stopped:
        base_url = stopped.base_url
    monkeypatch.setenv(BASE_URL_VARIABLE, base_url)
    with pytest.raises(errors.NoNetworkError):
        YahooSource(deadline_seconds=3.0).fetch("BTC-USD", interval="daily", now=NOW)


def test_a_server_on_this_machine_is_reached_past_any_proxy(
    yahoo: YahooServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv(BASE_URL_VARIABLE, yahoo.base_url)
    assert len(YahooSource().fetch("BTC-USD", interval="daily", now=NOW).prices) == 4


@pytest.mark.parametrize(
    "base_url",
    [
        "http://192.168.0.1:80",
        "http://127.0.0.1",
        "http://127.0.0.1:80@elsewhere.example",
        "http://localhost:80",
        "file:///tmp",
        "127.0.0.1:80",
        "https://",
        "https://user:secret@mirror.example",
        "https://mirror.example/?q=1",
        "https://mirror.example\nX: y",
    ],
)
def test_no_other_address_stands_in_for_yahoo(base_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BASE_URL_VARIABLE, base_url)
    with pytest.raises(errors.ChangeInputError, match="cannot stand in for Yahoo Finance") as caught:
        YahooSource().fetch("BTC-USD", interval="daily", now=NOW)
    assert caught.value.parameter == BASE_URL_VARIABLE


def test_a_session_for_another_server_goes_nowhere_else(
    yahoo: YahooServer, session: requests.Session
) -> None:
    for url in ("https://elsewhere.example/", "http://notyahoo.com/", "https://yahoo.com.elsewhere.example/"):
        with pytest.raises(NotAskedError):
            session.get(url)
    assert yahoo.requests == []
    assert session.get("https://fc.yahoo.com").status_code == 200
    assert session_for("https://mirror.example/yahoo").trust_env is True


def test_only_charts_are_asked_for(session: requests.Session) -> None:
    guard = GuardedSession(session, seconds=5.0)
    for url in (
        "https://fc.yahoo.com",
        "https://query1.finance.yahoo.com/v1/test/getcrumb",
        "https://elsewhere.example/v8/finance/chart/BTC-USD",
    ):
        with pytest.raises(NotAskedError):
            guard.get(url)
    assert guard.last_answer() == YahooAnswer()
    assert guard.get("https://query2.finance.yahoo.com/v8/finance/chart/BTC-USD").status_code == 200
    answer = guard.last_answer()
    assert answer.status == 200
    assert answer.meta is not None
    assert answer.meta["currency"] == "USD"


def test_no_request_is_sent_after_the_end(yahoo: YahooServer, session: requests.Session) -> None:
    guard = GuardedSession(session, seconds=-1.0)
    with pytest.raises(TimeoutError):
        guard.get("https://query2.finance.yahoo.com/v8/finance/chart/BTC-USD")
    assert yahoo.requests == []
