"""The lookback scrubber: what it is set to is a setting, what it paints meanwhile comes from the film."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from pages.shared.assets import component_script

HERE = Path(__file__).parent
KEY = "scrubber"
HTML = """
<div class="scrubber" role="group" aria-label="Lookback">
  <div class="scrubber-chips"></div>
  <button type="button" class="scrubber-play" aria-label="Play through all lookbacks" aria-pressed="false">
    <svg class="scrubber-start" viewBox="0 0 10 10" aria-hidden="true"><path d="M1 0 10 5 1 10z"/></svg>
    <svg class="scrubber-pause" viewBox="0 0 10 10" aria-hidden="true">
      <path d="M1 0h3v10H1zM6 0h3v10H6z"/>
    </svg>
  </button>
  <input class="scrubber-range" type="range" step="1">
  <label class="scrubber-typed">
    <input class="scrubber-number" type="number" step="1" inputmode="numeric">
    <span class="scrubber-unit"></span>
  </label>
  <div class="scrubber-note" role="status"></div>
</div>
"""

_mount = st.components.v2.component(
    "scrubber",
    html=HTML,
    css=(HERE / "scrubber.css").read_text(encoding="utf-8"),
    js=component_script("scrubber"),
    isolate_styles=False,
)


def scrubber(
    lookback: int,
    *,
    shortest: int,
    longest: int,
    chips: Sequence[int],
    unit: str,
    film: str | None,
    note: str,
    linked: str,
    on_change: Callable[[object], None],
) -> None:
    """Show the scrubber.

    Parameters
    ----------
    lookback, shortest, longest : int
        Observations.
    chips : sequence of int
        Lookbacks one click away.
    unit : str
        What a lookback counts.
    film : str or None
        Address of the film; None lets everything follow on release.
    note : str
        Why there is no film; empty where there is one.
    linked : str
        Key of the heat map whose hovered lookback and date the other charts show.
    on_change : callable
        Given what the browser sent when the hand let go, whatever that is: it must be validated.
    """
    _mount(
        key=KEY,
        data={
            "lookback": lookback,
            "shortest": shortest,
            "longest": longest,
            "chips": list(chips),
            "unit": unit,
            "film": film,
            "note": note,
            "linked": linked,
        },
        default={"lookback": lookback},
        on_lookback_change=lambda: on_change(st.session_state[KEY]["lookback"]),
    )
