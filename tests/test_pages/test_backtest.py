"""The Backtest page, run without a browser: every number shown is the library's."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.embedded import simulated_perpetual
from data.environment import utc_now
from hedging import (
    HedgeMarket,
    HedgeStrategy,
    HedgingError,
    TradingTerms,
    Triggers,
    align,
    compare_out_of_sample,
    funding_per_period,
    prepare_funding,
    rolling_effectiveness,
    simulate_hedges,
    sweep_triggers,
)
from hedging.plots.formats import percent_text, usd_text
from pages.shared import words
from pages.shared.carry import Carry, load_carry
from pages.shared.catalogue import FileInputs
from pages.shared.choices import BacktestChoices, BookChoices, HedgeChoices
from pages.shared.positions import BookLine
from pages.shared.settings import BOOK, PAGE_METHODS, Settings
from pages.shared.state import AppState
from pages.shared.terms import chosen_contract
from pages.shared.views import backtest, backtest_span
from pages.shared.views.backtest import load_backtest, load_verdict
from pages.shared.views.backtest_charts import backtest_tables
from pages.shared.views.backtest_strategies import strategy_names
from pages.shared.views.backtest_sweep import swept_triggers
from pages.shared.views.backtest_words import backtest_notes, verdict_help, verdict_sentences
from tests.test_pages.tables import text_table
from tests.test_pages.test_beta import APP, charts, errors, link_of, simulated, small_prints, strip

SOL = {"source": "simulated", "asset": "SOL-SIM", "benchmark": "BTC-SIM"}
SETTINGS = Settings(**SOL)  # type: ignore[arg-type]
NO_FILES = FileInputs()
TERMS = TradingTerms(fee_fraction=0.0005, slippage_fraction=0.0002)


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


def opened(*sections: str, **link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120)
    for section in sections:
        app.session_state[section] = True
    for name, value in link.items():
        app.query_params[name] = value
    app.switch_page("backtest.py")
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    """Every sentence on the page."""
    texts = [each.value for kind in (app.caption, app.markdown, app.info, app.warning) for each in kind]
    return " ".join(texts).replace("\\", "")


def strategies(app: AppTest) -> pd.DataFrame:
    return text_table(app, "All strategies")


def market(n_tail: int = 1) -> HedgeMarket:
    """The simulated perpetual's own prices and charges; the last charge is not in the sample."""
    aligned = align(simulated("SOL-SIM"), simulated("BTC-SIM"))
    aligned = aligned.part(0, len(aligned.asset) - n_tail)
    perpetual = simulated_perpetual("BTC-SIM", interval="daily", now=utc_now())
    assert perpetual.prices is not None
    index = pd.DatetimeIndex(aligned.asset.index)
    return HedgeMarket(
        aligned,
        hedge_prices=perpetual.prices.reindex(aligned.benchmark_prices.index),
        funding_rates=funding_per_period(prepare_funding(perpetual.funding_rates), index, stamps="open"),
    )


def walked(triggers: Triggers, holding="value", **changes):
    strategy = HedgeStrategy("beta hedge", window=60, covariance="hc3", triggers=triggers)
    return simulate_hedges(
        market(),
        [
            replace(strategy, name="dollar hedge", sizing="dollar"),
            strategy,
            replace(strategy, name="minimum variance hedge", sizing="min_variance"),
        ],
        position_usd=10_000,
        contract=chosen_contract(HedgeChoices(), "BTC-SIM").contract,
        terms=replace(TERMS, **changes),
        holding=holding,
    )


def test_it_opens_on_the_simulated_market_with_a_verdict():
    app = opened()
    shown = strip(app)
    assert set(shown) == {
        "Removed by beta hedge",
        "Removed by dollar hedge",
        "P&L, beta hedge",
        "Worst drawdown",
        "Fees and slippage",
        "Rebalances",
    }
    assert len(charts(app)) == 3
    assert all('"SIMULATED"' in chart for chart in charts(app))
    assert "left the least variance" in said(app)
    assert not app.error


