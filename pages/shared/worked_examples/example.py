"""A printed figure beside the same figure computed here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from hedging import HedgingError
from hedging.plots.formats import signed

# A tie in decimals is none in binary: 0.0005 off may come out as 0.00050000000000001.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class PrintedFigure:
    """One figure of a source.

    Attributes
    ----------
    what : str
    printed : str
        As the source prints it: a decimal number, or a fraction such as "26/7", which is exact.
    compute : callable
        The same figure by this library.
    tolerance : float or None
        None for half a unit of the last digit printed; given where double arithmetic does not reach that
        far, or where the source prints an exact whole number.
    """

    what: str
    printed: str
    compute: Callable[[], float]
    tolerance: float | None = None

    @property
    def expected(self) -> float:
        """The printed number."""
        return float(Fraction(self.printed))

    @property
    def decimals(self) -> int:
        """Digits after the point."""
        return len(self.printed.partition(".")[2])

    @property
    def allowed(self) -> float:
        """How far a right answer may lie from what is printed."""
        return 0.5 * 10.0**-self.decimals if self.tolerance is None else self.tolerance


@dataclass(frozen=True, eq=False)
class WorkedExample:
    """A calculation that someone else has printed.

    Attributes
    ----------
    group, title : str
    source : str
        Citation.
    inputs, formula : str
        What goes in, and what is done with it.
    call : str
        The function of ``hedging`` that computes it.
    figures : tuple of PrintedFigure
    """

    group: str
    title: str
    source: str
    inputs: str
    formula: str
    call: str
    figures: tuple[PrintedFigure, ...]

    @property
    def publisher(self) -> str:
        """Who printed it: the citation up to its first comma."""
        return self.source.partition(",")[0]


@dataclass(frozen=True, eq=False)
class CheckedFigure:
    """A printed figure, and what came out here.

    Attributes
    ----------
    example : WorkedExample
    figure : PrintedFigure
    computed : float or None
        None where the computation failed.
    reason : str
        Why it failed; empty where it did not.
    """

    example: WorkedExample
    figure: PrintedFigure
    computed: float | None
    reason: str

    @property
    def difference(self) -> float | None:
        """Computed less printed."""
        return None if self.computed is None else self.computed - self.figure.expected

    @property
    def agrees(self) -> bool:
        """Whether both are the same figure, as far as it is printed."""
        allowed = self.figure.allowed * (1.0 + ROUNDING)
        return self.difference is not None and abs(self.difference) <= allowed

    @property
    def share_of_allowed(self) -> float:
        """Size of the difference in units of what is allowed."""
        return float("inf") if self.difference is None else abs(self.difference) / self.figure.allowed


def check(example: WorkedExample) -> tuple[CheckedFigure, ...]:
    """Compute every figure of an example now."""
    return tuple(_checked(example, figure) for figure in example.figures)


def _checked(example: WorkedExample, figure: PrintedFigure) -> CheckedFigure:
    try:
        return CheckedFigure(example, figure, float(figure.compute()), "")
    except HedgingError as error:
        return CheckedFigure(example, figure, None, error.problem)


def printed_text(figure: PrintedFigure) -> str:
    """``−1,229.5``: the printed figure with the house's signs and thousands."""
    if "/" in figure.printed:
        return figure.printed
    return signed(f"{figure.expected:,.{figure.decimals}f}")


def computed_text(found: CheckedFigure) -> str:
    """The computed figure with two digits more than are printed."""
    if found.computed is None:
        return "failed"
    return signed(f"{found.computed:,.{_digits(found.figure)}f}")


def difference_text(found: CheckedFigure) -> str:
    """The difference, to the digits of the computed figure."""
    if found.difference is None:
        return found.reason
    shown = f"{found.difference:+,.{_digits(found.figure)}f}"
    return signed(shown) if any(digit in "123456789" for digit in shown) else "0"


def _digits(figure: PrintedFigure) -> int:
    return 6 if "/" in figure.printed else min(figure.decimals + 2, 16)
