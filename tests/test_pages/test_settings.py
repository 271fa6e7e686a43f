"""A link carries every setting, and nothing in it is trusted."""

from __future__ import annotations

import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared.choices import (
    BacktestChoices,
    BookChoices,
    EstimatorChoices,
    HedgeChoices,
    MonitorChoices,
    WhatIfChoices,
)
from pages.shared.positions import BookLine
from pages.shared.settings import (
    CONFIDENCE_LEVELS,
    LARGEST_POSITION,
    LONGEST_LOOKBACK,
    SHORTEST_LOOKBACK,
    Settings,
)
from pages.shared.state import AppState, read_link, to_link, widget_values

DEFAULTS = AppState()

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
    state = AppState(settings=chosen)
    restored, complaints = read_link(to_link(state), DEFAULTS)
    assert restored == state
    assert complaints == ()


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=80), max_size=8))
def test_any_link_gives_usable_settings_and_names_what_it_ignored(link):
    restored, complaints = read_link(link, DEFAULTS)
    chosen = restored.settings
    assert SHORTEST_LOOKBACK <= chosen.lookback <= LONGEST_LOOKBACK
    assert math.isfinite(chosen.position)
    assert chosen.confidence in CONFIDENCE_LEVELS
    untouched = {"perpetual", "column", "dates"}
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
        ("source", "ftp", "one of yahoo, binance, bybit, okx, simulated, indices, folder, upload"),
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
    chosen = restored.settings
    assert (chosen.asset, chosen.unit, chosen.lookback) == ("AVAX-USD", "coins", 60)
    assert len(complaints) == 1


CHOSEN = AppState(
    book=BookChoices(book=(BookLine("SOL-USD", 10_000, "usd"), BookLine("AVAX", -250.5, "coins", 1.4))),
    hedge=HedgeChoices(contract="Bybit BTCUSDT", leverage=3, funding_annual_percent=-4.5, fee_bp=0.0),
    backtest=BacktestChoices(estimators=("ewma", "ols"), every_hours=None, beta_outside=True),
    what_if=WhatIfChoices(shock_percent=35, shock_correlation=0.25),
    estimators=EstimatorChoices(recent=60),
    monitor=MonitorChoices(entered_at="2025-11-30T08:15", entered_contracts=0.14),
)


def test_a_link_restores_what_single_pages_ask():
    link = to_link(CHOSEN)
    assert link["book"] == "SOL-USD:10000usd,AVAX:-250.5@1.4"
    assert link["every_hours"] == ""
    restored, complaints = read_link(link, DEFAULTS)
    assert restored == CHOSEN
    assert complaints == ()


def test_what_nobody_chose_is_not_in_the_link():
    only_some_have = {"perpetual", "column", "dates"}
    assert set(to_link(DEFAULTS)) == {field.name for field in fields(Settings)} - only_some_have


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("book", "SOL"),
        ("book", "SOL:0usd"),
        ("book", "SOL:nan"),
        ("book", "SOL:1e99usd"),
        ("book", "SOL:1@1e9"),
        ("book", ",".join(["SOL:1"] * 101)),
        ("book", "S\x00L:1"),
        ("leverage", "0.5"),
        ("leverage", ""),
        ("leverage", "inf"),
        ("fee_bp", "x"),
        ("estimators", "ols,ols"),
        ("estimators", "magic"),
        ("beta_outside", "yes"),
        ("holding", "none"),
        ("recent", "5"),
        ("recent", "90.5"),
        ("entered_at", "yesterday"),
        ("entered_at", "2025-01-01T00:00+01:00"),
        ("entered_at", "0001-01-01"),
        ("contract", "x" * 61),
    ],
)
def test_what_single_pages_ask_is_bounded_too(name, text):
    restored, complaints = read_link({name: text}, DEFAULTS)
    assert restored == DEFAULTS
    assert len(complaints) == 1
    assert f"The link says {name}=" in complaints[0]


def test_every_name_in_the_url_belongs_to_one_setting():
    names = [each.name for part in fields(AppState) for each in fields(getattr(DEFAULTS, part.name))]
    assert len(names) == len(set(names))
    assert set(widget_values(DEFAULTS)) == set(names)
