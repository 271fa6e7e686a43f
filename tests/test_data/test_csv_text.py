"""Tables as CSV: every number as it is, and no text that a spreadsheet would run."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from data.csv_text import csv_bytes, guarded


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1", "\uff0b1"]
)
def test_text_that_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["SOL-USD", "BTC", "^GSPC", "1000PEPEUSDT", ""])
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert guarded(text) == text


def test_numbers_survive_a_round_trip_and_names_are_guarded() -> None:
    index = pd.date_range("2024-01-01", periods=3, tz="UTC", name="time_utc")
    table = pd.DataFrame(
        {"beta": [1.4142135623730951, -0.1, 2e-300], "=name": ["=1+1", "plain", "-2"]}, index=index
    )
    content = csv_bytes(table)
    read = pd.read_csv(io.BytesIO(content), float_precision="round_trip")
    assert list(read.columns) == ["time_utc", "beta", "'=name"]
    assert read["beta"].tolist() == table["beta"].tolist()
    assert read["'=name"].tolist() == ["'=1+1", "plain", "'-2"]
    assert read["time_utc"].tolist() == [
        "2024-01-01T00:00:00Z",
        "2024-01-02T00:00:00Z",
        "2024-01-03T00:00:00Z",
    ]


def test_names_of_rows_are_guarded_and_no_text_can_be_cut_in_two() -> None:
    table = pd.DataFrame({"said": ["a;=1+1", 'b"\t=1']}, index=pd.Index(["=1+1", "SOL"], name="symbol"))
    content = csv_bytes(table).decode()
    assert content.splitlines() == ['"symbol","said"', '"\'=1+1","a;=1+1"', '"SOL","b""\t=1"']
    assert pd.read_csv(io.StringIO(content))["said"].tolist() == table["said"].tolist()
