"""One line style for each way of hedging, the same in every chart that lays strategies side by side."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from hedging.backtesting.settings import HedgeStrategy
from hedging.plots.theme import BETA, DOLLAR

# Every hedge by a beta is blue; what tells one beta from another is the dash, never a hue of its own.
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
FIRST_WIDTH, WIDTH = 2.2, 1.5


def strategy_lines(strategies: Iterable[HedgeStrategy]) -> dict[str, dict[str, Any]]:
    """Plotly's line of each strategy by its name: dollar hedges orange, others blue and dashed in turn."""
    dashes = itertools.cycle(DASHES)
    lines: dict[str, dict[str, Any]] = {}
    for strategy in strategies:
        if strategy.sizing == "dollar":
            lines[strategy.name] = {"color": DOLLAR, "width": WIDTH}
            continue
        dash = next(dashes)
        width = FIRST_WIDTH if dash == DASHES[0] else WIDTH
        lines[strategy.name] = {"color": BETA, "width": width, "dash": dash}
    return lines
