"""What was chosen on a page is still chosen after a look at another one."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.test_pages.test_beta import APP, random_prices, write_prices

SOL = {"source": "simulated", "asset": "SOL-SIM", "benchmark": "BTC-SIM"}


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


def opened_on(page: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in SOL.items():
        app.query_params[name] = value
    app.switch_page(page)
    app.run()
    return app


def gone_to(app: AppTest, page: str) -> AppTest:
    app.switch_page(page).run()
    assert not app.exception
    return app


def test_a_number_typed_on_a_page_that_was_not_the_first():
    app = gone_to(opened_on("beta.py"), "hedge.py")
    app.number_input(key="leverage").set_value(3.0).run()
    app = gone_to(gone_to(app, "beta.py"), "hedge.py")
    assert app.number_input(key="leverage").value == 3.0


def test_a_field_that_was_empty_and_is_not():
    app = gone_to(opened_on("beta.py"), "monitor.py")
    app.number_input(key="entered_contracts").set_value(0.2).run()
    app = gone_to(gone_to(app, "beta.py"), "monitor.py")
    assert app.number_input(key="entered_contracts").value == 0.2


def test_a_thumb_and_a_switch():
    app = gone_to(opened_on("beta.py"), "what_if.py")
    app.slider(key="shock_percent").set_value(-33.0).run()
    app = gone_to(app, "monitor.py")
    app.toggle(key="renew_beta_outside").set_value(False).run()
    app = gone_to(gone_to(app, "what_if.py"), "monitor.py")
    assert not app.toggle(key="renew_beta_outside").value
    assert gone_to(app, "what_if.py").slider(key="shock_percent").value == -33.0


def test_an_asset_chosen_where_the_first_page_asked_for_none():
    app = opened_on("portfolio.py")
    app.selectbox(key="source").set_value("indices").run()
    app = gone_to(app, "beta.py")
    app.selectbox(key="asset").set_value("SP500").run()
    app.selectbox(key="benchmark").set_value("NASDAQ").run()
    app = gone_to(gone_to(app, "portfolio.py"), "beta.py")
    assert app.selectbox(key="asset").value == "SP500"


@pytest.mark.parametrize("page", ["stored.py", "maths.py"])
def test_a_folder_that_was_typed(page, tmp_path):
    for number, symbol in enumerate(("SOLUSDT", "BTCUSDT")):
        write_prices(tmp_path, symbol, random_prices(number))
    app = opened_on("beta.py")
    app.selectbox(key="source").set_value("folder").run()
    app.text_input(key="folder").set_value(str(tmp_path)).run()
    assert not app.error
    app = gone_to(gone_to(app, page), "beta.py")
    assert app.text_input(key="folder").value == str(tmp_path)
    assert not app.error
    assert app.selectbox(key="asset").value == "SOLUSDT"
