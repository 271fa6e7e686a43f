"""The main job on real prices, held to statsmodels alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from data.files import FolderSource
from hedging import align, backtest_hedge, estimate_beta, scan_lags
from tests.shared_data import shared_file
from tests.tolerances import STATSMODELS

pytestmark = pytest.mark.market
NOW = pd.Timestamp("2026-01-01", tz="UTC")


def closes(folder: str, symbol: str) -> pd.Series:
    source = FolderSource(shared_file("market", folder, f"{symbol}.csv").parent)
    return source.fetch(symbol, interval="daily", now=NOW).prices


@pytest.mark.parametrize("window", [30, 60, 90])
@pytest.mark.parametrize("symbol", ["SOLUSDT", "AVAXUSDT", "1000PEPEUSDT"])
def test_beta_interval_and_effectiveness_are_those_of_statsmodels(symbol, window):
    aligned = align(closes("perp_daily", symbol), closes("perp_daily", "BTCUSDT"))
    y, x = aligned.asset.iloc[-window:], aligned.benchmark.iloc[-window:]
    estimate = estimate_beta(y, x, covariance="hc3")
    fit = sm.OLS(y, sm.add_constant(x)).fit(cov_type="HC3", use_t=True)
    expected = (fit.params.iloc[1], *fit.conf_int().iloc[1], fit.rsquared)
    found = (estimate.beta, estimate.beta_low, estimate.beta_high, estimate.r_squared)
    np.testing.assert_allclose(found, expected, rtol=STATSMODELS)

    walk = backtest_hedge(aligned, window=window, position_usd=10_000)
    t = window + 100
    past = slice(t - window, t)
    hedge = (
        sm.OLS(aligned.asset.iloc[past], sm.add_constant(aligned.benchmark.iloc[past])).fit().params.iloc[1]
    )
    assert walk.hedge_ratio.iloc[100] == pytest.approx(hedge, rel=STATSMODELS)
    earned = 10_000 * (aligned.asset.iloc[t] - hedge * aligned.benchmark.iloc[t])
    assert walk.beta.pnl_usd.iloc[100] == pytest.approx(earned, rel=STATSMODELS)


def test_stocks_with_daylight_saving_meet_crypto_by_session():
    aligned = align(closes("spot_daily", "AAPL"), closes("spot_daily", "BTC-USD"))
    assert aligned.report.calendar == "5-day"
    assert aligned.report.n_returns > 2_500
    assert 4.0 <= aligned.report.stamp_distance_hours <= 5.0


def test_real_perpetuals_close_at_the_same_time():
    aligned = align(closes("perp_daily", "SOLUSDT"), closes("perp_daily", "BTCUSDT"))
    assert not scan_lags(aligned.asset, aligned.benchmark).is_suspect
