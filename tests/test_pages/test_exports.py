"""Files that are safe to open and work without a network."""

from __future__ import annotations

import plotly.graph_objects as go

from pages.shared.exports import charts_html, file_name


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
