"""Correlation in moving windows: against numpy window by window, Fisher's interval, no look ahead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr

from hedging.errors import DegenerateDataError, InputError, InsufficientDataError
from hedging.stability.correlation import WINDOWS_AT_ONCE, rolling_correlation
from tests.test_hedging.examples import check_error, days, noisy_pair
from tests.tolerances import AFTER_BAD_TICK, SAME_FORMULA, UNCHANGED

QUICK = settings(max_examples=30, deadline=None, derandomize=True)


@QUICK
@given(seed=st.integers(0, 10_000), window=st.integers(5, 50))
def test_numpy_window_by_window(seed, window):
    y, x = noisy_pair(seed, 60)
    found = rolling_correlation(y, x, window=window)
    truth = [np.corrcoef(y[t - window : t], x[t - window : t])[0, 1] for t in range(window, 61)]
    np.testing.assert_allclose(found.correlation[window - 1 :], truth, rtol=0, atol=SAME_FORMULA)
    for series in (found.correlation, found.low, found.high):
        assert series.isna().tolist() == [True] * (window - 1) + [False] * (61 - window)
    inside = slice(window - 1, None)
    assert (found.low[inside] <= found.correlation[inside]).all()
    assert (found.correlation[inside] <= found.high[inside]).all()


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_scipys_fisher_interval(confidence):
    y, x = noisy_pair(5, 40)
    found = rolling_correlation(
        pd.Series(y, days(40)), pd.Series(x, days(40)), window=40, confidence=confidence
    )
    truth = pearsonr(y, x).confidence_interval(confidence)
    assert found.low.iloc[-1] == pytest.approx(truth.low, rel=SAME_FORMULA)
    assert found.high.iloc[-1] == pytest.approx(truth.high, rel=SAME_FORMULA)
    assert found.correlation.index.equals(days(40))
    assert found.window == 40


def test_more_windows_than_are_worked_at_once():
    n = WINDOWS_AT_ONCE + 30
    y, x = noisy_pair(6, n)
    found = rolling_correlation(y, x, window=10).correlation
    for t in (9, WINDOWS_AT_ONCE + 8, WINDOWS_AT_ONCE + 9, n - 1):
        truth = np.corrcoef(y[t - 9 : t + 1], x[t - 9 : t + 1])[0, 1]
        assert found[t] == pytest.approx(truth, abs=SAME_FORMULA)


def test_a_perfect_copy():
    _, x = noisy_pair(1, 20)
    found = rolling_correlation(3 * x, x, window=5)
    np.testing.assert_allclose(found.correlation[4:], 1.0, rtol=SAME_FORMULA)
    assert (found.correlation[4:] <= 1.0).all()
    np.testing.assert_allclose(rolling_correlation(-x, x, window=5).high[4:], -1.0, rtol=1e-6)


def test_a_bad_price_leaves_no_trace():
    y, x = noisy_pair(2, 80)
    plain = rolling_correlation(y, x, window=10).correlation
    y[30], x[30] = 1e6, -1e6
    after = rolling_correlation(y, x, window=10).correlation
    np.testing.assert_allclose(after[40:], plain[40:], rtol=AFTER_BAD_TICK)


@QUICK
@given(at=st.integers(12, 59), change=st.floats(0.01, 2.0))
def test_nothing_later_changes_anything_earlier(at, change):
    y, x = noisy_pair(3, 60)
    plain = rolling_correlation(y, x, window=12)
    y[at:] += change * np.arange(60 - at)
    x[at:] *= 1 + change
    changed = rolling_correlation(y, x, window=12)
    for name in ("correlation", "low", "high"):
        np.testing.assert_allclose(getattr(changed, name)[:at], getattr(plain, name)[:at], rtol=UNCHANGED)


class TestUnusable:
    @pytest.mark.parametrize("which", [0, 1])
    def test_standing_still_in_one_window(self, which):
        pair = list(noisy_pair(1, 30))
        pair[which][10:16] = 0.0
        with pytest.raises(DegenerateDataError, match="did not move in the window that ends at 15") as caught:
            rolling_correlation(*pair, window=6)
        check_error(caught, parameter=("asset_returns", "benchmark_returns")[which])

    @pytest.mark.parametrize("window", [4, 5.5, True])
    def test_window(self, window):
        with pytest.raises(InputError) as caught:
            rolling_correlation(*noisy_pair(1, 30), window=window)
        check_error(caught, parameter="window", names=window)

    def test_too_few(self):
        with pytest.raises(InsufficientDataError) as caught:
            rolling_correlation(*noisy_pair(1, 30), window=31)
        check_error(caught, parameter="window", names=31)

    def test_confidence(self):
        with pytest.raises(InputError) as caught:
            rolling_correlation(*noisy_pair(1, 30), window=10, confidence=95)
        check_error(caught, parameter="confidence", names=95)
