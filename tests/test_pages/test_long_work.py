"""Work of many seconds: made once, told about, given up when it fails."""

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from hedging import InputError
from pages.shared import long_work
from pages.shared.long_work import Kept


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_work, "PATIENCE", pd.Timedelta(0))
    monkeypatch.setattr(long_work, "REPAINT", pd.Timedelta(0))


def test_a_result_is_made_once():
    kept, made = Kept[int](2), []

    def make(progress):
        progress(0.5)
        made.append(1)
        return 7

    assert kept.find("a") is None
    assert [kept.made("a", make, label="…") for _ in range(3)] == [7, 7, 7]
    assert kept.find("a") == 7
    assert len(made) == 1


def test_what_nobody_asked_for_longest_is_forgotten():
    kept = Kept[int](2)
    for name in ("a", "b"):
        kept.keep(name, 1)
    kept.find("a")
    kept.keep("c", 1)
    assert [kept.find(name) for name in ("a", "b", "c")] == [1, None, 1]


def test_a_failure_is_not_kept():
    kept = Kept[int](2)

    def fail(progress):
        raise InputError("no", parameter="x", value=1, allowed="2", remedy="Change it.")

    with pytest.raises(InputError):
        kept.made("a", fail, label="…")
    assert kept.made("a", lambda progress: 3, label="…") == 3


def _page() -> None:
    import streamlit as st

    from pages.shared.long_work import Kept

    seen = st.session_state.setdefault("seen", [])

    def make(progress):
        for share in (-0.1, 0.5, 1.2):
            progress(share)
            seen.append(share)
        if st.session_state.get("stop_here"):
            st.stop()
        return "done"

    st.write(Kept(1).made("a", make, label="Walking…"))


def test_the_bar_is_gone_when_the_work_is_done():
    app = AppTest.from_function(_page).run()
    assert not app.exception
    assert app.session_state["seen"] == [-0.1, 0.5, 1.2]
    assert app.markdown[0].value == "done"
    assert not app.get("progress")


def test_the_bar_says_how_far():
    app = AppTest.from_function(_page)
    app.session_state["stop_here"] = True
    app.run()
    assert not app.exception
    bar = app.get("progress")[0].proto
    assert (bar.value, bar.text) == (100, "Walking…")
