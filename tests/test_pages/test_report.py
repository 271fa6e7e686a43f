"""The report holds what the pages show, escapes what it was given, and says what it could not make."""

from __future__ import annotations

import re
from html import unescape

import pandas as pd
import plotly.graph_objects as go
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.environment import utc_now
from hedging.plots.formats import beta_text
from pages.shared.catalogue import FileInputs
from pages.shared.choices import REPORT_SECTIONS, BookChoices, ReportChoices
from pages.shared.loading import load_view
from pages.shared.positions import BookLine
from pages.shared.report.document import Cover, Section, report_html
from pages.shared.report.sections import MAKERS, report_sections
from pages.shared.settings import Settings
from pages.shared.state import AppState
from pages.shared.strip import Figure
from pages.shared.views.hedge import load_hedge
from pages.shared.views.ticket import ticket_text
from tests.test_pages.test_beta import APP, errors, link_of, strip

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
    assert [section.title.split(" of ")[0] for section in sections] == [MAKERS[n][0] for n in REPORT_SECTIONS]
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
