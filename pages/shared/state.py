"""Everything the user has chosen on all pages, as one frozen value, and the link that carries all of it."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from pages.shared.choices import (
    BacktestChoices,
    BookChoices,
    EstimatorChoices,
    HedgeChoices,
    MonitorChoices,
    Reader,
    ReportChoices,
    WhatIfChoices,
)
from pages.shared.positions import book_to_text
from pages.shared.settings import LONGEST_SYMBOL, READERS, Settings

# Longer ones are cut off by proxies; a book that does not fit stays on the page and leaves the link.
LONGEST_BOOK = 4_000


@dataclass(frozen=True)
class AppState:
    """The shared settings, and what single pages ask beside them."""

    settings: Settings = field(default_factory=Settings)
    book: BookChoices = field(default_factory=BookChoices)
    hedge: HedgeChoices = field(default_factory=HedgeChoices)
    backtest: BacktestChoices = field(default_factory=BacktestChoices)
    what_if: WhatIfChoices = field(default_factory=WhatIfChoices)
    estimators: EstimatorChoices = field(default_factory=EstimatorChoices)
    monitor: MonitorChoices = field(default_factory=MonitorChoices)
    report: ReportChoices = field(default_factory=ReportChoices)


def _readers(group: type) -> dict[str, Reader]:
    hints = typing.get_type_hints(group, include_extras=True)
    return {each.name: hints[each.name].__metadata__[0] for each in fields(group)}


#: Name in the URL: the part of the state it belongs to, and how it is read.
_KNOWN: dict[str, tuple[str, Reader]] = {
    name: ("settings", Reader(*reader)) for name, reader in READERS.items()
} | {
    name: (part.name, reader)
    for part in fields(AppState)
    if part.name != "settings"
    for name, reader in _readers(typing.cast("type", part.default_factory)).items()
}


def read_link(parameters: Mapping[str, str], defaults: AppState) -> tuple[AppState, tuple[str, ...]]:
    """The state from the query of a URL, and one sentence for each thing in it that is unusable.

    A link may come from anyone: every value is parsed and bounded here, and what is not usable is
    named and replaced by the default.
    """
    state, complaints = defaults, []
    for name, text in parameters.items():
        shown = text if len(text) <= LONGEST_SYMBOL else f"{text[:LONGEST_SYMBOL]}…"
        if name not in _KNOWN:
            complaints.append(
                f"The link has an unknown setting {name[:LONGEST_SYMBOL]}={shown}; it is ignored."
            )
            continue
        part, (parse, allowed) = _KNOWN[name]
        before = getattr(state, part)
        try:
            state = replace(state, **{part: replace(before, **{name: parse(text)})})
        except ValueError:
            kept = _as_text(getattr(before, name)) or "nothing"
            complaints.append(
                f"The link says {name}={shown}, which must be {allowed}; {kept} is used instead."
            )
    return state, tuple(complaints)


def to_link(state: AppState) -> dict[str, str]:
    """The state as text, so that a copied link shows the same view elsewhere.

    The shared settings are always there, so that a link says what it shows; what single pages ask only
    where it is not the default.
    """
    link = {each.name: _as_text(getattr(state.settings, each.name)) for each in fields(Settings)}
    # What only some sources have says nothing where it is not chosen.
    for name, nothing in (("perpetual", ""), ("column", ""), ("dates", "decide")):
        if link[name] == nothing:
            del link[name]
    for part in fields(AppState):
        if part.name == "settings":
            continue
        chosen, default = getattr(state, part.name), typing.cast("type", part.default_factory)()
        for each in fields(chosen):
            value = getattr(chosen, each.name)
            text = _as_text(value)
            if value != getattr(default, each.name) and len(text) <= LONGEST_BOOK:
                link[each.name] = text
    return link


def is_too_long_for_link(book: BookChoices) -> bool:
    """Whether a link cannot hold the portfolio."""
    return len(_as_text(book.book)) > LONGEST_BOOK


def widget_values(state: AppState) -> dict[str, Any]:
    """Every choice by the key of its widget."""
    parts = [getattr(state, part.name) for part in fields(AppState)]
    return {each.name: getattr(part, each.name) for part in parts for each in fields(part)}


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, tuple):
        lines = [line for line in value if not isinstance(line, str)]
        return book_to_text(lines) if lines else ",".join(value)
    return str(value)
