"""Funding and the perpetual beside the prices, without a page."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data.prices import BAR_LENGTH
from hedging import align, prepare_funding
from pages.shared.carry import Carry, hedge_market

HOURS = pd.date_range("2026-01-01", periods=24 * 120, freq="h", tz="UTC")
CHARGES = pd.date_range("2026-01-01", periods=3 * 121, freq="8h", tz="UTC")


def prices(interval: str, seed: int) -> pd.Series:
    hourly = pd.Series(
        100 * np.exp(0.003 * np.random.default_rng(seed).standard_normal(len(HOURS)).cumsum()), HOURS
    )
    return hourly if interval == "hourly" else hourly.iloc[23::24].set_axis(HOURS[::24])


def summed(interval: str, rates: pd.Series) -> tuple[pd.Series, pd.Timedelta]:
    bars = "hourly" if interval == "hourly" else "daily"
    aligned = align(prices(bars, 1), prices(bars, 2), interval=interval)
    found = hedge_market(aligned, Carry(prepare_funding(rates), None, "test", "1")).funding_rates
    assert found is not None
    return found, BAR_LENGTH[bars]


@pytest.mark.parametrize("interval", ["weekly", "daily", "hourly"])
def test_a_charge_lands_in_the_period_that_it_falls_in(interval):
    """A week is labelled by the opening of its last day, so its charges lie before the label."""
    rates = pd.Series(0.0001, CHARGES)
    plain, bar = summed(interval, rates)
    for at in ("2026-03-04 08:00", "2026-03-09 00:00", "2026-03-08 16:00"):
        spike = pd.Timestamp(at, tz="UTC")
        changed = summed(interval, rates.where(CHARGES != spike, 0.05))[0]
        touched = changed.index[~np.isclose(changed, plain)]
        assert len(touched) == 1
        end, before = touched[0] + bar, plain.index[plain.index.get_loc(touched[0]) - 1] + bar
        assert before < spike <= end


@pytest.mark.parametrize("interval", ["weekly", "daily", "hourly"])
def test_later_charges_change_nothing_before(interval):
    rates = pd.Series(0.0001, CHARGES)
    plain, bar = summed(interval, rates)
    cut = pd.Timestamp("2026-03-03 12:00", tz="UTC")
    changed = summed(interval, rates.where(CHARGES <= cut, 0.02))[0]
    ended = plain.index + bar <= cut
    np.testing.assert_allclose(changed[ended], plain[ended])
    assert not np.isclose(changed[~ended].iloc[1:], plain[~ended].iloc[1:]).all()
