"""A link carries every setting, and nothing in it is trusted."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared.settings import (
    CONFIDENCE_LEVELS,
    LARGEST_POSITION,
    LONGEST_LOOKBACK,
    SHORTEST_LOOKBACK,
    Settings,
    read_link,
    to_link,
)

DEFAULTS = Settings()

settings = st.builds(
    Settings,
    source=st.sampled_from(["yahoo", "simulated", "indices", "folder", "upload"]),
    asset=st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=40),
    benchmark=st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=40),
    interval=st.sampled_from(["hourly", "daily", "weekly"]),
    lookback=st.integers(SHORTEST_LOOKBACK, LONGEST_LOOKBACK),
    position=st.floats(-LARGEST_POSITION, LARGEST_POSITION).map(lambda x: float(f"{x:.15g}")),
    unit=st.sampled_from(["usd", "coins"]),
    confidence=st.sampled_from(CONFIDENCE_LEVELS),
    covariance=st.sampled_from(["nonrobust", "hc3", "hac"]),
    dates=st.sampled_from(["decide", "day_first", "month_first"]),
)


@given(settings)
def test_a_link_restores_every_setting(chosen):
    restored, complaints = read_link(to_link(chosen), DEFAULTS)
    assert restored == chosen
    assert complaints == ()


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=80), max_size=8))
def test_any_link_gives_usable_settings_and_names_what_it_ignored(link):
    restored, complaints = read_link(link, DEFAULTS)
    assert SHORTEST_LOOKBACK <= restored.lookback <= LONGEST_LOOKBACK
    assert math.isfinite(restored.position)
    assert restored.confidence in CONFIDENCE_LEVELS
    untouched = {"column", "dates"}
    assert len(complaints) <= len(link)
    assert all(name in to_link(restored) or name in untouched or complaints for name in link)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("lookback", "5000", "The link says lookback=5000, which must be a whole number from 10 to 365; 60"),
        ("lookback", "9", "whole number from 10 to 365"),
        ("lookback", "60.5", "whole number from 10 to 365"),
        ("position", "nan", "The link says position=nan, which must be a number"),
        ("position", "1e300", "no larger than 1e12"),
        ("source", "ftp", "one of yahoo, simulated, indices, folder, upload"),
        ("confidence", "0.5", "one of 0.8, 0.9, 0.95, 0.99"),
        ("covariance", "magic", "one of nonrobust, hc3, hac"),
        ("asset", "", "a symbol of at most 40 characters"),
        ("asset", "A" * 41, "a symbol of at most 40 characters"),
        ("asset", "SOL\n-USD", "a symbol of at most 40 characters"),
        ("interval", "minutely", "one of hourly, daily, weekly"),
        ("nonsense", "1", "The link has an unknown setting nonsense=1; it is ignored."),
    ],
)
def test_nonsense_in_a_link_is_named_and_replaced(name, text, said):
    restored, complaints = read_link({name: text}, DEFAULTS)
    assert restored == DEFAULTS
    assert len(complaints) == 1
    assert said in complaints[0]


def test_one_bad_value_does_not_cost_the_others():
    restored, complaints = read_link({"asset": "AVAX-USD", "lookback": "x", "unit": "coins"}, DEFAULTS)
    assert (restored.asset, restored.unit, restored.lookback) == ("AVAX-USD", "coins", 60)
    assert len(complaints) == 1
