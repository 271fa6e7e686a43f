"""The table of faults is that of the tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.reliability import DOCUMENT, Fault, NotARowError, faults_of, name_of, reliability_page

TESTS = Path(__file__).parent
AGAIN = "run: python -m tests.reliability"


def test_the_document_holds_exactly_the_faults_that_tests_show(request: pytest.FixtureRequest) -> None:
    """Held against the tests that were collected; those that were not must at least exist."""
    items = request.session.items
    collected, lines = {name_of(item) for item in items}, DOCUMENT.read_text(encoding="utf-8").splitlines()
    rows = {line for line in lines if line.startswith("| ") and line.endswith("` |")}
    expected = {fault.line for fault in faults_of(items)}
    assert expected <= rows, AGAIN
    for row in rows - expected:
        test = row.rpartition(" | `")[2].removesuffix("` |")
        assert test not in collected, f"{AGAIN} ({test} no longer shows this)"
        file, _, name = test.rpartition("::")
        assert f"def {name}(" in (TESTS / file.partition("::")[0]).read_text(encoding="utf-8"), AGAIN
    assert f"{len(rows)} faults." in lines


def test_no_fault_is_told_twice() -> None:
    named = re.findall(r"^## .*|^\| (?!fault)[^|]+ \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    area, told = "", []
    for each in named:
        area = each if each.startswith("## ") else area
        told.append((area, each))
    assert len(told) == len(set(told))


class Item:
    """As much of a collected test as a row needs."""

    def __init__(self, nodeid: str, *marks: pytest.MarkDecorator) -> None:
        self.nodeid, self.marks = nodeid, marks

    def iter_markers(self, name: str) -> list[pytest.Mark]:
        return [mark.mark for mark in self.marks if mark.name == name]


def rows_of(*items: Item) -> tuple[Fault, ...]:
    return faults_of(items)  # type: ignore[arg-type]


def test_rows_come_from_markers_in_order_each_once() -> None:
    html = pytest.mark.fault("yahoo: HTML | text", saw="a  b", lost="nothing")
    full = pytest.mark.fault("Store: full", saw="c", lost="one page")
    first, second = rows_of(
        Item("tests/x/test_some.py::test_it[1]", html),
        Item("tests/x/test_some.py::test_it[2]", html, full),
    )
    assert first == Fault("Store", "full", "c", "one page", "x/test_some.py::test_it")
    page = reliability_page([first, second])
    assert "| HTML \\| text | a b | nothing | `x/test_some.py::test_it` |" in page.splitlines()
    assert page.index("2 faults.") < page.index("## Store") < page.index("## Yahoo")


@pytest.mark.parametrize(
    "mark",
    [
        pytest.mark.fault("no area", saw="a", lost="b"),
        pytest.mark.fault("a: b", saw="", lost="b"),
        pytest.mark.fault("a: b", saw="c"),
        pytest.mark.fault(saw="c", lost="d"),
    ],
)
def test_a_marker_that_is_no_row_is_refused(mark: pytest.MarkDecorator) -> None:
    with pytest.raises(NotARowError, match=r"test_some\.py::test_it"):
        rows_of(Item("tests/test_some.py::test_it", mark))
