"""The table of faults that are survived, made from the tests that show it.

A test that shows how a fault is survived carries a row of ``docs/reliability.md``::

    @pytest.mark.fault("store: disk full", saw="there is no room left for the store…", lost="nothing")
    def test_a_full_disk(saw): ...

The part before the colon is where the fault lies. ``saw`` are the words that the user sees, with ``…`` for
what differs from run to run; where the test asks for the fixture ``saw`` and hands it the real message, the
two are compared. ``python -m tests.reliability`` writes the table anew.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "reliability.md"

HEAD = """\
# Faults that are survived

Each row is shown by the test named in it. The page is written by `python -m tests.reliability` from the tests
themselves, and a test fails when the two differ. "…" stands for what differs from case to case.
"""


@dataclass(frozen=True, order=True)
class Fault:
    """One row: where, which fault, what the user sees, what is lost, and the test that shows it."""

    area: str
    name: str
    saw: str
    lost: str
    test: str

    @property
    def line(self) -> str:
        cells = (self.name, self.saw, self.lost, f"`{self.test}`")
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


class NotARowError(Exception):
    """A marker that cannot be read as a row."""


def faults_of(items: Iterable[pytest.Item]) -> tuple[Fault, ...]:
    """Every row that tests carry, in order; a row of several cases of one test counts once."""
    found = {_fault(mark, name_of(item)) for item in items for mark in item.iter_markers("fault")}
    return tuple(sorted(found, key=lambda fault: (fault.area.lower(), fault)))


def name_of(item: pytest.Item) -> str:
    """File and name of a test, without its parameters."""
    return item.nodeid.partition("[")[0].removeprefix("tests/")


def reliability_page(faults: Iterable[Fault]) -> str:
    """The whole document."""
    rows = tuple(faults)
    pieces = [HEAD, f"{len(rows)} faults."]
    for area, group in groupby(rows, key=lambda fault: fault.area):
        lines = [fault.line for fault in group]
        table = ["| fault | what the user saw | what was lost | shown by |", "|---|---|---|---|", *lines]
        pieces.append(f"\n## {area}\n\n" + "\n".join(table))
    return "\n".join(pieces) + "\n"


def _fault(mark: pytest.Mark, test: str) -> Fault:
    texts = [*mark.args, *mark.kwargs.values()]
    area, colon, name = str(mark.args[0] if mark.args else "").partition(": ")
    plain = len(mark.args) == 1 and all(isinstance(text, str) and text for text in texts)
    if not (plain and colon and set(mark.kwargs) == {"saw", "lost"}):
        raise NotARowError(f"{test}: a fault marker needs 'area: name', saw= and lost=")
    words = (area[:1].upper() + area[1:], name, mark.kwargs["saw"], mark.kwargs["lost"])
    return Fault(*(" ".join(text.split()) for text in words), test)


class _Collected:
    """A plugin that keeps what pytest has collected."""

    items: tuple[pytest.Item, ...] = ()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = tuple(session.items)


def main() -> int:
    """Write the document from all tests; returns the exit code."""
    collected, said = _Collected(), io.StringIO()
    with contextlib.redirect_stdout(said):
        code = pytest.main(["--collect-only", "-qq", str(ROOT / "tests")], plugins=[collected])
    if code:
        sys.stderr.write(said.getvalue())
        return int(code)
    DOCUMENT.write_text(reliability_page(faults_of(collected.items)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
