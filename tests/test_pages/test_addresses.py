"""The address of the page: what the browser sends of it may be old, and may be meant."""

from __future__ import annotations

from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.environment import STORE_VARIABLE
from pages.shared import addresses
from pages.shared.choices import BookChoices
from pages.shared.positions import BookLine
from pages.shared.state import AppState
from tests.test_pages.test_beta import opened, strip

SOL = {"source": "simulated", "asset": "SOL-SIM", "benchmark": "BTC-SIM"}


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


def address(app: AppTest) -> dict[str, str]:
    return dict(app.query_params)


def with_address(app: AppTest, old: dict[str, str]) -> AppTest:
    app.query_params = dict(old)
    return app


def test_two_changes_in_a_row_both_hold_though_the_second_came_with_the_address_before_the_first():
    app = opened(**SOL)
    old = address(app)
    app.number_input(key="position").set_value(777.0).run()
    with_address(app, old).selectbox(key="interval").set_value("weekly").run()
    assert app.session_state["position"] == 777.0
    assert app.session_state["interval"] == "weekly"
    assert (address(app)["position"], address(app)["interval"]) == ("777", "weekly")


def test_a_message_that_changes_nothing_and_comes_at_once_is_no_step_back():
    app = opened(**SOL)
    old = address(app)
    app.session_state["lookback"] = 47
    app.run()
    with_address(app, old).run()
    assert "Beta, 47 days" in strip(app)
    assert address(app)["lookback"] == "47"


def test_an_old_address_that_comes_after_a_look_at_the_page_is_a_step_back(monkeypatch):
    app = opened(**SOL)
    old = address(app)
    app.number_input(key="position").set_value(777.0).run()
    monkeypatch.setattr(addresses, "BEHIND_SECONDS", 0.0)
    with_address(app, old).run()
    assert app.session_state["position"] == 10_000.0
    assert address(app) == old


@pytest.mark.parametrize("store", ["foo://bucket/prices", "/proc/sys/no-store"])
def test_a_wrong_address_of_the_store_is_said_and_the_app_opens(store, monkeypatch):
    monkeypatch.setenv(STORE_VARIABLE, store)
    app = opened()
    assert app.session_state["source"] == "simulated"
    said = " ".join(info.value for info in app.info)
    assert "no price here is real" in said
    if store.startswith("foo"):
        assert "store of prices cannot be used" in said.replace("\\", "")


def test_an_address_never_shown_here_is_a_link():
    app = opened(**SOL)
    old = address(app)
    app.number_input(key="position").set_value(777.0).run()
    with_address(app, old | {"lookback": "33"}).run()
    assert app.session_state["position"] == 10_000.0
    assert "Beta, 33 days" in strip(app)


def test_a_step_back_undoes_a_choice_of_a_page_too(monkeypatch):
    app = opened(**SOL)
    app.switch_page("hedge.py").run()
    old = address(app)
    app.number_input(key="leverage").set_value(10.0).run()
    assert address(app)["leverage"] == "10"
    monkeypatch.setattr(addresses, "BEHIND_SECONDS", 0.0)
    with_address(app, old).run()
    assert app.number_input(key="leverage").value == 5.0
    assert address(app) == old


def test_a_step_back_keeps_a_book_that_no_address_can_hold(monkeypatch):
    lines = tuple(
        BookLine(f"{'LONGNAME' * 4}{number}-SIM", 1234567.0 + number, "usd") for number in range(90)
    )
    app = opened(**SOL)
    state: AppState = app.session_state["state"]
    app.session_state["state"] = replace(state, book=BookChoices(book=lines))
    app.number_input(key="position").set_value(777.0).run()
    old = address(app)
    assert "book" not in old
    app.number_input(key="position").set_value(888.0).run()
    monkeypatch.setattr(addresses, "BEHIND_SECONDS", 0.0)
    with_address(app, old).run()
    assert app.session_state["position"] == 777.0
    assert app.session_state["state"].book.book == lines


def test_steps_back_and_forward_between_a_long_book_and_a_small_one_bring_each(monkeypatch):
    monkeypatch.setattr(addresses, "BEHIND_SECONDS", 0.0)
    long = tuple(BookLine("S" * 38 + f"{n:02d}", 12_345_678.9, "usd") for n in range(100))
    small = (BookLine("SOL-SIM", 5.0, "coins"),)
    app = opened(**SOL)

    def hold(lines):
        app.session_state["state"] = replace(app.session_state["state"], book=BookChoices(lines))
        app.run()
        return address(app)

    def book():
        return app.session_state["state"].book.book

    with_long = hold(long)
    assert "book" not in with_long
    with_small = hold(small)
    with_address(app, with_long).run()
    assert book() == long
    with_address(app, with_small).run()
    assert book() == small
    with_address(app, with_long).run()
    assert book() == long
    with_address(app, with_small | {"lookback": "33"}).run()  # a link opened by hand holds its own
    assert book() == small
    without = {name: text for name, text in with_small.items() if name != "book"}
    with_address(app, without | {"lookback": "44"}).run()
    assert book() == ()
