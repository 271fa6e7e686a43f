"""Files handed in through the browser: none takes the place of another unseen."""

from __future__ import annotations

import pytest
import streamlit as st

from pages.shared.catalogue import distinct_names
from tests.test_pages.test_beta import errors, opened, random_prices, strip, write_prices


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (["A.csv", "B.csv"], ("A.csv", "B.csv")),
        (["A.csv", "A.csv", "A.csv"], ("A.csv", "A (1).csv", "A (2).csv")),
        (["A.csv", "A.csv", "A (1).csv"], ("A.csv", "A (2).csv", "A (1).csv")),
        (["A", "A"], ("A", "A (1)")),
        ([], ()),
    ],
)
def test_no_name_is_there_twice(names, kept):
    assert distinct_names(names) == kept


def test_of_two_files_of_one_name_neither_is_used_unseen(tmp_path):
    files = []
    for symbol, number in (("BTC", 1), ("SOL", 2), ("SOL", 3)):
        write_prices(tmp_path, symbol, random_prices(number))
        files.append((f"{symbol}.csv", (tmp_path / f"{symbol}.csv").read_bytes(), "text/csv"))
    app = opened(source="upload", asset="SOL", benchmark="BTC")
    app.file_uploader(key="uploads").set_value(files).run()
    assert not app.exception
    assert any("'SOL (1).csv' and 'SOL.csv' both have daily prices" in error for error in errors(app))
    app.file_uploader(key="uploads").set_value(files[:2]).run()
    assert not errors(app)
    assert "Beta, 60 days" in strip(app)
