"""The Monitor page, run without a browser: every number shown is the library's."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from data.environment import DATA_FOLDER_VARIABLE, utc_now
from hedging import HedgeCheck
from hedging.plots.formats import price_text, usd_text
from pages.shared.catalogue import FileInputs
from pages.shared.choices import HedgeChoices, MonitorChoices
from pages.shared.settings import BOOK, Settings
from pages.shared.state import AppState
from pages.shared.views.monitor import load_monitor, monitor_tables
from pages.shared.views.monitor_figures import (
    age_text,
    answer_text,
    monitor_figures,
    order_lines,
    time_left_text,
)
from tests.test_pages.tables import text_table, text_tables
from tests.test_pages.test_beta import (
    APP,
    errors,
    link_of,
    random_prices,
    small_prints,
    strip,
    write_prices,
)

SOL = {"source": "simulated", "asset": "SOL-SIM", "benchmark": "BTC-SIM"}
SETTINGS = Settings(**SOL)  # type: ignore[arg-type]
NO_FILES = FileInputs()
MINUS = "\N{MINUS SIGN}"
#: The simulated market ends at 2026-01-01 00:00 UTC.
ENTERED = {
    "entered_at": "2025-12-31T06:00",
    "entered_contracts": "0.12",
    "entered_price": "98000",
    "entered_beta": "1.2",
    "entered_beta_low": "1",
    "entered_beta_high": "1.25",
    "entered_position_usd": "9000",
}
SUBJECT = "SOL-SIM on BTC-SIM, Binance BTCUSDT of 1 each, prices from simulated"
NUMBERS = set(ENTERED) - {"entered_at"}
TAKE = "Take the plan of the Hedge page as entered now"


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


def opened(**link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state["downloads"] = True
    for name, value in link.items():
        app.query_params[name] = value
    app.switch_page("monitor.py")
    app.run()
    assert not app.exception
    return app


def answer(app: AppTest) -> str:
    return app.header[0].value.replace("\\", "")


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def checked(**changes: object) -> tuple[HedgeCheck, AppState]:
    state = AppState(SETTINGS, monitor=CHOICES)
    state = replace(state, monitor=replace(CHOICES, **changes))
    check = load_monitor(state, NO_FILES).check
    assert isinstance(check, HedgeCheck)
    return check, state


CHOICES = MonitorChoices(
    entered_at="2025-12-31T06:00",
    entered_contracts=0.12,
    entered_price=98_000.0,
    entered_beta=1.2,
    entered_beta_low=1.0,
    entered_beta_high=1.25,
    entered_position_usd=9_000.0,
)


def test_empty_it_says_what_to_do_and_one_button_does_it():
    app = opened(**SOL)
    assert answer(app) == "No hedge is entered yet"
    assert "take over the plan" in app.caption[0].value
    assert not text_tables(app)
    press(app, TAKE)
    assert answer(app) == "Nothing to do until 2026-01-02 00:00 UTC (in 24 h 00 min)"
    shown = strip(app)
    assert shown["Held"] == shown["Wanted now"]
    assert shown["P&L of the hedge"] == "$0.00"
    assert text_table(app, "Each trigger")["state"].tolist() == ["○ not fired"] * 4
    assert link_of(app)["entered_at"] == "2026-01-01T00:00"
    assert link_of(app)["entered_for"] == SUBJECT


def test_what_was_taken_over_can_be_opened_by_its_link():
    first = press(opened(**SOL, position="20000"), TAKE)
    again = opened(**link_of(first))
    assert answer(again) == answer(first)
    assert strip(again) == strip(first)
    assert not again.warning


def test_what_fired_and_the_order_are_the_library_s():
    app = opened(**SOL, **ENTERED, renew_position_percent="10")
    check, state = checked(renew_position_percent=10.0)
    assert {each.trigger for each in check.fired} == {"beta interval", "position drift", "hedge drift"}
    order = abs(check.order)
    assert answer(app).startswith(f"Short {order:.3f} BTC more now: beta left its interval, ")
    assert answer(app) == answer_text(check, state, check.now)
    table = text_table(app, "Each trigger")
    assert table["state"].tolist() == ["○ not fired", "○ not fired", "▲ fired", "▲ fired", "▲ fired"]
    assert table["in words"].tolist() == [each.reason for each in check.triggers]
    shown = strip(app)
    assert shown["Held"] == "short 0.120 BTC"
    assert shown["P&L of the hedge"] == usd_text(0.12 * (98_000 - check.price_usd))
    assert f"SELL {order:f} BTCUSDT at Binance" in app.code[0].value
    assert "SIMULATED MARKET" in app.code[0].value
    held = float(check.held_after)
    assert f"afterwards short {-held:.3f} BTC" in app.code[0].value


def test_a_hedge_that_is_too_large_is_bought_back():
    app = opened(**SOL, **(ENTERED | {"entered_contracts": "0.5"}))
    assert answer(app).startswith("Buy back 0.361 BTC now: ")
    assert "too large" in answer(app)
    assert "BUY 0.361" in app.code[0].value


def test_a_long_hedge_of_a_long_position_is_on_the_wrong_side():
    app = opened(**SOL, **ENTERED, entered_side="long")
    assert answer(app).startswith("Sell 0.259 BTC now: ")
    assert "the wrong side" in answer(app)
    assert strip(app)["Held"] == "long 0.120 BTC"


def test_time_alone_needs_no_order_where_the_hedge_is_what_is_wanted():
    app = press(opened(**SOL), TAKE)
    before = strip(app)["Held"]
    link = link_of(app) | {"entered_at": "2025-12-30T00:00"}
    late = opened(**link)
    assert answer(late) == "No order needed: 24 hours have passed, and the hedge is what is wanted now"
    assert strip(late)["Held"] == before
    assert not late.code


def test_no_trigger_and_no_time_trigger():
    off = {"renew_hours": "", "renew_move_percent": "", "renew_drift_percent": ""}
    app = opened(**SOL, **ENTERED, **off, renew_beta_outside="False")
    assert answer(app) == "Nothing to do: no trigger is set"
    calm = opened(**SOL, **ENTERED, renew_hours="", renew_drift_percent="", renew_beta_outside="False")
    assert answer(calm) == "Nothing to do: no trigger has fired"
    assert strip(calm)["Renewal due"] == "not set"


def test_a_link_restores_every_control():
    link = ENTERED | {
        "entered_side": "long",
        "renew_hours": "36",
        "renew_move_percent": "7.5",
        "renew_drift_percent": "",
        "renew_position_percent": "12",
        "renew_beta_outside": "False",
    }
    app = opened(**SOL, **link)
    for name in [*NUMBERS, "renew_hours", "renew_move_percent", "renew_position_percent"]:
        assert app.number_input(key=name).value == float(link[name]), name
    assert app.number_input(key="renew_drift_percent").value is None
    assert app.selectbox(key="entered_side").value == "long"
    assert not app.toggle(key="renew_beta_outside").value
    assert str(app.datetime_input[0].value) == "2025-12-31 06:00:00"
    assert link.items() <= link_of(app).items()


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"entered_at": "2026-03-01T00:00"}, "entered at 2026-03-01 00:00 and now is 2026-01-01 00:00"),
        ({"entered_price": "0"}, "Price, in USD, is 0"),
        ({"entered_contracts": "0"}, "Contracts is"),
        ({"entered_position_usd": "0"}, "Position, in USD, is 0"),
        ({"entered_beta_low": "2"}, "The interval of beta runs from 2.0 to 1.25"),
        ({"entered_beta_high": ""}, "The interval of beta runs from 1.0 to None"),
    ],
)
def test_an_absurd_entry_is_one_sentence_and_stays(link, said):
    app = opened(**SOL, **(ENTERED | link))
    assert answer(app) == "The hedge below cannot be watched as it is entered"
    assert len(errors(app)) == 1
    assert said in errors(app)[0]
    for name in NUMBERS & set(link):
        assert app.number_input(key=name).value == (float(link[name]) if link[name] else None)


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"entered_at": "yesterday"}, "entered_at=yesterday"),
        ({"entered_side": "sideways"}, "entered_side=sideways"),
        ({"entered_contracts": "-0.1"}, "entered_contracts=-0.1"),
    ],
)
def test_nonsense_in_the_url_is_named_and_the_page_stands(link, said):
    app = opened(**SOL, **link)
    assert said in app.warning[0].value.replace("\\", "")
    assert answer(app) == "No hedge is entered yet"


def test_half_an_entry_says_what_is_missing():
    app = opened(**SOL, entered_contracts="0.1")
    assert "Still to enter: when it was entered, at what price." in app.caption[0].value.replace("\\", "")


def test_clear_forgets_the_hedge_and_keeps_the_triggers():
    app = press(opened(**SOL, **ENTERED, renew_hours="36"), "Clear")
    assert answer(app) == "No hedge is entered yet"
    assert app.number_input(key="renew_hours").value == 36
    assert app.datetime_input[0].value is None
    assert not NUMBERS & set(link_of(app))


def test_a_hedge_entered_for_something_else_is_not_read_as_this():
    app = press(opened(**SOL), TAKE)
    app.selectbox(key="asset").set_value("AVAX-SIM").run()
    assert answer(app) == "The hedge below cannot be watched as it is entered"
    (said,) = errors(app)
    assert f"entered for {SUBJECT}, and AVAX-SIM on" in said.replace("\\", "")
    assert "Choose those again, or clear it" in said
    assert not app.code
    press(app, "The contracts entered are of what is shown")
    assert "P&L of the hedge" in strip(app)


def test_a_hedge_typed_by_hand_stays_what_it_was_typed_for():
    app = opened(**SOL, entered_at="2025-12-31T06:00")
    assert "entered_for" not in link_of(app)
    app.number_input(key="entered_contracts").set_value(0.43).run()
    app.number_input(key="entered_price").set_value(60_000.0).run()
    link = link_of(app)
    assert link["entered_for"] == SUBJECT
    assert strip(app)["Held"] == "short 0.430 BTC"
    for change in ({"contract": "OKX BTC-USDT-SWAP"}, {"contract_size": "0.01"}, {"benchmark": "ETH-SIM"}):
        other = opened(**(link | change))
        assert answer(other) == "The hedge below cannot be watched as it is entered", change
        assert any("was entered for" in error for error in errors(other))
        assert not other.code
        assert other.number_input(key="entered_contracts").value == 0.43
    app.number_input(key="entered_contracts").set_value(None).run()
    app.number_input(key="entered_price").set_value(None).run()
    assert "entered_for" not in link_of(app)


@pytest.mark.parametrize("position", ["0", "20"])
def test_without_a_position_worth_hedging_the_open_hedge_is_closed(position):
    calm = {"renew_beta_outside": "False", "renew_drift_percent": "", "renew_move_percent": ""}
    for triggers in ({}, calm):
        app = opened(**SOL, **ENTERED, **triggers, position=position)
        assert answer(app).startswith("Buy back 0.120 BTC now: ")
        assert "no hedge is wanted any more" in answer(app)
        assert strip(app)["Wanted now"] == "no hedge"
        assert "BUY 0.12 BTCUSDT" in app.code[0].value
        assert not errors(app)


def test_what_cannot_be_told_is_no_reason_to_do_nothing():
    calm = {"renew_beta_outside": "False", "renew_drift_percent": ""}
    entered = {name: value for name, value in ENTERED.items() if name != "entered_position_usd"}
    app = opened(**SOL, **entered, **calm, renew_position_percent="10")
    assert answer(app) == (
        "Not known whether to renew, for want of: position has changed. "
        "Time is up at 06:00 UTC (in 6 h 00 min)"
    )


def test_a_beta_by_hand_is_said_and_not_held_against_the_estimates_interval():
    app = press(opened(**SOL, beta_by_hand="2"), TAKE)
    assert link_of(app)["entered_beta_by_hand"] == "True"
    figures = small_prints(app)
    assert "order uses 2.00 by hand · then 2.00 by hand; estimate then " in figures
    link = link_of(app)
    del link["entered_beta_low"], link["entered_beta_high"]
    table = text_table(opened(**link), "Each trigger")
    assert table.loc["beta left its interval", "state"] == "– not known"
    assert "set by hand" in table.loc["beta left its interval", "in words"]


def test_the_liquidation_of_the_hedge_as_entered_is_shown_and_warned_of():
    app = opened(**SOL, **ENTERED)
    state = AppState(SETTINGS, monitor=CHOICES)
    found = load_monitor(state, NO_FILES)
    assert strip(app)["Liquidation of the hedge"] == price_text(found.liquidation.price_usd)
    # 98,000 short at 5x, maintenance 0.4 %: (98,000 / 5 + 98,000) / 1.004
    assert found.liquidation.price_usd == pytest.approx(98_000 * 1.2 / 1.004, rel=1e-6)
    assert not found.closed_before_trigger
    high = opened(**SOL, **ENTERED, leverage="25")
    assert any(
        "closes this hedge at" in each.value and "before the trigger at 5%" in each.value
        for each in high.warning
    )


def test_a_failing_source_is_explained_and_the_input_kept():
    app = opened(source="yahoo", asset="SOL-USD", benchmark="BTC-USD", **ENTERED)
    assert len(errors(app)) == 1
    assert app.number_input(key="entered_price").value == 98_000


def test_the_book_is_watched_as_one():
    app = opened(**(SOL | {"asset": BOOK}), book="SOL-SIM:10000usd,AVAX-SIM:5000usd")
    press(app, TAKE)
    assert answer(app).startswith("Nothing to do until")
    assert link_of(app)["entered_for"].startswith(f"{BOOK} on BTC-SIM")


def test_where_time_goes_on_now_is_the_clock(tmp_path, monkeypatch):
    """Files may be of today: the countdown runs by the clock and the age of the data is said."""
    first = (utc_now().normalize() - pd.Timedelta(days=200)).strftime("%Y-%m-%d")
    for number, symbol in enumerate(("SOLUSDT", "BTCUSDT")):
        write_prices(tmp_path, symbol, random_prices(number, 200, 1_000.0), first=first)
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
    hour_ago = (utc_now() - pd.Timedelta(hours=1)).tz_localize(None).isoformat(timespec="minutes")
    app = opened(
        source="folder",
        asset="SOLUSDT",
        benchmark="BTCUSDT",
        entered_at=hour_ago,
        entered_contracts="1",
        entered_price="1000",
        renew_move_percent="",
        renew_drift_percent="",
        renew_beta_outside="False",
        renew_hours="2.5",
    )
    assert answer(app).startswith("Nothing to do until ")
    assert answer(app).endswith("(in 1 h 30 min)") or answer(app).endswith("(in 1 h 29 min)")
    assert " old" in small_prints(app)


def test_a_price_from_before_the_entry_says_nothing_about_the_time_since(tmp_path):
    """Daily bars and a hedge entered today at the real fill: no P&L, no move, no price trigger."""
    first = (utc_now().normalize() - pd.Timedelta(days=200)).strftime("%Y-%m-%d")
    for number, symbol in enumerate(("SOLUSDT", "BTCUSDT")):
        write_prices(tmp_path, symbol, random_prices(number, 200, 1_000.0), first=first)
    settings = Settings(source="folder", asset="SOLUSDT", benchmark="BTCUSDT")
    files = FileInputs(folder=tmp_path)
    found = load_monitor(AppState(settings), files)
    entered = replace(
        found.wanted, entered_price=found.hedge.beta.quotes.benchmark_price_usd * 1.2, renew_hours=24.0
    )
    assert pd.Timestamp(entered.entered_at, tz="UTC") > found.hedge.beta.quotes.as_of
    state = AppState(settings, monitor=entered)
    view = load_monitor(state, files)
    assert view.check.hedge_pnl_usd is None
    assert view.check.benchmark_move_fraction is None
    assert not view.check.fired
    figures = {figure.label: figure for figure in monitor_figures(view, state)}
    assert figures["P&L of the hedge"].value == "not known"
    assert figures["P&L of the hedge"].small == "no price since entry"
    assert "from entry" in figures["Liquidation of the hedge"].small
    said = answer_text(view.check, state, view.now)
    assert said.startswith("Not known whether to renew, for want of: benchmark has moved and hedge off")


def test_a_coin_margined_hedge():
    state = AppState(SETTINGS, hedge=HedgeChoices(contract="Binance BTCUSD_PERP"))
    wanted = load_monitor(state, NO_FILES).wanted
    assert wanted is not None
    found = load_monitor(replace(state, monitor=replace(wanted, entered_contracts=10.0)), NO_FILES)
    assert isinstance(found.check, HedgeCheck)
    assert found.check.order == -(wanted.entered_contracts - 10)
    assert "contracts" in order_lines(found.check, found, state)


def test_tables_hold_what_is_shown():
    state = AppState(SETTINGS, monitor=CHOICES)
    view = load_monitor(state, NO_FILES)
    tables = {label: make() for label, make in monitor_tables(view).items()}
    assert tables["Triggers"].index.tolist() == [each.trigger for each in view.check.triggers]
    assert tables["Hedge"].loc["contracts_to_trade", "value"] == view.check.order
    assert tables["Hedge"].loc["simulated", "value"]


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (-5, "due"),
        (0, "due"),
        (0.2, "in 1 min"),
        (59, "in 59 min"),
        (312, "in 5 h 12 min"),
        (1_500, "in 25 h 00 min"),
        (4_560, "in 3 days 4 h"),
    ],
)
def test_time_left(minutes, text):
    assert time_left_text(pd.Timedelta(minutes=minutes)) == text


@given(some.floats(0, 1e6))
def test_time_left_says_what_is_left_to_the_minute_or_the_hour(minutes):
    text = time_left_text(pd.Timedelta(minutes=minutes))
    units = {"days": 1_440, "h": 60, "min": 1}
    parts = text.removeprefix("in ").split()
    said = (
        0 if text == "due" else sum(int(n) * units[u] for n, u in zip(parts[::2], parts[1::2], strict=True))
    )
    assert -60 < said - minutes <= 1


@pytest.mark.parametrize(
    ("hours", "text"), [(0.2, "12 min old"), (5, "5 h old"), (47, "47 h old"), (72, "3 days old")]
)
def test_age(hours, text):
    assert age_text(pd.Timedelta(hours=hours)) == text
