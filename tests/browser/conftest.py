"""The real app in a real browser, on this machine only."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from data.environment import DATA_FOLDER_VARIABLE, STORE_VARIABLE
from data.exchanges.wire import BASE_URL_VARIABLE as EXCHANGE_URL_VARIABLE
from data.yahoo_wire import BASE_URL_VARIABLE
from tests.conftest import UNREACHABLE

ROOT = Path(__file__).parents[2]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_SECONDS = 60
PAUSE_SECONDS = 0.05
PATIENCE_MILLISECONDS = 30_000
LAPTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
Scheme = Literal["light", "dark"]


@contextmanager
def running_app(
    *,
    yahoo: str = UNREACHABLE,
    folder: Path | None = None,
    store: Path | None = None,
    log: list[str] | None = None,
) -> Iterator[str]:
    """Start the app on a free port of this machine, stop it by its own handle; ``log`` gets what it wrote."""
    own_store = tempfile.TemporaryDirectory(prefix="store-")
    environment = {**os.environ, BASE_URL_VARIABLE: yahoo, STORE_VARIABLE: str(store or own_store.name)}
    environment[EXCHANGE_URL_VARIABLE] = UNREACHABLE
    environment.pop(DATA_FOLDER_VARIABLE, None)
    if folder is not None:
        environment[DATA_FOLDER_VARIABLE] = str(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        output, _ = server.communicate(timeout=20)
        own_store.cleanup()
        if log is not None:
            log.append(output)
    assert "Traceback" not in output, output


def _wait_until_healthy(url: str, server: subprocess.Popen[str]) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        if server.poll() is not None:
            pytest.fail(f"the app ended with code {server.returncode}")
        try:
            with urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            with suppress(subprocess.TimeoutExpired):
                server.wait(PAUSE_SECONDS)
    pytest.fail(f"the app did not answer within {START_SECONDS} seconds")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)
    if found is None:
        message = "no Chromium on PATH; install the package chromium"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def app_url() -> Iterator[str]:
    """The app with no market data in reach."""
    with running_app() as url:
        yield url


def is_here(url: str) -> bool:
    """Whether a request stays on this machine."""
    return url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))


@cache
def _known(browser: Browser) -> BrowserContext:
    """A browser that was here before: it need not fetch and read Plotly and Streamlit for every test."""
    return _context(browser)


def _context(browser: Browser) -> BrowserContext:
    # Playwright waits for functions by evaluating text, which the policy of the app forbids to everybody;
    # test_security.py works under it.
    return browser.new_context(accept_downloads=True, bypass_csp=True)


@contextmanager
def opened(
    browser: Browser, url: str, *, size: dict[str, int] = LAPTOP, scheme: Scheme = "light", known: bool = True
) -> Iterator[Page]:
    """A page in a session of its own; it may talk to this machine only and must not log errors."""
    context = _known(browser) if known else _context(browser)
    page = context.new_page()
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    page.emulate_media(color_scheme=scheme)
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    elsewhere: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: elsewhere.append(request.url) if not is_here(request.url) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    try:
        yield page
    finally:
        page.close()
        if not known:
            context.close()
    assert not elsewhere
    assert not complaints
