"""Figures of a book carry its own numbers, can be read in both themes, and never carry markup."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from hedging import InputError, Position, assess_book, beta_matrix
from hedging.plots import plot_contributions, plot_matrix
from hedging.plots.book_contributions import WHOLE, contributions_height
from hedging.plots.formats import usd_text
from hedging.plots.matrix import MOST_NUMBERS, TALLEST, matrix_height
from hedging.plots.theme import BACKGROUNDS, INKS, mixed
from tests.test_hedging.examples import check_error, days, noisy_pair

HOSTILE = "<a href='javascript:x'>X</a>"
READABLE = 4.5  # contrast that WCAG asks of text


def book(n: int = 3, by_hand: float | None = None):
    pairs = [noisy_pair(seed, beta=0.5 + seed) for seed in range(n)]
    names = [HOSTILE, "2024-01-01", *(f"A{i}" for i in range(2, n))][:n]
    returns = pd.DataFrame({name: pair[0] for name, pair in zip(names, pairs, strict=True)}, index=days(120))
    benchmark = pd.Series(pairs[0][1], index=days(120), name="BTC")
    held = [Position(name, 1e4 * (-1) ** i) for i, name in enumerate(names)]
    held[0] = Position(HOSTILE, 1e4, beta_override=by_hand)
    return assess_book(held, returns, benchmark), returns.assign(BTC=benchmark)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


class TestContributions:
    def test_bars_are_the_exposures_and_the_book_is_beneath(self):
        found, _ = book()
        figure = plot_contributions(found, benchmark="BTC")
        go.Figure(figure.to_plotly_json())
        positions, whole = figure.data
        ordered = found.table["exposure_usd"].sort_values(key=np.abs, ascending=False)
        assert positions.x.tolist() == ordered.tolist()
        assert (whole.x[0], whole.y[0]) == (found.exposure_usd, WHOLE)
        reach = found.exposure_high_usd - found.exposure_usd
        assert whole.error_x.array[0] == pytest.approx(reach)
        assert usd_text(found.exposure_usd) in figure.layout.title.text
        assert figure.layout.height == contributions_height(found)

    def test_a_beta_by_hand_is_hollow_and_has_its_estimate_beside_it(self):
        found, _ = book(by_hand=0.9)
        figure = plot_contributions(found, benchmark=HOSTILE, simulated=True)
        go.Figure(figure.to_plotly_json())
        estimates = figure.data[2]
        assert estimates.x.tolist() == pytest.approx([1e4 * found.estimates[HOSTILE].beta])
        assert estimates.y[0].endswith("(beta by hand)")
        at = list(figure.data[0].y).index(estimates.y[0])
        assert figure.data[0].error_x.array[at] == 0.0
        assert figure.data[0].marker.line.width[at] > 0
        assert "<a" not in figure.to_json()
        assert any(note.text == "SIMULATED" for note in figure.layout.annotations)


class TestMatrix:
    @pytest.mark.parametrize("kind", ["correlation", "beta"])
    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_cells_are_the_numbers_in_ink_that_can_be_read(self, kind, theme):
        found, returns = book()
        matrix = found.correlation if kind == "correlation" else beta_matrix(returns)
        figure = plot_matrix(matrix, kind=kind, theme=theme, simulated=True)
        go.Figure(figure.to_plotly_json())
        drawn = figure.data[0]
        np.testing.assert_array_equal(drawn.z, matrix.to_numpy())
        assert drawn.y[1] == "2024-01-01"
        assert figure.layout.yaxis.type == figure.layout.xaxis.type == "category"
        assert "<a" not in figure.to_json()
        for _, colour in drawn.colorscale:
            bright, dark = sorted((luminance(colour), luminance(INKS[theme].text)), reverse=True)
            assert (bright + 0.05) / (dark + 0.05) >= READABLE

    def test_zero_is_the_background(self):
        figure = plot_matrix(book()[0].correlation.mul([1, -1, 1, 1]), kind="correlation")
        scale = {colour: at for at, colour in figure.data[0].colorscale}
        low, high = figure.data[0].zmin, figure.data[0].zmax
        assert (low, high) == (-1.0, 1.0)
        assert low + scale[BACKGROUNDS["light"]] * (high - low) == pytest.approx(0.0)

    def test_many_assets_have_colours_without_numbers(self):
        names = [f"A{i}" for i in range(MOST_NUMBERS + 20)]
        matrix = pd.DataFrame(np.eye(len(names)), names, names)
        figure = plot_matrix(matrix, kind="correlation")
        assert figure.data[0].text is None
        assert figure.data[0].showscale
        assert figure.layout.height == matrix_height(matrix) == TALLEST

    def test_titles(self):
        matrix = pd.DataFrame([[1.0, 0.4, 0.9], [0.4, 1.0, 0.1], [0.9, 0.1, 1.0]], list("ABC"), list("ABC"))
        assert plot_matrix(matrix, kind="correlation").layout.title.text == (
            "Most alike: A and C, correlation 0.90"
        )
        assert plot_matrix(matrix, kind="beta").layout.title.text == "Largest: A moves 0.90% when C moves 1%"
        two = matrix.iloc[:2, :2]
        assert plot_matrix(two, kind="correlation").layout.title.text == "A and B have a correlation of 0.40"
        assert plot_matrix(two.iloc[:1, :1], kind="beta").layout.title.text == "A alone"

    def test_other_names_in_rows_and_columns(self):
        with pytest.raises(InputError) as caught:
            plot_matrix(pd.DataFrame([[1.0]], ["A"], ["B"]), kind="beta")
        check_error(caught, parameter="matrix")


def test_mixed():
    assert mixed("#ff0000", "#0000ff", 0.0) == "#0000ff"
    assert mixed("#ff0000", "#0000ff", 1.0) == "#ff0000"
    assert mixed("#ffffff", "#000000", 0.5) == "#808080"
