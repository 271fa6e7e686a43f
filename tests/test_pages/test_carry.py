"""Funding and the perpetual beside the prices, without a page."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data.errors import TryAgainError
from data.prices import BAR_LENGTH
from hedging import align, prepare_funding
from pages.shared import carry as carry_module
from pages.shared.carry import Carry, hedge_market, load_carry
from pages.shared.catalogue import FileInputs
from pages.shared.settings import Settings

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
        changed = summed(interval, rates.where(spike != CHARGES, 0.05))[0]
        touched = changed.index[~np.isclose(changed, plain)]
        assert len(touched) == 1
        end, before = touched[0] + bar, plain.index[plain.index.get_loc(touched[0]) - 1] + bar
        assert before < spike <= end


@pytest.mark.parametrize("interval", ["weekly", "daily", "hourly"])
def test_later_charges_change_nothing_before(interval):
    rates = pd.Series(0.0001, CHARGES)
    plain, bar = summed(interval, rates)
    cut = pd.Timestamp("2026-03-03 12:00", tz="UTC")
    changed = summed(interval, rates.where(cut >= CHARGES, 0.02))[0]
    ended = plain.index + bar <= cut
    np.testing.assert_allclose(changed[ended], plain[ended])
    assert not np.isclose(changed[~ended].iloc[1:], plain[~ended].iloc[1:]).all()


def test_a_perpetual_on_another_coin_is_left_out_with_its_reason():
    settings = Settings(source="upload", asset="SOL", benchmark="ETHUSDT", perpetual="BTCUSDT.P")
    found = load_carry(settings, FileInputs())
    assert found.perpetual_prices is None
    assert "BTCUSDT.P is left out: it is of BTC and the benchmark is ETH" in found.perpetual_problem


RATES = b"time,fundingRate\n" + b"".join(
    f"2026-01-{day:02d}T{hour:02d}:00:00Z,0.0001\n".encode() for day in range(1, 20) for hour in (0, 8, 16)
)


def test_a_funding_file_of_another_coin_is_left_out_with_its_reason():
    settings = Settings(source="upload", asset="SOL", benchmark="ETHUSDT")
    inputs = {"funding": ("BTCUSDT_funding.csv", RATES), "funding_id": "1"}
    found = load_carry(settings, FileInputs(**inputs))
    assert found.funding is None
    assert "it is of BTC and the benchmark is ETH" in found.source
    own = load_carry(Settings(source="upload", asset="SOL", benchmark="BTCUSDT"), FileInputs(**inputs))
    assert own.funding is not None


def test_a_funding_file_that_cannot_be_read_takes_nothing_with_it():
    settings = Settings(source="upload", asset="SOL", benchmark="BTCUSDT")
    found = load_carry(settings, FileInputs(funding=("BTCUSDT_funding.csv", b"a,b\n1,2\n"), funding_id="2"))
    assert found.funding is None
    assert found.source.startswith("funding cannot be used: the file 'BTCUSDT_funding.csv' has no column")


def test_a_source_whose_funding_fails_is_explained(monkeypatch):
    def failing(*_: object) -> None:
        raise TryAgainError(
            "the exchange did not answer",
            parameter="source",
            value="x",
            allowed="an answer",
            remedy="Try again.",
        )

    monkeypatch.setattr(carry_module, "_funding", failing)
    found = load_carry(Settings(source="upload", asset="SOL", benchmark="BTCUSDT"), FileInputs())
    assert found.funding is None
    assert found.source == "funding cannot be used: the exchange did not answer"
