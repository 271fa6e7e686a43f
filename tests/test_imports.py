"""What the import contracts in pyproject.toml cannot see: the entry script and the clock."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_the_entry_scripts_hold_no_work():
    parts = {"pages.shared.routes", "pages.shared.security", "pages.shared.warm_up"}
    assert imported(ROOT / "app.py") == {"streamlit", *parts}
    assert imported(ROOT / "pages" / "navigation.py") == {"streamlit", "pages.shared.addresses"}


@pytest.mark.parametrize("package", ["hedging", "pages"])
def test_only_data_reads_the_clock(package):
    calls = ("Timestamp.now", "Timestamp.utcnow", "datetime.now", "time.time", "os.environ", "getenv")
    for path in (ROOT / package).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not [call for call in calls if call in text], path


def test_every_pinned_direct_dependency_stands_in_the_lock():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name = line.split(">=")[0]
            assert f"\n{name}==" in f"\n{lock}", name