def test_figures_and_table_are_the_library_s():
    app = opened(**SOL, every_hours="72")
    simulation = walked(Triggers(every_hours=72))
    run = simulation.run("beta hedge")
    split = run.split_usd.sum()
    shown = strip(app)
    assert shown["Removed by beta hedge"] == words.effect(run.effectiveness)
    assert shown["P&L, beta hedge"] == usd_text(run.figures.total_usd)
    assert shown["Worst drawdown"] == usd_text(run.figures.max_drawdown_usd)
    assert shown["Fees and slippage"] == usd_text(-split["fees"] - split["slippage"])
    assert shown["Rebalances"] == f"{run.n_rebalances:,}"
    assert f"funding {usd_text(split['funding'])} received" in small_prints(app)
    assert f"unhedged {usd_text(simulation.unhedged.total_usd)}" in small_prints(app)
    table = strategies(app)
    assert list(table.columns) == ["unhedged", *(run.strategy.name for run in simulation.runs)]
    for each in simulation.runs:
        column = table[each.strategy.name]
        assert column["P&L after costs"] == usd_text(each.figures.total_usd)
        assert column["volatility a year"] == percent_text(each.figures.volatility_annual_fraction)
        assert column["mean loss, worst 5%"] == usd_text(each.figures.expected_shortfall_usd)
        assert column["variance removed"] == words.effect(each.effectiveness)
        assert column["its 95% interval"] == words.effect_interval(each.effectiveness)
        assert column["turnover"] == usd_text(each.turnover_usd)
        assert column["funding"] == f"{usd_text(each.split_usd['funding'].sum())} received"
    assert table.loc["worst drawdown", "unhedged"] == usd_text(simulation.unhedged.max_drawdown_usd)
    assert table.loc["turnover", "unhedged"] == ""


def test_the_verdict_is_the_comparison_s():
    simulation = walked(Triggers(every_hours=24))
    pnl = {"unhedged": simulation.unhedged_pnl_usd}
    pnl |= {run.strategy.name: run.pnl_usd for run in simulation.runs}
    found = compare_out_of_sample(pd.DataFrame(pnl), unhedged="unhedged", reference="dollar hedge")
    app = opened(**SOL)
    for sentence in verdict_sentences(found):
        assert sentence in said(app)
    row = strategies(app).loc["could be the best?"]
    assert row[found.best] == "least variance"
    for name in set(pnl) - {found.best}:
        assert row[name].startswith("yes" if found.table.loc[name, "in_confidence_set"] else "no")
    assert "p-value" in verdict_help(found)


def noise(*volatilities: float, shared: float = 0.0, n: int = 400) -> pd.DataFrame:
    generator = np.random.default_rng(5)
    common = shared * generator.standard_normal(n)
    columns = ("unhedged", "dollar hedge", "beta hedge")
    return pd.DataFrame(
        {
            name: volatility * (generator.standard_normal(n) + common)
            for name, volatility in zip(columns, volatilities, strict=False)
        },
        index=pd.date_range("2024-01-01", periods=n, tz="UTC"),
    )


def test_the_verdict_in_words():
    def verdict(pnl: pd.DataFrame) -> str:
        return " ".join(
            verdict_sentences(compare_out_of_sample(pnl, unhedged="unhedged", reference="dollar hedge"))
        )

    clear = verdict(noise(3, 2, 1))
    assert "The beta hedge left the least variance, and nothing else comes near it at 95%" in clear
    assert "at least one other way is shown to leave less variance (p " in clear
    alike = verdict(noise(3, 1, 1))
    assert "cannot be told apart from the" in alike
    useless = verdict(noise(1, 1, 1))
    assert "the unhedged position" in useless
    assert "No hedge is shown to help here." in useless
    best_is_dollar = verdict(noise(3, 1, 2))
    assert best_is_dollar.startswith("The dollar hedge left the least variance")
    assert "Tested against" not in best_is_dollar


def test_coins_that_are_kept_drift_in_value():
    app = opened(**SOL, holding="quantity")
    run = walked(Triggers(every_hours=24), holding="quantity").run("beta hedge")
    assert strip(app)["P&L, beta hedge"] == usd_text(run.figures.total_usd)
    assert "set back to that" not in said(app)
    assert "set back to that before each period" in said(opened(**SOL))


def test_triggers_reach_the_walk_and_are_said():
    app = opened(
        "rebalances",
        **SOL,
        every_hours="",
        move_percent="5",
        hedge_drift_percent="20",
        beta_outside="True",
        funding_flip="True",
    )
    triggers = Triggers(
        benchmark_move_fraction=0.05,
        hedge_drift_fraction=0.2,
        beta_outside_interval=True,
        funding_flip=True,
    )
    run = walked(triggers).run("beta hedge")
    assert strip(app)["Rebalances"] == f"{run.n_rebalances:,}"
    assert "benchmark move 5%, hedge drift 20%, beta leaves its interval, funding flips" in said(app)
    assert f"benchmark move {run.fired['benchmark move']:,} times" in said(app)
    trades = app.dataframe[0].value
    assert trades["fired"].tolist() == run.rebalances["fired"].tolist()
    assert trades["traded_usd"].tolist() == pytest.approx(run.rebalances["traded_usd"].tolist())


