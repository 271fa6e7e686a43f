"""The Estimators page, run without a browser: every number shown is the library's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.embedded import simulated_perpetual
from data.environment import DATA_FOLDER_VARIABLE, utc_now
from hedging import (
    align,
    band_target,
    basis_risk,
    break_alarm,
    decoupling_verdict,
    estimate_beta,
    rolling_correlation,
)
from hedging.estimators.results import STANDARD_ERRORS
from hedging.plots.formats import basis_points_text, beta_text, range_text
from pages.shared.settings import PAGE_METHODS
from pages.shared.views.estimator_figures import break_sentence, coupling_sentence
from pages.shared.views.estimators import METHOD_NAMES
from tests.test_pages.tables import text_table, text_tables
from tests.test_pages.test_beta import (
    APP,
    CLOSES,
    charts,
    errors,
    link_of,
    random_prices,
    simulated,
    small_prints,
    strip,
    write_prices,
)

SOL = {"source": "simulated", "asset": "SOL-SIM", "benchmark": "BTC-SIM"}
N_CHARTS = 5  # two forests, the search, the coupling, the basis


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


def opened(*, folded: bool = False, **link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    for section in () if folded else ("estimates", "downloads"):
        app.session_state[section] = True
    for name, value in link.items():
        app.query_params[name] = value
    app.switch_page("estimators.py")
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    shown = (*app.success, *app.warning, *app.info, *app.caption)
    return " ".join(text.value for text in shown).replace("\\", "")


def returns(asset: str = "SOL-SIM", interval: str = "daily"):
    return align(simulated(asset), simulated("BTC-SIM"), interval=interval)


def test_it_opens_on_the_simulated_market_with_all_its_charts():
    app = opened()
    shown = strip(app)
    assert "Beta of 10 estimators" in shown
    assert "Least squares, 60 days" in shown
    assert len(charts(app)) == N_CHARTS
    assert all('"SIMULATED"' in chart for chart in charts(app))
    assert not app.error


def test_every_estimator_is_the_library_s():
    app = opened(**SOL, lookback="90", confidence="0.9", covariance="nonrobust")
    aligned = returns()
    table = text_table(app, "Every estimate").set_index("lookback", append=True)
    betas = {}
    for method in PAGE_METHODS:
        covariance = "nonrobust" if "nonrobust" in STANDARD_ERRORS[method] else None
        found = estimate_beta(
            aligned.asset.iloc[-90:],
            aligned.benchmark.iloc[-90:],
            method=method,
            covariance=covariance,
            confidence=0.9,
        )
        row = table.loc[(METHOD_NAMES[method], "90 days")]
        row = row.iloc[0] if isinstance(row, pd.DataFrame) else row
        assert row["beta"] == beta_text(found.beta)
        assert row["interval"] == range_text(beta_text(found.beta_low), beta_text(found.beta_high))
        betas[method] = found.beta
    low, high = beta_text(min(betas.values())), beta_text(max(betas.values()))
    assert strip(app)["Beta of 10 estimators"] == range_text(low, high)
    assert strip(app)["Least squares, 90 days"] == beta_text(betas["ols"])
    assert strip(app)["Spread"] == beta_text(max(betas.values()) - min(betas.values()))


def test_least_squares_at_every_lookback_and_the_chosen_one():
    app = opened(**SOL, lookback="45")
    rows = text_table(app, "Every estimate").reset_index().iloc[len(PAGE_METHODS) :]
    assert rows["lookback"].tolist() == [f"{window} days" for window in (30, 45, 60, 90, 180)]
    aligned = returns()
    for window, shown in zip((30, 45, 60, 90, 180), rows["beta"], strict=True):
        found = estimate_beta(
            aligned.asset.iloc[-window:], aligned.benchmark.iloc[-window:], covariance="hc3"
        )
        assert shown == beta_text(found.beta)


def test_an_interval_is_held_against_the_true_beta_that_it_is_about():
    app = opened(**SOL)
    table = text_table(app, "Every estimate").iloc[: len(PAGE_METHODS)]
    aligned = returns()
    from data.embedded import SimulatedSource

    history = SimulatedSource().fetch("SOL-SIM", interval="daily", now=utc_now())
    truth = history.true_beta.reindex(aligned.asset.index)
    assert strip(app)["True beta today"] == beta_text(truth.iloc[-1])
    for method in ("ols", "ewma", "kalman"):
        covariance = "hc3" if "hc3" in STANDARD_ERRORS[method] else None
        found = estimate_beta(
            aligned.asset.iloc[-60:], aligned.benchmark.iloc[-60:], method=method, covariance=covariance
        )
        target = band_target(truth.iloc[-60:], found.band)
        inside = "✓ inside" if found.beta_low <= target <= found.beta_high else "✗ outside"
        assert table.loc[METHOD_NAMES[method], "true beta of that"] == f"{beta_text(target)}, {inside}"
    held = table["true beta of that"].str.endswith("✓ inside").sum()
    assert f"{held} of 10 intervals hold theirs" in small_prints(app)


def test_the_verdicts_are_the_tests():
    app = opened(source="simulated", asset="ATOM-SIM", benchmark="BTC-SIM", recent="60")
    aligned = returns("ATOM-SIM")
    alarm = break_alarm(aligned.asset.iloc[-240:], aligned.benchmark.iloc[-240:])
    coupling = decoupling_verdict(aligned.asset, aligned.benchmark, recent=60)
    assert strip(app)["Coupling"] == coupling.verdict
    assert break_sentence(alarm, "days") in said(app)
    for reason in (*alarm.reasons, *coupling.reasons):
        assert reason in said(app)


def test_a_break_is_named_with_its_date_and_betas():
    app = opened(source="simulated", asset="ATOM-SIM", benchmark="BTC-SIM")
    aligned = returns("ATOM-SIM")
    alarm = break_alarm(aligned.asset.iloc[-360:], aligned.benchmark.iloc[-360:])
    assert alarm.verdict == "broke"
    assert strip(app)["Break"] == f"{alarm.search.break_at:%Y-%m-%d}"
    warning = app.warning[0].value.replace("\\", "")
    assert f"beta {beta_text(alarm.search.beta_before)} before" in warning


def test_the_rolling_correlation_ends_where_the_verdict_is():
    aligned = returns()
    correlation = rolling_correlation(aligned.asset, aligned.benchmark, window=90).correlation.iloc[-1]
    verdict = decoupling_verdict(aligned.asset, aligned.benchmark, recent=90)
    assert correlation == pytest.approx(verdict.correlation)
    assert f"correlation {beta_text(correlation)}" in small_prints(opened(**SOL))


@pytest.mark.parametrize("verdict", ["coupled", "weakened", "decoupled"])
def test_every_verdict_has_its_sentence(verdict):
    from dataclasses import replace

    from pages.shared.settings import Settings

    aligned = returns()
    found = decoupling_verdict(aligned.asset, aligned.benchmark, replications=99)
    assert coupling_sentence(replace(found, verdict=verdict), Settings()).lower().startswith(verdict)


def test_the_basis_is_the_perpetual_s():
    app = opened(**SOL)
    perpetual = simulated_perpetual("BTC-SIM", interval="daily", now=utc_now())
    found = basis_risk(simulated("BTC-SIM"), perpetual.prices)
    shown = strip(app)
    assert shown["Basis now"] == basis_points_text(found.latest)
    assert (shown["Lowest"], shown["Highest"]) == (
        basis_points_text(found.lowest),
        basis_points_text(found.highest),
    )
    assert shown["Volatility of its change"] == basis_points_text(found.change_volatility)


def test_without_perpetual_prices_it_says_what_is_missing_and_where_to_get_it():
    app = opened(source="indices", asset="NASDAQ", benchmark="SP500")
    assert len(charts(app)) == N_CHARTS - 1
    assert "No basis: it needs prices of SP500's perpetual" in said(app)
    assert "simulated market has both" in said(app)
    assert "True beta today" not in strip(app)
    assert "Least squares, 60 trading days" in strip(app)


@pytest.mark.parametrize(
    "link",
    [
        SOL | {"recent": "45", "lookback": "30"},
        SOL | {"interval": "weekly", "lookback": "20", "recent": "30"},
        SOL | {"interval": "hourly", "lookback": "365"},
        SOL | {"method": "kalman"},
        SOL | {"position": "0"},
    ],
)
def test_a_link_opened_cold_shows_its_view(link):
    app = opened(**link)
    assert not app.error
    assert len(charts(app)) == N_CHARTS
    assert link.items() <= link_of(app).items()
    assert app.number_input(key="recent").value == int(link.get("recent", 90))


def test_the_recent_stretch_is_a_setting_and_lives_in_the_link():
    app = opened(**SOL)
    app.number_input(key="recent").set_value(50).run()
    assert link_of(app)["recent"] == "50"
    assert "over the last 50 periods" in said(app).lower()
    app.selectbox(key="asset").set_value("ETH-SIM").run()
    assert app.number_input(key="recent").value == 50


@pytest.mark.parametrize(
    ("link", "complaint"), [({"recent": "5"}, "recent=5"), ({"recent": "<b>"}, "recent=<b>")]
)
def test_nonsense_in_the_url_is_named_and_the_page_stands(link, complaint):
    app = opened(**SOL, **link)
    assert complaint in app.warning[0].value.replace("\\", "")
    assert len(charts(app)) == N_CHARTS


def test_the_whole_book_is_an_asset():
    app = opened(
        source="simulated", asset="Book", benchmark="BTC-SIM", book="SOL-SIM:10000usd,ETH-SIM:5000usd"
    )
    assert not app.error
    assert len(charts(app)) == N_CHARTS
    assert "True beta today" in strip(app)


def test_a_book_without_positions_falls_back_to_an_asset():
    app = opened(source="simulated", asset="Book", benchmark="BTC-SIM")
    assert app.selectbox(key="asset").value != "Book"


def test_a_source_that_cannot_be_reached_keeps_what_was_entered():
    app = opened(source="yahoo", asset="SOL-USD", benchmark="BTC-USD", recent="77", lookback="44")
    assert len(errors(app)) == 1
    assert "Yahoo Finance" in errors(app)[0]
    next(button for button in app.button if button.label == "Open the simulated market").click().run()
    assert not app.error
    assert app.number_input(key="recent").value == 77
    assert "Least squares, 44 days" in strip(app)


def test_a_history_too_short_for_the_tests_still_shows_its_estimates(tmp_path, monkeypatch):
    write_prices(tmp_path, "NEWUSDT", random_prices(1, 71))
    write_prices(tmp_path, "BTCUSDT", CLOSES)
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
    app = opened(source="folder", asset="NEWUSDT", benchmark="BTCUSDT")
    assert "Beta of 10 estimators" in strip(app)
    assert strip(app)["Coupling"] == "unknown"
    assert "a window of 90" in said(app)
    assert len(charts(app)) == 3
    assert len(errors(app)) == 1


def test_an_estimator_without_enough_days_says_so_and_the_others_stand(tmp_path, monkeypatch):
    rising = 100 * np.cumprod(1 + np.abs(0.02 * np.random.default_rng(3).standard_normal(300)) + 1e-4)
    write_prices(tmp_path, "AUSDT", random_prices(1, 300))
    write_prices(tmp_path, "UPUSDT", rising)
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
    app = opened(source="folder", asset="AUSDT", benchmark="UPUSDT", method="downside")
    assert "Beta of 9 estimators" in strip(app)
    assert strip(app)["Falling benchmark, 60 days"] == "none"
    assert "falling benchmark: " in said(app)
    assert len(charts(app)) == 4


def test_what_is_folded_is_not_made():
    app = opened(folded=True, **SOL)
    assert not text_tables(app)
    assert not app.get("download_button")
    assert len(opened(**SOL).get("download_button")) == 5
