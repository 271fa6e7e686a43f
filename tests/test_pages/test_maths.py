"""The Maths page: every printed figure agrees, and one that does not stands first."""

from __future__ import annotations

from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from hedging.estimators import estimate
from pages.shared.views.maths import (
    AGREES,
    DIFFERS,
    EXAMPLES,
    IN_THE_TESTS,
    figure_sentence,
    load_maths,
    maths_figures,
    maths_tables,
)
from pages.shared.worked_examples.example import (
    CheckedFigure,
    PrintedFigure,
    check,
    computed_text,
    difference_text,
    printed_text,
)
from tests.test_pages.tables import text_tables
from tests.test_pages.test_beta import APP, link_of, small_prints, strip

ROWS = [(example, figure) for example in EXAMPLES for figure in example.figures]


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


def opened(**link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state["downloads"] = True
    app.session_state["inputs_of_Options"] = True
    for name, value in link.items():
        app.query_params[name] = value
    app.switch_page("maths.py")
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("example", "figure"), ROWS, ids=[f"{example.title}: {figure.what}" for example, figure in ROWS]
)
def test_every_figure_comes_out_as_it_is_printed(example, figure):
    found = CheckedFigure(example, figure, figure.compute(), "")
    assert found.agrees, (found.computed, figure.printed, found.difference)


def test_titles_are_unique_and_nothing_is_empty():
    assert len({example.title for example in EXAMPLES}) == len(EXAMPLES)
    for example in EXAMPLES:
        assert all((example.group, example.source, example.inputs, example.formula, example.figures))
        assert example.call.startswith("hedging.")


class TestAllowed:
    figure = PrintedFigure("x", "0.778", lambda: 0.7776)

    @pytest.mark.parametrize(
        ("printed", "allowed"), [("0.778", 0.0005), ("37", 0.5), ("-0.7150", 0.00005), ("1.12", 0.005)]
    )
    def test_half_a_unit_of_the_last_digit(self, printed, allowed):
        assert PrintedFigure("x", printed, float).allowed == pytest.approx(allowed)

    @pytest.mark.parametrize(
        ("computed", "agrees"), [(0.7775, True), (0.7785, True), (0.77749, False), (0.77851, False)]
    )
    def test_at_the_edge(self, computed, agrees):
        assert CheckedFigure(EXAMPLES[0], self.figure, computed, "").agrees == agrees

    def test_not_a_number_never_agrees(self):
        assert not CheckedFigure(EXAMPLES[0], self.figure, float("nan"), "").agrees

    def test_as_shown(self):
        found = CheckedFigure(EXAMPLES[0], PrintedFigure("x", "-322500", float), -322_500.04, "")
        assert (printed_text(found.figure), computed_text(found)) == ("−322,500", "−322,500.04")
        assert difference_text(found) == "−0.04"
        exact = CheckedFigure(EXAMPLES[0], PrintedFigure("x", "26/7", float, 1e-9), 26 / 7, "")
        assert (printed_text(exact.figure), computed_text(exact), difference_text(exact)) == (
            "26/7",
            "3.714286",
            "0",
        )


def test_the_page_says_how_many_agree_and_with_what():
    app = opened()
    assert strip(app)["Printed figures that agree"] == f"{len(ROWS)} of {len(ROWS)}"
    assert "statsmodels" in small_prints(app)
    assert not app.error
    shown = [row for table in text_tables(app) for row in table.reset_index().to_dict("records")]
    assert len(shown) == len(ROWS)
    assert {row["verdict"] for row in shown} == {AGREES}
    assert [row["printed"] for row in shown] == [printed_text(figure) for _, figure in ROWS]


def test_inputs_and_formula_can_be_unfolded():
    app = opened()
    codes = " ".join(code.value for code in app.code)
    assert "d1 = (ln(F / K)" in codes
    assert "hedging.implied_volatility" in codes
    assert any("printed 1.12, computed 1.1166" in text.value.replace("\\", "") for text in app.markdown)


def test_what_only_the_tests_check_is_named():
    shown = " ".join(text.value for text in opened().markdown).replace("\\", "")
    for line in IN_THE_TESTS:
        assert line in shown


def test_a_broken_kernel_is_red_and_first(monkeypatch):
    right = estimate.FITS["theil_sen"]
    monkeypatch.setitem(
        estimate.FITS,
        "theil_sen",
        lambda y, x, request: replace(fit := right(y, x, request), beta=1.01 * fit.beta),
    )
    view = load_maths()
    first = next(iter(view.groups.values()))[0]
    assert (first.example.title, first.figure.what) == ("Median slope of seven points", "slope")
    app = opened()
    row = text_tables(app)[0].reset_index().iloc[0]
    assert (row["verdict"], row["example"], row["figure"]) == (DIFFERS, first.example.title, "slope")
    assert row["computed here"] == "4.04"
    n = len(ROWS)
    assert strip(app)["Printed figures that agree"] == f"{n - 1} of {n}"
    assert "do not agree" in app.error[0].value


def test_a_kernel_that_fails_is_named_and_takes_no_other_with_it(monkeypatch):
    def refuse(*_):
        from hedging import DegenerateDataError

        raise DegenerateDataError("no slope", parameter="x", value=0, allowed="a slope", remedy="none")

    monkeypatch.setitem(estimate.FITS, "blume", refuse)
    app = opened()
    row = text_tables(app)[0].reset_index().iloc[0]
    assert (row["verdict"], row["computed here"], row["difference"]) == (DIFFERS, "failed", "no slope")
    assert strip(app)["Printed figures that agree"] == f"{len(ROWS) - 1} of {len(ROWS)}"
    found = next(each for each in load_maths().differing)
    assert figure_sentence(found).endswith("✗ differs (no slope)")


def test_tables_hold_full_precision():
    view = load_maths()
    table = maths_tables(view)["Printed figures"]()
    assert len(table) == len(ROWS)
    assert table["agrees"].all()
    assert (table["difference"].abs() <= table["allowed_difference"] * (1 + 1e-6)).all()
    assert "numpy" in maths_tables(view)["Versions"]().index
    assert len(maths_figures(view)) == 4
    assert all(check(example)[0].agrees for example in EXAMPLES)


def test_nothing_chosen_is_lost_on_the_way_through():
    app = opened(source="simulated", asset="AVAX-SIM", benchmark="BTC-SIM", lookback="77", recent="50")
    link = link_of(app)
    assert (link["asset"], link["lookback"], link["recent"]) == ("AVAX-SIM", "77", "50")
    app.switch_page("beta.py")
    app.run()
    assert not app.exception
    assert app.selectbox(key="asset").value == "AVAX-SIM"
    assert link_of(app)["lookback"] == "77"


def test_opened_cold_its_link_names_symbols_that_the_source_has():
    link = link_of(opened())
    assert (link["source"], link["asset"], link["benchmark"]) == ("simulated", "SOL-SIM", "BTC-SIM")


def test_a_link_with_nonsense_stands():
    assert strip(opened(lookback="5000"))["Printed figures that agree"] == f"{len(ROWS)} of {len(ROWS)}"
