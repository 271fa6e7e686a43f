"""The report holds what the pages show, escapes what it was given, and says what it could not make."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from html import unescape
from threading import Thread

import pandas as pd
import plotly.graph_objects as go
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.environment import DATA_FOLDER_VARIABLE, utc_now
from hedging import HedgingError
from hedging.plots.formats import beta_text
from pages.shared.catalogue import FileInputs
from pages.shared.choices import REPORT_SECTIONS, BookChoices, HedgeChoices, MonitorChoices, ReportChoices
from pages.shared.loading import load_view
from pages.shared.positions import BookLine, book_from_text
from pages.shared.report.cover import make_cover
from pages.shared.report.document import Cover, Section, report_html
from pages.shared.report.off_page import off_page
from pages.shared.report.sections import MAKERS, report_sections
from pages.shared.settings import BOOK as WHOLE_BOOK
from pages.shared.settings import Settings
from pages.shared.state import AppState
from pages.shared.strip import Figure
from pages.shared.views.estimators import METHOD_NAMES, load_estimators
from pages.shared.views.hedge import load_hedge
from pages.shared.views.notes import estimator_notes
from pages.shared.views.ticket import ticket_text
from tests.test_pages.test_beta import APP, errors, link_of, random_prices, strip, write_prices

SETTINGS = Settings(source="simulated", asset="SOL-SIM", benchmark="BTC-SIM")
BOOK = BookChoices((BookLine("SOL", 1e4, "usd"), BookLine("AVAX", 5e3, "usd")))
HOSTILE = "<img src=x onerror=alert(1)>&\"'"


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


def cover(**changes: object) -> Cover:
    usual = {
        "title": "a",
        "made_at": utc_now(),
        "prices": "Prices.",
        "address": "http://127.0.0.1:8501/hedge",
        "link": {"asset": "SOL & co"},
        "settings": (("source", "x"),),
        "simulated": False,
    }
    return Cover(**(usual | changes))  # type: ignore[arg-type]


def page_of(*sections: Section, **changes: object) -> str:
    whole = report_html(cover(**changes), sections, theme="light").decode()
    return re.sub(r"<script>.*?</script>", "", whole, count=1, flags=re.DOTALL)


def opened(**link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in link.items():
        app.query_params[name] = value
    app.switch_page("report.py")
    app.run()
    assert not app.exception
    return app


def test_every_section_can_be_made_and_says_what_its_page_says():
    state = AppState(SETTINGS, book=BOOK)
    sections = report_sections(state, FileInputs())
    # no hedge is entered, so there is none to monitor
    made = [MAKERS[n][0] for n in REPORT_SECTIONS if n != "monitor"]
    assert [section.title.split(" of ")[0] for section in sections] == made
    assert all(section.figures and section.charts for section in sections)
    beta = load_view(state, FileInputs()).estimate.beta
    figures = {f.label: f.value for section in sections[1:] for f in section.figures}
    assert figures["Beta, 60 days"] == beta_text(beta)
    text = page_of(*sections, simulated=True)
    assert ticket_text(load_hedge(state, FileInputs()), state).splitlines()[1] in unescape(text)
    assert "SIMULATED: these prices are of no real market." in text


def test_an_empty_portfolio_is_left_out():
    sections = report_sections(AppState(SETTINGS), FileInputs())
    assert "Portfolio" not in [section.title for section in sections]


def test_a_section_that_cannot_be_made_says_why():
    state = AppState(
        Settings(source="simulated", asset="NOPE", benchmark="BTC-SIM"), report=ReportChoices(("beta",))
    )
    (section,) = report_sections(state, FileInputs())
    assert section.notes[0].startswith("Not available: ")
    assert not section.charts


def test_nothing_hostile_reaches_the_page_unescaped():
    figure = go.Figure(layout={"height": 200})
    table = pd.DataFrame({HOSTILE: [HOSTILE]}, index=pd.Index([HOSTILE], name=HOSTILE))
    section = Section(
        HOSTILE,
        figures=(Figure(HOSTILE, HOSTILE, HOSTILE, ""),),
        charts=(figure,),
        tables={HOSTILE: table},
        notes=(HOSTILE,),
        preformatted=HOSTILE,
    )
    text = page_of(
        section, title=HOSTILE, prices=HOSTILE, settings=((HOSTILE, HOSTILE),), link={"a": HOSTILE}
    )
    assert "<img" not in text
    assert text.count("&lt;img") >= 10


@pytest.mark.parametrize("address", ["javascript:alert(1)", "", "file:///etc/passwd"])
def test_only_an_address_of_the_web_becomes_a_link(address):
    assert "<a " not in page_of(address=address)


def test_the_link_leads_back_to_the_same_view():
    assert 'href="http://127.0.0.1:8501/hedge?asset=SOL+%26+co"' in page_of()


def test_the_page_offers_the_report_and_keeps_the_choice_of_sections_in_the_link():
    app = opened(source="simulated", asset="SOL-SIM", benchmark="BTC-SIM", sections="beta,hedge")
    assert app.multiselect(key="sections").value == ["beta", "hedge"]
    assert link_of(app)["sections"] == "beta,hedge"
    assert strip(app)["Order"].startswith("short ")
    assert len(app.get("download_button")) == 1


def test_no_section_chosen_is_said():
    app = opened(source="simulated", asset="SOL-SIM", benchmark="BTC-SIM", sections="")
    assert not app.get("download_button")
    assert any("would be empty" in caption.value for caption in app.caption)


def test_a_failing_source_is_explained():
    assert errors(opened(source="yahoo", asset="SOL-USD", benchmark="BTC-USD"))


def notes_of(state: AppState, name: str, files: FileInputs | None = None) -> str:
    (section,) = report_sections(replace(state, report=ReportChoices((name,))), files or FileInputs())
    return " ".join(section.notes)


def test_reasons_and_warnings_of_a_hedge_that_cannot_be_made_are_in_the_report():
    small = AppState(replace(SETTINGS, position=20.0))
    for name in ("hedge", "what_if", "beta"):
        assert "less than the exchange takes" in notes_of(small, name), name
    near = AppState(SETTINGS, hedge=HedgeChoices(leverage=50.0, holding_days=30.0))
    assert "of the resampled holding periods the price meets the liquidation price" in notes_of(near, "hedge")
    thin = AppState(replace(SETTINGS, lookback=12))
    for name in ("hedge", "what_if", "beta"):
        assert "observations are few" in notes_of(thin, name), name


def test_estimates_that_cannot_be_had_are_in_the_report_with_their_reasons():
    state = AppState(Settings("simulated", "SOL-SIM", "BTC-SIM", interval="weekly", lookback=12))
    view = load_estimators(state, FileInputs())
    said = notes_of(state, "estimators")
    assert view.methods.refused
    for name, error in view.methods.refused.items():
        assert f"{METHOD_NAMES[name]}: {error.problem}. {error.remedy}" in said
    too_long = replace(view, windows=replace(view.windows, refused={300: error}))
    assert f"300 weeks: {error.problem}. {error.remedy}" in [
        note.words for note in estimator_notes(too_long, state)
    ]


def test_what_the_tests_of_the_estimators_rest_on_is_in_the_report():
    state = AppState(Settings("simulated", "SOL-SIM", "BTC-SIM"))
    view = load_estimators(state, FileInputs())
    assert not isinstance(view.alarm, HedgingError)
    assert not isinstance(view.coupling, HedgingError)
    said = notes_of(state, "estimators")
    assert all(reason in said for reason in (*view.alarm.reasons, *view.coupling.reasons))


def test_captions_of_the_portfolio_are_in_the_report():
    lines = (*BOOK.book, BookLine("LINK", 5.0, "coins", 1.2), BookLine("DOGE", 5.0, "coins", included=False))
    said = notes_of(AppState(SETTINGS, book=BookChoices(lines)), "portfolio")
    assert "A beta by hand has no interval" in said
    assert "Left out: DOGE." in said


def test_old_prices_are_warned_of_on_every_page_that_sizes_and_in_the_ticket(tmp_path):
    """Daily closes that ended in 2024."""
    for number, symbol in enumerate(("SOLUSDT", "BTCUSDT")):
        write_prices(tmp_path, symbol, random_prices(number, 200, 1_000.0), first="2024-01-01")
    state = AppState(Settings(source="folder", asset="SOLUSDT", benchmark="BTCUSDT"))
    files = FileInputs(folder=tmp_path)
    for name in ("beta", "hedge", "what_if"):
        assert "load newer prices before trading" in notes_of(state, name, files), name
    text = ticket_text(load_hedge(state, files), state)
    assert "WARNING: The last price is" in text
    assert "as of 2024-07-19 00:00 UTC" in text


@pytest.mark.parametrize("page", ["hedge.py", "what_if.py", "beta.py"])
def test_the_pages_that_size_show_the_age_of_prices(page, tmp_path, monkeypatch):
    for number, symbol in enumerate(("SOLUSDT", "BTCUSDT")):
        write_prices(tmp_path, symbol, random_prices(number, 200, 1_000.0), first="2024-01-01")
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path))
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in {"source": "folder", "asset": "SOLUSDT", "benchmark": "BTCUSDT"}.items():
        app.query_params[name] = value
    app.switch_page(page)
    app.run()
    assert not app.exception
    assert any("load newer prices before" in each.value for each in app.warning)


def test_a_hedge_that_is_entered_is_monitored_in_the_report():
    entered = MonitorChoices(entered_at="2025-12-31T06:00", entered_contracts=0.12, entered_price=98_000.0)
    state = AppState(SETTINGS, monitor=entered, report=ReportChoices(("monitor",)))
    (section,) = report_sections(state, FileInputs())
    assert {figure.label: figure.value for figure in section.figures}["Held"] == "short 0.120 BTC"
    assert "What renews the hedge" in section.tables
    assert "SELL" in section.preformatted
    half = replace(state, monitor=MonitorChoices(entered_contracts=0.12))
    (section,) = report_sections(half, FileInputs())
    assert section.notes == ("Still to enter: when it was entered, at what price.",)


NEUTRAL = "SOL-SIM:10000usd,AVAX-SIM:-10000usd"


def test_a_book_without_net_value_has_its_portfolio_in_the_report():
    app = opened(source="simulated", asset=WHOLE_BOOK, benchmark="BTC-SIM", book=NEUTRAL)
    assert "nearly cancel" in errors(app)[0]
    assert len(app.get("download_button")) == 1
    state = AppState(
        replace(SETTINGS, asset=WHOLE_BOOK),
        book=BookChoices(book_from_text(NEUTRAL)),
        report=ReportChoices(("portfolio", "hedge")),
    )
    portfolio, hedge = report_sections(state, FileInputs())
    assert portfolio.figures
    assert "nearly cancel" in hedge.notes[0]
    made = make_cover(state, FileInputs(), "")
    assert "as of 2026-01-01" in made.prices
    assert made.simulated


def test_the_cover_names_the_settings_as_the_pages_do():
    found = dict(make_cover(AppState(Settings("simulated", "SOL-SIM", "BTC-SIM")), FileInputs(), "").settings)
    assert (found["estimator"], found["standard error"]) == ("least squares", "HC3")


def test_the_cover_is_of_the_moment_in_which_the_report_is_made(monkeypatch):
    later = utc_now() + pd.Timedelta(hours=3)
    monkeypatch.setattr("pages.shared.report.cover.utc_now", lambda: later)
    assert make_cover(AppState(SETTINGS), FileInputs(), "").made_at == later


def test_a_report_off_the_page_logs_nothing_and_others_still_do(caplog):
    name = "streamlit.runtime.scriptrunner_utils.script_run_context"
    state = AppState(SETTINGS, report=ReportChoices(("beta", "hedge")))
    with off_page():
        report_sections(state, FileInputs())
        other = Thread(target=lambda: logging.getLogger(name).warning("of another thread"))
        other.start()
        other.join()
    assert [record.getMessage() for record in caplog.records if record.name == name] == ["of another thread"]
