"""Files that are safe to open and hold exactly the numbers shown."""

from __future__ import annotations

import io

import pandas as pd
import plotly.graph_objects as go
import pytest

from pages.shared.downloads import charts_html, csv_bytes, file_name, guarded


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1", "\uff0b1"]
)
def test_text_that_a_spreadsheet_would_run_is_quoted(text):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["SOL-USD", "BTC", "^GSPC", "1000PEPEUSDT", ""])
def test_ordinary_text_is_left_alone(text):
    assert guarded(text) == text


def test_numbers_survive_a_round_trip_and_names_are_guarded():
    index = pd.date_range("2024-01-01", periods=3, tz="UTC", name="time_utc")
    table = pd.DataFrame(
        {"beta": [1.4142135623730951, -0.1, 2e-300], "=name": ["=1+1", "plain", "-2"]}, index=index
    )
    content = csv_bytes(table)
    read = pd.read_csv(io.BytesIO(content), float_precision="round_trip")
    assert list(read.columns) == ["time_utc", "beta", "'=name"]
    assert read["beta"].tolist() == table["beta"].tolist()
    assert read["'=name"].tolist() == ["'=1+1", "plain", "'-2"]
    assert read["time_utc"].tolist() == [
        "2024-01-01T00:00:00Z",
        "2024-01-02T00:00:00Z",
        "2024-01-03T00:00:00Z",
    ]


def test_names_of_rows_are_guarded_and_no_text_can_be_cut_in_two():
    table = pd.DataFrame({"said": ["a;=1+1", 'b"\t=1']}, index=pd.Index(["=1+1", "SOL"], name="symbol"))
    content = csv_bytes(table).decode()
    assert content.splitlines() == ['"symbol","said"', '"\'=1+1","a;=1+1"', '"SOL","b""\t=1"']
    assert pd.read_csv(io.StringIO(content))["said"].tolist() == table["said"].tolist()


def test_file_names_hold_no_path():
    assert file_name("SOL", "regression", suffix="") == "SOL_regression"
    assert (
        file_name("../../etc/passwd", "on", "BTC/USDT:USDT", suffix="csv")
        == "etc-passwd_on_BTC-USDT-USDT.csv"
    )
    assert "/" not in file_name("a/b", "c\\d", "\x00", suffix="csv")
    assert len(file_name("x" * 500, suffix="csv")) <= 124


def test_the_html_file_is_self_contained_and_escaped():
    figure = go.Figure(go.Scatter(y=[1.25, 2.5])).update_layout(height=300)
    page = charts_html("<script>alert(1)</script>", [figure, figure], background="#ffffff")
    assert "<title>&lt;script&gt;" in page
    assert page.count("Plotly.newPlot") >= 2
    assert 'src="http' not in page
    assert "cdn.plot.ly" not in page.split("Plotly.newPlot")[0][:2000]
    # Plotly's own upload to its cloud is off in every figure of the file.
    assert page.replace(" ", "").count('"showSendToCloud":false') == 2
