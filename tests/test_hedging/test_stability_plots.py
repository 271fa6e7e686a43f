"""Figures of estimators, breaks, coupling and basis carry the results' own numbers and never markup."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from hedging import (
    basis_risk,
    compare_windows,
    decoupling_verdict,
    rolling_correlation,
    sup_f_break,
)
from hedging.plots import plot_basis, plot_break_search, plot_decoupling, plot_estimators
from hedging.plots.estimator_forest import forest_height
from hedging.plots.formats import basis_points_text
from tests.test_hedging.examples import aligned_pair, days, random_prices

HOSTILE = "<a href='javascript:x'>X</a>"
PAIR = aligned_pair(1, 200)
SPOT = random_prices(1, days(60))
PERPETUAL = SPOT * (1 + np.linspace(-0.002, 0.001, 60))


def break_figure(**options):
    search = sup_f_break(PAIR.asset, PAIR.benchmark, replications=99)
    return search, plot_break_search(search, asset=HOSTILE, benchmark="BTC", **options)


def decoupling_figure(**options):
    verdict = decoupling_verdict(PAIR.asset, PAIR.benchmark, recent=60, replications=99)
    correlation = rolling_correlation(PAIR.asset, PAIR.benchmark, window=60)
    return plot_decoupling(
        PAIR.asset_prices,
        PAIR.benchmark_prices,
        correlation,
        verdict,
        asset=HOSTILE,
        benchmark="BTC",
        unit="days",
        **options,
    )


def forest(**options):
    found = compare_windows(PAIR.asset, PAIR.benchmark, windows=(30, 90))
    names = {f"{window} days": each for window, each in found.estimates.items()}
    return plot_estimators(
        names, asset=HOSTILE, benchmark="BTC", across="lookback", chosen="90 days", **options
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "draw",
    [
        lambda **options: break_figure(**options)[1],
        decoupling_figure,
        forest,
        lambda **options: plot_basis(basis_risk(SPOT, PERPETUAL), benchmark=HOSTILE, **options),
    ],
    ids=["break", "decoupling", "forest", "basis"],
)
def test_valid_named_simulated_and_without_markup(draw, theme):
    figure = draw(theme=theme, simulated=True)
    go.Figure(figure.to_plotly_json())  # Plotly checks every attribute
    assert "<a" not in figure.to_json()
    assert "SIMULATED" in [note.text for note in figure.layout.annotations]
    assert "SIMULATED" not in draw(theme=theme).to_json()


def test_the_search_is_drawn_with_its_limit():
    search, figure = break_figure()
    np.testing.assert_allclose(figure.data[0].y, search.path)
    assert figure.data[1].y[0] == search.statistic
    assert figure.layout.shapes[0].y0 == search.critical_value


def test_the_title_names_a_break_only_where_there_is_one():
    search, figure = break_figure()
    assert ("broke near" in figure.layout.title.text) == search.rejected
    after = PAIR.asset.where(np.arange(200) < 100, -2 * PAIR.benchmark)
    broken = sup_f_break(after, PAIR.benchmark, replications=99)
    title = plot_break_search(broken, asset="SOL", benchmark="BTC").layout.title.text
    assert f"SOL's line broke near {broken.break_at:%Y-%m-%d}" in title


def test_the_ratio_starts_at_one():
    ratio = next(trace for trace in decoupling_figure().data if trace.name == "price ratio")
    prices = PAIR.asset_prices / PAIR.benchmark_prices
    assert ratio.y[0] == 1.0
    assert ratio.y[-1] == pytest.approx(prices.iloc[-1] / prices.iloc[0])


def test_the_recent_stretch_is_shaded():
    shade = decoupling_figure().layout.shapes[0]
    first, last = (pd.to_datetime(edge, unit="ms", utc=True) for edge in (shade.x0, shade.x1))
    assert (first, last) == (PAIR.asset.index[-60], PAIR.asset.index[-1])


def test_the_basis_in_basis_points():
    figure = plot_basis(basis_risk(SPOT, PERPETUAL), benchmark="BTC")
    assert figure.data[0].y[-1] == pytest.approx(10.0)
    assert "−20.0 basis points" in figure.layout.title.text
    assert basis_points_text(-0.00123) == "−12.3 basis points"


def test_two_forests_can_share_their_range():
    low, high = forest(beta_range=(0.0, 2.0)).layout.xaxis.range
    assert low < 0.0
    assert high > 2.0
    assert forest().layout.height == forest_height(2)
    sizes = forest(height=500).data[0].marker.size
    assert sizes[1] > sizes[0]  # the chosen one
