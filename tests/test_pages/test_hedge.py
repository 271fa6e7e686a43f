"""The Hedge page, run without a browser: every number shown is the library's."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.embedded import simulated_perpetual
from data.environment import DATA_FOLDER_VARIABLE, utc_now
from data.errors import NoNetworkError
from data.exchanges.turnover import Turnover
from data.maintenance_tiers import tiers_for
from hedging import (
    HedgeWorth,
    HedgingError,
    MarginedPosition,
    TradingCosts,
    align,
    backtest_hedge,
    effectiveness_of_ratio,
    estimate_beta,
    hedge_worth,
    liquidation_price,
    prepare_funding,
    project_funding,
    replay_at_beta,
)
from hedging.errors import InputError
from hedging.plots.formats import beta_text, order_text, percent_text, price_text, usd_text
from pages.shared import words
from pages.shared.catalogue import FileInputs
from pages.shared.choices import BookChoices, HedgeChoices
from pages.shared.positions import BookLine
from pages.shared.settings import BOOK, Settings
from pages.shared.state import AppState
from pages.shared.views.hedge import HedgeView, hedging_usd, load_hedge
from pages.shared.views.hedge_costs import FundingOutlook
from pages.shared.views.instruments import offered_contracts, ranked_instruments
from pages.shared.views.ticket import ticket_json, ticket_rows, ticket_text
from pages.shared.views.what_if import load_what_if
from tests.test_pages.tables import text_table
from tests.test_pages.test_beta import APP, charts, errors, link_of, simulated, strip

SOL = {"source": "simulated", "asset": "SOL-SIM", "benchmark": "BTC-SIM"}
SETTINGS = Settings(**SOL)  # type: ignore[arg-type]
NO_FILES = FileInputs()


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


def opened(**link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    for section in ("instruments", "downloads"):
        app.session_state[section] = True
    for name, value in link.items():
        app.query_params[name] = value
    app.switch_page("hedge.py")
    app.run()
    assert not app.exception
    return app


def steps(app: AppTest) -> pd.DataFrame:
    return text_table(app, "From beta")


def test_it_opens_on_the_simulated_market_with_an_order_and_a_verdict():
    app = opened()
    shown = strip(app)
    assert shown["Order"].startswith("short 0.")
    assert shown["Worth its cost?"] in ("worth it", "not worth it", "cannot tell")
    assert "SIMULATED" in app.code[0].value
    assert all('"SIMULATED"' in chart for chart in charts(app))
    assert not app.error


def test_the_line_from_beta_to_the_verdict_is_the_library_s():
    app = opened(**SOL, holding_days="10", leverage="4", slippage_bp="3")
    aligned = align(simulated("SOL-SIM"), simulated("BTC-SIM"))
    estimate = estimate_beta(aligned.asset.iloc[-60:], aligned.benchmark.iloc[-60:], covariance="hc3")
    price = float(aligned.benchmark_prices.iloc[-1])
    exact = -10_000 * estimate.beta / price
    contracts = round(exact, 3)
    notional = contracts * price
    table = steps(app)
    assert table.loc["beta", "value"] == beta_text(estimate.beta)
    assert table.loc["contracts, exact", "value"] == f"−{abs(exact):.4f}"
    assert table.loc["order, rounded", "value"] == f"short {abs(contracts):.3f} BTC"
    assert table.loc["left by rounding", "value"] == usd_text(10_000 * estimate.beta + notional)
    assert table.loc["margin", "value"] == usd_text(abs(notional) / 4)
    assert table.loc["fees and slippage", "value"] == usd_text(2 * 0.0008 * abs(notional))
    tiers = tiers_for("Binance", "BTCUSDT").tiers
    terms = load_hedge(AppState(SETTINGS), NO_FILES).chosen.contract
    closes = liquidation_price(
        MarginedPosition(terms, contracts, price, price, tiers),
        margin_usd=abs(notional) / 4,
        convention="binance",
    )
    assert closes.price_usd is not None
    assert table.loc["liquidation", "value"] == price_text(closes.price_usd)
    perpetual = simulated_perpetual("BTC-SIM", interval="daily", now=utc_now())
    funding = project_funding(prepare_funding(perpetual.funding_rates), holding_days=10)
    received = -notional * funding.rate_sum
    assert received > 0
    assert table.loc["funding over 10 days", "value"] == f"{usd_text(received)} received"
    assert perpetual.prices is not None
    hedge_returns = perpetual.prices.pct_change().iloc[1:]
    ratios = backtest_hedge(aligned, window=60, position_usd=1).hedge_ratio
    replayed = replay_at_beta(aligned.asset, aligned.benchmark, ratios, beta=estimate.beta)
    worth = hedge_worth(
        replayed,
        hedge_returns.loc[replayed.index],
        position_usd=10_000,
        hedge_notional_usd=notional,
        costs=TradingCosts(0.0005, 0.0003),
        holding_periods=10,
        funding_rate_sum=funding.rate_sum,
    )
    assert table.loc["worth its cost?", "value"] == worth.verdict
    assert usd_text(worth.net_low_usd) in table.loc["worth its cost?", "range"]


def test_the_range_of_the_contracts_is_in_contracts():
    row = steps(opened(**SOL, contract="OKX BTC-USDT-SWAP")).loc["contracts, exact"]
    low, high = (float(end.replace("−", "-")) for end in row["range"].split(" to "))
    assert low < float(row["value"].replace("−", "-")) < high < 0


def test_a_short_position_is_hedged_long_and_pays_positive_funding():
    app = opened(**SOL, position="-10000", funding_annual_percent="10")
    table = steps(app)
    assert table.loc["order, rounded", "value"].startswith("long ")
    assert table.loc["funding over 7 days", "value"].endswith(" paid")


def test_the_same_rate_is_received_by_a_short():
    view = load_hedge(AppState(SETTINGS, hedge=HedgeChoices(funding_annual_percent=36.5)), NO_FILES)
    assert not isinstance(view.cost, Exception)
    assert not isinstance(view.plan, Exception)
    assert view.cost.funding_usd == pytest.approx(0.365 * 7 / 365 * -view.plan.hedge_notional_usd)
    assert view.cost.funding_usd > 0


def test_beta_by_hand_sizes_the_order_and_the_estimate_stays_beside_it():
    table = steps(opened(**SOL, beta_by_hand="1"))
    assert table.loc["beta, by hand", "value"] == "1.00"
    assert "data say 1.33" in table.loc["beta, by hand", "range"]
    price = simulated("BTC-SIM").iloc[-1]
    assert table.loc["order, rounded", "value"] == f"short {10_000 / price:.3f} BTC"


def test_no_funding_known_is_said_and_not_taken_for_zero():
    app = opened(source="indices", asset="NASDAQ", benchmark="SP500")
    assert any("no funding is known" in info.value for info in app.info)
    assert strip(app)["Break-even"] == "not known"
    assert "funding over 7 days" not in steps(app).index  # nor is the fee
    with_fee = steps(opened(source="indices", asset="NASDAQ", benchmark="SP500", fee_bp="1"))
    assert with_fee.loc["funding over 7 days", "value"] == "not known"


def test_coin_margin_is_covered_by_the_order():
    state = AppState(SETTINGS, hedge=HedgeChoices(contract="Binance BTCUSD_PERP", leverage=4))
    view = load_hedge(state, NO_FILES)
    plan = view.plan
    assert not isinstance(plan, Exception)
    wanted = 10_000 * view.beta.estimate.beta
    assert plan.margin_exposure_usd == pytest.approx(wanted / 3)
    assert plan.contracts == Decimal(round(-wanted * 4 / 3 / 100))
    assert hedging_usd(plan) == pytest.approx(-wanted, abs=50)
    # What is posted is the notional over the leverage that was chosen.
    assert view.margin_usd == pytest.approx(abs(plan.contracts_exact) * 100 / 4)


COINS = "Binance BTCUSD_PERP"


def test_orders_by_appetite_cover_their_coin_margin_too():
    state = AppState(SETTINGS, hedge=HedgeChoices(contract=COINS, leverage=2))
    view = load_hedge(state, NO_FILES)
    appetite = view.appetite
    assert not isinstance(appetite, Exception)
    for plan, beta in zip(
        (appetite.conservative, appetite.central, appetite.aggressive), appetite.betas, strict=True
    ):
        assert not isinstance(plan, Exception)
        assert plan.contracts == Decimal(round(-10_000 * beta * 2 / 100))


def test_each_contract_is_costed_on_its_own_order():
    state = AppState(SETTINGS, hedge=HedgeChoices(contract=COINS, leverage=2))
    view = load_hedge(state, NO_FILES)
    offered = offered_contracts(view, state)
    shown = {each.terms.symbol: each.order for each in offered if each.terms.exchange == "Binance"}
    ranked = ranked_instruments(offered, view, state, {})
    fees = {
        each.candidate.contract.name: each.fees_usd
        for each in ranked
        if each.candidate.exchange == "Binance" and each.candidate.contract.expiry == "perpetual"
    }
    wanted = 10_000 * view.beta.estimate.beta
    linear, coin = shown["BTCUSDT"], shown["BTCUSD_PERP"]
    assert not isinstance(linear, Exception)
    assert not isinstance(coin, Exception)
    assert linear.hedge_notional_usd == pytest.approx(-wanted, abs=50)
    assert coin.hedge_notional_usd == pytest.approx(-2 * wanted, abs=50)
    for order, name in ((linear, "BTCUSDT"), (coin, "BTCUSD_PERP")):
        taker = float(order.contract.taker_fee_fraction or 0)
        assert fees[name] == pytest.approx(2 * taker * abs(order.hedge_notional_usd))


def test_the_row_of_the_chosen_contract_has_the_terms_in_use():
    app = opened(**SOL, contract="OKX BTC-USDT-SWAP", contract_size="0.5", fee_bp="3")
    row = text_table(app, "Contracts ranked").loc["OKX BTC-USDT-SWAP"]
    assert row["size"] == "0.5 BTC"
    assert row["taker fee"] == "3.0 bp"
    assert row["order"] == strip(app)["Order"]
    assert "by hand: contract size, fee" in row["terms"]


@pytest.mark.parametrize("position", [10_000.0, -10_000.0])
@pytest.mark.parametrize("added", [0.0, 700.0])
def test_coin_margin_is_notional_over_leverage_and_what_is_added(position, added):
    choices = HedgeChoices(contract="Binance BTCUSD_PERP", leverage=5, extra_margin_usd=added)
    view = load_hedge(AppState(replace(SETTINGS, position=position), hedge=choices), NO_FILES)
    assert not isinstance(view.plan, Exception)
    assert view.margin_usd == pytest.approx(abs(view.plan.contracts_exact) * 100 / 5 + added)


def test_a_fully_margined_coin_short_is_refused_in_words():
    app = opened(**SOL, contract="Binance BTCUSD_PERP", leverage="1")
    assert any("leverage of 1" in text for text in errors(app))
    assert strip(app)["Order"] == "none"


def test_no_hedge_loses_the_same_whatever_beta_is_typed():
    losses = []
    for beta in (None, 1.2, 5.0):
        view = load_hedge(AppState(SETTINGS, hedge=HedgeChoices(beta_by_hand=beta)), NO_FILES)
        assert not isinstance(view.worth, Exception)
        losses.append(round(view.worth.shortfall_unhedged_usd / 25))
    assert max(losses) - min(losses) <= 12  # block lengths differ with the hedge, nothing else


def test_a_hedge_that_is_likely_to_be_liquidated_is_warned_of():
    app = opened(**SOL, leverage="25", holding_days="30")
    assert any("liquidated" in warning.value for warning in app.warning)


def test_leverage_beyond_the_tier_is_refused_in_words_and_kept():
    app = opened(**SOL, position="900000000", leverage="150")
    assert any("Leverage is 150 " in text.replace("\\", "") for text in errors(app))
    assert app.number_input(key="leverage").value == 150
    assert strip(app)["Order"].startswith("short ")


def test_a_position_below_the_smallest_order_is_explained_and_the_rest_stays():
    app = opened(**SOL, position="20")
    assert strip(app)["Order"] == "none"
    assert ["orders of at least 0.002 contracts" in text for text in errors(app)] == [True]
    assert app.number_input(key="position").value == 20


@pytest.mark.parametrize("position", ["0", "1e12", "-1e12", "0.001"])
def test_absurd_positions_do_not_break_it(position):
    opened(**SOL, position=position)


def test_the_book_without_positions_says_what_to_do():
    app = opened(**SOL | {"asset": BOOK})
    assert app.selectbox(key="asset").value != BOOK


def test_the_book_is_hedged_as_one():
    book = "SOL:10000usd,AVAX:5000usd"
    app = opened(**SOL | {"asset": BOOK}, book=book)
    lines = (BookLine("SOL", 10_000, "usd"), BookLine("AVAX", 5_000, "usd"))
    aligned = align(simulated("SOL-SIM"), simulated("BTC-SIM"))
    avax = align(simulated("AVAX-SIM"), simulated("BTC-SIM"))
    returns = (2 * aligned.asset + avax.asset) / 3
    beta = estimate_beta(returns.iloc[-60:], aligned.benchmark.iloc[-60:], covariance="hc3").beta
    assert steps(app).loc["beta", "value"] == beta_text(beta)
    price = aligned.benchmark_prices.iloc[-1]
    assert strip(app)["Order"] == f"short {15_000 * beta / price:.3f} BTC"
    state = AppState(Settings(**SOL | {"asset": BOOK}), book=BookChoices(lines))  # type: ignore[arg-type]
    assert load_hedge(state, NO_FILES).beta.position_usd == pytest.approx(15_000)


def test_a_beta_by_hand_in_the_book_reaches_the_order():
    app = opened(**SOL | {"asset": BOOK}, book="SOL:10000usd@2,AVAX:10000usd@1")
    assert steps(app).loc["beta, by hand", "value"] == "1.50"


def test_a_line_that_is_left_out_lends_no_beta():
    app = opened(**SOL | {"asset": BOOK}, book="SOL:10000usd,AVAX:10000usd@1!")
    table = steps(app)
    assert "beta, by hand" not in table.index
    assert table.loc["contracts, exact", "range"] != "no interval for a beta by hand"


def test_what_a_beta_by_hand_does_to_the_other_lines_is_said():
    app = opened(
        **SOL | {"asset": BOOK}, book="SOL:10000usd@2,AVAX:10000usd", method="huber", interval="weekly"
    )
    how = steps(app).loc["beta, by hand", "how"]
    assert how == "set by hand for SOL; other positions by least squares, and no interval"


def test_a_target_is_not_tested_out_of_sample():
    table = text_table(opened(**SOL, beta_target="0.5"), "The ways of hedging")
    assert table.loc["variance removed, out of sample", "beta hedge"] == "not tested for a target"
    assert table.loc["variance removed, out of sample", "dollar hedge"].endswith("%)")


def test_the_help_of_an_order_is_the_formula_it_was_made_by():
    def formula(**choices: Any) -> str:
        view = load_hedge(AppState(SETTINGS, hedge=HedgeChoices(**choices)), NO_FILES)
        assert not isinstance(view.plan, Exception)
        return words.order_formula(view.plan)

    assert formula() == "contracts = -beta * position / (contract size * price)"
    assert formula(beta_target=0.5) == "contracts = -(beta - target) * position / (contract size * price)"
    assert formula(contract=COINS) == (
        "contracts = -(beta * position + coins of margin) / USD of one contract"
    )


def test_a_maintenance_rate_that_is_none_takes_only_the_liquidation():
    state = AppState(SETTINGS, hedge=HedgeChoices(maintenance_percent=0.05))
    view = load_hedge(state, NO_FILES)
    assert isinstance(view.liquidation, InputError)
    assert not isinstance(view.plan, Exception)
    assert not isinstance(view.worth, Exception)
    app = opened(**SOL, maintenance_percent="0.05")
    assert any("a number from 0.1 to 50" in warning.value for warning in app.warning)
    assert not opened(**SOL, maintenance_percent="0.1").error


class TestThousands:
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path, monkeypatch):
        for seed, symbol in enumerate(("BTCUSDT", "1000PEPEUSDT")):
            common, own = (np.random.default_rng(each).standard_normal(200) for each in (9, seed))
            closes = 0.01 * np.cumprod(1 + 0.03 * common + 0.01 * own)
            days = pd.date_range("2024-01-01", periods=200).strftime("%Y-%m-%d")
            pd.DataFrame({"Date": days, "Close": closes}).to_csv(tmp_path / f"{symbol}.csv", index=False)
        monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
        self.files = FileInputs(folder=tmp_path)

    def view(self, **settings: Any) -> HedgeView:
        return load_hedge(AppState(Settings(source="folder", **settings)), self.files)

    def test_coins_are_single_coins(self):
        view = self.view(asset="1000PEPEUSDT", benchmark="BTCUSDT", position=5_000_000.0, unit="coins")
        price = view.beta.quotes.asset_price_usd
        assert view.beta.position_usd == pytest.approx(5_000 * price)

    def test_an_order_is_named_in_single_coins(self):
        view = self.view(asset="BTCUSDT", benchmark="1000PEPEUSDT", position=1_000_000.0)
        plan = view.dollar_plan
        assert not isinstance(plan, Exception)
        assert order_text(plan, "PEPE") == f"short {abs(int(plan.contracts)) * 1000:,} PEPE"
        coins = abs(plan.hedge_notional_usd) / (view.beta.quotes.benchmark_price_usd / 1_000)
        assert float(abs(plan.contracts)) * 1_000 == pytest.approx(coins)

    def test_options_are_counted_and_struck_per_coin(self):
        state = AppState(Settings(source="folder", asset="BTCUSDT", benchmark="1000PEPEUSDT"))
        found = load_what_if(state, self.files)
        beta = found.hedge.beta.estimate.beta
        price = found.hedge.beta.quotes.benchmark_price_usd / 1_000
        assert not isinstance(found.put, Exception)
        assert found.put.units == pytest.approx(beta * 10_000 / price)
        assert found.put.protection_strike_usd == pytest.approx(0.9 * price)


LINK = {
    "contract": "Bybit BTCUSDT",
    "leverage": "3",
    "holding_days": "21",
    "beta_by_hand": "1.1",
    "beta_target": "0.2",
    "fee_bp": "4",
    "slippage_bp": "1",
    "funding_annual_percent": "-5",
    "extra_margin_usd": "500",
    "maintenance_percent": "1",
    "contract_size": "0.01",
    "quantity_step": "1",
    "minimum_quantity": "2",
}


def test_a_link_restores_every_control():
    app = opened(**SOL, **LINK)
    assert app.selectbox(key="contract").value == LINK["contract"]
    for name in set(LINK) - {"contract"}:
        assert app.number_input(key=name).value == float(LINK[name]), name
    link = link_of(app)
    assert {name: link[name] for name in LINK} == LINK
    table = steps(app)
    assert "contract size" in app.main.caption[0].value or any(
        "by hand: contract size" in caption.value for caption in app.caption
    )
    assert table.loc["order, rounded", "value"].endswith(" BTC")


def warnings(app: AppTest) -> str:
    return " ".join(each.value for each in app.warning)


def test_a_beta_by_hand_ends_with_the_pair_it_was_typed_for():
    app = opened(**SOL)
    app.number_input(key="beta_by_hand").set_value(1.8).run()
    assert link_of(app)["beta_for"] == "SOL-SIM on BTC-SIM"
    app.selectbox(key="asset").select("DOGE-SIM").run()
    assert not app.exception
    assert app.number_input(key="beta_by_hand").value is None
    assert "Beta 1.80 by hand was typed for SOL-SIM on BTC-SIM and is cleared" in warnings(app)
    assert "beta, by hand" not in steps(app).index
    assert "beta_by_hand" not in link_of(app)
    app.number_input(key="beta_by_hand").set_value(1.5).run()
    assert "cleared" not in warnings(app)
    assert link_of(app)["beta_for"] == "DOGE-SIM on BTC-SIM"
    assert steps(app).loc["beta, by hand", "value"] == "1.50"


def test_a_beta_by_hand_is_cleared_on_pages_that_do_not_show_it():
    app = opened(**SOL, beta_by_hand="1.8")
    app.switch_page("what_if.py").run()
    app.selectbox(key="asset").select("DOGE-SIM").run()
    assert not app.exception
    assert "typed for SOL-SIM on BTC-SIM and is cleared" in warnings(app)
    app.switch_page("hedge.py").run()
    assert app.number_input(key="beta_by_hand").value is None


def test_a_link_whose_beta_was_typed_for_another_pair_does_not_use_it():
    app = opened(**SOL | {"asset": "DOGE-SIM"}, beta_by_hand="1.8", beta_for="SOL-SIM on BTC-SIM")
    assert "typed for SOL-SIM on BTC-SIM and is cleared" in warnings(app)
    assert "beta, by hand" not in steps(app).index


def test_terms_by_hand_end_with_the_contract_they_were_typed_for():
    app = opened(**SOL, contract="OKX BTC-USDT-SWAP", contract_size="0.01", fee_bp="3")
    assert link_of(app)["terms_for"] == "OKX BTC-USDT-SWAP"
    app.selectbox(key="contract").select("Binance BTCUSDT").run()
    assert not app.exception
    assert "Typed for OKX BTC-USDT-SWAP and cleared\\: contract size 0.01, fee of 3 bp." in warnings(app)
    assert app.number_input(key="contract_size").value is None
    assert app.number_input(key="fee_bp").value is None
    assert steps(app).loc["one contract", "how"].startswith("1 BTC each")
    ticket = app.code[0].value
    assert strip(app)["Order"].removeprefix("short ").removesuffix(" BTC") in ticket.splitlines()[1]


def test_settings_made_here_hold_on_the_beta_page():
    app = opened(**SOL, contract="OKX BTC-USDT-SWAP", lookback="90")
    order = strip(app)["Order"]
    app.switch_page("beta.py").run()
    assert not app.exception
    assert strip(app)["Hedge"] == order
    assert "Beta, 90 days" in strip(app)


def test_a_failing_source_is_explained_and_the_input_kept():
    app = opened(source="yahoo", asset="SOL-USD", benchmark="BTC-USD", leverage="7")
    assert errors(app)
    assert app.number_input(key="leverage").value == 7


def test_the_ways_side_by_side_come_from_the_library():
    app = opened(**SOL)
    view = load_hedge(AppState(SETTINGS), NO_FILES)
    ways = text_table(app, "The ways")
    assert not isinstance(view.dollar_plan, Exception)
    assert not isinstance(view.dollar_worth, Exception)
    assert not isinstance(view.worth, Exception)
    ratio = -view.dollar_plan.hedge_notional_usd / 10_000
    share = effectiveness_of_ratio(view.beta.estimate, np.array([ratio]))[0]
    assert ways.loc["variance removed, window", "dollar hedge"] == percent_text(float(share))
    assert ways.loc["mean loss, worst 5%", "no hedge"] == usd_text(view.worth.shortfall_unhedged_usd)
    # The same paths behind all three, or they could not be compared.
    assert view.worth.shortfall_unhedged_usd == view.dollar_worth.shortfall_unhedged_usd


def test_the_ticket_says_the_same_in_every_form():
    state = AppState(SETTINGS)
    view = load_hedge(state, NO_FILES)
    rows = ticket_rows(view, state)
    assert json.loads(ticket_json(view, state)) == rows
    assert rows["side"] == "sell (short)"
    assert rows["contracts"] == "0.139"
    assert "SELL 0.139 BTCUSDT at Binance" in ticket_text(view, state)


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception


def test_turnover_is_asked_from_the_exchanges_and_decides_the_rank(monkeypatch):
    said = {"binance": 2e10, "bybit": 1e10}

    def answer(exchange):
        if exchange.exchange_id not in said:
            raise NoNetworkError(
                "OKX cannot be reached", parameter="source", value="okx", allowed="a network", remedy="Wait."
            )
        usd = said[exchange.exchange_id]
        return (Turnover(exchange.label, "BTC/USDT:USDT", "BTC", usd, 1e5),)

    monkeypatch.setattr("pages.shared.turnover.daily_turnover", answer)
    app = opened(**SOL)
    press(app, "Ask Binance, Bybit and OKX for turnover")
    table = text_table(app, "Contracts ranked")
    assert table.index[0] == "Binance BTCUSDT"
    assert table.loc["Binance BTCUSDT", "a day's turnover"] == "$20.00bn"
    assert table.loc["OKX BTC-USDT-SWAP", "a day's turnover"] == "not known"
    assert any("OKX cannot be reached" in caption.value for caption in app.caption)


def test_exchanges_out_of_reach_leave_the_table_as_it_was():
    app = opened(**SOL)
    press(app, "Ask Binance, Bybit and OKX for turnover")
    assert sum("Binance" in caption.value or "Bybit" in caption.value for caption in app.caption) >= 2
    assert (text_table(app, "Contracts ranked")["a day's turnover"] == "not known").all()


def test_every_contract_of_the_coin_is_ranked():
    app = opened(**SOL)
    table = text_table(app, "Contracts ranked")
    assert {"Binance BTCUSDT", "Bybit BTCUSDT", "OKX BTC-USDT-SWAP"} <= set(table.index)
    assert (table["a day's turnover"] == "not known").all()


class TestHoldingTime:
    """Risk and cost cover the same time, in whole returns."""

    def test_a_time_shorter_than_a_return_has_no_verdict_and_says_why(self):
        app = opened(**SOL, interval="weekly", holding_days="3")
        assert strip(app)["Worth its cost?"] == "not known"
        assert any("shorter than one return, of 7 days" in error.value for error in app.error)
        assert text_table(app, "From beta").loc["order, rounded", "value"].startswith("short ")

    def test_a_time_between_is_measured_and_charged_over_whole_returns(self):
        weekly = replace(SETTINGS, interval="weekly")
        between, whole = (
            load_hedge(
                AppState(weekly, hedge=HedgeChoices(funding_annual_percent=20.0, holding_days=days)), NO_FILES
            )
            for days in (10.0, 7.0)
        )
        assert between.holding_periods == whole.holding_periods == 1
        assert isinstance(between.worth, HedgeWorth)
        assert isinstance(whole.worth, HedgeWorth)
        assert between.worth.cost_usd == pytest.approx(whole.worth.cost_usd)
        assert between.worth.avoided_usd == whole.worth.avoided_usd
        app = opened(**SOL, interval="weekly", holding_days="10")
        assert any(
            "1 week, the whole number of returns nearest to 10 days" in info.value for info in app.info
        )

    def test_a_rate_at_its_limit_stays_what_was_typed(self):
        for days in (18.75, 7.25, 33.0):
            choices = HedgeChoices(funding_annual_percent=1000.0, holding_days=days)
            found = load_hedge(AppState(SETTINGS, hedge=choices), NO_FILES)
            assert isinstance(found.funding, FundingOutlook)
            assert found.funding.annual_fraction == 10.0
            assert not isinstance(found.break_even, HedgingError)


def test_no_position_is_said_once():
    app = opened(**SOL, position="0")
    (said,) = errors(app)
    assert "nothing to hedge" in said


def test_words_of_a_contract_of_which_nothing_is_known():
    app = opened(source="indices", asset="NASDAQ", benchmark="SP500")
    assert steps(app).loc["order, rounded", "how"] == "to the nearest step; no smallest order is known"
    assert "Binance formula" in steps(app).loc["liquidation", "how"]
    assert "SP500, no exchange known" in app.code[0].value


def test_the_margin_in_coins_says_of_what_it_is_a_share():
    how = steps(opened(**SOL, contract="Binance BTCUSD_PERP")).loc["margin", "how"]
    assert how.startswith("value of the exact contracts over leverage")
    assert steps(opened(**SOL)).loc["margin", "how"].startswith("notional over leverage")


def test_what_the_data_say_beside_a_beta_by_hand_has_one_pair_of_brackets():
    said = steps(opened(**SOL, beta_by_hand="2")).loc["beta, by hand", "range"]
    estimate = load_hedge(AppState(SETTINGS), NO_FILES).beta.estimate
    interval = f"{estimate.beta_low:.2f} to {estimate.beta_high:.2f} (95%)"
    assert said == f"data say {estimate.beta:.2f}, {interval}"
