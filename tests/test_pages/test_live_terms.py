"""The terms in use beside what the exchange says: asked by hand, taken over by one click."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.environment import STORE_VARIABLE, utc_now
from data.exchanges.wire import BASE_URL_VARIABLE
from pages.shared.live_terms import can_be_asked
from pages.shared.terms import offered_terms
from tests.fakes.exchange_formats import Listing, World
from tests.fakes.exchange_server import ExchangeServer
from tests.test_data.exchange_examples import exchange_of
from tests.test_pages.tables import text_table
from tests.test_pages.test_beta import APP

LINK = {"source": "simulated", "asset": "SOL-SIM", "benchmark": "BTC-SIM"}
ASK, TAKE = "Ask Bybit for BTCUSDT", "Use what the exchange says"


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


@pytest.fixture
def bybit(monkeypatch: pytest.MonkeyPatch) -> Iterator[ExchangeServer]:
    """Bybit, whose BTC perpetual has other steps today than the table says."""
    with ExchangeServer() as server:
        monkeypatch.setenv(BASE_URL_VARIABLE, server.base_url)
        monkeypatch.setattr("pages.shared.live_terms.shared_exchange", exchange_of)
        others = tuple(each for each in server.world.listings if (each.coin, each.kind) != ("BTC", "linear"))
        btc = next(each for each in server.world.listings if (each.coin, each.kind) == ("BTC", "linear"))
        server.world = World((*others, with_steps(btc, "0.005")), server.world.now)
        yield server


def with_steps(listing: Listing, step: str) -> Listing:
    return replace(listing, step=step, least=step)


def opened(**link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state["terms_now"] = True
    for name, value in (LINK | link).items():
        app.query_params[name] = value
    app.switch_page("hedge.py")
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def test_nothing_is_asked_before_the_button_and_one_click_takes_it_over(bybit):
    app = opened(contract="Bybit BTCUSDT")
    assert not bybit.requests
    press(app, ASK)
    table = text_table(app, "Terms in use")
    assert table.columns.tolist() == ["in use", "Bybit today", ""]
    assert table.loc["step, contracts"].tolist() == ["0.001", "0.005", "≠ differs"]
    assert table.loc["smallest order, contracts"].tolist() == ["0.001", "0.005", "≠ differs"]
    assert table.loc["size of one contract"].tolist() == ["1", "1", "✓ same"]
    press(app, TAKE)
    assert app.query_params["quantity_step"] == "0.005"
    assert app.query_params["minimum_quantity"] == "0.005"
    assert app.query_params["terms_for"] == "Bybit BTCUSDT"
    table = text_table(app, "Terms in use")
    assert "≠ differs" not in table.loc[["step, contracts", "smallest order, contracts"]].to_numpy()
    assert TAKE not in [button.label for button in app.button]
    assert "short 0.140 BTC" in text_table(app, "From beta").loc["order, rounded", "value"]


def test_an_exchange_out_of_reach_is_one_sentence_and_the_page_stands():
    app = opened(contract="Bybit BTCUSDT")
    press(app, ASK)
    assert any("Bybit cannot be reached" in error.value for error in app.error)
    assert text_table(app, "From beta").loc["order, rounded", "value"].startswith("short ")


@pytest.mark.fault(
    "exchange: out of reach when its contract terms are wanted",
    saw="Bybit cannot be reached from this machine…; below it the kept terms: As Bybit stated them on … UTC, "
    "3 days ago…",
    lost="nothing",
)
def test_out_of_reach_the_terms_kept_before_are_shown_with_their_age(
    bybit: ExchangeServer, monkeypatch: pytest.MonkeyPatch, saw: Callable[[object], None]
) -> None:
    days = pd.Timedelta(days=3)
    monkeypatch.setattr("pages.shared.live_terms.utc_now", lambda: utc_now() - days)
    press(opened(contract="Bybit BTCUSDT"), ASK)
    st.cache_resource.clear()
    monkeypatch.setenv(BASE_URL_VARIABLE, "http://127.0.0.1:9")
    n_asked = len(bybit.requests)
    app = opened(contract="Bybit BTCUSDT")
    day = f"{utc_now() - days:%Y-%m-%d}"
    assert text_table(app, "Terms in use").columns.tolist() == ["in use", f"Bybit on {day}", ""]
    assert not [error for error in app.error if "cannot be reached" in error.value]
    press(app, ASK)
    said = next(error.value for error in app.error if "cannot be reached" in error.value)
    table = text_table(app, "Terms in use")
    assert table.loc["step, contracts"].tolist() == ["0.001", "0.005", "≠ differs"]
    age = next(caption.value for caption in app.caption if "As Bybit stated them" in caption.value)
    saw(f"{said}; below it the kept terms: {age}")
    press(app, "Use what the exchange said")
    assert app.query_params["quantity_step"] == "0.005"
    assert any("cannot be reached" in error.value for error in app.error)
    assert len(bybit.requests) == n_asked


def test_kept_terms_that_are_damaged_are_said_and_the_page_stands(bybit: ExchangeServer) -> None:
    press(opened(contract="Bybit BTCUSDT"), ASK)
    st.cache_resource.clear()
    kept = next((Path(os.environ[STORE_VARIABLE]) / "answers").glob("terms-*.json"))
    kept.write_bytes(kept.read_bytes()[:100])
    app = opened(contract="Bybit BTCUSDT")
    for _ in range(2):
        assert any("is damaged" in error.value for error in app.error)
        assert "short 0.1" in text_table(app, "From beta").loc["order, rounded", "value"]
        app.run()
    press(app, ASK)
    assert not app.error
    assert kept.exists()


def test_a_row_that_stands_for_many_contracts_cannot_be_asked_for():
    asked = {terms.symbol: can_be_asked(terms) for terms in offered_terms("BTCUSDT")}
    assert asked["BTCUSDT"]
    assert not asked["BTCUSDT_YYMMDD"]
    assert not can_be_asked(None)
