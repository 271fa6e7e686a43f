"""The Beta page, run without a browser: every number shown is the library's."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.embedded import SimulatedSource
from data.environment import DATA_FOLDER_VARIABLE, utc_now
from data.yahoo_wire import BASE_URL_VARIABLE
from hedging import align, annualise, backtest_hedge, beta_atlas, compare_lookbacks, estimate_beta
from hedging.estimators.results import STANDARD_ERRORS
from hedging.plots.formats import beta_text, percent_text, price_text
from pages.shared.archive import CHARTS
from pages.shared.controls import take_lookback
from pages.shared.settings import PAGE_METHODS
from tests.fakes.yahoo_server import Script, YahooServer, daily_quotes
from tests.test_pages.tables import text_table

APP = str(Path(__file__).parents[2] / "pages" / "navigation.py")


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


def opened(**link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    for section in ("details", "downloads"):  # what is folded is not made
        app.session_state[section] = True
    for name, value in link.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def strip(app: AppTest) -> dict[str, str]:
    found = [figures for data in components(app, "figure_strip") for figures in data["figures"]]
    return {figure["label"]: figure["value"] for figure in found}


def small_prints(app: AppTest) -> str:
    figures = [figure for data in components(app, "figure_strip") for figure in data["figures"]]
    return " ".join(figure["small"] for figure in figures)


def components(app: AppTest, name: str) -> list[dict[str, Any]]:
    """What the page gives to each of its own components of that name."""
    found = app.get("bidi_component")
    return [json.loads(c.proto.json) for c in found if c.proto.component_name == name]


def simulated(symbol: str) -> pd.Series:
    return SimulatedSource().fetch(symbol, interval="daily", now=utc_now()).prices


def errors(app: AppTest) -> list[str]:
    return [error.value.replace("\\", "") for error in app.error]


def link_of(app: AppTest) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}


def write_prices(folder: Path, symbol: str, closes: np.ndarray, *, first: str = "2024-01-01") -> None:
    days = pd.date_range(first, periods=len(closes)).strftime("%Y-%m-%d")
    pd.DataFrame({"Date": days, "Close": closes}).to_csv(folder / f"{symbol}.csv", index=False)


def random_prices(seed: int, n: int = 200, start: float = 100.0) -> np.ndarray:
    return start * np.cumprod(1 + 0.03 * np.random.default_rng(seed).standard_normal(n))


def charts(app: AppTest) -> list[str]:
    """The figures on the page as JSON."""
    tokens = [data["figure"].removeprefix("chart/") for data in components(app, "live_chart")]
    return [(CHARTS.find(token) or b"").decode() for token in tokens]


def test_without_a_network_it_opens_on_the_simulated_market_and_says_so():
    app = opened()
    assert app.selectbox(key="source").value == "simulated"
    assert (app.selectbox(key="asset").value, app.selectbox(key="benchmark").value) == ("SOL-SIM", "BTC-SIM")
    assert "SIMULATED" in app.info[0].value
    assert len(charts(app)) == 3
    assert all('"SIMULATED"' in chart for chart in charts(app))
    assert not app.error


def test_the_strip_shows_what_the_library_computes():
    app = opened(source="simulated", asset="AVAX-SIM", benchmark="BTC-SIM", lookback="90", confidence="0.9")
    aligned = align(simulated("AVAX-SIM"), simulated("BTC-SIM"))
    estimate = estimate_beta(
        aligned.asset.iloc[-90:], aligned.benchmark.iloc[-90:], covariance="hc3", confidence=0.9
    )
    shown = strip(app)
    assert shown["Beta, 90 days"] == beta_text(estimate.beta)
    assert shown["R²"] == f"{estimate.r_squared:.2f}"
    year = annualise(estimate.residual_volatility, periods_per_year=365)
    assert shown["Residual vol. a year"] == percent_text(year)
    assert shown["Observations"] == "90"
    coins = 10_000 * estimate.beta / aligned.benchmark_prices.iloc[-1]
    assert shown["Hedge"] == f"short {round(coins, 3):.3f} BTC"
    small_print = small_prints(app)
    assert f"{beta_text(estimate.beta_low)} to {beta_text(estimate.beta_high)}" in small_print


def test_the_table_of_hedges_is_the_walk_forward():
    app = opened(source="simulated", asset="SOL-SIM", benchmark="BTC-SIM", lookback="60")
    table = text_table(app, "What each hedge did")
    aligned = align(simulated("SOL-SIM"), simulated("BTC-SIM"))
    walk = backtest_hedge(aligned, window=60, position_usd=10_000)
    expected = [percent_text(s.volatility_annual_fraction) for s in walk.strategies]
    assert table.loc["volatility a year"].tolist() == expected


ON_BITCOIN = {"source": "simulated", "benchmark": "BTC-SIM"}


@pytest.mark.parametrize(
    "link",
    [
        ON_BITCOIN | {"asset": "ETH-SIM", "interval": "weekly"},
        ON_BITCOIN | {"asset": "ETH-SIM", "interval": "hourly", "lookback": "365"},
        ON_BITCOIN | {"asset": "NEAR-SIM", "covariance": "hc3", "lookback": "10"},
        ON_BITCOIN | {"asset": "SOL-SIM", "position": "-25000"},
        ON_BITCOIN | {"asset": "SOL-SIM", "position": "120", "unit": "coins"},
        {"source": "simulated", "asset": "NEAR-SIM", "benchmark": "ETH-SIM"},
        {"source": "indices", "asset": "NASDAQ", "benchmark": "SP500", "covariance": "nonrobust"},
    ],
)
def test_a_link_opened_cold_shows_its_view(link):
    app = opened(**link)
    assert not app.error
    assert len(charts(app)) == 3
    assert link.items() <= link_of(app).items()


def test_a_five_day_calendar_is_named_and_annualised_with_252():
    app = opened(source="indices", asset="NASDAQ", benchmark="SP500")
    assert "Beta, 60 trading days" in strip(app)
    said = " ".join(text.value for text in app.markdown)
    assert "5-day calendar, annualised with 252 periods a year" in said.replace("\\", "")


def test_weekly_returns_are_still_sized_on_the_latest_price():
    app = opened(source="simulated", asset="SOL-SIM", benchmark="BTC-SIM", interval="weekly")
    last = simulated("SOL-SIM")
    assert strip(app)["SOL-SIM"] == price_text(last.iloc[-1])
    assert last.index[-1].day_name() == "Wednesday"  # in the middle of an unfinished week
    small_print = small_prints(app)
    assert "2026-01-01 00:00 UTC" in small_print


def test_old_prices_few_observations_and_no_relation_are_warned_about():
    app = opened(source="indices", asset="NASDAQ", benchmark="SP500", lookback="10")
    said = [warning.value.replace("\\", "") for warning in app.warning]
    assert any(re.match(r"The last price is [\d,]+ days old \(2019-01-01", text) for text in said)
    assert any(text.startswith("10 observations are few") for text in said)


def test_a_short_position_is_hedged_long():
    app = opened(source="simulated", asset="SOL-SIM", benchmark="BTC-SIM", position="-10000")
    assert strip(app)["Hedge"].startswith("long ")


def test_what_the_scrubber_sends_is_the_setting_and_lives_in_the_link():
    app = opened(source="simulated", asset="SOL-SIM", benchmark="BTC-SIM")
    app.session_state["lookback"] = 47
    app.run()
    assert "Beta, 47 days" in strip(app)
    assert link_of(app)["lookback"] == "47"
    (scrubber,) = components(app, "scrubber")
    assert (scrubber["lookback"], scrubber["shortest"], scrubber["longest"]) == (47, 10, 365)
    assert all(data["lookback"] == 47 for data in components(app, "live_chart"))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(30, 30), (91.0, 91), (5, 10), (9999, 365), ("40", 60), (True, 60), (None, 60), (60.5, 60)],
)
def test_a_browser_may_send_anything(sent, kept, monkeypatch):
    state = {"lookback": 60}
    monkeypatch.setattr(st, "session_state", state)
    take_lookback(sent)
    assert state["lookback"] == kept


@pytest.mark.parametrize("method", PAGE_METHODS)
def test_every_estimator_shows_its_beta(method):
    link = {"source": "simulated", "asset": "SOL-SIM", "benchmark": "BTC-SIM", "interval": "weekly"}
    app = opened(**link, method=method)
    aligned = align(simulated("SOL-SIM"), simulated("BTC-SIM"), interval="weekly")
    covariance = "hc3" if "hc3" in STANDARD_ERRORS[method] else None
    found = estimate_beta(
        aligned.asset.iloc[-60:], aligned.benchmark.iloc[-60:], method=method, covariance=covariance
    )
    assert strip(app)["Beta, 60 weeks"] == beta_text(found.beta)
    (scrubber,) = components(app, "scrubber")
    follows = method in ("ols", "blume")
    assert (scrubber["film"] is not None) == follows
    assert (scrubber["note"] == "") == follows


def test_changing_the_source_keeps_the_coins():
    app = opened(source="simulated", asset="LTC-SIM", benchmark="ETH-SIM")
    app.selectbox(key="source").set_value("yahoo").run()
    assert (app.selectbox(key="asset").value, app.selectbox(key="benchmark").value) == ("LTC-USD", "ETH-USD")


@pytest.mark.fault(
    "page: its source cannot be reached",
    saw="Yahoo Finance cannot be reached from this machine … and a button that opens the simulated market",
    lost="nothing: what was entered stays",
)
def test_a_source_that_cannot_be_reached_keeps_what_was_entered_and_offers_a_way_on():
    app = opened(source="yahoo", asset="SOL-USD", benchmark="BTC-USD", position="12345", lookback="77")
    assert len(errors(app)) == 1
    assert "Yahoo Finance" in errors(app)[0]
    assert (app.selectbox(key="asset").value, app.number_input(key="position").value) == ("SOL-USD", 12345)
    next(button for button in app.button if button.label == "Open the simulated market").click().run()
    assert app.selectbox(key="asset").value == "SOL-SIM"
    assert components(app, "scrubber")[0]["lookback"] == 77
    assert not app.error


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"lookback": "5000"}, "lookback=5000"),
        ({"position": "1e300"}, "position=1e300"),
        ({"covariance": "<b>x</b>"}, "covariance=<b>x</b>"),
        ({"utm": "x"}, "unknown setting utm=x"),
    ],
)
@pytest.mark.fault(
    "page: nonsense in its address",
    saw="each setting that cannot be used, by its name and value; the page with its defaults instead",
    lost="nothing",
)
def test_nonsense_in_the_url_is_named_and_the_page_stands(link, said):
    app = opened(source="simulated", **link)
    assert said in app.warning[0].value.replace("\\", "")
    assert len(charts(app)) == 3


@pytest.mark.fault(
    "page: a symbol that does not exist, with HTML in it",
    saw="one sentence that names it, as text",
    lost="nothing: what was entered stays",
)
def test_a_symbol_that_does_not_exist_is_one_sentence():
    app = opened(source="simulated", asset="<script>alert(1)</script>", benchmark="BTC-SIM")
    assert len(errors(app)) == 1
    assert "<script>alert(1)</script>" in errors(app)[0]
    assert app.selectbox(key="asset").value == "<script>alert(1)</script>"


@pytest.mark.fault(
    "page: asset and benchmark are the same",
    saw="asset and benchmark are both BTC-SIM",
    lost="nothing: what was entered stays",
)
def test_asset_equal_to_benchmark_is_explained():
    app = opened(source="simulated", asset="BTC-SIM", benchmark="BTC-SIM")
    assert "asset and benchmark are both BTC-SIM" in errors(app)[0].replace("Asset", "asset")


def test_a_position_of_zero_leaves_the_beta_standing():
    app = opened(source="simulated", asset="SOL-SIM", benchmark="BTC-SIM", position="0")
    assert [error for error in errors(app) if "position is 0" in error] == errors(app)
    assert "Beta, 60 days" in strip(app)
    assert len(charts(app)) == 2


def test_a_beta_by_hand_of_the_hedge_page_is_named():
    link = {"source": "simulated", "asset": "SOL-SIM", "benchmark": "BTC-SIM"}
    assert any("Hedge uses 2.00 by hand" in info.value for info in opened(**link, beta_by_hand="2").info)
    assert not any("by hand" in info.value for info in opened(**link).info)


def test_a_hedge_below_the_smallest_order_is_explained():
    app = opened(source="simulated", asset="SOL-SIM", benchmark="BTC-SIM", position="20")
    assert "less than the exchange takes" in errors(app)[0]
    assert len(charts(app)) == 3


def test_a_configured_folder_is_what_opens(tmp_path, monkeypatch):
    for number, symbol in enumerate(("SOLUSDT", "BTCUSDT", "ETHUSDT")):
        write_prices(tmp_path, symbol, random_prices(number))
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
    app = opened()
    assert app.selectbox(key="source").value == "folder"
    assert (app.selectbox(key="asset").value, app.selectbox(key="benchmark").value) == ("SOLUSDT", "BTCUSDT")
    assert not app.error
    assert not any('"SIMULATED"' in chart for chart in charts(app))
    assert str(tmp_path) not in "".join(link_of(app).values())


CLOSES = random_prices(5)
BAD_FILES = {
    "empty": (b"", "empty"),
    "header only": (b"Date,Close\n", "no rows"),
    "all zero": (b"Date,Close\n2024-01-01,0\n2024-01-02,0\n", "price 0"),
    "negative": (b"Date,Close\n2024-01-01,10\n2024-01-02,-3\n", "price -3"),
    "absurd": (b"Date,Close\n2024-01-01,10\n2024-01-02,1e300\n", "1e+300"),
    "two prices": (b"Date,Close\n2024-01-01,10\n2024-01-01,11\n2024-01-02,12\n2024-01-03,12\n", "two prices"),
    "ambiguous": (b"Date,Close\n01/02/2024,10\n01/03/2024,11\n01/04/2024,12\n", "01/02/2024"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
@pytest.mark.fault(
    "page: the file of the chosen asset cannot be used",
    saw="one sentence that names the file or price and the remedy; the rest of the page stands",
    lost="nothing: what was entered stays",
)
def test_a_bad_file_is_one_plain_sentence_and_nothing_typed_is_lost(kind, tmp_path, monkeypatch):
    content, said = BAD_FILES[kind]
    write_prices(tmp_path, "BTCUSDT", CLOSES)
    write_prices(tmp_path, "ETHUSDT", random_prices(6))
    (tmp_path / "BADUSDT.csv").write_bytes(content)
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
    app = opened(source="folder", asset="BADUSDT", benchmark="BTCUSDT", position="777")
    assert len(errors(app)) == 1, errors(app)
    assert said in errors(app)[0]
    assert app.selectbox(key="asset").value == "BADUSDT"
    assert app.number_input(key="position").value == 777


@pytest.mark.parametrize(
    ("asset", "said"),
    [
        (pd.Series(random_prices(1, 40)), "lookback asks for 60"),
        (pd.Series(np.full(200, 5.0)), "did not move"),
    ],
    ids=["too short for the lookback", "constant"],
)
@pytest.mark.fault(
    "page: too few observations, or prices that do not move",
    saw="lookback asks for 60 …, or that the returns did not move",
    lost="nothing: what was entered stays",
)
def test_unusable_prices_are_one_sentence(asset, said, tmp_path, monkeypatch):
    write_prices(tmp_path, "AUSDT", asset.to_numpy())
    write_prices(tmp_path, "BTCUSDT", CLOSES)
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
    app = opened(source="folder", asset="AUSDT", benchmark="BTCUSDT")
    assert len(errors(app)) == 1
    assert said in errors(app)[0]


@pytest.mark.fault(
    "page: asset and benchmark have no day in common",
    saw="both ranges of days",
    lost="nothing: what was entered stays",
)
def test_no_overlap_names_both_ranges(tmp_path, monkeypatch):
    write_prices(tmp_path, "OLDUSDT", random_prices(1), first="2019-01-01")
    write_prices(tmp_path, "BTCUSDT", CLOSES)
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
    app = opened(source="folder", asset="OLDUSDT", benchmark="BTCUSDT")
    assert "2019-01-01 to 2019-07-19" in errors(app)[0]
    assert "2024-01-01" in errors(app)[0]


@pytest.mark.fault(
    "page: five days and daylight saving against seven",
    saw="the beta by common days, that closes are stamped up to 5 hours apart, and the rows left out",
    lost="nothing",
)
def test_a_stock_with_daylight_saving_against_crypto_is_joined_by_day_and_warned_about(tmp_path, monkeypatch):
    sessions = pd.bdate_range("2024-01-02", periods=180, tz="America/New_York")
    closes = pd.Series(random_prices(3, 180), index=[stamp.isoformat(sep=" ") for stamp in sessions])
    closes.rename_axis("Date").rename("Close").to_csv(tmp_path / "AAPL.csv")
    write_prices(tmp_path, "BTCUSDT", random_prices(4, 260))
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
    app = opened(source="folder", asset="AAPL", benchmark="BTCUSDT")
    assert not app.error
    assert "Beta, 60 trading days" in strip(app)
    assert "stamped up to 5 hours apart" in app.warning[0].value.replace("\\", "")
    said = " ".join(text.value for text in app.markdown).replace("\\", "")
    assert "5-day calendar, annualised with 252" in said
    weekend_days = (sessions[-1].date() - sessions[0].date()).days + 1 - len(sessions)
    assert f"BTCUSDT: {weekend_days} rows dropped at instants when the other has no price." in said


def test_duplicate_days_with_equal_prices_and_unsorted_rows_are_mended_and_reported(tmp_path, monkeypatch):
    write_prices(tmp_path, "BTCUSDT", random_prices(4))
    write_prices(tmp_path, "SOLUSDT", random_prices(5))
    lines = (tmp_path / "SOLUSDT.csv").read_text().splitlines()
    (tmp_path / "SOLUSDT.csv").write_text("\n".join([lines[0], lines[9], *lines[1:]]))
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
    app = opened(source="folder", asset="SOLUSDT", benchmark="BTCUSDT")
    assert not app.error
    said = " ".join(text.value for text in app.markdown).replace("\\", "")
    assert "1 repeated row with the same price dropped" in said
    assert "not in order of time" in said


@pytest.mark.fault(
    "page: a listing of sixty days",
    saw="the beta of its 60 observations; that walking forward needs more",
    lost="nothing",
)
def test_a_listing_of_sixty_days_shows_what_it_can(tmp_path, monkeypatch):
    write_prices(tmp_path, "NEWUSDT", random_prices(1, 61))
    write_prices(tmp_path, "BTCUSDT", CLOSES)
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
    app = opened(source="folder", asset="NEWUSDT", benchmark="BTCUSDT")
    assert strip(app)["Observations"] == "60"
    assert len(charts(app)) == 2
    assert "walk forward" in errors(app)[0]


@pytest.mark.fault(
    "page: the folder of prices is gone",
    saw="that the folder does not exist, in one sentence",
    lost="nothing: what was entered stays",
)
def test_a_missing_folder_is_explained(monkeypatch, tmp_path):
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path / "gone"))
    app = opened(source="folder")
    assert len(errors(app)) == 1
    assert "folder" in errors(app)[0]


def test_yahoo_is_what_opens_when_it_answers(monkeypatch):
    now = utc_now()
    first = (now.normalize() - pd.Timedelta(days=300)).strftime("%Y-%m-%d")
    scripts = {
        symbol: Script(daily=daily_quotes(list(random_prices(number, 301)), first=first))
        for number, symbol in enumerate(("BTC-USD", "ETH-USD", "SOL-USD"))
    }
    with YahooServer(scripts) as yahoo:
        monkeypatch.setenv(BASE_URL_VARIABLE, yahoo.base_url)
        app = opened()
        assert app.selectbox(key="source").value == "yahoo"
        assert not app.error
        assert not app.info
        aligned = align(
            *(  # today's bar is still open
                pd.Series(random_prices(n, 301), pd.date_range(first, periods=301, tz="UTC"))[:-1]
                for n in (2, 0)
            )
        )
        estimate = estimate_beta(aligned.asset.iloc[-60:], aligned.benchmark.iloc[-60:])
        assert strip(app)["Beta, 60 days"] == beta_text(estimate.beta)
        typed = opened(source="yahoo", asset="NOPE-USD", benchmark="BTC-USD")
        assert len(errors(typed)) == 1
        assert "NOPE-USD" in errors(typed)[0]
        assert typed.selectbox(key="asset").value == "NOPE-USD"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("rate limit", "too many requests"),
        ("not found", "SOL-USD"),
        ("html", "Yahoo"),
        ("server error", "Yahoo"),
        ("empty", "SOL-USD"),
    ],
)
def test_each_failure_of_yahoo_has_its_own_sentence(answer, said, monkeypatch):
    first = (utc_now().normalize() - pd.Timedelta(days=300)).strftime("%Y-%m-%d")
    scripts = {
        "BTC-USD": Script(daily=daily_quotes(list(CLOSES), first=first)),
        "SOL-USD": Script(answer=answer, daily=daily_quotes(list(CLOSES), first=first)),
    }
    with YahooServer(scripts) as yahoo:
        monkeypatch.setenv(BASE_URL_VARIABLE, yahoo.base_url)
        app = opened(source="yahoo", asset="SOL-USD", benchmark="BTC-USD")
        assert len(errors(app)) == 1
        assert said in errors(app)[0]
        assert app.selectbox(key="asset").value == "SOL-USD"


def test_lookbacks_are_compared_when_somebody_looks():
    closed = opened(source="simulated", asset="SOL-SIM", benchmark="BTC-SIM")
    assert len(charts(closed)) == 3
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state["lookbacks"] = True
    app.run()
    assert not app.exception
    shown = charts(app)
    assert len(shown) == 5
    aligned = align(simulated("SOL-SIM"), simulated("BTC-SIM"))
    atlas = beta_atlas(aligned.asset, aligned.benchmark, windows=[10, 60, 365], covariance="nonrobust")
    found = compare_lookbacks(aligned, atlas)
    worst = found.table["effectiveness"].iloc[0]
    assert percent_text(worst) in " ".join(caption.value for caption in app.caption)
    assert any("lookbacks lie within its interval" in chart for chart in shown)


def test_what_is_folded_is_not_made():
    app = AppTest.from_file(APP, default_timeout=60)
    app.run()
    assert not app.get("download_button")
    assert not any("common instants" in text.value for text in app.markdown)
    assert len(opened(source="simulated", asset="SOL-SIM", benchmark="BTC-SIM").get("download_button")) == 5
