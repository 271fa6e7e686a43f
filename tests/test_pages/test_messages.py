"""Hostile text reaches the page as text."""

from __future__ import annotations

import errno
import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.environment import STORE_VARIABLE
from data.errors import NotStoredError, StoreError
from data.series import SeriesKey
from data.store import open_store
from data.store.files import LocalFiles
from data.store.trouble import write_trouble
from hedging.errors import InputError
from pages.shared import messages
from pages.shared.messages import LONGEST_MESSAGE, plain, sentence

UNESCAPED_MARKUP = re.compile(r"(?<!\\)(?:\\\\)*[*_`<>\[\]$:|#~{}()!&+]")


@given(st.text(max_size=200))
def test_no_markup_survives(text):
    assert not UNESCAPED_MARKUP.search(plain(text))


def test_links_html_and_directives_are_shown_as_written():
    hostile = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) $x$ :red[y] `z`"
    shown = plain(hostile)
    assert not UNESCAPED_MARKUP.search(shown)
    assert re.sub(r"\\(.)", r"\1", shown) == hostile


def test_a_message_has_a_bound():
    assert len(plain("x" * 10_000)) <= LONGEST_MESSAGE + 1


def test_a_sentence_starts_with_a_capital_and_names_everything():
    error = InputError(
        "window is 5", parameter="window", value=5, allowed="at least 10", remedy="Choose more."
    )
    assert sentence(error) == r"Window is 5 \(allowed\: at least 10\). Choose more."


@pytest.mark.parametrize(
    ("parameter", "value", "said"),
    [
        ("hedge_notional_usd", -1334706225320.7395, "Hedge notional, in USD, is −1,334,706,225,321"),
        ("contracts", -0.0, "Contracts is 0 "),
        ("margin_coins", 0.12345678, "Margin coins is 0.123457"),
        ("leverage", 150.0, "Leverage is 150 "),
    ],
)
def test_a_parameter_of_the_library_and_its_value_are_said_as_a_reader_says_them(parameter, value, said):
    error = InputError(
        f"{parameter} is {value}", parameter=parameter, value=value, allowed="less", remedy="Correct it."
    )
    assert sentence(error).replace("\\", "").startswith(said)


@pytest.mark.parametrize("private", [True, False])
def test_where_the_store_lies_is_said_on_ones_own_machine_only(monkeypatch, private):
    monkeypatch.setattr(messages, "serves_this_machine_only", lambda: private)
    monkeypatch.setenv(STORE_VARIABLE, "/srv/secret")
    files = LocalFiles("/srv/secret")
    errors = [write_trouble(OSError(number, os.strerror(number)), files.shown) for number in range(1, 125)]
    with pytest.raises(NotStoredError) as not_stored:
        open_store().read(SeriesKey("yahoo", "BTC-USD", "prices", "daily"))
    for error in (*errors, not_stored.value):
        # Whichever of its texts a page, a table or a report shows.
        assert "/srv" not in f"{error} {error.problem} {error.allowed} {error.remedy}"
        said = sentence(error).replace("\\", "")
        assert ("/srv/secret" in said) == (private and isinstance(error, StoreError))
    assert "Permission denied" in sentence(errors[errno.EACCES - 1])