def test_leverage_shows_margin_and_its_flattery_is_said():
    app = opened(**SOL, walk_leverage="10")
    table = strategies(app)
    run = walked(
        Triggers(every_hours=24),
        leverage=10.0,
        maintenance_fraction=load_backtest(
            AppState(SETTINGS, backtest=BacktestChoices(walk_leverage=10.0)), NO_FILES
        ).terms.maintenance_fraction,
    ).run("beta hedge")
    assert table.loc["liquidations", "beta hedge"] == f"{run.n_liquidations:,}"
    assert table.loc["margin paid in", "beta hedge"] == usd_text(run.margin_posted_usd)
    assert "flatter a hedge with leverage" in said(app)
    assert "margin calls" not in strategies(opened(**SOL)).index


@pytest.mark.parametrize(
    ("link", "allowed", "remedy"),
    [
        ({"walk_leverage": "50", "position": "400000000"}, "1 to 5", "Choose a lower one under Terms"),
        ({"walk_leverage": "10", "position": "1e12"}, "largest tier", "Split the position"),
        ({"walk_leverage": "60", "maintenance_percent": "2"}, "1 to 50", "Choose a lower one under Terms"),
        ({"walk_leverage": "50", "maintenance_percent": "2"}, "takes 1 of fresh margin", "higher trigger"),
        ({"walk_leverage": "10", "margin_used_percent": "4"}, "takes 0.04 of fresh margin", "higher trigger"),
        ({"margin_used_percent": "50"}, "no margin to watch", "Set one under Terms"),
    ],
)
def test_a_margin_that_is_not_offered_leaves_the_test_without_margin(link, allowed, remedy):
    app = opened(**SOL, **link)
    assert not errors(app)
    warning = " ".join(each.value for each in app.warning).replace("\\", "")
    assert warning.startswith("Margin: ")
    assert allowed in warning
    assert remedy in warning
    assert "liquidations" not in strategies(app).index
    plain = opened(**SOL, **{name: text for name, text in link.items() if name == "position"})
    assert strip(app) == strip(plain)
    if "walk_leverage" in link:
        assert app.number_input(key="walk_leverage").value == float(link["walk_leverage"])


def test_a_coin_margined_contract_is_said_to_be_walked_in_dollars():
    assert "walked here as a dollar-margined contract" in said(opened(**SOL, contract="Binance BTCUSD_PERP"))
    assert "dollar-margined" not in said(opened(**SOL))


def test_fees_are_those_of_the_hedge_page():
    free = opened(**SOL, fee_bp="0", slippage_bp="0")
    assert strip(free)["Fees and slippage"] == "$0.00"
    assert free.number_input(key="fee_bp").value == 0


def test_more_estimators_are_more_strategies():
    app = opened(**SOL, estimators="ewma,dimson,ols")
    assert list(strategies(app).columns)[-2:] == ["EWMA hedge", "Dimson hedge"]
    assert app.multiselect(key="estimators").value == ["ewma", "dimson", "ols"]  # the one in use stays chosen
    assert set(strategy_names(BacktestChoices(estimators=PAGE_METHODS), SETTINGS)) == {
        "dollar",
        "beta",
        "min_variance",
        *PAGE_METHODS,
    } - {"ols"}


def test_an_estimator_that_cannot_be_had_leaves_the_others():
    app = opened(**SOL, estimators="kalman", lookback="15")
    assert any("Kalman hedge" in warning.value for warning in app.warning)
    assert "Kalman hedge" not in strategies(app).columns
    assert "Removed by beta hedge" in strip(app)


def test_where_beta_cannot_be_had_the_dollar_hedge_leads():
    app = opened(**SOL, method="kalman", lookback="15")
    assert "Removed by dollar hedge" in strip(app)
    assert "Removed by beta hedge" not in strip(app)
    assert "P&L, dollar hedge" in strip(app)
    assert any("There is no beta hedge in this test" in info.value for info in app.info)


