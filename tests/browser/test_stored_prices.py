"""Prices that were stored: shown at once, without a network, and brought up to date while somebody looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from data.collect import collect
from data.environment import utc_now
from data.series import SeriesKey
from data.store import open_store
from data.yahoo_pages import SETTLING, YahooPages
from data.yahoo_wire import session_for
from tests.browser.beta_page import figure, wait_for_charts, wait_until_idle
from tests.browser.conftest import opened, running_app
from tests.fakes.yahoo_server import Script, YahooServer, daily_quotes

pytestmark = pytest.mark.browser

DAYS, STORED_DAYS_AGO = 400, 5
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Stored:
    """A store with prices up to some days ago, and the server that has the rest."""

    folder: Path
    yahoo: YahooServer
    stored_until: pd.Timestamp


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Stored]:
    today = utc_now().normalize()
    generator = np.random.default_rng(3)
    benchmark = 0.02 * generator.standard_normal(DAYS + 1)  # and today, which has not ended
    asset = 1.5 * benchmark + 0.02 * generator.standard_normal(DAYS + 1)
    first = f"{today - pd.Timedelta(days=DAYS):%Y-%m-%d}"
    scripts = {
        name: Script(daily=daily_quotes([*(100.0 * np.exp(np.cumsum(moves)))], first=first))
        for name, moves in (("BTC-USD", benchmark), ("SOL-USD", asset))
    }
    then = today - pd.Timedelta(days=STORED_DAYS_AGO) + pd.Timedelta(hours=1)
    with YahooServer(scripts) as yahoo, session_for(yahoo.base_url) as session:
        store = open_store(str(tmp_path / "store"))
        for name in scripts:
            found = collect(YahooPages(session), SeriesKey("yahoo", name, "prices", "daily"), store, now=then)
            assert found.problem is None
        yield Stored(tmp_path / "store", yahoo, then - DAY)


def last_final_day() -> str:
    """The last day that Yahoo has settled by now: soon after midnight not yet yesterday."""
    return f"{(utc_now() - SETTLING).normalize() - DAY:%Y-%m-%d}"


def test_without_a_network_it_opens_on_what_is_stored_and_says_how_old_that_is(chromium, stored):
    with running_app(store=stored.folder) as url, opened(chromium, url) as page:
        wait_for_charts(page)
        expect(figure(page, "Observations")).to_contain_text(f"to {stored.stored_until:%Y-%m-%d}")
        expect(page.get_by_text("gave no newer prices")).to_be_visible()
        expect(page.get_by_text(re.compile(r"Shown is what was stored on \d{4}-\d\d-\d\d"))).to_be_visible()
        assert "source=yahoo" in page.url


def test_newer_prices_appear_by_themselves(chromium, stored):
    before = last_final_day()
    with running_app(yahoo=stored.yahoo.base_url, store=stored.folder) as url, opened(chromium, url) as page:
        wait_for_charts(page)
        observations = figure(page, "Observations")
        expect(observations).not_to_contain_text(f"to {stored.stored_until:%Y-%m-%d}")
        wait_until_idle(page)
        shown = re.search(r"to (\d{4}-\d\d-\d\d)", observations.inner_text())
        assert shown is not None
        assert before <= shown.group(1) <= last_final_day()
        expect(page.get_by_text("Asking Yahoo Finance")).to_have_count(0)
        expect(page.get_by_text("gave no newer prices")).to_have_count(0)
