"""Maintenance tiers: the shipped table against the exchange's own, and its reader."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from data.contract_terms import load_contract_terms
from data.errors import FileFormatError, UnknownSymbolError
from data.maintenance_tiers import COLUMNS, SAMPLE_FILE, load_maintenance_tiers, tiers_for
from hedging.instruments.margin import maintenance_margin_usd
from tests.shared_data import shared_file

TABLE = load_maintenance_tiers()
# The key of the exchange's table for each symbol; the dated ones stand for every expiry it lists.
KEYS = {
    "BTCUSDT": ("BTC/USDT:USDT",),
    "ETHUSDT": ("ETH/USDT:USDT",),
    "SOLUSDT": ("SOL/USDT:USDT",),
    "BTCUSDT_YYMMDD": ("BTC/USDT:USDT-260626", "BTC/USDT:USDT-260925"),
    "ETHUSDT_YYMMDD": ("ETH/USDT:USDT-260626", "ETH/USDT:USDT-260925"),
}


@pytest.mark.market
@pytest.mark.parametrize("terms", TABLE, ids=lambda terms: terms.symbol)
def test_every_tier_equals_the_exchange_table(terms):
    path = shared_file("market", "contracts", "binance_leverage_tiers_2026.json")
    stated = json.loads(path.read_text())
    for key in KEYS[terms.symbol]:
        expected = [row["info"] for row in stated[key]]
        assert [
            {
                "bracket": number,
                "initialLeverage": tier.max_leverage,
                "notionalCap": tier.cap,
                "notionalFloor": tier.floor,
                "maintMarginRatio": tier.maintenance_rate_fraction,
                "cum": tier.maintenance_amount,
            }
            for number, tier in enumerate(terms.tiers.tiers, start=1)
        ] == expected


def test_what_is_there():
    assert [terms.symbol for terms in TABLE] == list(KEYS)
    known = {(terms.exchange, terms.symbol): terms for terms in load_contract_terms()}
    for terms in TABLE:
        assert known[terms.exchange, terms.symbol].coin == terms.coin
        assert terms.tiers.unit == "usd"
        assert (terms.status, terms.as_of, terms.unverified_fields) == ("unverified", None, ("as_of",))


def test_a_margin_by_hand():
    tiers = tiers_for("Binance", "BTCUSDT").tiers
    assert maintenance_margin_usd(100_000, tiers) == 400.0
    assert maintenance_margin_usd(1_000_000, tiers) == 5_000.0  # .0065 x 1,000,000 - 1,500


def test_an_unknown_contract_is_refused():
    with pytest.raises(UnknownSymbolError, match="BTCUSDT at Binance"):
        tiers_for("Bybit", "BTCUSDT")


def broken(tmp_path: Path, change: Callable[[list[list[str]]], object]) -> Path:
    with SAMPLE_FILE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    change(rows)
    path = tmp_path / "tiers.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("coin", "ETH"),
        ("unit", "coin"),
        ("tier", "4"),
        ("tier", "2"),
        ("floor", "800001"),
        ("floor", "-1"),
        ("cap", "1"),
        ("cap", "inf"),
        ("maintenance_rate", "0.65"),  # the next amount no longer fits, nor does this one
        ("maintenance_rate", "0.001"),
        ("maintenance_amount", "1501"),
        ("max_leverage", "200"),
        ("max_leverage", "2000"),
        ("as_of", "2026-01-01"),
        ("provenance", "elsewhere"),
        ("status", "verified"),
        ("unverified_fields", ""),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(tmp_path, column, value):
    def change(rows):
        rows[3][COLUMNS.index(column)] = value

    with pytest.raises(FileFormatError) as caught:
        load_maintenance_tiers(broken(tmp_path, change))
    assert "row 4, column" in str(caught.value)
    if (column, value) != ("maintenance_rate", "0.65"):
        assert caught.value.parameter == column


@pytest.mark.parametrize(
    ("column", "value", "named"),
    [
        ("unit", "eur", "unit"),
        ("status", "verified", "status"),
        ("unverified_fields", "mood", "unverified_fields"),
    ],
)
def test_what_all_rows_of_a_contract_say_is_checked(tmp_path, column, value, named):
    def change(rows):
        for row in rows[1:13]:
            row[COLUMNS.index(column)] = value

    with pytest.raises(FileFormatError, match=f"row 2, column {named}"):
        load_maintenance_tiers(broken(tmp_path, change))


def test_coins_as_the_unit(tmp_path):
    def change(rows):
        for row in rows[1:13]:
            row[COLUMNS.index("unit")] = "coin"

    assert load_maintenance_tiers(broken(tmp_path, change))[0].tiers.unit == "coin"


def test_tiers_of_a_contract_stand_together(tmp_path):
    with pytest.raises(FileFormatError, match="column symbol"):
        load_maintenance_tiers(broken(tmp_path, lambda rows: rows.append(rows[1])))
