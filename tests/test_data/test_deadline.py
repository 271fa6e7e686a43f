"""A fetch comes back in time, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from data import errors
from data.deadline import DeadlinePassedError, call_within
from data.yahoo import YahooSource
from data.yahoo_wire import BASE_URL_VARIABLE
from tests.fakes.yahoo_server import Script, YahooServer
from tests.test_data.yahoo_examples import DAYS, NOW, OWN_TIME_OUT_SECONDS, wait_for_workers

pytestmark = pytest.mark.usefixtures("_yahoo_itself")
ROOT = Path(__file__).parents[2]


@pytest.mark.fault(
    "Yahoo: the connection is accepted and never answered",
    saw="Yahoo Finance did not answer in time for HANG-USD",
    lost="nothing",
)
def test_the_caller_comes_back_at_the_deadline_and_the_worker_soon_after(
    yahoo: YahooServer, session: requests.Session
) -> None:
    yahoo.scripts["HANG-USD"] = Script("silent")
    began = time.monotonic()
    with pytest.raises(errors.DeadlineError, match="did not answer in time for HANG-USD") as caught:
        YahooSource(session, deadline_seconds=0.5).fetch("HANG-USD", interval="daily", now=NOW)
    assert 0.5 <= time.monotonic() - began < OWN_TIME_OUT_SECONDS
    assert isinstance(caught.value.__cause__, DeadlinePassedError)
    wait_for_workers()


class StuckSession(requests.Session):
    """Never answers for one symbol and heeds no time-out, until it is released."""

    def __init__(self, inner: requests.Session) -> None:
        super().__init__()
        self.inner = inner
        self.release = threading.Event()

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        if "HANG-USD" in url:
            self.release.wait()
        return self.inner.request(method, url, *args, **kwargs)


@pytest.mark.fault(
    "Yahoo: one request hangs for good",
    saw="other symbols as always; for this one that Yahoo Finance did not answer in time",
    lost="nothing",
)
def test_while_one_fetch_hangs_for_good_others_work(session: requests.Session) -> None:
    stuck = StuckSession(session)
    try:
        with pytest.raises(errors.DeadlineError):
            YahooSource(stuck, deadline_seconds=0.2).fetch("HANG-USD", interval="daily", now=NOW)
        hanging = [thread for thread in threading.enumerate() if thread.name == "Yahoo HANG-USD"]
        assert len(hanging) == 1
        history = YahooSource(stuck, deadline_seconds=3.0).fetch("BTC-USD", interval="daily", now=NOW)
        assert len(history.prices) == 4
    finally:
        stuck.release.set()
    wait_for_workers()


@pytest.mark.fault(
    "Yahoo: cookie and crumb are withheld",
    saw="other symbols as always; for this one that Yahoo Finance did not answer in time",
    lost="nothing",
)
def test_while_yahoo_withholds_the_cookie_others_work(yahoo: YahooServer, session: requests.Session) -> None:
    """The vendor's own connection holds one lock for the whole process meanwhile."""
    release = threading.Event()

    class NoCookie(requests.Session):
        def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
            if "/chart/" not in url:
                release.wait()
            return session.request(method, url, *args, **kwargs)

    yahoo.scripts["A-USD"] = Script("forbidden")
    try:
        with pytest.raises(errors.DeadlineError):
            YahooSource(NoCookie(), deadline_seconds=0.3).fetch("A-USD", interval="daily", now=NOW)
        assert len(YahooSource(session).fetch("BTC-USD", interval="daily", now=NOW).prices) == 4
    finally:
        release.set()
    wait_for_workers()


def test_call_within_hands_over_results_and_exceptions() -> None:
    assert call_within(lambda: 7, seconds=5.0, name="seven") == 7
    with pytest.raises(ZeroDivisionError):
        call_within(lambda: 1 // 0, seconds=5.0, name="division")


def _run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


EXIT_SCRIPT = """
import socket, time
import pandas as pd
from data.errors import DeadlineError
from data.yahoo import YahooSource
from data.yahoo_wire import session_for
with socket.create_server(("127.0.0.1", 0)) as silent:
    session = session_for(f"http://127.0.0.1:{silent.getsockname()[1]}")
    forever = session.request
    session.request = lambda *args, **kwargs: forever(*args, **{**kwargs, "timeout": None})
    try:
        now = pd.Timestamp.now("UTC")
        YahooSource(session, deadline_seconds=1.0).fetch("BTC-USD", interval="daily", now=now)
    except DeadlineError:
        print("late", flush=True)
"""


def test_a_hanging_worker_does_not_keep_the_interpreter_from_ending() -> None:
    done = _run(EXIT_SCRIPT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "late\n", "")


FETCH_SCRIPT = """
import json, sys
import pandas as pd
from data.yahoo import YahooSource
history = YahooSource().fetch("BTC-USD", interval="daily", now=pd.Timestamp("2024-01-05 12:00", tz="UTC"))
print(json.dumps(list(history.prices)))
"""


@pytest.mark.parametrize("answer", ["ok", "wants crumb"])
def test_nothing_is_written_to_the_home_folder_or_said(
    yahoo: YahooServer, tmp_path: Path, answer: Any
) -> None:
    yahoo.scripts["BTC-USD"] = Script(answer, daily=DAYS)
    home = tmp_path / "home"
    home.mkdir()
    variables = {name: str(home) for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "TMPDIR")}
    done = _run(
        FETCH_SCRIPT, **variables, **{BASE_URL_VARIABLE: yahoo.base_url, "PYTHONDONTWRITEBYTECODE": "1"}
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == [100.5, 101.25, 99.0, 102.0]
    assert list(home.rglob("*")) == []


@pytest.mark.fault("Yahoo: a home folder that cannot be written", saw="prices as always", lost="nothing")
def test_a_home_folder_that_cannot_be_written_is_no_failure(yahoo: YahooServer, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    home = str(blocked / "home")
    done = _run(FETCH_SCRIPT, HOME=home, XDG_CACHE_HOME=home, **{BASE_URL_VARIABLE: yahoo.base_url})
    assert done.stderr == ""
    assert json.loads(done.stdout) == [100.5, 101.25, 99.0, 102.0]


def test_importing_the_source_does_not_import_the_vendor() -> None:
    done = _run("import sys, data.yahoo; print('yfinance' in sys.modules, 'curl_cffi' in sys.modules)")
    assert done.stdout == "False False\n"
