"""Every lookback's frame: the numbers of the library's own functions, thinned and never changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hedging import (
    DegenerateDataError,
    InputError,
    InsufficientDataError,
    align,
    backtest_hedge,
    estimate_beta,
    lookback_film,
    rolling_beta,
)
from hedging.backtesting.film import FILM_METHODS
from tests.test_hedging.examples import aligned_pair, check_error, days, price_path
from tests.tolerances import CENT, SAME_FORMULA

WINDOWS = (10, 31, 60, 200)
POSITION = 25_000.0


@pytest.mark.parametrize("method", FILM_METHODS)
@pytest.mark.parametrize("covariance", ["nonrobust", "hc3", "hac"])
def test_frames_hold_the_numbers_of_the_library(method, covariance):
    returns = aligned_pair(11, 900)
    film = lookback_film(
        returns, windows=WINDOWS, position_usd=POSITION, method=method, covariance=covariance, confidence=0.9
    )
    assert [frame.window for frame in film.frames] == list(WINDOWS)
    for frame in film.frames:
        window = frame.window
        options = {"method": method, "covariance": covariance, "confidence": 0.9}
        rolling = rolling_beta(returns.asset, returns.benchmark, window=window, **options)
        for name in ("beta", "low", "high"):
            whole = getattr(rolling, name).to_numpy()
            assert getattr(frame, name) == pytest.approx(whole[frame.rows], rel=SAME_FORMULA)
        assert frame.beta_lowest == pytest.approx(rolling.beta.min(), rel=SAME_FORMULA)
        assert frame.beta_highest == pytest.approx(rolling.beta.max(), rel=SAME_FORMULA)
        last = estimate_beta(returns.asset.iloc[-window:], returns.benchmark.iloc[-window:], **options)
        assert frame.estimate.beta == last.beta
        assert frame.estimate.beta_low == last.beta_low
        walk = backtest_hedge(returns, window=window, position_usd=POSITION, method=method)
        assert frame.pnl is not None
        rows = frame.pnl.rows - window
        for k, strategy in enumerate(walk.strategies):
            cumulative, below = strategy.cumulative_pnl_usd.to_numpy(), strategy.drawdown_usd.to_numpy()
            assert frame.pnl.cumulative_usd[k] == pytest.approx(cumulative[rows], abs=CENT)
            assert frame.pnl.drawdown_usd[k] == pytest.approx(below[rows], abs=CENT)
        assert walk.beta.effectiveness is not None
        assert frame.pnl.effectiveness == pytest.approx(walk.beta.effectiveness.effectiveness)


def test_every_peak_and_trough_is_drawn():
    returns = aligned_pair(12, 3_000)
    film = lookback_film(returns, windows=[30], position_usd=POSITION, most_points=(120, 140))
    (frame,) = film.frames
    assert frame.pnl is not None
    assert len(frame.rows) <= 120
    assert len(frame.pnl.rows) <= 140
    assert frame.rows[0] == 29
    assert frame.rows[-1] == frame.pnl.rows[-1] == len(returns.asset) - 1
    assert (frame.beta.min(), frame.beta.max()) == (frame.beta_lowest, frame.beta_highest)
    walk = backtest_hedge(returns, window=30, position_usd=POSITION)
    for k, strategy in enumerate(walk.strategies):
        assert frame.pnl.cumulative_usd[k].max() == pytest.approx(strategy.cumulative_pnl_usd.max())
        assert frame.pnl.cumulative_usd[k].min() == pytest.approx(strategy.cumulative_pnl_usd.min())
        assert frame.pnl.drawdown_usd[k].min() == pytest.approx(strategy.max_drawdown_usd)


def test_rows_of_a_short_history_are_all_drawn():
    returns = aligned_pair(13, 80)
    (frame,) = lookback_film(returns, windows=[20]).frames
    assert frame.rows.tolist() == list(range(19, 80))
    assert frame.pnl is None  # no position


def test_a_lookback_that_leaves_too_few_periods_has_no_pnl():
    returns = aligned_pair(14, 60)
    frames = lookback_film(returns, windows=[50, 51, 60], position_usd=POSITION).frames
    assert [frame.pnl is None for frame in frames] == [False, True, True]


def test_knows_no_future():
    """Numbers before a change are those without it; the last estimate alone looks at the last window."""
    returns = aligned_pair(15, 120)
    changed = returns.asset_prices.copy()
    changed.iloc[100:] *= 3.0
    other = align(changed, returns.benchmark_prices)
    (before,), (after,) = (
        lookback_film(each, windows=[20], position_usd=POSITION).frames for each in (returns, other)
    )
    assert before.pnl is not None
    assert after.pnl is not None
    past = before.rows < 99
    assert after.beta[past].tolist() == before.beta[past].tolist()
    earlier = before.pnl.rows < 99
    assert np.array_equal(after.pnl.cumulative_usd[:, earlier], before.pnl.cumulative_usd[:, earlier])


@pytest.mark.parametrize("windows", [30, [], [30, 30], [4], [2.5], [30, 5_000]])
def test_windows_that_cannot_be(windows):
    with pytest.raises(InputError) as caught:
        lookback_film(aligned_pair(16, 90), windows=windows)
    check_error(caught, parameter="windows")


@pytest.mark.parametrize("method", ["kalman", "vasicek", "huber"])
def test_methods_without_a_film(method):
    with pytest.raises(InputError) as caught:
        lookback_film(aligned_pair(17, 90), windows=[30], method=method)
    check_error(caught, parameter="method")


def test_data_that_cannot_be_filmed():
    still = np.r_[np.full(50, 0.0), 0.01 * np.resize([1.0, -1.0], 50)]
    index = days(101)
    asset = price_path(0.02 * np.random.default_rng(1).standard_normal(100), index)
    with pytest.raises(DegenerateDataError) as caught:
        lookback_film(align(asset, price_path(still, index)), windows=[20])
    check_error(caught, parameter="benchmark_returns")
    jump = np.zeros(100)
    jump[::25] = 0.05
    with pytest.raises(DegenerateDataError) as caught:
        lookback_film(align(asset, price_path(jump, index)), windows=[25], covariance="hc3")
    check_error(caught, parameter="benchmark_returns")
    logs = align(asset, price_path(still + 0.001 * np.arange(100), index), log_returns=True)
    with pytest.raises(InputError) as caught:
        lookback_film(logs, windows=[20])
    check_error(caught, parameter="returns")
    with pytest.raises(InsufficientDataError):
        lookback_film(aligned_pair(18, 30), windows=[31])


def test_an_asset_that_stands_still_while_hedged_has_no_pnl():
    """It moved once, inside the warm-up, which the last window still sees."""
    index = days(81)
    asset = pd.Series(np.where(np.arange(81) > 30, 6.0, 5.0), index=index)
    benchmark = price_path(0.02 * np.random.default_rng(2).standard_normal(80), index)
    (frame,) = lookback_film(align(asset, benchmark), windows=[60], position_usd=POSITION).frames
    assert frame.pnl is None
