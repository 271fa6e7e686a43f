"""How the assets of a book move together: correlations, and the beta of each on each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from hedging._checks import FloatArray
from hedging.errors import InputError
from hedging.plots.formats import beta_text
from hedging.plots.theme import (
    BACKGROUNDS,
    BENCHMARK,
    BETA,
    INKS,
    UNHEDGED,
    Theme,
    escaped,
    house_figure,
    mixed,
)

MatrixKind: TypeAlias = Literal["correlation", "beta"]

ROW_PIXELS = 30
FRAME_PIXELS = 110
TALLEST = 620
DEEPEST = 0.6  # share of the hue in the strongest cell
HUES: dict[MatrixKind, str] = {"correlation": BENCHMARK, "beta": BETA}
MOST_NUMBERS = 14  # assets, beyond which numbers in the cells run into each other


def matrix_height(matrix: pd.DataFrame) -> int:
    """Pixels that the rows of :func:`plot_matrix` need."""
    return min(TALLEST, FRAME_PIXELS + ROW_PIXELS * len(matrix))


def plot_matrix(
    matrix: pd.DataFrame,
    *,
    kind: MatrixKind,
    theme: Theme = "light",
    simulated: bool = False,
    height: int | None = None,
) -> go.Figure:
    """Draw correlations, or betas of the rows on the columns, as a heat map with its numbers.

    Parameters
    ----------
    matrix : pandas.DataFrame, shape (k, k)
        The same names in rows and columns; escaped here.
    kind : {"correlation", "beta"}
        Of :attr:`hedging.BookAssessment.correlation`, or of :func:`hedging.beta_matrix`.
    theme, simulated
        Colours, whether to write SIMULATED into the plot.
    height : int, optional
        Pixels; by default what the rows need.

    Raises
    ------
    InputError
        Rows and columns have different names.
    """
    if list(matrix.index) != list(matrix.columns):
        raise InputError(
            "rows and columns of the matrix have different names",
            parameter="matrix",
            value=matrix.shape,
            allowed="the same names in the same order",
            remedy="Pass the matrix as hedging returned it.",
        )
    values = matrix.to_numpy(dtype=np.float64)
    names = [escaped(str(name)) for name in matrix.index]
    low, high = float(values.min()), float(values.max())
    scale = (-1.0 if low < 0 else 0.0, 1.0) if kind == "correlation" else (min(0.0, low), high)
    said = (
        "%{y} with %{x}: correlation %{z:.2f}"
        if kind == "correlation"
        else "when %{x} moves 1%, %{y} moves %{z:.2f}%"
    )
    has_numbers = len(names) <= MOST_NUMBERS
    trace = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "z": values,
        "zmin": scale[0],
        "zmax": scale[1],
        "colorscale": _colours(HUES[kind], scale, theme),
        "showscale": not has_numbers,
        "colorbar": {"title": {"text": kind, "side": "right"}, "thickness": 12, "outlinewidth": 0},
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": f"{said}<extra></extra>",
    }
    if has_numbers:
        trace |= {
            "text": [[beta_text(each) for each in row] for row in values],
            "texttemplate": "%{text}",
            "textfont": {"color": INKS[theme].text},
        }
    # Names such as 1 or 2024-01-01 would make it an axis of numbers or dates.
    axis = {"type": "category", "showgrid": False}
    explained = {"title": {"text": "beta of"}} if kind == "beta" else {}
    explaining = {"title": {"text": "on"}} if kind == "beta" else {}
    return house_figure(
        [trace],
        {
            "xaxis": {**axis, **explaining, "side": "bottom"},
            "yaxis": {**axis, **explained, "autorange": "reversed"},
        },
        title=_finding(values, names, kind),
        theme=theme,
        simulated=simulated,
        height=matrix_height(matrix) if height is None else height,
    )


def _colours(hue: str, scale: tuple[float, float], theme: Theme) -> list[tuple[float, str]]:
    """From the background at 0 to the hue, and to grey below 0: ink can be read on all of it."""
    low, high = scale
    deepest = mixed(hue, BACKGROUNDS[theme], DEEPEST)
    if low >= 0.0:
        return [(0.0, BACKGROUNDS[theme]), (1.0, deepest)]
    middle = -low / (high - low)
    below = mixed(UNHEDGED, BACKGROUNDS[theme], DEEPEST * min(1.0, middle / (1.0 - middle)))
    return [(0.0, below), (middle, BACKGROUNDS[theme]), (1.0, deepest)]


def _finding(values: FloatArray, names: Sequence[str], kind: MatrixKind) -> str:
    if len(names) < 2:
        return f"{names[0]} alone"
    apart = np.where(np.eye(len(names), dtype=bool), np.nan, values)
    row, column = divmod(int(np.nanargmax(apart)), len(names))
    if kind == "beta":
        return f"Largest: {names[row]} moves {beta_text(apart[row, column])}% when {names[column]} moves 1%"
    if len(names) == 2:
        return f"{names[0]} and {names[1]} have a correlation of {beta_text(apart[0, 1])}"
    return f"Most alike: {names[row]} and {names[column]}, correlation {beta_text(apart[row, column])}"
