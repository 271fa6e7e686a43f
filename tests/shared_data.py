"""Finds the outside numbers that lie beside the project and are never copied into it."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

SHARED_FOLDER_VARIABLE = "HEDGING_SHARED_DIR"


def shared_folder() -> Path:
    """The folder beside the project, or the one that the environment names."""
    named = os.environ.get(SHARED_FOLDER_VARIABLE)
    return Path(named) if named else Path(__file__).resolve().parents[2] / "shared"


def shared_file(*parts: str) -> Path:
    """A file of that folder; skips the test, saying so, where it is absent."""
    path = shared_folder().joinpath(*parts)
    if not path.is_file():
        pytest.skip(f"{'/'.join(parts)} is not beside the project (set {SHARED_FOLDER_VARIABLE})")
    return path


def reference_table(name: str) -> pd.DataFrame:
    """One csv of the reference folder, dates as a UTC index."""
    table = pd.read_csv(shared_file("reference", name), index_col=0, parse_dates=True, encoding="utf-8-sig")
    return table.tz_localize("UTC")
