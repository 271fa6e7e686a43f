"""Around every page: which prices are watched for their age."""

from __future__ import annotations

from dataclasses import replace

import pytest
import streamlit as st

from pages.shared import frame
from pages.shared.catalogue import FileInputs
from pages.shared.frame import shown_series
from pages.shared.positions import BookLine
from pages.shared.settings import BOOK, Settings
from tests.test_pages.test_portfolio import MARKET, opened

YAHOO = Settings(source="yahoo", asset="SOL-USD", benchmark="BTC-USD")
LINES = (BookLine("AVAX-USD", 5.0, "coins"), BookLine("LINK-USD", 7.0, "usd", included=False))


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


@pytest.mark.parametrize(
    ("changes", "watched"),
    [
        ({}, {"BTC-USD", "SOL-USD"}),
        ({"perpetual": "BTC-PERP"}, {"BTC-USD", "SOL-USD", "BTC-PERP"}),
        ({"asset": BOOK}, {"BTC-USD", "AVAX-USD", "LINK-USD"}),
        ({"asset": BOOK, "benchmark": "AVAX-USD"}, {"AVAX-USD", "LINK-USD"}),
        ({"source": "simulated"}, set()),
    ],
)
def test_the_series_behind_what_is_shown_are_watched(changes, watched):
    found = shown_series(replace(YAHOO, **changes), FileInputs(), LINES)
    assert {symbol for symbol, _ in found} == watched
    assert len(found) == len(watched)
    assert all(bars == "daily" for _, bars in found)


def test_the_portfolio_watches_its_lines_and_no_single_asset(monkeypatch):
    asked = []
    monkeypatch.setattr(
        frame, "shown_series", lambda settings, files, book: asked.append((settings.asset, book)) or ()
    )
    opened(**MARKET, asset="SOL-SIM", book="AVAX-SIM:5,LINK-SIM:7usd!")
    asset, book = asked[-1]
    assert (asset, [line.symbol for line in book]) == (BOOK, ["AVAX-SIM", "LINK-SIM"])
