"""Plotly's own settings that every figure is shown with, in a page, a file or a notebook."""

from __future__ import annotations

from typing import Any

# Plotly 7 offers to upload a chart to its cloud unless told not to: positions stay where they are.
CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "showSendToCloud": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
}
