"""Mistakes that are really in other people's hedging code: each is shown, and shown not to be ours."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from hedging import LinearContract, align, estimate_beta, rolling_beta, scan_lags, size_hedge
from hedging.backtesting.settings import HedgeMarket, HedgeStrategy, TradingTerms, Triggers
from hedging.backtesting.simulate import simulate_hedges
from tests.test_hedging.examples import days, price_path
from tests.tolerances import SAME_FORMULA

TRUE_BETA = 1.5


def weekday_asset(n: int = 700, seed: int = 5):
    """An asset that trades on weekdays only, its benchmark on all days; true beta 1.5 on every day."""
    generator = np.random.default_rng(seed)
    index = days(n + 1)
    benchmark = 0.02 * generator.standard_normal(n)
    asset = TRUE_BETA * benchmark + 0.005 * generator.standard_normal(n)
    prices = price_path(asset, index)
    return prices[prices.index.dayofweek < 5], price_path(benchmark, index, 50_000.0)


def test_pairwise_covariance_over_the_benchmarks_own_variance():
    """gs-quant: numerator over common rows with gaps, denominator over all rows of the benchmark."""
    asset, benchmark = weekday_asset()
    table = pd.DataFrame({"asset": asset, "benchmark": benchmark})
    returns = table.pct_change(fill_method=None)
    # A Monday's asset return is missing (no Sunday price), so is every weekend's.
    shifted = returns["asset"].shift(1)  # what a feed stamped one day late adds to it
    wrong = shifted.cov(returns["benchmark"]) / returns["benchmark"].var()
    assert abs(wrong) < 0.4
    aligned = align(asset, benchmark)
    assert estimate_beta(aligned.asset, aligned.benchmark).beta == pytest.approx(TRUE_BETA, abs=0.05)
    assert aligned.report.n_benchmark_only > 0  # and it says what was left out


def test_filling_prices_is_not_done():
    """quantstats: the benchmark is filled backwards and then with zeros; ours drops and reports."""
    asset, benchmark = weekday_asset(seed=6)
    dense = benchmark.index
    filled = asset.reindex(dense).ffill().pct_change().iloc[1:]
    naive = np.cov(filled, benchmark.pct_change().iloc[1:])[0, 1] / benchmark.pct_change().iloc[1:].var()
    assert naive < 1.3  # weekend moves of the benchmark meet returns of 0
    gap = benchmark.drop(benchmark.index[[100, 101, 300]])
    aligned = align(asset, gap)
    assert not aligned.asset.index.isin(benchmark.index[[100, 101, 300]]).any()
    assert not (aligned.benchmark == 0.0).any()
    assert estimate_beta(aligned.asset, aligned.benchmark).beta == pytest.approx(TRUE_BETA, abs=0.05)


def test_a_window_holds_what_it_says():
    """pyfolio: a window of w holds w + 1 points."""
    generator = np.random.default_rng(7)
    x = generator.standard_normal(40)
    y = TRUE_BETA * x + generator.standard_normal(40)
    rolling = rolling_beta(y, x, window=10)
    assert rolling.beta.first_valid_index() == 9
    # The return just before the window has no say in it.
    y[29] += 100.0
    assert rolling_beta(y, x, window=10).beta[39] == pytest.approx(rolling.beta[39], rel=SAME_FORMULA)
    assert rolling_beta(y, x, window=11).beta[39] != pytest.approx(rolling.beta[39], rel=0.01)


def test_a_benchmark_off_by_one_bar_is_found():
    """Lean, Jesse: the benchmark's series is one bar behind, and beta comes out near 0."""
    generator = np.random.default_rng(8)
    index = days(401)
    x = 0.03 * generator.standard_normal(400)
    y = TRUE_BETA * x + 0.01 * generator.standard_normal(400)
    late = np.r_[0.0, x[:-1]]
    aligned = align(price_path(y, index), price_path(late, index))
    assert abs(estimate_beta(aligned.asset, aligned.benchmark).beta) < 0.2
    scan = scan_lags(aligned.asset, aligned.benchmark)
    assert scan.best_lag != 0
    assert scan.is_suspect


def test_contract_size_counts():
    """ccxt users: OKX sells BTC by the hundredth, and the order is a hundred times too small without it."""
    okx = LinearContract("BTC-USDT-SWAP", contract_size=Decimal("0.01"))
    whole = LinearContract("BTCUSDT", quantity_step=Decimal("0.01"))
    hedge, other = size_hedge(60_000, 1.5, okx, 60_000.0), size_hedge(60_000, 1.5, whole, 60_000.0)
    assert (hedge.contracts, other.contracts) == (-150, Decimal("-1.5"))
    assert hedge.hedge_notional_usd == pytest.approx(other.hedge_notional_usd)
    assert hedge.quantity == other.quantity


def test_the_hedge_ratio_is_not_capped_at_one():
    """freqtrade strategies and others cap it; beta above 1 is the usual case for an altcoin."""
    fine = LinearContract("FINE", quantity_step=Decimal("1e-9"))
    assert size_hedge(10_000, 1.8, fine, 50_000.0).hedge_notional_usd == pytest.approx(-18_000)
    assert size_hedge(10_000, 1.0, fine, 50_000.0).hedge_notional_usd == pytest.approx(-10_000)


def test_the_sign_of_funding_is_applied_once():
    """hummingbot users: a short at a positive rate RECEIVES, once; at a negative one it pays."""
    generator = np.random.default_rng(9)
    index = days(81)
    x = 0.02 * generator.standard_normal(80)
    returns = align(price_path(1.5 * x, index), price_path(x, index, 50_000.0))
    rates = pd.Series(0.001, index=returns.asset.index)
    for sign in (1.0, -1.0):
        market = HedgeMarket(returns, funding_rates=sign * rates)
        run = simulate_hedges(
            market,
            [HedgeStrategy("x", window=20, triggers=Triggers())],
            position_usd=10_000,
            contract=LinearContract("FINE", quantity_step=Decimal("1e-9")),
            terms=TradingTerms(0.0, 0.0),
        ).runs[0]
        assert (run.hedge_notional_usd < 0).all()
        np.testing.assert_allclose(
            run.split_usd["funding"], sign * 0.001 * run.hedge_notional_usd.abs(), rtol=SAME_FORMULA
        )
        mirrored = replace(market, funding_rates=-sign * rates)
        assert mirrored.funding_rates is not None