def test_a_slow_estimator_shortens_the_test_and_that_is_said(monkeypatch):
    monkeypatch.setattr(backtest_span, "SLOW_PERIODS", 100)
    app = opened(**SOL, estimators="theil_sen")
    assert strategies(app).index.name == "over 100 days"
    assert "The last 100 of 1,764 days are tested, so that it takes seconds." in said(app)
    assert "Choose 2021-03-03 under Tested from for all of them." in said(app)


def test_a_start_that_is_chosen_is_the_start():
    view = load_backtest(
        AppState(SETTINGS, backtest=BacktestChoices(tested_from="2025-06-01T00:00")), NO_FILES
    )
    index = view.simulation.unhedged_pnl_usd.index
    assert index[0] == pd.Timestamp("2025-06-01", tz="UTC")
    whole = load_backtest(AppState(SETTINGS), NO_FILES).simulation.run("beta hedge")
    # The warm-up lies before the start: the same betas as in the longer test.
    ratios = view.simulation.run("beta hedge").hedge_ratio
    pd.testing.assert_series_equal(ratios, whole.hedge_ratio.loc[index])
    assert not view.span.shortened


def test_a_start_too_late_is_explained_and_kept():
    app = opened(**SOL, tested_from="2030-01-01T00:00")
    assert any("The test would begin on 2030-01-01" in text for text in errors(app))
    assert any("Choose an earlier start" in text for text in errors(app))
    assert link_of(app)["tested_from"] == "2030-01-01T00:00"


def carried(monkeypatch, keep) -> None:
    """Funding of the simulated perpetual, but for some of it."""

    def cut(settings, files):
        whole = load_carry(settings, files)
        assert whole.funding is not None
        rates = whole.funding.rates
        return replace(whole, funding=prepare_funding(rates[keep(rates.index)]), version="cut")

    monkeypatch.setattr(backtest, "load_carry", cut)


def test_the_end_that_funding_does_not_reach_is_left_out_and_that_is_said(monkeypatch):
    assert "The last day is left out: the data of the perpetual end before." in said(opened(**SOL))
    carried(monkeypatch, lambda stamps: stamps < pd.Timestamp("2025-12-01", tz="UTC"))
    view = load_backtest(AppState(SETTINGS), NO_FILES)
    assert view.simulation.funding_known
    assert view.simulation.unhedged_pnl_usd.index[-1] == pd.Timestamp("2025-11-29", tz="UTC")
    assert "The last 32 days are left out" in " ".join(backtest_notes(view, AppState(SETTINGS)))


def test_funding_that_begins_late_is_left_out_until_the_test_does(monkeypatch):
    carried(monkeypatch, lambda stamps: stamps >= pd.Timestamp("2024-01-01", tz="UTC"))
    state = AppState(SETTINGS)
    view = load_backtest(state, NO_FILES)
    assert not view.simulation.funding_known
    notes = " ".join(backtest_notes(view, state))
    assert "the funding rates do not cover all of these periods" in notes
    assert view.known_from is not None
    assert f"from {view.known_from:%Y-%m-%d} on" in notes
    later = replace(
        state,
        backtest=BacktestChoices(tested_from=view.known_from.tz_localize(None).isoformat("T", "minutes")),
    )
    assert load_backtest(later, NO_FILES).simulation.funding_known
    day_before = view.known_from.tz_localize(None) - pd.Timedelta(days=1)
    earlier = replace(state, backtest=BacktestChoices(tested_from=day_before.isoformat("T", "minutes")))
    assert not load_backtest(earlier, NO_FILES).simulation.funding_known


def test_perpetual_prices_with_a_hole_leave_the_basis_out(monkeypatch):
    def holed(settings, files):
        whole: Carry = load_carry(settings, files)
        assert whole.perpetual_prices is not None
        return replace(whole, perpetual_prices=whole.perpetual_prices.drop("2023-05-01"), version="holed")

    monkeypatch.setattr(backtest, "load_carry", holed)
    state = AppState(SETTINGS)
    view = load_backtest(state, NO_FILES)
    assert not view.simulation.basis_known
    assert "min_variance" not in view.names
    assert "the perpetual's prices do not cover all" in " ".join(backtest_notes(view, state))


def test_what_is_not_known_is_said_and_never_zero():
    app = opened(source="indices", asset="NASDAQ", benchmark="SP500")
    assert "Funding is left out: no funding is known for this source." in said(app)
    assert "Basis is left out" in said(app)
    assert "P&L is before fees" in said(app)
    assert strip(app)["Slippage, fees not known"]
    assert "funding not known" in small_prints(app)
    table = strategies(app)
    assert table.loc["funding", "beta hedge"] == "not known"
    assert "fees not known" in table.loc["fees and slippage", "beta hedge"]
    assert "minimum variance hedge" not in table.columns
    with_fee = opened(source="indices", asset="NASDAQ", benchmark="SP500", fee_bp="1")
    assert "P&L is before fees" not in said(with_fee)


