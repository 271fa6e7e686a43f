"""The Data page: what is stored, how good it is, and fetching more of it."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.collect import collect
from data.environment import utc_now
from data.errors import DataError
from data.exchanges.wire import BASE_URL_VARIABLE as EXCHANGE_BASE_URL_VARIABLE
from data.quality import stored_quality
from data.series import SeriesKey
from data.store import AnswerKey, Store, open_store
from data.yahoo_wire import BASE_URL_VARIABLE
from pages.shared.views.stored import (
    gaps_table,
    load_series,
    outliers_table,
    quality_figures,
    stored_table,
)
from tests.fakes.other_exchanges import OtherExchanges
from tests.fakes.paged_source import FakePages, funding_rows, price_rows
from tests.fakes.yahoo_server import Script, YahooServer, daily_quotes
from tests.test_data.exchange_examples import NOW as EXCHANGE_NOW
from tests.test_pages.test_beta import APP, errors, link_of, random_prices

SOL = SeriesKey("yahoo", "SOL-USD", "prices", "daily")
FUNDING = SeriesKey("yahoo", "F", "funding", None)


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


@pytest.fixture
def store() -> Store:
    """A store with a gap and a bad tick, and funding."""
    rows = price_rows(400, first="2024-01-01")
    rows = rows.drop(rows.index[100:105])
    rows.loc[rows.index[200], ["high", "close"]] *= 3
    pages = FakePages({"SOL-USD": rows, "F": funding_rows(60)}, name="yahoo")
    found = open_store()
    for key in (SOL, FUNDING):
        assert collect(pages, key, found, now=utc_now()).complete
    return found


def opened() -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.switch_page("stored.py")
    app.run()
    assert not app.exception
    return app


def test_an_empty_store_says_what_to_do():
    app = opened()
    assert any("Nothing is stored yet" in text.value for text in app.markdown)
    assert not app.dataframe


def test_every_series_has_its_row(store: Store):
    table = opened().dataframe[0].value.set_index("symbol")
    assert table.loc["SOL-USD", "rows"] == "395"
    assert table.loc["SOL-USD", "missing"] == "5"
    assert (table.loc["SOL-USD", "from"], table.loc["SOL-USD", "to"]) == ("2024-01-01", "2025-02-03")
    assert table.loc["F", "holds"] == "funding rates"
    assert table["state"].str.fullmatch(r"stale: ends [\d,]+ days ago").all()


def test_a_series_up_to_date_is_whole():
    today = utc_now().normalize()
    rows = price_rows(100, first=f"{today - pd.Timedelta(days=100):%Y-%m-%d}")
    assert collect(FakePages({"SOL-USD": rows}, name="yahoo"), SOL, open_store(), now=utc_now()).complete
    assert opened().dataframe[0].value["state"].tolist() == ["whole"]


def test_kept_terms_of_contracts_have_their_rows():
    store = open_store()
    store.answers.write(AnswerKey("terms", "bybit", "BTCUSDT"), {}, now=utc_now())
    table = opened().dataframe[0].value.set_index("contract")
    assert table.loc["BTCUSDT", ["source", "state"]].tolist() == ["Bybit", "whole"]


def test_the_settings_of_the_other_pages_stay(store: Store):
    app = opened()
    assert link_of(app)["source"] in ("yahoo", "simulated")
    assert link_of(app)["lookback"] == "60"


def test_a_look_at_every_row_finds_gap_and_bad_tick(store: Store):
    view = load_series(store, SOL)
    assert view.quality is not None
    figures = {figure.label: figure for figure in quality_figures(view.quality)}
    assert figures["Rows"].value == "395"
    assert figures["Missing bars"].value == "5"
    assert figures["Age"].small == "stale"
    assert gaps_table(view.quality)["missing"].tolist() == [5]
    assert "spike" in outliers_table(view.quality)["what"].tolist()
    assert not isinstance(view.stored, DataError)
    assert stored_quality(view.stored, now=utc_now()).n_rows == 395


def test_a_series_that_is_gone_is_explained(store: Store):
    store.delete(SOL)
    assert isinstance(load_series(store, SOL).stored, DataError)
    assert len(stored_table(store.list())) == 1


def fill(app: AppTest, symbols: str) -> None:
    app.text_input[0].set_value(symbols)
    next(button for button in app.button if button.label == "Fetch").click()
    app.run()
    assert not app.exception


def test_symbols_are_fetched_and_one_that_fails_is_named(monkeypatch):
    first = (utc_now().normalize() - pd.Timedelta(days=200)).strftime("%Y-%m-%d")
    scripts = {"SOL-USD": Script(daily=daily_quotes(list(random_prices(1, 201)), first=first))}
    with YahooServer(scripts) as yahoo:
        monkeypatch.setenv(BASE_URL_VARIABLE, yahoo.base_url)
        app = opened()
        fill(app, "SOL-USD, NOPE-USD")
    said = " ".join(text.value.replace("\\", "") for text in app.markdown)
    assert "SOL-USD: 200 new rows, 200 stored" in said
    assert "NOPE-USD" in said
    assert app.dataframe[0].value["symbol"].tolist() == ["SOL-USD"]
    assert app.text_input[0].value == "SOL-USD, NOPE-USD"


def choose_source(app: AppTest, typed: str) -> None:
    """As typed into the box and not chosen from its list."""
    box = next(each for each in app.selectbox if each.label == "Source")
    box.options.append(typed)
    box.set_value(typed)


def captions(app: AppTest) -> str:
    return " ".join(caption.value.replace("\\", "") for caption in app.caption)


def test_an_exchange_typed_by_name_is_asked_and_how_a_symbol_was_read_is_said(monkeypatch):
    monkeypatch.setattr("data.environment.utc_now", lambda: EXCHANGE_NOW)
    with OtherExchanges() as server:
        monkeypatch.setenv(EXCHANGE_BASE_URL_VARIABLE, server.base_url)
        app = opened()
        choose_source(app, "MEXC ")
        fill(app, "SOL, SOLUSDT")
    assert [(info.key.source, info.key.symbol) for info in open_store().list()] == [("mexc", "SOL/USDT:USDT")]
    assert "SOL was read as SOL/USDT:USDT, the perpetual in USDT." in captions(app)
    choose_source(app, "MEXC ")  # the box forgets what is not on its list when a test looks at it
    choose(app, 0)
    assert "Also typed SOL, SOLUSDT: read as SOL/USDT:USDT." in captions(app)


@pytest.mark.parametrize("name", ["nosuchexchange", "../../etc", "<script>alert(1)</script>", " "])
def test_what_is_no_exchange_is_said_in_a_sentence(name: str):
    app = opened()
    choose_source(app, name)
    fill(app, "SOL")
    said = " ".join(text.value for text in app.markdown)
    assert "here is no exchange" in said or "here is no source" in said
    assert len(open_store().list()) == 0


@pytest.mark.parametrize("typed", ["", " , ", ",".join(f"S{n}" for n in range(21))])
def test_no_symbols_or_too_many_are_refused(typed: str):
    app = opened()
    fill(app, typed)
    assert "1 to 20" in app.warning[-1].value


def test_hostile_symbols_do_no_harm():
    app = opened()
    fill(app, "../../etc/passwd, <script>, =1+1")
    assert not errors(app)
    assert len(open_store().list()) == 0


def table_key(app: AppTest) -> str:
    return str(app.dataframe[0].proto.id.rpartition("-")[2])


def choose(app: AppTest, row: int) -> AppTest:
    app.session_state[table_key(app)] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    return app


def rows_of(store: Store) -> list[str]:
    return [info.name for info in store.list()]


def test_a_series_that_moves_into_the_chosen_row_is_not_chosen(store: Store):
    sol, funding = store.info(SOL).name, store.info(FUNDING).name
    assert rows_of(store) == [funding, sol]
    app = choose(opened(), 0)
    assert app.button(key=f"refresh_{funding}")
    app.checkbox(key=f"sure_{funding}").check().run()
    store.delete(FUNDING)  # by somebody else
    app.button(key=f"delete_{funding}").click().run()
    assert not app.exception
    assert rows_of(store) == [sol]
    assert any("Choose a row" in text.value for text in app.caption)


def test_a_series_of_which_nothing_can_be_read_can_be_deleted(store: Store):
    name = store.info(SOL).name
    folder = Path(os.environ["HEDGING_STORE"]) / "series" / name
    for path in folder.iterdir():
        if path.is_file():
            path.write_bytes(b"damaged")
    app = choose(opened(), rows_of(store).index(name))
    assert name in app.error[-1].value.replace("\\", "")
    app.checkbox(key=f"sure_{name}").check().run()
    app.button(key=f"delete_{name}").click().run()
    assert not app.exception
    assert rows_of(store) == [store.info(FUNDING).name]


@pytest.mark.parametrize(("address", "is_said"), [("127.0.0.1", True), ("0.0.0.0", False)])  # noqa: S104
def test_the_path_of_the_store_is_shown_on_ones_own_machine_only(store: Store, address: str, is_said: bool):
    before = st.get_option("server.address")
    st.config.set_option("server.address", address)
    try:
        captions = [text.value.replace("\\", "") for text in opened().caption]
    finally:
        st.config.set_option("server.address", before)
    assert any(store.shown in said for said in captions) == is_said
    assert any("Stored in" in said for said in captions)
