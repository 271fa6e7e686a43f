"""Figures of estimators, tests, shocks and books carry the results' own numbers and never markup."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hedging import (
    HedgedPosition,
    Position,
    TradingCosts,
    assess_book,
    beta_atlas,
    buy_collar,
    buy_protection,
    compare_alternatives,
    compare_lookbacks,
    estimate_beta,
    what_if,
)
from hedging.plots import (
    plot_alternatives,
    plot_atlas,
    plot_contributions,
    plot_estimators,
    plot_lookbacks,
    plot_what_if,
)
from tests.test_hedging.examples import aligned_pair, days, noisy_pair

HOSTILE = "<a href='javascript:x'>X</a>"


def traces(figure):
    return {trace.name: trace for trace in figure.data}


Y, X = noisy_pair(1)
ESTIMATES = {
    name: estimate_beta(Y, X, method=method) for name, method in (("ols", "ols"), (HOSTILE, "huber"))
}


class TestEstimators:
    def test_points_and_intervals(self):
        figure = plot_estimators(ESTIMATES, asset="SOL", benchmark="BTC")
        drawn = figure.data[0]
        for i, estimate in enumerate(ESTIMATES.values()):
            assert drawn.x[i] == estimate.beta
            assert drawn.x[i] + drawn.error_x.array[i] == pytest.approx(estimate.beta_high)
            assert drawn.x[i] - drawn.error_x.arrayminus[i] == pytest.approx(estimate.beta_low)
        assert "<a" not in figure.to_json()
        assert figure.layout.title.text.startswith("SOL's beta lies between")

    def test_truth(self):
        figure = plot_estimators(ESTIMATES, asset="SOL", benchmark="BTC", true_beta=1.4, simulated=True)
        assert any(shape.x0 == 1.4 for shape in figure.layout.shapes)
        texts = [note.text for note in figure.layout.annotations]
        assert "SIMULATED" in texts
        assert "true beta 1.40" in texts


class TestWhatIf:
    position = HedgedPosition(1e4, -1.5e4, 1.6, 0.1, 0.03, 0.06, 0.03, margin_usd=3_000.0)

    def test_lines_are_the_results(self):
        result = what_if(self.position, np.linspace(-0.3, 0.3, 31))
        figure = plot_what_if(result, benchmark=HOSTILE)
        drawn = traces(figure)
        np.testing.assert_allclose(drawn["hedged"].y, result.table["hedged"])
        np.testing.assert_allclose(drawn["unhedged"].y, result.table["unhedged"])
        assert any(shape.x0 == result.liquidation_return for shape in figure.layout.shapes)
        assert "<a" not in figure.to_json()

    def test_the_chosen_move_is_marked_on_both_lines_and_in_the_title(self):
        result = what_if(self.position, np.linspace(-0.3, 0.3, 31))
        chosen = float(result.table.index[5])
        figure = plot_what_if(result, benchmark="BTC", chosen=chosen)
        row = result.table.loc[chosen]
        marks = [trace.y[0] for trace in figure.data if trace.mode == "markers"]
        assert marks == [row["unhedged"], row["hedged"]]
        assert figure.layout.title.text.startswith("BTC \N{MINUS SIGN}20.0%: ")
        assert any(shape.x0 == shape.x1 == chosen for shape in figure.layout.shapes)

    def test_a_liquidation_out_of_sight_is_not_drawn(self):
        figure = plot_what_if(what_if(self.position, np.linspace(-0.1, 0.1, 5)), benchmark="BTC")
        assert not any(shape.x0 == shape.x1 for shape in figure.layout.shapes)


def test_alternatives():
    terms = {"future_usd": 6e4, "days_to_expiry": 30.0, "volatility_annual": 0.6, "strike_fraction": 0.9}
    options = [("put", buy_protection(1e5, 1.5, **terms)), (HOSTILE, buy_collar(1e5, 1.5, **terms))]
    found = compare_alternatives(
        1e5, 1.5, np.linspace(-0.4, 0.4, 9), costs=TradingCosts(0.0005), options=options
    )
    figure = plot_alternatives(found, benchmark="BTC", chosen=-0.2)
    assert [shape.x0 for shape in figure.layout.shapes] == [-0.2]
    assert not plot_alternatives(found, benchmark="BTC").layout.shapes
    drawn = traces(figure)
    np.testing.assert_allclose(drawn["put"].y, found.payoff_usd["put"])
    assert figure.layout.title.text.startswith("Best worst case on this range: beta hedge")
    assert drawn["put"].line.dash != figure.data[-1].line.dash
    assert "<a" not in figure.to_json()


def test_the_level_that_liquidates_a_hedge_is_marked_where_it_is_in_sight():
    held = HedgedPosition(1e5, -1e5, 1.5, 0.1, 0.01, 0.05, 0.03, margin_usd=10_000.0)
    for moves, marked in ((np.linspace(-0.4, 0.4, 9), True), (np.linspace(-0.4, 0.05, 9), False)):
        found = compare_alternatives(
            1e5, 1.5, moves, costs=TradingCosts(0.0005), orders=[("beta hedge", held)]
        )
        figure = plot_alternatives(found, benchmark="BTC")
        level = found.table.loc["beta hedge", "liquidation_return"]
        assert [shape.x0 for shape in figure.layout.shapes] == ([level] if marked else [])
        assert ("hedge liquidated" in figure.to_json()) == marked


def test_contributions():
    y, x = noisy_pair(5)
    returns = pd.DataFrame({"SOL": y, HOSTILE: 0.5 * y}, index=days(120))
    held = [Position(HOSTILE, 1e4, beta_override=0.9), Position("SOL", 3e4)]
    book = assess_book(held, returns, pd.Series(x, index=days(120)))
    figure = plot_contributions(book, benchmark="BTC")
    assert figure.data[0].x.tolist() == book.table["exposure_usd"].tolist()[::-1]  # largest first
    assert figure.data[0].y[1].endswith("(beta by hand)")
    assert "<a" not in figure.to_json()


def test_lookbacks_and_atlas():
    returns = aligned_pair(6, 300)
    atlas = beta_atlas(returns.asset, returns.benchmark, windows=[10, 30, 90])
    found = compare_lookbacks(returns, atlas)
    line = plot_lookbacks(found, asset=HOSTILE, unit="days", current=30)
    np.testing.assert_allclose(line.data[2].y, found.table["effectiveness"])
    assert line.layout.title.text.startswith(f"{found.best} days removed most")
    assert any(shape.x0 == 30 for shape in line.layout.shapes)
    heat = plot_atlas(atlas, asset=HOSTILE, benchmark="BTC", unit="days", simulated=True)
    np.testing.assert_allclose(heat.data[0].z, atlas.beta, rtol=1e-6)
    assert heat.data[0].y.tolist() == [10, 30, 90]
    assert "<a" not in line.to_json() + heat.to_json()


def test_a_long_atlas_is_thinned_for_the_screen():
    y, x = noisy_pair(7, 2_000)
    asset, benchmark = pd.Series(y, index=days(2_000)), pd.Series(x, index=days(2_000))
    atlas = beta_atlas(asset, benchmark, windows=[20])
    drawn = plot_atlas(atlas, asset="A", benchmark="B", unit="days").data[0]
    assert drawn.z.shape == (1, 500)