def test_the_strategy_taken_apart_is_chosen():
    app = opened(**SOL)
    app.selectbox(key="split_of").set_value("dollar").run()
    assert not app.exception
    run = walked(Triggers(every_hours=24)).run("dollar hedge")
    split = json.loads(next(chart for chart in charts(app) if "cumulative P&L, USD" in chart))
    assert split["layout"]["title"]["text"].startswith(f"Dollar hedge made {usd_text(run.figures.total_usd)}")
    assert link_of(app)["split_of"] == "dollar"


def test_a_strategy_that_is_not_in_the_test_is_kept_and_said():
    app = opened(source="indices", asset="NASDAQ", benchmark="SP500", split_of="min_variance")
    assert app.selectbox(key="split_of").value == "min_variance"
    assert any("There is no minimum variance hedge in this test" in info.value for info in app.info)


def test_rolling_effectiveness_is_the_library_s():
    view = load_backtest(AppState(SETTINGS, backtest=BacktestChoices(effectiveness_window=50)), NO_FILES)
    assert not isinstance(view.rolling, HedgingError)
    assert list(view.rolling) == ["beta hedge", "dollar hedge"]
    for name, series in view.rolling.items():
        run = view.simulation.run(name)
        pd.testing.assert_series_equal(
            series, rolling_effectiveness(view.simulation.unhedged_pnl_usd, run.pnl_usd, window=50)
        )


def test_a_window_longer_than_the_test_is_explained_and_the_rest_stays():
    app = opened(**SOL, tested_from="2025-06-01T00:00", effectiveness_window="900")
    assert any("there are 213 observations" in text.lower() for text in errors(app))
    assert "Removed by beta hedge" in strip(app)
    assert app.number_input(key="effectiveness_window").value == 900


def test_the_sweep_waits_for_its_button_and_is_kept():
    app = opened("sweep", "downloads", **SOL, tested_from="2025-01-01T00:00", every_hours="48")
    button = next(each for each in app.button if each.label.startswith("Try "))
    assert len(charts(app)) == 3
    button.click().run()
    assert not app.exception
    state = AppState(SETTINGS, backtest=BacktestChoices(tested_from="2025-01-01T00:00", every_hours=48.0))
    view = load_backtest(state, NO_FILES)
    found = sweep_triggers(
        view.market,
        view.lead.strategy,
        swept_triggers("daily", Triggers(every_hours=48)),
        position_usd=10_000,
        contract=view.contract,
        terms=TERMS,
        holding="value",
    ).table
    shown = app.dataframe[-1].value
    np.testing.assert_allclose(shown["fees and slippage"], found.loc[shown.index, "cost_usd"])
    np.testing.assert_allclose(shown["volatility left"], found.loc[shown.index, "risk_left_fraction"])
    assert "every 48 h" in shown.index
    assert "with hindsight" in said(app)
    assert "In use: every 48 h." in said(app)
    assert len(charts(app)) == 4
    app.run()  # nothing is swept again, and no button asks for it
    assert len(charts(app)) == 4
    assert not [each for each in app.button if each.label.startswith("Try ")]
    app.number_input(key="every_hours").set_value(96.0).run()
    assert [each for each in app.button if each.label.startswith("Try ")]


LINK = {
    "estimators": "ewma,blume",
    "every_hours": "48",
    "move_percent": "7.5",
    "beta_outside": "True",
    "position_drift_percent": "12",
    "hedge_drift_percent": "9",
    "funding_flip": "True",
    "margin_used_percent": "60",
    "risk_aversion": "4",
    "walk_leverage": "8",
    "holding": "quantity",
    "tested_from": "2024-02-01T00:00",
    "split_of": "blume",
    "effectiveness_window": "45",
    "fee_bp": "3",
    "slippage_bp": "1",
    "beta_target": "0.25",
}
NUMBERS = [name for name, text in LINK.items() if text.replace(".", "").isdigit()]


