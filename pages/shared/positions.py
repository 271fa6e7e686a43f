"""The lines of a portfolio as the user enters them, and as a link carries them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from data.position_lines import may_be_symbol
from pages.shared.settings import LARGEST_POSITION, LONGEST_SYMBOL, PositionUnit

MOST_LINES = 100
LARGEST_BETA = 1_000.0
_LINE = re.compile(
    r"(?P<symbol>[^@,]+):(?P<size>[-+0-9.eE]+)(?P<unit>usd)?(?:@(?P<beta>[-+0-9.eE]+))?(?P<out>!)?", re.ASCII
)


@dataclass(frozen=True)
class BookLine:
    """One position as it was entered.

    Attributes
    ----------
    symbol : str
        A symbol of the source, or the name of a coin; hostile until escaped.
    size : float
        Signed, long positive, in ``unit``.
    unit : {"usd", "coins"}
        Single coins, also of a symbol such as 1000PEPEUSDT.
    beta_by_hand : float or None
        Stands in place of the estimate.
    included : bool
        Whether it counts; one that is left out keeps its line.
    """

    symbol: str
    size: float
    unit: PositionUnit
    beta_by_hand: float | None = None
    included: bool = True

    def __post_init__(self) -> None:
        if not may_be_symbol(self.symbol):
            raise ValueError(f"the symbol {self.symbol[:LONGEST_SYMBOL]!r}")
        if not (math.isfinite(self.size) and self.size != 0 and abs(self.size) <= LARGEST_POSITION):
            raise ValueError(f"the size {self.size}")
        by_hand = self.beta_by_hand
        if by_hand is not None and not (math.isfinite(by_hand) and abs(by_hand) <= LARGEST_BETA):
            raise ValueError(f"the beta {by_hand}")


def book_from_text(text: str) -> tuple[BookLine, ...]:
    """Positions from the text of a link such as ``SOL:10000usd,AVAX:-250@1.4,LINK:5!``.

    A number without ``usd`` counts coins, ``@`` is a beta set by hand, ``!`` a line that is left out.

    Raises
    ------
    ValueError
        A line is unusable, or there are too many.
    """
    if not text:
        return ()
    parts = text.split(",")
    if len(parts) > MOST_LINES:
        raise ValueError(f"{len(parts)} positions")
    lines = []
    for part in parts:
        found = _LINE.fullmatch(part)
        if found is None:
            raise ValueError(part)
        beta = found["beta"]
        lines.append(
            BookLine(
                symbol=found["symbol"],
                size=float(found["size"]),
                unit="usd" if found["unit"] else "coins",
                beta_by_hand=None if beta is None else float(beta),
                included=not found["out"],
            )
        )
    return tuple(lines)


def book_to_text(lines: Sequence[BookLine]) -> str:
    """Positions as a link carries them; :func:`book_from_text` reads them back."""
    return ",".join(
        f"{line.symbol}:{line.size:.15g}{'usd' if line.unit == 'usd' else ''}"
        f"{'' if line.beta_by_hand is None else f'@{line.beta_by_hand:.15g}'}"
        f"{'' if line.included else '!'}"
        for line in lines
    )
