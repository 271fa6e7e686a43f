"""A number field that is emptied: to Streamlit that is its default, which must be what the field held."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.test_pages.test_beta import APP

SOL = {"source": "simulated", "asset": "SOL-SIM", "benchmark": "BTC-SIM"}
PAGES = {
    "hedge": {"position": 777.0, "lookback": 44, "leverage": 9.0, "holding_days": 11.0, "beta_target": 0.25},
    "backtest": {"slippage_bp": 4.0, "effectiveness_window": 55},
    "estimators": {"recent": 70},
    "what_if": {"strike_away_percent": 15.0, "dated_expiry_days": 33.0},
}


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


@pytest.mark.parametrize(("page", "typed"), PAGES.items())
def test_an_emptied_number_falls_back_to_what_it_held(page, typed):
    app = AppTest.from_file(APP, default_timeout=120)
    for name, text in SOL.items():
        app.query_params[name] = text
    app.switch_page(f"{page}.py")
    app.run()
    for key, number in typed.items():
        field = app.number_input(key=key)
        assert field.proto.default == field.value
        field.set_value(number).run()
        assert app.number_input(key=key).proto.default == number, key


def test_a_field_that_may_be_empty_stays_empty():
    app = AppTest.from_file(APP, default_timeout=120)
    for name, text in (SOL | {"beta_by_hand": "1.5"}).items():
        app.query_params[name] = text
    app.switch_page("hedge.py")
    app.run()
    field = app.number_input(key="beta_by_hand")
    assert field.value == 1.5
    assert not field.proto.HasField("default")
    field.set_value(None).run()
    assert app.number_input(key="beta_by_hand").value is None