def test_a_link_restores_every_control():
    app = opened(**SOL, **LINK)
    for name in NUMBERS:
        assert app.number_input(key=name).value == float(LINK[name]), name
    assert app.multiselect(key="estimators").value == ["ewma", "blume"]
    assert app.toggle(key="beta_outside").value
    assert app.toggle(key="funding_flip").value
    assert app.selectbox(key="holding").value == "quantity"
    assert app.selectbox(key="split_of").value == "blume"
    assert app.date_input[0].value == pd.Timestamp("2024-02-01").date()
    link = link_of(app)
    assert {name: link[name] for name in LINK} == LINK
    assert "down to a beta of 0.25" in said(app)


def test_choices_outlive_a_visit_elsewhere():
    app = opened(**SOL, **LINK)
    app.switch_page("maths.py").run()
    app.switch_page("backtest.py").run()
    assert not app.exception
    link = link_of(app)
    assert {name: link[name] for name in LINK} == LINK


def test_the_book_without_positions_opens_on_an_asset():
    app = opened(**SOL | {"asset": BOOK})
    assert app.selectbox(key="asset").value != BOOK
    assert not app.error


def test_the_book_is_walked_as_one():
    app = opened(**SOL | {"asset": BOOK}, book="SOL:10000usd,AVAX:5000usd")
    lines = (BookLine("SOL", 10_000, "usd"), BookLine("AVAX", 5_000, "usd"))
    state = AppState(Settings(**SOL | {"asset": BOOK}), book=BookChoices(lines))  # type: ignore[arg-type]
    view = load_backtest(state, NO_FILES)
    assert view.pair.position_usd == pytest.approx(15_000)
    assert strip(app)["P&L, beta hedge"] == usd_text(view.lead.figures.total_usd)
    assert "$15,000 of Book" in said(app)


def test_a_short_position_pays_positive_funding_for_its_long_hedge():
    app = opened(**SOL, position="-10000")
    assert strategies(app).loc["funding", "beta hedge"].endswith(" paid")


def test_a_failing_source_is_explained_and_the_input_kept():
    app = opened(source="yahoo", asset="SOL-USD", benchmark="BTC-USD", every_hours="12")
    assert errors(app)
    assert app.number_input(key="every_hours").value == 12


@pytest.mark.parametrize("position", ["0", "1e12", "-1e12", "0.001"])
@pytest.mark.parametrize("leverage", ["", "150"])
def test_absurd_values_do_not_break_it(position, leverage):
    app = opened(**SOL, position=position, walk_leverage=leverage)
    assert app.number_input(key="position").value == float(position)
    if position in ("0", "0.001"):
        assert errors(app)


@pytest.mark.parametrize(
    "link",
    [
        {"lookback": "365", "interval": "weekly"},
        {"every_hours": "", "risk_aversion": "100"},
        {"beta_target": "-10", "slippage_bp": "500", "fee_bp": "100"},
        {"margin_used_percent": "0.1", "walk_leverage": "150"},
        {"tested_from": "1990-02-01T00:00"},
    ],
)
def test_unusual_choices_do_not_break_it(link):
    opened("sweep", "rebalances", "downloads", **SOL, **link)


def test_a_history_too_short_for_a_test_is_explained():
    app = opened(**SOL, lookback="250", interval="weekly")
    assert any("a test with a lookback of 250 needs 270" in text for text in errors(app))
    assert app.number_input(key="lookback").value == 250


def test_downloads_hold_the_numbers_of_the_page():
    state = AppState(SETTINGS)
    view = load_backtest(state, NO_FILES)
    tables = {label: make() for label, make in backtest_tables(view, state).items()}
    run = view.lead
    assert tables["Strategies"].loc["beta hedge", "total_usd"] == run.figures.total_usd
    assert tables["P&L of each period"]["beta hedge, USD"].sum() == pytest.approx(run.figures.total_usd)
    assert (tables["P&L of each period"]["source"] == "SIMULATED").all()
    assert tables["Split"].to_numpy().sum() == pytest.approx(run.figures.total_usd)
    assert len(tables["Rebalances"]) == len(run.rebalances)
    app = opened("downloads", **SOL)
    labels = {button.proto.label for button in app.get("download_button")}
    assert {f"{label}, CSV" for label in tables} | {"Charts, HTML"} == labels


def test_a_verdict_is_kept_for_the_same_walk():
    state = AppState(SETTINGS)
    first = load_verdict(load_backtest(state, NO_FILES), state)
    again = load_verdict(load_backtest(state, NO_FILES), state)
    assert first is again
    assert not isinstance(first, HedgingError)
