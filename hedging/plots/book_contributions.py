"""Who brings a book its exposure to the benchmark."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from hedging.plots.formats import beta_text, range_text, usd_text
from hedging.plots.theme import (
    BETA,
    INKS,
    UNHEDGED,
    Theme,
    Trace,
    escaped,
    house_figure,
    with_opacity,
)
from hedging.portfolio.assessment import BookAssessment

ROW_PIXELS = 30
FRAME_PIXELS = 84
WHOLE = "the book"


def contributions_height(book: BookAssessment) -> int:
    """Pixels that the rows of :func:`plot_contributions` need."""
    return FRAME_PIXELS + ROW_PIXELS * (len(book.table) + 1)


def plot_contributions(
    book: BookAssessment,
    *,
    benchmark: str,
    theme: Theme = "light",
    simulated: bool = False,
    height: int | None = None,
) -> go.Figure:
    """Draw a bar for each position's exposure with its interval, largest first, and the book's below.

    A beta set by hand has a hollow bar and no interval; a tick shows what the estimate would give.

    Parameters
    ----------
    book : BookAssessment
        From :func:`hedging.assess_book`.
    benchmark : str
        Name; escaped here.
    theme, simulated
        Colours, whether to write SIMULATED into the plot.
    height : int, optional
        Pixels; by default what the rows need.
    """
    table = book.table.iloc[np.argsort(-book.table["exposure_usd"].abs().to_numpy(), kind="stable")]
    by_hand = table["overridden"].to_numpy(dtype=bool)
    names = [
        escaped(str(name)) + (" (beta by hand)" if hand else "")
        for name, hand in zip(table.index, by_hand, strict=True)
    ]
    traces = [_positions(table, names, benchmark, theme), _whole(book, benchmark, theme)]
    if by_hand.any():
        traces.append(_estimates(book, table[by_hand], np.array(names)[by_hand].tolist(), theme))
    title = (
        f"The book moves like {usd_text(book.exposure_usd)} of {escaped(benchmark)} "
        f"({range_text(usd_text(book.exposure_low_usd), usd_text(book.exposure_high_usd))})"
    )
    axis = {"title": {"text": f"exposure to {escaped(benchmark)}, USD"}, "tickformat": "$~s"}
    return house_figure(
        traces,
        {
            # Names such as 1 or 2024-01-01 would make it an axis of numbers or dates.
            "yaxis": {"type": "category", "categoryarray": [*names, WHOLE], "autorange": "reversed"},
            "xaxis": {**axis, "zeroline": True, "zerolinecolor": INKS[theme].faint},
            "bargap": 0.35,
            "barmode": "overlay",
        },
        title=title,
        theme=theme,
        simulated=simulated,
        height=contributions_height(book) if height is None else height,
    )


def _positions(table: pd.DataFrame, names: list[str], benchmark: str, theme: Theme) -> Trace:
    by_hand = table["overridden"].to_numpy(dtype=bool)
    reach = (table["value_usd"] * (table["beta_high"] - table["beta"])).abs().fillna(0.0)
    said = [
        f"{name}: {usd_text(row['value_usd'])} at beta {beta_text(row['beta'])} moves like "
        f"{usd_text(row['exposure_usd'])} of {escaped(benchmark)}"
        for name, row in zip(names, table.to_dict("records"), strict=True)
    ]
    return {
        "type": "bar",
        "name": "positions",
        "orientation": "h",
        "x": table["exposure_usd"].to_numpy(),
        "y": names,
        "marker": {
            "color": [with_opacity(BETA, 0.15 if hand else 0.85) for hand in by_hand],
            "line": {"color": BETA, "width": [1.5 if hand else 0 for hand in by_hand]},
        },
        "error_x": _whiskers(reach.to_numpy(), theme),
        "customdata": said,
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _whole(book: BookAssessment, benchmark: str, theme: Theme) -> Trace:
    span = range_text(usd_text(book.exposure_low_usd), usd_text(book.exposure_high_usd))
    return {
        "type": "bar",
        "name": WHOLE,
        "orientation": "h",
        "x": [book.exposure_usd],
        "y": [WHOLE],
        "marker": {"color": with_opacity(UNHEDGED, 0.85)},
        "error_x": _whiskers(np.array([book.exposure_high_usd - book.exposure_usd]), theme),
        "hovertemplate": f"together they move like {usd_text(book.exposure_usd)} of {escaped(benchmark)} "
        f"({span})<extra></extra>",
    }


def _estimates(book: BookAssessment, table: pd.DataFrame, names: list[str], theme: Theme) -> Trace:
    betas = [book.estimates[str(name)].beta for name in table.index]
    exposures = table["value_usd"].to_numpy() * betas
    return {
        "mode": "markers",
        "name": "by the estimate",
        "x": exposures,
        "y": names,
        "marker": {"symbol": "line-ns-open", "size": 16, "color": INKS[theme].text, "line": {"width": 2}},
        "customdata": [
            f"the estimate, beta {beta_text(beta)}, would make it {usd_text(exposure)}"
            for beta, exposure in zip(betas, exposures, strict=True)
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _whiskers(reach: np.ndarray, theme: Theme) -> dict[str, object]:
    return {"type": "data", "array": reach, "color": INKS[theme].faint, "thickness": 1.5, "width": 0}
