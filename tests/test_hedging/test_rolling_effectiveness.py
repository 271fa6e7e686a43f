"""Effectiveness in moving windows: a plain loop, the whole-period measure, blind to the future."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging import (
    DegenerateDataError,
    InputError,
    InsufficientDataError,
    hedging_effectiveness,
    rolling_effectiveness,
)
from hedging.performance import WINDOWS_AT_ONCE
from tests.test_hedging.examples import check_error, days, noisy_pair
from tests.tolerances import SAME_FORMULA, UNCHANGED

QUICK = settings(max_examples=30, deadline=None, derandomize=True)


def streams(seed: int, n: int = 120) -> tuple[pd.Series, pd.Series]:
    y, x = noisy_pair(seed, n)
    index = days(n)
    return pd.Series(1e4 * y, index=index), pd.Series(1e4 * (y - 1.3 * x), index=index)


@pytest.mark.parametrize("window", [5, 30, 120])
def test_against_a_plain_loop(window):
    unhedged, hedged = streams(1)
    found = rolling_effectiveness(unhedged, hedged, window=window)
    assert found.index.equals(unhedged.index)
    assert found.iloc[: window - 1].isna().all()
    for t in range(window - 1, len(found)):
        rows = slice(t - window + 1, t + 1)
        plain = 1 - np.var(hedged.to_numpy()[rows]) / np.var(unhedged.to_numpy()[rows])
        assert found.iloc[t] == pytest.approx(plain, rel=SAME_FORMULA, abs=SAME_FORMULA)


def test_over_one_window_it_is_the_whole_measure():
    unhedged, hedged = streams(2)
    found = rolling_effectiveness(unhedged, hedged, window=len(unhedged))
    whole = hedging_effectiveness(unhedged, hedged)
    assert found.iloc[-1] == pytest.approx(whole.effectiveness, rel=SAME_FORMULA)


def test_by_hand():
    # Variance 2 of 1..5 and 0.5 of half of them: three quarters are gone; the same again and none is.
    unhedged = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 1.0])
    hedged = np.array([0.5, 1.0, 1.5, 2.0, 2.5, 1.0])
    found = rolling_effectiveness(unhedged, hedged, window=5)
    assert found.iloc[4] == pytest.approx(0.75)
    assert found.iloc[5] == pytest.approx(1 - np.var(hedged[1:]) / np.var(unhedged[1:]))


@QUICK
@given(at=st.integers(0, 119), change=st.floats(-1e3, 1e3).filter(lambda change: abs(change) > 1))
def test_later_periods_change_nothing_earlier(at, change):
    unhedged, hedged = streams(3)
    plain = rolling_effectiveness(unhedged, hedged, window=20)
    unhedged.iloc[at:] += change * np.arange(1.0, 121.0 - at)
    hedged.iloc[at:] -= change
    changed = rolling_effectiveness(unhedged, hedged, window=20)
    np.testing.assert_allclose(changed.to_numpy()[:at], plain.to_numpy()[:at], rtol=UNCHANGED)


@QUICK
@given(scale=st.floats(1e-3, 1e6), shift=st.floats(-1e3, 1e3))
def test_neither_unit_nor_a_steady_gain_matters(scale, shift):
    unhedged, hedged = streams(4)
    plain = rolling_effectiveness(unhedged, hedged, window=15)
    moved = rolling_effectiveness(scale * unhedged + shift, scale * hedged - shift, window=15)
    np.testing.assert_allclose(moved, plain, rtol=1e-6, atol=1e-6)  # a large shift costs digits


def test_a_perfect_hedge_removes_everything_and_a_harmful_one_less_than_nothing():
    unhedged, _ = streams(5)
    assert (rolling_effectiveness(unhedged, 0 * unhedged, window=10).dropna() == 1).all()
    assert rolling_effectiveness(unhedged, 2 * unhedged, window=10).dropna().to_numpy() == pytest.approx(-3)


def test_more_windows_than_are_computed_at_once():
    generator = np.random.default_rng(6)
    n = 2 * WINDOWS_AT_ONCE + 57
    before, after = generator.standard_normal((2, n))
    found = rolling_effectiveness(before, after, window=50).to_numpy()
    assert np.isnan(found[:49]).all()
    assert not np.isnan(found[49:]).any()
    for t in (49, WINDOWS_AT_ONCE + 48, WINDOWS_AT_ONCE + 49, n - 1):
        rows = slice(t - 49, t + 1)
        assert found[t] == pytest.approx(1 - after[rows].var() / before[rows].var(), rel=SAME_FORMULA)


def test_what_cannot_be_measured_is_refused():
    unhedged, hedged = streams(7)
    for window in (4, 2.5, True):
        with pytest.raises(InputError) as caught:
            rolling_effectiveness(unhedged, hedged, window=window)
        check_error(caught)
    with pytest.raises(InsufficientDataError) as caught:
        rolling_effectiveness(unhedged, hedged, window=121)
    check_error(caught)
    with pytest.raises(InputError):
        rolling_effectiveness(unhedged, hedged.iloc[1:], window=10)
    unhedged.iloc[50:70] = 3.0
    with pytest.raises(DegenerateDataError, match=str(unhedged.index[62].date())) as caught:
        rolling_effectiveness(unhedged, hedged, window=13)
    check_error(caught)
