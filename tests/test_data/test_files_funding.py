"""Funding files as exchanges and bots write them."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from data.errors import DataError, FileFormatError
from data.files import FolderSource
from data.files.folder import UploadedFiles
from data.files.funding import find_funding, read_funding
from hedging import annual_funding_fraction, prepare_funding
from tests.shared_data import shared_file

HEADER = "timestamp,funding_rate,mark_price\n"
ROWS = "2025-01-01 00:00:00.004+00:00,0.0001,\n2025-01-01 08:00:00+00:00,-0.00005,94000.1\n"
MORE = "2025-01-01 16:00:00.010+00:00,0.0002,94100\n"


def read(text: str, name: str = "BTCUSDT_funding.csv") -> pd.Series:
    return read_funding(text.encode(), file_name=name, symbol="BTC-USD").funding_rates


def test_rates_stand_at_their_instants():
    rates = read(HEADER + ROWS + MORE)
    assert rates.tolist() == [0.0001, -0.00005, 0.0002]
    assert str(rates.index[0]) == "2025-01-01 00:00:00.004000+00:00"
    assert prepare_funding(rates).rates.index[0] == pd.Timestamp("2025-01-01", tz="UTC")


@pytest.mark.parametrize("column", ["fundingRate", "funding_rate", "Funding Rate", "lastFundingRate", "rate"])
def test_the_column_of_rates_is_found_under_any_usual_name(column):
    for times in ("fundingTime", "calc_time", "fundingRateTimestamp", "time"):
        text = f"{times},{column}\n1735689600000,0.0001\n1735718400000,0.0002\n"
        assert read(text).tolist() == [0.0001, 0.0002]


def test_a_bot_keeps_the_rate_in_open():
    frame = pd.DataFrame(
        {
            "date": pd.date_range("2025-02-01", periods=3, freq="8h", tz="UTC"),
            "open": [1e-4, 2e-4, -1e-4],
            "high": 0.0,
            "close": 0.0,
        }
    )
    buffer = io.BytesIO()
    frame.to_feather(buffer)
    found = read_funding(
        buffer.getvalue(), file_name="SOL_USDT_USDT-8h-funding_rate.feather", symbol="SOL-USD"
    )
    assert found.funding_rates.tolist() == [1e-4, 2e-4, -1e-4]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("timestamp,close\n2025-01-01,94000\n", "no column of funding rates"),
        (HEADER + "2025-01-01 00:00:00+00:00,94000,\n", "has 94000 where a funding rate should be"),
        (HEADER + "2025-01-01 00:00:00+00:00,,\n", "has nothing where a funding rate should be"),
        (HEADER + "2025-01-01 00:00:00+00:00,inf,\n", "where a funding rate should be"),
        (HEADER + "soon,0.0001,\n", "timestamp"),
        ("", "BTCUSDT_funding.csv"),
        ("\x00\x01\x02", "BTCUSDT_funding.csv"),
    ],
)
def test_what_is_no_funding_is_refused_in_words(text, said):
    with pytest.raises(DataError, match=said):
        read(text)


def test_a_folder_is_searched_for_the_coin(tmp_path: Path):
    (tmp_path / "BTCUSDT_funding.csv").write_text(HEADER + ROWS)
    (tmp_path / "ETH_USDT_USDT-8h-funding_rate.csv").write_text(HEADER + MORE)
    (tmp_path / "BTC-USD.csv").write_text("Date,Close\n2025-01-01,94000\n2025-01-02,95000\n")
    source = FolderSource(tmp_path)
    assert source.symbols() == ("BTC-USD",)
    assert source.problems() == ()
    btc, eth = find_funding(source, "BTC-USD"), find_funding(source, "ETHUSDT")
    assert btc is not None
    assert eth is not None
    assert btc.funding_rates.tolist() == [0.0001, -0.00005]
    assert eth.funding_rates.tolist() == [0.0002]
    assert find_funding(source, "SOL-USD") is None


def test_two_files_for_one_coin_are_refused():
    files = {"BTCUSDT_funding.csv": b"x", "BTC_USDT-funding.csv": b"y"}
    with pytest.raises(FileFormatError, match="2 files hold funding rates of BTC"):
        find_funding(UploadedFiles(files), "BTC-USD")


def test_the_version_names_the_content():
    first = read_funding((HEADER + ROWS).encode(), file_name="f_funding.csv", symbol="BTC-USD")
    again = read_funding((HEADER + ROWS).encode(), file_name="f_funding.csv", symbol="BTC-USD")
    other = read_funding((HEADER + ROWS + MORE).encode(), file_name="f_funding.csv", symbol="BTC-USD")
    assert first.version == again.version != other.version


@pytest.mark.market
def test_five_years_of_real_charges_a_year():
    content = shared_file("market", "funding", "BTCUSDT_funding.csv").read_bytes()
    found = read_funding(content, file_name="BTCUSDT_funding.csv", symbol="BTC-USD")
    history = prepare_funding(found.funding_rates)
    year = {
        y: annual_funding_fraction(
            history, start=pd.Timestamp(f"{y}-01-01", tz="UTC"), end=pd.Timestamp(f"{y + 1}-01-01", tz="UTC")
        )
        for y in (2022, 2024)
    }
    assert year[2022] == pytest.approx(0.042, abs=0.0005)
    assert year[2024] == pytest.approx(0.119, abs=0.0005)
