"""The quarters that other programs print results of."""

from __future__ import annotations

from data.textbook import us_macro_quarters


def test_they_are_whole():
    table = us_macro_quarters()
    assert len(table) == 203
    assert (table["year"].iloc[0], table["year"].iloc[-1]) == (1959, 2009)
    assert not table[["realgdp", "realinv", "realint"]].isna().any().any()
    assert us_macro_quarters() is table
