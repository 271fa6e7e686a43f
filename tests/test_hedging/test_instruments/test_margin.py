"""Maintenance tiers: amounts without a jump, the exchange's own tables, leverage."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging.errors import InputError
from hedging.instruments.margin import (
    MaintenanceTier,
    MaintenanceTiers,
    initial_margin_usd,
    maintenance_margin_usd,
)
from tests.shared_data import shared_file
from tests.test_hedging.examples import check_error
from tests.test_hedging.test_instruments.margins import BTC_2021, ETH_2021
from tests.tolerances import SAME_FORMULA

QUICK = settings(max_examples=30, deadline=None, derandomize=True)
LOW = MaintenanceTier(0.0, 50_000.0, 0.004, 0.0, 125.0)
HIGH = MaintenanceTier(50_000.0, 250_000.0, 0.005, 50.0, 100.0)


class TestMargin:
    tiers = MaintenanceTiers((LOW, HIGH))

    def test_by_hand(self):
        assert maintenance_margin_usd(10_000, self.tiers) == 40.0
        assert maintenance_margin_usd(-100_000, self.tiers) == 450.0
        assert maintenance_margin_usd(50_000, self.tiers) == 200.0
        assert self.tiers.tier_at(50_000) is LOW
        assert self.tiers.tier_at(-50_000.01) is HIGH
        assert initial_margin_usd(-10_000, leverage=125, tiers=self.tiers) == 80.0
        assert initial_margin_usd(100_000, leverage=100, tiers=self.tiers) == 1_000.0

    def test_one_rate_for_every_size(self):
        flat = MaintenanceTiers.flat(0.005)
        assert maintenance_margin_usd(1e9, flat) == pytest.approx(5e6, rel=SAME_FORMULA)
        assert initial_margin_usd(1e4, leverage=200, tiers=flat) == 50.0

    @QUICK
    @given(notional=st.floats(0, 2.4e5), step=st.floats(0, 1e4))
    def test_continuous_rising_and_the_largest_of_the_lines(self, notional, step):
        here = maintenance_margin_usd(notional, self.tiers)
        there = maintenance_margin_usd(notional + step, self.tiers)
        assert 0 <= there - here <= 0.005 * step * (1 + 1e-9) + 1e-9
        lines = [t.maintenance_rate_fraction * notional - t.maintenance_amount for t in self.tiers.tiers]
        assert here == pytest.approx(max(lines), abs=1e-9)

    @pytest.mark.parametrize("leverage", [0.5, 101, math.nan, -10], ids=repr)
    def test_leverage_beyond_the_tier(self, leverage):
        with pytest.raises(InputError) as caught:
            initial_margin_usd(100_000, leverage=leverage, tiers=self.tiers)
        check_error(caught, parameter="leverage", names="1 to 100")

    def test_above_the_last_cap(self):
        with pytest.raises(InputError) as caught:
            maintenance_margin_usd(250_001, self.tiers)
        check_error(caught, parameter="notional", names="250,001")
        with pytest.raises(InputError) as caught:
            maintenance_margin_usd(math.nan, self.tiers)
        check_error(caught, parameter="notional")

    def test_tiers_in_coins_are_not_dollars(self):
        coins = MaintenanceTiers((LOW,), "coin")
        for call in (
            lambda: maintenance_margin_usd(1, coins),
            lambda: initial_margin_usd(1, leverage=1, tiers=coins),
        ):
            with pytest.raises(InputError) as caught:
                call()
            check_error(caught, parameter="tiers", names="coin")


@pytest.mark.market
@pytest.mark.parametrize("year", ["2024-10", "2026"])
def test_every_table_of_the_exchange_is_accepted_as_it_stands(year):
    path = shared_file("market", "contracts", f"binance_leverage_tiers_{year}.json")
    tables = json.loads(path.read_text())
    assert len(tables) > 50
    for rows in tables.values():
        built = MaintenanceTiers(
            tuple(
                MaintenanceTier(
                    float(row["info"]["notionalFloor"]),
                    float(row["info"]["notionalCap"]),
                    float(row["info"]["maintMarginRatio"]),
                    float(row["info"]["cum"]),
                    float(row["info"]["initialLeverage"]),
                )
                for row in rows
            )
        )
        assert built.tiers


def test_the_tables_of_the_example_have_its_amounts():
    assert ETH_2021.tier_at(4.1e6).maintenance_amount == pytest.approx(135_365, rel=SAME_FORMULA)
    assert BTC_2021.tier_at(2.05e6).maintenance_amount == pytest.approx(16_300, rel=SAME_FORMULA)


@pytest.mark.parametrize(
    ("rows", "parameter"),
    [
        ((), "floor"),
        ((HIGH,), "floor"),
        ((MaintenanceTier(0.0, 5e4, 0.004, 1.0, 125.0),), "floor"),
        ((LOW, MaintenanceTier(60_000.0, 2.5e5, 0.005, 60.0, 100.0)), "floor"),
        ((LOW, MaintenanceTier(50_000.0, 2.5e5, 0.004, 0.0, 100.0)), "maintenance_rate_fraction"),
        ((LOW, MaintenanceTier(50_000.0, 2.5e5, 0.005, 50.0, 126.0)), "max_leverage"),
        ((LOW, MaintenanceTier(50_000.0, 2.5e5, 0.005, 51.0, 100.0)), "maintenance_amount"),
        ((LOW, MaintenanceTier(50_000.0, 2.5e5, 0.005, 0.0, 100.0)), "maintenance_amount"),
    ],
)
def test_tiers_that_do_not_fit_together(rows, parameter):
    with pytest.raises(InputError) as caught:
        MaintenanceTiers(rows)
    assert caught.value.parameter == parameter


@pytest.mark.parametrize(
    ("values", "parameter"),
    [
        ((-1.0, 1.0, 0.01, 0.0, 10.0), "floor"),
        ((2.0, 1.0, 0.01, 0.0, 10.0), "cap"),
        ((0.0, 1.0, 0.0, 0.0, 10.0), "maintenance_rate_fraction"),
        ((0.0, 1.0, 1.0, 0.0, 10.0), "maintenance_rate_fraction"),
        ((0.0, 1.0, 0.01, -1.0, 10.0), "maintenance_amount"),
        ((0.0, 1.0, 0.01, 0.0, 0.5), "max_leverage"),
        ((0.0, math.nan, 0.01, 0.0, 10.0), "cap"),
    ],
)
def test_numbers_no_tier_could_have(values, parameter):
    with pytest.raises(InputError) as caught:
        MaintenanceTier(*values)
    check_error(caught, parameter=parameter)


def test_an_unknown_unit_and_rate():
    with pytest.raises(InputError) as caught:
        MaintenanceTiers((LOW,), "eur")
    check_error(caught, parameter="unit")
    with pytest.raises(InputError) as caught:
        MaintenanceTiers.flat(1.0)
    check_error(caught, parameter="maintenance_rate_fraction")
