"""Figures say what the results say, in colours that can be told apart, and never as markup."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from hedging import LinearContract, align, backtest_hedge, estimate_beta, rolling_beta, size_hedge
from hedging.instruments.contracts import InverseContract
from hedging.plots import plot_hedge_pnl, plot_regression, plot_rolling_beta
from hedging.plots.formats import (
    order_range_text,
    order_text,
    p_value_text,
    percent_text,
    price_text,
    quantity_text,
    side_text,
    usd_text,
)
from hedging.plots.theme import BACKGROUNDS, BENCHMARK, BETA, DOLLAR, INKS, UNHEDGED
from hedging.plots.thinning import MOST_POINTS, display_rows
from tests.test_hedging.examples import aligned_pair


def prices(seed: int, beta: float = 1.4, n: int = 400) -> tuple[pd.Series, pd.Series]:
    generator = np.random.default_rng(seed)
    index = pd.date_range("2024-01-01", periods=n, tz="UTC")
    benchmark = 0.03 * generator.standard_normal(n)
    asset = beta * benchmark + 0.03 * generator.standard_normal(n)
    return (
        pd.Series(100 * np.cumprod(1 + asset), index=index),
        pd.Series(50_000 * np.cumprod(1 + benchmark), index=index),
    )


@pytest.fixture(scope="module")
def aligned():
    return align(*prices(3))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("colour", [UNHEDGED, DOLLAR, BETA, BENCHMARK])
def test_series_colours_have_graphical_contrast_in_both_themes(colour, theme):
    assert contrast(colour, BACKGROUNDS[theme]) >= 3.0  # WCAG 1.4.11, graphical objects


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_inks_have_text_contrast(theme):
    assert contrast(INKS[theme].text, BACKGROUNDS[theme]) >= 7.0
    assert contrast(INKS[theme].faint, BACKGROUNDS[theme]) >= 4.5


def test_scatter_states_the_finding_and_holds_every_observation(aligned):
    y, x = aligned.asset.iloc[-60:], aligned.benchmark.iloc[-60:]
    estimate = estimate_beta(y, x)
    figure = plot_regression(y, x, estimate, asset="SOL", benchmark="BTC", span="60 days")
    assert figure.layout.title.text == f"SOL moved {estimate.beta:.2f}× BTC over 60 days"
    points = next(trace for trace in figure.data if trace.name == "returns")
    np.testing.assert_array_equal(points.x, x.to_numpy())
    np.testing.assert_array_equal(points.y, y.to_numpy())
    latest = next(trace for trace in figure.data if trace.name == "latest")
    assert (latest.x[0], latest.y[0]) == (x.iloc[-1], y.iloc[-1])
    fit = next(trace for trace in figure.data if trace.name == "fit")
    np.testing.assert_allclose(fit.y, estimate.alpha + estimate.beta * np.asarray(fit.x))
    assert figure.layout.yaxis.scaleanchor == "x"


def test_rolling_chart_ends_at_the_estimate_of_the_same_window(aligned):
    rolling = rolling_beta(aligned.asset, aligned.benchmark, window=60)
    figure = plot_rolling_beta(rolling, asset="SOL", benchmark="BTC", span="60 days")
    line = next(trace for trace in figure.data if trace.name == "beta")
    estimate = estimate_beta(aligned.asset.iloc[-60:], aligned.benchmark.iloc[-60:])
    assert line.y[-1] == pytest.approx(estimate.beta, rel=1e-12)
    assert figure.layout.title.text.endswith(f"now {estimate.beta:.2f}")
    labels = [annotation.text for annotation in figure.layout.annotations]
    assert "beta 1" in labels
    assert f"now {estimate.beta:.2f}" in labels


def test_true_beta_is_drawn_dashed_where_it_is_known(aligned):
    rolling = rolling_beta(aligned.asset, aligned.benchmark, window=60)
    truth = pd.Series(1.4, index=aligned.asset.index)
    figure = plot_rolling_beta(
        rolling, asset="A", benchmark="B", span="60 days", true_beta=truth, simulated=True
    )
    line = next(trace for trace in figure.data if trace.name == "true beta")
    assert line.line.dash == "dash"
    assert set(line.y) == {1.4}


def test_pnl_chart_carries_the_backtest(aligned):
    backtest = backtest_hedge(aligned, window=60, position_usd=10_000)
    figure = plot_hedge_pnl(backtest, asset="SOL")
    for strategy, label in zip(backtest.strategies, ("unhedged", "dollar hedge", "beta hedge"), strict=True):
        above, below = (trace for trace in figure.data if trace.name == label)
        assert above.y[-1] == pytest.approx(strategy.total_pnl_usd)
        assert min(below.y) == pytest.approx(strategy.max_drawdown_usd)


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_prices_are_named_on_every_chart(aligned, simulated):
    y, x = aligned.asset, aligned.benchmark
    figures = (
        plot_regression(y, x, estimate_beta(y, x), asset="A", benchmark="B", span="s", simulated=simulated),
        plot_rolling_beta(
            rolling_beta(y, x, window=30), asset="A", benchmark="B", span="s", simulated=simulated
        ),
        plot_hedge_pnl(
            backtest_hedge(aligned, window=30, position_usd=-5_000), asset="A", simulated=simulated
        ),
    )
    for figure in figures:
        marks = [a.text for a in figure.layout.annotations if a.text == "SIMULATED"]
        assert marks == (["SIMULATED"] if simulated else [])


def test_hostile_names_are_not_markup(aligned):
    hostile = '<a href="javascript:alert(1)">x</a>'
    rolling = rolling_beta(aligned.asset, aligned.benchmark, window=60)
    figure = plot_rolling_beta(rolling, asset=hostile, benchmark=hostile, span="60 days")
    backtest = backtest_hedge(aligned, window=60, position_usd=10_000)
    estimate = estimate_beta(aligned.asset, aligned.benchmark)
    scatter = plot_regression(
        aligned.asset, aligned.benchmark, estimate, asset=hostile, benchmark=hostile, span="s"
    )
    for drawn in (figure, scatter, plot_hedge_pnl(backtest, asset=hostile)):
        assert "<a " not in drawn.to_json().replace("\\u003c", "<")


def test_thinning_keeps_every_extreme():
    generator = np.random.default_rng(11)
    lines = np.cumsum(generator.standard_normal((43_800, 3)), axis=0)
    lines[:50, 1] = np.nan
    rows = display_rows(lines)
    assert len(rows) <= 1.1 * MOST_POINTS
    assert rows[0] == 0
    assert rows[-1] == len(lines) - 1
    assert np.all(np.diff(rows) > 0)
    np.testing.assert_array_equal(np.nanmax(lines[rows], axis=0), np.nanmax(lines, axis=0))
    np.testing.assert_array_equal(np.nanmin(lines[rows], axis=0), np.nanmin(lines, axis=0))


def test_short_series_are_not_thinned():
    np.testing.assert_array_equal(display_rows(np.zeros((500, 2))), np.arange(500))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (usd_text(12_340.4), "$12,340"),
        (usd_text(-1_234_567), "−$1.23m"),
        (usd_text(2.5e9), "$2.50bn"),
        (usd_text(3.456), "$3.46"),
        (price_text(102_234.5), "$102,234"),
        (price_text(152.345), "$152.34"),
        (price_text(0.0058642), "$0.0058642"),
        (percent_text(-0.1234), "−12.3%"),
        (percent_text(-0.0004), "0.0%"),
        (percent_text(-0.0006), "−0.1%"),
        (quantity_text(-0.4321, Decimal("0.001")), "0.432"),
        (quantity_text(30, Decimal(1)), "30"),
        (side_text(-0.4321, Decimal("0.01")), "short 0.43"),
        (side_text(0.02, Decimal("0.001")), "long 0.020"),
        (side_text(0.0, Decimal("0.001")), "0.000"),
        (p_value_text(0.0000001), "below 0.001"),
        (p_value_text(0.034), "0.034"),
    ],
)
def test_numbers_read_as_a_trader_writes_them(text, expected):
    assert text == expected


def test_an_inverse_order_is_told_in_contracts():
    contract = InverseContract("BTCUSD_PERP", contract_size=Decimal(100))
    plan = size_hedge(100_000, 1.5, contract, 60_000.0)
    assert order_text(plan, "BTC") == "short 1,500 contracts"
    linear = LinearContract("BTCUSDT", quantity_step=Decimal("0.001"))
    assert order_text(size_hedge(100_000, 1.5, linear, 60_000.0), "BTC") == "short 2.500 BTC"
    assert order_text(size_hedge(100_000, 0.0, linear, 60_000.0), "BTC") == "no hedge needed"


def test_the_interval_of_an_inverse_order_is_in_contracts(aligned):
    contract = InverseContract("BTCUSD_PERP", contract_size=Decimal(100))
    plan = size_hedge(100_000, estimate_beta(aligned.asset, aligned.benchmark), contract, 60_000.0)
    low, high = order_range_text(plan).replace(",", "").split(" to ")
    assert int(low) <= -plan.contracts <= int(high)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (12_340.4, "$12,340"),
        (-99.999, "−$100"),
        (99.99, "$99.99"),
        (999_999.9, "$1.00m"),
        (999_999.0, "$999,999"),
        (1_234_567.0, "$1.23m"),
        (999_999_999.9, "$1.00bn"),
        (-1e-9, "$0.00"),
    ],
)
def test_dollars_at_the_edges_of_their_units(amount, words):
    assert usd_text(amount) == words


def test_plotly_accepts_every_attribute_of_the_house_figures():
    """They are built unchecked, because checking takes ten times as long as the numbers."""
    returns = aligned_pair(3, 120)
    estimate = estimate_beta(returns.asset.iloc[-60:], returns.benchmark.iloc[-60:])
    rolling = rolling_beta(returns.asset, returns.benchmark, window=60)
    walk = backtest_hedge(returns, window=60, position_usd=1e4)
    names = {"asset": "A", "benchmark": "B", "span": "60 days"}
    for theme in ("light", "dark"):
        for figure in (
            plot_regression(
                returns.asset.iloc[-60:],
                returns.benchmark.iloc[-60:],
                estimate,
                theme=theme,
                simulated=True,
                **names,
            ),
            plot_rolling_beta(rolling, true_beta=rolling.beta, theme=theme, simulated=True, **names),
            plot_hedge_pnl(walk, asset="A", theme=theme, simulated=True),
        ):
            checked = go.Figure(figure.to_plotly_json())
            assert checked.to_plotly_json() == figure.to_plotly_json()
