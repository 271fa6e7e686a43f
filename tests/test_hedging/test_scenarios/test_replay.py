"""Past periods with today's beta."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hedging import InputError, backtest_hedge, replay_at_beta
from tests.test_hedging.examples import aligned_pair

INDEX = pd.date_range("2025-01-01", periods=3, freq="D", tz="UTC")
ASSET = pd.Series([0.02, -0.03, 0.05], INDEX)
BENCHMARK = pd.Series([0.01, -0.02, 0.04], INDEX)


def test_by_hand():
    ratios = pd.Series([1.0, 1.5], INDEX[1:])
    replayed = replay_at_beta(ASSET, BENCHMARK, ratios, beta=2.0)
    assert replayed.tolist() == pytest.approx([-0.03 + 1.0 * -0.02, 0.05 + 0.5 * 0.04])
    assert replayed.index.equals(INDEX[1:])


def test_a_hedge_of_today_s_beta_leaves_what_the_walk_left():
    aligned = aligned_pair()
    walk = backtest_hedge(aligned, window=30, position_usd=1.0)
    replayed = replay_at_beta(aligned.asset, aligned.benchmark, walk.hedge_ratio, beta=1.7)
    left = replayed - 1.7 * aligned.benchmark.loc[replayed.index]
    np.testing.assert_allclose(left, walk.beta.pnl_usd, atol=1e-12)


def test_the_beta_of_the_time_changes_nothing():
    ratios = pd.Series(1.2, INDEX)
    assert replay_at_beta(ASSET, BENCHMARK, ratios, beta=1.2).tolist() == pytest.approx(ASSET.tolist())


def test_nobody_loses_more_than_everything():
    ratios = pd.Series(0.0, INDEX)
    assert replay_at_beta(ASSET, BENCHMARK, ratios, beta=100.0).min() == pytest.approx(-0.999999)


def test_a_net_value_that_holds_shorts_can_lose_more_than_it_is():
    ratios = pd.Series(0.0, INDEX)
    replayed = replay_at_beta(ASSET, BENCHMARK, ratios, beta=100.0, floored=False)
    assert replayed.tolist() == pytest.approx([0.02 + 1.0, -0.03 - 2.0, 0.05 + 4.0])


def test_ratios_of_other_periods_are_refused():
    with pytest.raises(InputError, match="does not fit"):
        replay_at_beta(ASSET, BENCHMARK, pd.Series([1.0], [INDEX[-1] + pd.Timedelta(days=1)]), beta=1.0)
