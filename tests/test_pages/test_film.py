"""The film on its way to the browser: every text and number arrives, addresses cannot be guessed."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from data.embedded import SimulatedSource
from data.environment import utc_now
from hedging import align, backtest_hedge, estimate_beta, rolling_beta
from hedging.plots.formats import beta_text
from pages.shared.archive import FILMS
from pages.shared.catalogue import FileInputs
from pages.shared.choices import BookChoices
from pages.shared.film import FilmInputs, make_film, offer_film
from pages.shared.loading import load_view
from pages.shared.positions import book_from_text
from pages.shared.settings import BOOK, Settings
from pages.shared.state import AppState

SETTINGS = Settings(source="simulated", asset="SOL-SIM", benchmark="BTC-SIM", covariance="hac")
DTYPES = {"u2": "<u2", "u4": "<u4", "f4": "<f4", "f8": "<f8"}
SCREEN = 1e-6  # a float of four bytes


def inputs(settings: Settings = SETTINGS) -> tuple[tuple[str, str], FilmInputs]:
    view = load_view(AppState(settings=settings), FileInputs(folder=None))
    return (view.asset.version, view.benchmark.version), FilmInputs(
        settings=settings,
        quotes=view.quotes,
        position_usd=view.position_usd,
        plan=view.plan_at,
        rolling_height=240,
        simulated=True,
    )


class Decoded:
    """What the browser reads."""

    def __init__(self, content: bytes) -> None:
        length = int.from_bytes(content[:4], "little")
        self.header = json.loads(content[4 : 4 + length])
        self.numbers = content[4 + length :]
        assert (4 + length) % 8 == 0

    def part(self, place: dict, i: int) -> np.ndarray:
        dtype = np.dtype(DTYPES[place["kind"]])
        start, stop = place["starts"][i], place["starts"][i + 1]
        return np.frombuffer(self.numbers, dtype, stop - start, place["offset"] + start * dtype.itemsize)

    def trace(self, chart: str, position: int, name: str, lookback: int) -> np.ndarray:
        return self.part(
            self.header["charts"][chart]["traces"][str(position)][name], lookback - self.header["first"]
        )


@pytest.fixture(scope="module")
def decoded() -> Decoded:
    return Decoded(make_film(inputs()[1]))


def simulated_returns():
    closes = [
        SimulatedSource().fetch(symbol, interval="daily", now=utc_now()).prices
        for symbol in ("SOL-SIM", "BTC-SIM")
    ]
    return align(*closes)


@pytest.mark.parametrize("lookback", [10, 61, 200, 365])
def test_every_number_arrives(decoded, lookback):
    returns = simulated_returns()
    i = lookback - decoded.header["first"]
    strip = {label: value for label, value, _ in decoded.header["strip"][i]}
    estimate = estimate_beta(
        returns.asset.iloc[-lookback:], returns.benchmark.iloc[-lookback:], covariance="hac"
    )
    assert strip[f"Beta, {lookback} days"] == beta_text(estimate.beta)
    assert strip["Observations"] == str(lookback)
    rolling = rolling_beta(returns.asset, returns.benchmark, window=lookback, covariance="hac")
    rows = decoded.trace("rolling_beta", 0, "x", lookback)
    for position, name in enumerate(("low", "high", "beta")):
        drawn = decoded.trace("rolling_beta", position, "y", lookback)
        assert drawn == pytest.approx(getattr(rolling, name).to_numpy()[rows], rel=SCREEN, abs=SCREEN)
    walk = backtest_hedge(returns, window=lookback, position_usd=10_000)
    rows = decoded.trace("hedge_pnl", 4, "x", lookback)
    drawn = decoded.trace("hedge_pnl", 4, "y", lookback)
    whole = walk.beta.cumulative_pnl_usd.to_numpy()[rows - lookback]
    assert drawn == pytest.approx(whole, rel=SCREEN, abs=0.01)
    instants = pd.to_datetime(decoded.part(decoded.header["instants"], 0), unit="ms", utc=True)
    assert instants[rows[-1]] == returns.asset.index[-1]
    x = decoded.part(decoded.header["points"]["x"], 0)[-lookback:]
    assert x == pytest.approx(returns.benchmark.to_numpy()[-lookback:], rel=SCREEN)
    assert decoded.header["points"]["stamps"][-1] == "2025-12-31"


def test_the_payload_is_bounded(decoded):
    assert len(decoded.numbers) < 6_000_000


def test_a_short_history_and_no_position():
    view = inputs()[1]
    aligned = view.quotes.aligned
    cut = align(aligned.asset_prices.iloc[-41:], aligned.benchmark_prices.iloc[-41:])
    short = replace(view, quotes=replace(view.quotes, aligned=cut))
    header = Decoded(make_film(short)).header
    assert len(header["strip"]) == 31
    assert header["charts"]["hedge_pnl"]["count"] == 21  # ten periods must be left
    nothing = Decoded(make_film(replace(short, position_usd=0.0))).header
    assert nothing["charts"]["hedge_pnl"] is None


def test_one_film_for_all_lookbacks():
    key, view = inputs()
    address = offer_film(key, view)
    assert address == offer_film(key, inputs(replace(SETTINGS, lookback=90))[1])
    assert address != offer_film(key, inputs(replace(SETTINGS, position=5.0))[1])
    assert offer_film(key, inputs(replace(SETTINGS, method="theil_sen"))[1]) is None
    found = FILMS.find(str(address).removeprefix("film/"))
    assert found is not None
    assert Decoded(found).header["first"] == 10


def test_a_mirrored_book_has_a_film_of_its_own():
    """Its path of values is the same, and every order turns round."""
    orders, addresses, keys = [], [], []
    for book in ("SOL-SIM:10000usd,AVAX-SIM:5000usd", "SOL-SIM:-10000usd,AVAX-SIM:-5000usd"):
        settings = replace(SETTINGS, asset=BOOK)
        state = AppState(settings=settings, book=BookChoices(book_from_text(book)))
        view = load_view(state, FileInputs())
        made = replace(
            inputs()[1],
            settings=settings,
            quotes=view.quotes,
            position_usd=view.position_usd,
            plan=view.plan_at,
        )
        keys.append(view.versions)
        address = str(offer_film(view.versions, made))
        addresses.append(address)
        header = Decoded(FILMS.find(address.removeprefix("film/")) or b"").header
        orders.append(" ".join(value for _, value, _ in header["strip"][50]))
    assert keys[0] == keys[1]
    assert addresses[0] != addresses[1]
    assert "short" in orders[0]
    assert "long" in orders[1]
    assert "short" not in orders[1]
