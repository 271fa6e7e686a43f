"""The simulated market is what it says: deterministic, plausible, and true to its betas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data.errors import ChangeInputError
from data.simulation import (
    DEFAULT_ASSETS,
    DEFAULT_BENCHMARK,
    AssetModel,
    BenchmarkModel,
    BetaShift,
    Decoupling,
    SimulatedMarket,
    simulate_market,
)

BTC = "BTC-SIM"
ALTS = tuple(asset.symbol for asset in DEFAULT_ASSETS)

# Price identities are exact up to the rounding of a product of 43,824 factors near 1.
PATH_TOLERANCE = 1e-9
# The model scales the sample to the volatility asked for; only the cap on an hour takes a little off.
VOLATILITY_TOLERANCE = 0.002


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return simulate_market()


@pytest.fixture(scope="module")
def daily(market: SimulatedMarket) -> pd.DataFrame:
    closes = market.prices.iloc[23::24]
    return closes.set_axis(closes.index.normalize()).pct_change().dropna()


def ols(asset: pd.Series, benchmark: pd.Series) -> tuple[float, float]:
    """Slope and its heteroskedasticity-consistent (HC1) standard error, by hand."""
    x = benchmark.to_numpy() - benchmark.mean()
    y = asset.to_numpy() - asset.mean()
    slope = float(x @ y / (x @ x))
    residual = y - slope * x
    error = np.sqrt((x**2 @ residual**2) / (x @ x) ** 2 * x.size / (x.size - 2))
    return slope, float(error)


def r_squared(asset: pd.Series, benchmark: pd.Series) -> float:
    return float(np.corrcoef(asset, benchmark)[0, 1] ** 2)


def test_grid_is_hourly_utc_over_five_years(market: SimulatedMarket) -> None:
    index = market.prices.index
    assert len(index) == 43_824
    assert index[0] == pd.Timestamp("2021-01-01 00:00", tz="UTC")
    assert index[-1] == pd.Timestamp("2025-12-31 23:00", tz="UTC")
    assert (np.diff(index.asi8) == 3_600_000_000_000).all()
    assert index.unit == "ns"
    assert market.true_beta.shape == (1826, 13)
    assert market.funding.shape == (3 * 1826, 13)
    assert market.basis.index.equals(index)
    assert set(market.funding.index.hour) == {0, 8, 16}


def test_benchmark_comes_first_and_nothing_looks_real(market: SimulatedMarket) -> None:
    assert market.symbols == (BTC, *ALTS)
    assert len(ALTS) == 12
    assert all(symbol.endswith("-SIM") for symbol in market.symbols)
    assert market.benchmark == BTC
    assert (market.true_beta[BTC] == 1.0).all()


def test_everything_is_finite_and_prices_positive(market: SimulatedMarket) -> None:
    for frame in (market.prices, market.true_beta, market.funding, market.basis):
        assert np.isfinite(frame.to_numpy()).all()
    assert (market.prices > 0).all(axis=None)


def test_same_seed_same_market_other_seed_other_market(market: SimulatedMarket) -> None:
    again = simulate_market()
    for name in ("prices", "true_beta", "funding", "basis"):
        pd.testing.assert_frame_equal(getattr(market, name), getattr(again, name), check_exact=True)
    other = simulate_market(seed=market.seed + 1)
    # Both end where the models say; in between they cross by chance at most.
    assert np.isclose(other.prices, market.prices).mean() < 0.01
    assert not np.isclose(other.true_beta[ALTS[0]], market.true_beta[ALTS[0]]).all()


def test_an_asset_does_not_depend_on_the_others(market: SimulatedMarket) -> None:
    alone = simulate_market(assets=DEFAULT_ASSETS[1:2])
    assert alone.symbols == (BTC, "SOL-SIM")
    for name in ("prices", "true_beta", "funding", "basis"):
        expected = getattr(market, name)[[BTC, "SOL-SIM"]]
        pd.testing.assert_frame_equal(getattr(alone, name), expected, check_exact=True)


def test_path_grows_as_the_model_says(market: SimulatedMarket) -> None:
    years = 1826 / 365
    for model in (DEFAULT_BENCHMARK, *DEFAULT_ASSETS):
        expected = model.start_price * np.exp(model.growth_per_year * years)
        assert market.prices[model.symbol].iloc[-1] == pytest.approx(expected, rel=PATH_TOLERANCE)


def test_prices_are_plausible(market: SimulatedMarket) -> None:
    assert 20_000 < market.prices[BTC].iloc[-1] < 250_000
    assert market.prices[BTC].min() > 10_000
    assert market.prices[BTC].max() < 250_000
    relative = market.prices / market.prices.iloc[0]
    assert relative.min().min() > 0.1
    assert relative.max().max() < 40
    assert market.prices.pct_change().dropna().abs().max().max() < 0.35


def test_volatility_is_realistic_and_clusters(market: SimulatedMarket, daily: pd.DataFrame) -> None:
    hourly = market.prices.pct_change().dropna()
    annual = hourly[BTC].std() * np.sqrt(8760)
    assert annual == pytest.approx(0.60, abs=VOLATILITY_TOLERANCE)
    assert 0.55 < daily[BTC].std() * np.sqrt(365) < 0.65
    for symbol in market.symbols:
        assert hourly[symbol].abs().autocorr(24) > 0.05
        assert hourly[symbol].kurt() + 3 > 4
        assert daily[symbol].kurt() + 3 > 4
        assert abs(hourly[symbol].autocorr(1)) < 0.06
    two_months = daily[BTC].rolling(60).std().dropna() * np.sqrt(365)
    assert two_months.min() < 0.35
    assert two_months.max() > 0.85


def test_r_squared_in_60_day_windows(market: SimulatedMarket, daily: pd.DataFrame) -> None:
    for symbol in ALTS:
        typical = (daily[symbol].rolling(60).corr(daily[BTC]) ** 2).median()
        assert 0.3 < typical < 0.75, symbol
    assert 1.3 < ols(daily["SOL-SIM"], daily[BTC])[0] < 1.6
    assert 0.5 < r_squared(daily["SOL-SIM"], daily[BTC]) < 0.6


def test_hourly_residual_is_what_is_left_after_the_true_beta(market: SimulatedMarket) -> None:
    hourly = market.prices.pct_change().dropna()
    for symbol in ALTS:
        beta = market.true_beta[symbol].reindex(hourly.index.normalize()).to_numpy()
        residual = hourly[symbol] - beta * hourly[BTC]
        # Independent, so correlated by chance only: 5 standard errors of 1/sqrt(n), twice over for fat tails.
        assert abs(np.corrcoef(residual, hourly[BTC])[0, 1]) < 10 / np.sqrt(len(hourly)), symbol


def test_ols_finds_the_true_beta_where_it_is_nearly_constant(
    market: SimulatedMarket, daily: pd.DataFrame
) -> None:
    checked = hits = 0
    for symbol in ALTS:
        truth = market.true_beta[symbol]
        for first in range(1, 1826 - 120, 120):
            window = slice(first, first + 120)
            if truth.iloc[window].std() > 0.08:
                continue
            days = truth.index[window]
            slope, error = ols(daily.loc[days, symbol], daily.loc[days, BTC])
            checked += 1
            hits += abs(slope - truth.iloc[window].mean()) < 3 * error
    assert checked >= 60
    assert hits / checked > 0.95


def test_true_beta_wanders_slowly(market: SimulatedMarket) -> None:
    for asset in DEFAULT_ASSETS:
        beta = market.true_beta[asset.symbol]
        assert 0.55 < beta.mean() < 1.9
        if asset.decoupling is None:
            assert beta.min() > 0.5
            assert 0.9 < beta.diff().dropna().std() / (asset.beta_wander * np.sqrt(2 / 75)) < 1.1
            assert beta.autocorr(75) < 0.9


def test_two_assets_change_regime_for_good(market: SimulatedMarket) -> None:
    shifted = {asset.symbol: asset.shifts for asset in DEFAULT_ASSETS if asset.shifts}
    assert set(shifted) == {"AVAX-SIM", "DOGE-SIM"}
    for symbol, (shift,) in shifted.items():
        steps = market.true_beta[symbol].diff()
        assert steps.iloc[shift.day] == pytest.approx(shift.change, abs=0.1)
        assert steps.drop(steps.index[shift.day]).abs().max() < 0.15


def test_decoupling_is_visible_in_truth_and_in_ols(market: SimulatedMarket, daily: pd.DataFrame) -> None:
    event = slice("2024-02-05", "2024-06-03")
    truth = market.true_beta["NEAR-SIM"]
    assert len(truth.loc[event]) == 120
    assert (truth.loc[event] == 0.1).all()
    assert truth.drop(truth.loc[event].index).min() > 1.0
    during, error = ols(daily.loc[event, "NEAR-SIM"], daily.loc[event, BTC])
    before, _ = ols(
        daily.loc["2023-10-01":"2024-02-04", "NEAR-SIM"], daily.loc["2023-10-01":"2024-02-04", BTC]
    )
    assert abs(during - 0.1) < 3 * error
    assert during < 0.6
    assert before > 1.0
    assert r_squared(daily.loc[event, "NEAR-SIM"], daily.loc[event, BTC]) < 0.1
    assert daily.loc[event, "NEAR-SIM"].std() > 1.5 * daily.loc[event, BTC].std()


def test_funding_is_positive_on_average_mean_reverting_and_follows_the_trend(market: SimulatedMarket) -> None:
    yearly = market.funding.mean() * 3 * 365
    assert yearly.between(0.07, 0.13).all()
    assert (market.funding.abs() <= 0.003).all(axis=None)
    assert (market.funding[BTC] < 0).mean() > 0.02
    stamps = market.funding.index[60:]
    # The last bar that has closed at a stamp started an hour earlier.
    closes = np.log(market.prices[BTC])
    last = closes.reindex(stamps - pd.Timedelta(hours=1)).to_numpy()
    trend = last - closes.reindex(stamps - pd.Timedelta(hours=1 + 14 * 24)).to_numpy()
    for symbol in market.symbols:
        assert np.corrcoef(trend, market.funding[symbol].iloc[60:])[0, 1] > 0.4
    assert market.funding[BTC].autocorr(1) > 0.9
    assert abs(market.funding[BTC].autocorr(270)) < 0.4


def test_funding_does_not_look_ahead() -> None:
    """What the benchmark does from a stamp on cannot change the rate at that stamp."""
    from data.simulation.carry import recent_trend

    returns = np.full(24 * 30, 0.001)
    changed = returns.copy()
    changed[240:] = -0.05
    before, after = recent_trend(returns), recent_trend(changed)
    assert before.shape == (90,)
    np.testing.assert_array_equal(before[:31], after[:31])
    assert before[31] != after[31]
    assert before[0] == 0.0
    assert before[1] == pytest.approx(8 * np.log(1.001))
    assert before[-1] == pytest.approx(14 * 24 * np.log(1.001))


def test_basis_is_small_fat_tailed_and_mean_reverting(market: SimulatedMarket) -> None:
    for symbol in market.symbols:
        basis = market.basis[symbol]
        assert abs(basis.mean()) < 0.0001
        assert 0.0002 < basis.std() < 0.001
        assert basis.abs().max() <= 0.05
        assert basis.kurt() + 3 > 4
        assert basis.autocorr(1) > 0.3
        assert abs(basis.autocorr(72)) < 0.1


def test_other_lengths_starts_and_models() -> None:
    calm = AssetModel(
        symbol="X-SIM", start_price=10.0, growth_per_year=0.0, beta=-0.5, idiosyncratic_volatility=0.0,
        beta_wander=0.0, jumps_per_year=0.0,
        shifts=(BetaShift(day=50, change=1.5), BetaShift(day=900, change=9.0)),
        decoupling=Decoupling(day=80, days=10, beta=0.0, volatility_factor=1.0),
    )  # fmt: skip
    start = pd.Timestamp("2024-02-28", tz="UTC")
    market = simulate_market(seed=7, start=start, days=100, assets=(calm,))
    assert market.prices.index[0] == start
    assert market.prices.shape == (2400, 2)
    assert market.true_beta.index[-1] == pd.Timestamp("2024-06-06", tz="UTC")
    expected = np.concatenate([np.full(50, -0.5), np.full(30, 1.0), np.zeros(10), np.full(10, 1.0)])
    np.testing.assert_array_equal(market.true_beta["X-SIM"], expected)
    # Without noise every hour is beta times the benchmark plus one constant.
    hourly = market.prices.pct_change().dropna()
    beta = market.true_beta["X-SIM"].reindex(hourly.index.normalize()).to_numpy()
    left = hourly["X-SIM"] - beta * hourly[BTC]
    np.testing.assert_allclose(left, left.iloc[0], atol=1e-12)
    assert market.prices["X-SIM"].iloc[-1] == pytest.approx(10.0)


@pytest.mark.parametrize("seed", range(5))
def test_other_seeds_give_usable_markets(seed: int) -> None:
    market = simulate_market(seed=seed, days=400)
    assert np.isfinite(market.prices.to_numpy()).all()
    assert (market.prices > 0).all(axis=None)
    daily = market.prices.iloc[23::24].pct_change().dropna()
    slope, error = ols(daily["ETH-SIM"], daily[BTC])
    assert abs(slope - market.true_beta["ETH-SIM"].mean()) < 4 * error


@pytest.mark.parametrize(
    ("arguments", "parameter"),
    [
        ({"seed": -1}, "seed"),
        ({"days": 1}, "days"),
        ({"start": pd.Timestamp("2021-01-01")}, "start"),
        ({"start": pd.Timestamp("2021-01-01 01:00", tz="UTC")}, "start"),
        ({"start": pd.Timestamp("2021-01-01", tz="Asia/Tokyo")}, "start"),
        ({"assets": DEFAULT_ASSETS[:1] * 2}, "assets"),
    ],
)
def test_unusable_arguments_are_named(arguments: dict[str, object], parameter: str) -> None:
    with pytest.raises(ChangeInputError) as caught:
        simulate_market(**arguments)
    assert caught.value.parameter == parameter


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ({"start_price": 0.0}, "start_price"),
        ({"volatility": float("nan")}, "volatility"),
        ({"jump_size": -0.1}, "jump_size"),
        ({"growth_per_year": 50.0}, "growth_per_year"),
    ],
)
def test_unusable_models_are_refused(change: dict[str, float], parameter: str) -> None:
    usable = {"start_price": 1.0, "volatility": 0.5, "growth_per_year": 0.0}
    with pytest.raises(ChangeInputError) as caught:
        BenchmarkModel(symbol="Y-SIM", **{**usable, **change})
    assert caught.value.parameter == parameter
    assert "Y-SIM" in str(caught.value)


def test_events_before_the_start_are_refused() -> None:
    with pytest.raises(ChangeInputError, match="day of a beta shift is -1"):
        BetaShift(day=-1, change=0.1)
    with pytest.raises(ChangeInputError, match="days of a decoupling is -3"):
        Decoupling(day=0, days=-3, beta=0.1, volatility_factor=1.0)
