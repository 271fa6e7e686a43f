"""The What-if page, run without a browser: every number shown is the library's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from hedging import (
    HedgedPosition,
    InverseContract,
    Shock,
    align,
    annualise,
    buy_protection,
    estimate_beta,
    what_if,
    worst_days,
)
from hedging.plots.formats import percent_text, usd_text
from pages.shared.catalogue import FileInputs
from pages.shared.choices import BookChoices, HedgeChoices, WhatIfChoices
from pages.shared.positions import BookLine
from pages.shared.settings import BOOK, Settings
from pages.shared.state import AppState
from pages.shared.views.hedge import load_hedge
from pages.shared.views.what_if import load_what_if, what_if_tables
from pages.shared.views.what_if_figures import move_text, what_if_figures
from tests.test_pages.tables import text_table
from tests.test_pages.test_beta import APP, charts, errors, link_of, simulated, small_prints, strip

SOL = {"source": "simulated", "asset": "SOL-SIM", "benchmark": "BTC-SIM"}
SETTINGS = Settings(**SOL)  # type: ignore[arg-type]
NO_FILES = FileInputs()
SLIDERS = ("shock_percent", "shock_days", "shock_funding_bp", "shock_gap_percent")
NUMBERS = ("strike_away_percent", "option_volatility_percent", "dated_basis_percent", "dated_expiry_days")
PERPETUAL = "BTC-SIM perp."


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


def opened(**link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state["downloads"] = True
    for name, value in link.items():
        app.query_params[name] = value
    app.switch_page("what_if.py")
    app.run()
    assert not app.exception
    return app


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption).replace("\\", "")


def test_it_opens_on_the_simulated_market_with_an_answer():
    app = opened()
    assert list(strip(app)) == [
        "Hedged, BTC-SIM \N{MINUS SIGN}20.0%",
        "Unhedged",
        "The hedge alone",
        "Funding",
        "Margin",
        "Liquidated at",
    ]
    assert len(charts(app)) == 2
    assert all('"SIMULATED"' in chart for chart in charts(app))
    assert not app.error
    assert len(app.get("download_button")) == 5


def test_the_strip_is_the_library_s():
    app = opened(
        **SOL,
        shock_percent="-35",
        shock_days="4",
        shock_funding_bp="-50",
        shock_gap_percent="-3",
        leverage="3",
        confidence="0.9",
    )
    aligned = align(simulated("SOL-SIM"), simulated("BTC-SIM"))
    estimate = estimate_beta(
        aligned.asset.iloc[-60:], aligned.benchmark.iloc[-60:], covariance="hc3", confidence=0.9
    )
    price = float(aligned.benchmark_prices.iloc[-1])
    notional = round(-10_000 * estimate.beta / price, 3) * price
    shock = Shock(funding_rate=-0.005, funding_charges=12, basis_change_fraction=-0.03, periods=4)
    row = what_if(
        HedgedPosition.from_estimate(estimate, position_usd=10_000, hedge_notional_usd=notional),
        np.array([-0.35]),
        shock=shock,
        confidence=0.9,
    ).table.iloc[0]
    shown = strip(app)
    assert shown["Hedged, BTC-SIM \N{MINUS SIGN}35.0%"] == usd_text(row["hedged"])
    assert shown["Unhedged"] == usd_text(row["unhedged"])
    assert shown["The hedge alone"] == usd_text(row["hedge"])
    assert shown["Funding"] == usd_text(row["funding"])
    assert row["funding"] < 0  # a short pays at a negative rate
    assert "12 charges of \N{MINUS SIGN}50 bp" in small_prints(app)
    low, high = usd_text(row["hedged_low"]), usd_text(row["hedged_high"])
    assert f"{low} to {high} (90%)" in small_prints(app)
    assert f"{usd_text(-notional / 3)}, isolated, 3x" in small_prints(app)


def test_the_liquidation_is_that_of_the_hedge_page_and_a_move_beyond_it_costs_the_margin():
    state = AppState(SETTINGS, hedge=HedgeChoices(leverage=10))
    found = load_hedge(state, NO_FILES).liquidation
    assert not isinstance(found, Exception)
    app = opened(**SOL, leverage="10", shock_percent="30")
    assert strip(app)["Liquidated at"] == f"BTC-SIM {move_text(found.distance_fraction)}"
    assert strip(app)["Margin"] == "lost: liquidated"
    hedge = load_hedge(state, NO_FILES)
    assert strip(app)["The hedge alone"] == usd_text(-hedge.margin_usd)
    assert "hedge liquidated" in charts(app)[0]
    safe = opened(**SOL, leverage="10", shock_percent="-30")
    assert strip(safe)["Margin"] == "stands"


@pytest.mark.parametrize(
    ("link", "changes"),
    [
        ({"shock_tie": "beta", "shock_beta": "2.5"}, {"beta_after": 2.5}),
        ({"shock_tie": "correlation", "shock_correlation": "0.1"}, {"correlation_after": 0.1}),
    ],
)
def test_a_tie_that_breaks(link, changes):
    app = opened(**SOL, **link)
    aligned = align(simulated("SOL-SIM"), simulated("BTC-SIM"))
    estimate = estimate_beta(aligned.asset.iloc[-60:], aligned.benchmark.iloc[-60:], covariance="hc3")
    position = HedgedPosition.from_estimate(estimate, position_usd=10_000, hedge_notional_usd=-1.0)
    expected = what_if(position, np.array([-0.2]), shock=Shock(**changes)).table["unhedged"].iloc[0]
    assert strip(app)["Unhedged"] == usd_text(expected)
    named = "shock_beta" if "shock_beta" in link else "shock_correlation"
    assert app.slider(key=named).value == float(link[named])


def test_the_worst_days_are_those_of_the_data_in_use():
    app = opened(**SOL)
    table = text_table(app, "The worst periods")
    aligned = align(simulated("SOL-SIM"), simulated("BTC-SIM"))
    assert len(table) == 10
    worst = aligned.asset.nsmallest(10)
    assert table.index.tolist() == [f"{day:%Y-%m-%d}" for day in worst.index]
    assert table["SOL-SIM"].tolist() == [move_text(x) for x in worst]
    assert table["unhedged"].tolist() == [usd_text(10_000 * x) for x in worst]
    view = load_what_if(AppState(SETTINGS), NO_FILES)
    hedge = view.hedge
    assert hedge.carry.perpetual_prices is not None
    own = hedge.carry.perpetual_prices.pct_change().reindex(worst.index)
    expected = worst_days(
        worst.sort_index(),
        own.sort_index(),
        position_usd=1e4,
        hedge_notional_usd=hedge.plan.hedge_notional_usd,
    )
    assert table[PERPETUAL].tolist() == [move_text(x) for x in own]
    assert table["hedged"].tolist() == [usd_text(x) for x in expected["hedged_usd"]]


def test_a_short_position_fears_the_best_days_and_is_protected_by_a_call():
    app = opened(**SOL, position="-10000")
    aligned = align(simulated("SOL-SIM"), simulated("BTC-SIM"))
    assert text_table(app, "The worst periods").index[0] == f"{aligned.asset.idxmax():%Y-%m-%d}"
    ways = text_table(app, "What each way")
    assert "call" in ways.index
    assert "put" not in ways.index
    assert "The call: " in captions(app)


def test_the_options_are_priced_at_the_measured_volatility_or_the_typed_one():
    app = opened(**SOL, strike_away_percent="8", holding_days="30")
    aligned = align(simulated("SOL-SIM"), simulated("BTC-SIM"))
    estimate = estimate_beta(aligned.asset.iloc[-60:], aligned.benchmark.iloc[-60:], covariance="hc3")
    year = annualise(estimate.benchmark_volatility, periods_per_year=365)
    terms = {
        "future_usd": float(aligned.benchmark_prices.iloc[-1]),
        "strike_fraction": 0.92,
        "days_to_expiry": 30,
    }
    put = buy_protection(10_000, estimate.beta, volatility_annual=year, **terms)
    ways = text_table(app, "What each way")
    assert ways.loc["put", "costs"] == usd_text(put.premium_usd)
    assert f"{percent_text(year)}, the volatility that BTC-SIM had over the lookback" in captions(app)
    assert "realised, not implied" in captions(app)
    typed = opened(**SOL, strike_away_percent="8", holding_days="30", option_volatility_percent="90")
    dearer = buy_protection(10_000, estimate.beta, volatility_annual=0.9, **terms)
    assert text_table(typed, "What each way").loc["put", "costs"] == usd_text(dearer.premium_usd)
    assert "90.0% a year, as typed" in captions(typed)


def test_ways_side_by_side():
    app = opened(**SOL, dated_basis_percent="10")
    ways = text_table(app, "What each way")
    assert ways.index.tolist() == [
        "no hedge",
        "dollar hedge",
        "beta hedge",
        "rolled future",
        "put",
        "collar",
    ]
    assert ways.loc["rolled future", "costs"].startswith("earns $")  # contango pays a short
    assert ways.loc["no hedge", "costs"] == "$0.00"
    assert "as typed" in captions(app)


LINK = {
    "shock_percent": "12.5",
    "shock_days": "2.25",
    "shock_funding_bp": "-20",
    "shock_gap_percent": "1.5",
    "strike_away_percent": "15",
    "option_volatility_percent": "65",
    "dated_basis_percent": "-4",
    "dated_expiry_days": "30",
}


def test_the_ways_are_liquidated_where_the_fan_is():
    state = AppState(SETTINGS, hedge=HedgeChoices(leverage=20), what_if=WhatIfChoices(shock_percent=20))
    view = load_what_if(state, NO_FILES)
    assert view.at_move["liquidated"]
    for way in ("dollar hedge", "beta hedge", "rolled future"):
        rising = view.ways.payoff_usd.loc[0.2, way]
        assert rising < view.ways.payoff_usd.loc[0.2, "no hedge"], way
        assert view.ways.table.loc[way, "liquidation_return"] < 0.2, way
    trading = view.hedge.cost.trading_usd
    expected = view.at_move["hedged"] - view.at_move["funding"] - trading
    assert view.ways.payoff_usd.loc[0.2, "beta hedge"] == pytest.approx(expected)
    app = opened(**SOL, leverage="20", shock_percent="20")
    assert all("hedge liquidated" in chart for chart in charts(app))
    assert "Margin at 20x is lost where BTC-SIM passes a level" in captions(app)
    short = AppState(replace(SETTINGS, position=-1e4), hedge=HedgeChoices(leverage=50))
    worst = load_what_if(short, NO_FILES).worst
    assert not worst["liquidated"].any()  # a long hedge gains on the best days


def test_a_day_that_liquidates_the_hedge_costs_its_margin_in_the_worst_days():
    app = opened(**SOL, leverage="75", beta_by_hand="-1")
    table = text_table(app, "The worst periods")
    lost = table["margin"] == "lost: liquidated"
    assert lost.any()
    state = AppState(SETTINGS, hedge=HedgeChoices(leverage=75, beta_by_hand=-1.0))
    margin = load_hedge(state, NO_FILES).margin_usd
    assert set(table.loc[lost, "the hedge"]) == {usd_text(-margin)}


@pytest.mark.parametrize("days", ["0.25", "0.75"])
def test_a_rolled_future_for_less_than_a_day_is_left_out_with_a_sentence(days):
    app = opened(**SOL, holding_days=days)
    assert not errors(app)
    assert "rolled future" not in text_table(app, "What each way").index
    assert f"The rolled future is left out: the hedge is held for {days} days" in captions(app)


def test_a_link_restores_every_control():
    app = opened(**SOL, **LINK, shock_tie="correlation", shock_correlation="0.55")
    assert app.selectbox(key="shock_tie").value == "correlation"
    assert app.slider(key="shock_correlation").value == 0.55
    for name in SLIDERS:
        assert app.slider(key=name).value == float(LINK[name]), name
    for name in NUMBERS:
        assert app.number_input(key=name).value == float(LINK[name]), name
    assert (LINK | {"shock_tie": "correlation", "shock_correlation": "0.55"}).items() <= link_of(app).items()


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"shock_percent": "-90"}, "shock_percent=-90"),
        ({"shock_tie": "<b>x</b>"}, "shock_tie=<b>x</b>"),
        ({"strike_away_percent": "nan"}, "strike_away_percent=nan"),
    ],
)
def test_nonsense_in_the_url_is_named_and_the_page_stands(link, said):
    app = opened(**SOL, **link)
    assert said in app.warning[0].value.replace("\\", "")
    assert len(charts(app)) == 2


def test_a_thumb_that_moves_changes_the_answer_and_the_link():
    app = opened(**SOL)
    before = strip(app)["Unhedged"]
    app.slider(key="shock_percent").set_value(-10.0).run()
    assert strip(app)["Unhedged"] != before
    assert "Hedged, BTC-SIM \N{MINUS SIGN}10.0%" in strip(app)
    assert link_of(app)["shock_percent"] == "-10"


def test_a_failing_source_is_explained_and_the_input_kept():
    app = opened(source="yahoo", asset="SOL-USD", benchmark="BTC-USD", **LINK)
    assert len(errors(app)) == 1
    assert app.slider(key="shock_percent").value == 12.5
    assert app.number_input(key="option_volatility_percent").value == 65


def test_the_book_as_one_asset():
    app = opened(**(SOL | {"asset": BOOK}), book="SOL-SIM:10000usd,AVAX-SIM:5000usd")
    assert not app.error
    assert text_table(app, "The worst periods").columns[0] == BOOK
    state = AppState(
        replace(SETTINGS, asset=BOOK),
        book=BookChoices((BookLine("SOL-SIM", 1e4, "usd"), BookLine("AVAX-SIM", 5e3, "usd"))),
    )
    shown = {figure.label: figure.value for figure in what_if_figures(load_what_if(state, NO_FILES), state)}
    assert strip(app) == shown


def test_a_book_with_shorts_can_lose_more_than_its_net_value():
    """Net $18,000 of $40,000 long and $22,000 short."""
    lines = (BookLine("AVAX-SIM", 4e4, "usd"), BookLine("BNB-SIM", -2.2e4, "usd"))
    state = AppState(
        replace(SETTINGS, asset=BOOK), book=BookChoices(lines), what_if=WhatIfChoices(shock_percent=-50)
    )
    view = load_what_if(state, NO_FILES)
    beta = view.hedge.beta.estimate.beta
    assert beta * -0.5 < -1
    assert not view.hedge.beta.floored
    assert view.at_move["unhedged"] == pytest.approx(18_000 * beta * -0.5)
    assert view.at_move["hedged"] == pytest.approx(0, abs=100)  # to the contract's step
    assert view.ways.payoff_usd.loc[-0.5, "no hedge"] == pytest.approx(18_000 * beta * -0.5)
    helps = " ".join(figure.help for figure in what_if_figures(view, state))
    assert "can lose more than it is" in helps
    longs = replace(state, book=BookChoices((lines[0], replace(lines[1], size=2.2e4))))
    assert load_what_if(longs, NO_FILES).hedge.beta.floored


def test_a_beta_by_hand_sizes_the_hedge_and_does_not_move_the_asset():
    app = opened(**SOL, beta_by_hand="3")
    estimated = load_what_if(AppState(SETTINGS), NO_FILES)
    assert strip(app)["Unhedged"] == usd_text(estimated.at_move["unhedged"])
    assert "sized with a beta of 3.00 by hand; the asset moves by the estimate" in captions(app)
    view = load_what_if(AppState(SETTINGS, hedge=HedgeChoices(beta_by_hand=3.0)), NO_FILES)
    beta = estimated.hedge.beta.estimate.beta
    assert view.at_move["hedge"] == pytest.approx(6_000, rel=1e-2)
    assert view.at_move["hedged"] == pytest.approx(6_000 - 2_000 * beta, rel=1e-2)
    assert view.put.beta == view.collar.beta == beta
    assert view.ways.payoff_usd.loc[-0.2, "no hedge"] == pytest.approx(-2_000 * beta)


def test_a_book_that_is_empty_falls_back_to_an_asset():
    app = opened(**(SOL | {"asset": BOOK}))
    assert app.selectbox(key="asset").value != BOOK


def test_a_position_of_zero_says_what_to_do():
    app = opened(**SOL, position="0")
    assert any("position is 0" in error for error in errors(app))
    assert not charts(app)
    assert app.slider(key="shock_percent").value == -20


def test_a_hedge_on_the_wrong_side_by_hand_is_shown_as_what_it_is():
    """A negative beta by hand buys the benchmark; the asset and its options keep the estimate."""
    app = opened(**SOL, beta_by_hand="-0.5")
    assert strip(app)["The hedge alone"].startswith("\N{MINUS SIGN}")
    assert not errors(app)
    assert "put" in text_table(app, "What each way").index


def test_a_leverage_that_the_exchange_refuses_is_explained():
    app = opened(**SOL, leverage="150", maintenance_percent="2")
    assert len(errors(app)) == 1
    assert "1 to 50 for a notional" in errors(app)[0]
    assert app.slider(key="shock_percent").value == -20


def test_a_coin_margined_contract_counts_its_coins():
    chosen = "Binance BTCUSD_PERP"
    state = AppState(SETTINGS, hedge=HedgeChoices(contract=chosen), what_if=WhatIfChoices(shock_percent=-40))
    view = load_what_if(state, NO_FILES)
    assert isinstance(view.hedge.chosen.contract, InverseContract)
    plan, row = view.hedge.plan, view.at_move
    assert plan.margin_exposure_usd > 0
    assert row["hedge"] == pytest.approx((plan.hedge_notional_usd + plan.margin_exposure_usd) * -0.4)
    app = opened(**SOL, contract=chosen, shock_percent="-40")
    assert strip(app)["The hedge alone"] == usd_text(row["hedge"])
    assert abs(row["hedged"]) < 100  # to one contract of 100 USD


@pytest.mark.parametrize("interval", ["weekly", "hourly"])
def test_other_returns(interval):
    app = opened(**SOL, interval=interval, lookback="60")
    assert not app.error
    assert len(charts(app)) == 2
    named = {"weekly": "week to, UTC", "hourly": "hour, UTC"}[interval]
    assert text_table(app, "The worst periods").index.name == named


def test_tables_have_full_precision_and_say_simulated():
    view = load_what_if(AppState(SETTINGS), NO_FILES)
    tables = {label: make() for label, make in what_if_tables(view).items()}
    assert set(tables) == {"Shocks", "Worst days", "Ways of hedging", "Payoffs"}
    assert all((table["source"] == "SIMULATED").all() for table in tables.values())
    assert isinstance(view.fan.table, pd.DataFrame)
    np.testing.assert_array_equal(tables["Shocks"]["hedged_usd"], view.fan.table["hedged"])
