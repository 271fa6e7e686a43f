"""Series that are a bar or some hours apart must be noticed; honest ones must not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hedging import DegenerateDataError, InputError, InsufficientDataError, estimate_beta, scan_lags
from tests.test_hedging.examples import check_error, noisy_pair


def test_hand_worked_correlations():
    # Benchmark 1 -1 repeated: moved by one it is its own mirror image, moved by two itself again.
    benchmark = np.array([0.01, -0.01] * 30)
    scan = scan_lags(benchmark, benchmark)
    np.testing.assert_allclose(scan.lags, [-2, -1, 0, 1, 2])
    np.testing.assert_allclose(scan.correlations, [1, -1, 1, -1, 1], rtol=1e-12)


def test_against_numpy():
    y, x = noisy_pair(2, 60)
    scan = scan_lags(y, x, max_lag=3)
    inner = y[3:57]
    expected = [np.corrcoef(inner, x[3 + lag : 57 + lag])[0, 1] for lag in range(-3, 4)]
    np.testing.assert_allclose(scan.correlations, expected, rtol=1e-11)


@pytest.mark.parametrize("seed", range(20))
def test_simultaneous_closes_are_not_suspect(seed):
    y, x = noisy_pair(seed, 250)
    scan = scan_lags(y, x)
    assert scan.best_lag == 0
    assert scan.suspect_lag == 0
    assert not scan.is_suspect


@pytest.mark.parametrize("late", [1, 2])
@pytest.mark.parametrize("n", [40, 250])
def test_a_benchmark_off_by_a_bar_is_flagged(late, n):
    y, x = noisy_pair(4, n + late, noise=0.005)
    # Asset rows start ``late`` bars after the benchmark's: the asset follows.
    follows = scan_lags(y[late:], x[:-late])
    assert abs(estimate_beta(y[:-late], x[late:]).beta) < 0.5  # the true beta is 1.4
    assert follows.is_suspect
    assert (follows.best_lag, follows.suspect_lag) == (late, late)
    leads = scan_lags(y[:-late], x[late:])
    assert (leads.best_lag, leads.suspect_lag) == (-late, -late)


def test_the_sign_of_a_lag():
    # The asset repeats what the benchmark did one period earlier: lag -1 pairs them.
    _, x = noisy_pair(5, 80)
    scan = scan_lags(pd.Series(1.5 * x[:-1]), pd.Series(x[1:]))
    assert scan.suspect_lag == -1
    assert scan.correlations[1] == pytest.approx(1.0, rel=1e-12)


def test_a_negative_beta_off_by_a_bar_is_flagged():
    y, x = noisy_pair(6, 120, beta=-1.4, noise=0.005)
    assert scan_lags(y[1:], x[:-1]).suspect_lag == 1


def test_false_alarms_are_as_rare_as_promised():
    generator = np.random.default_rng(99)
    alarms = sum(
        scan_lags(generator.standard_normal(300), generator.standard_normal(300)).is_suspect
        for _ in range(1000)
    )
    assert alarms <= 3  # one in 4,000 is expected


def test_correlations_stay_in_range():
    _, x = noisy_pair(7, 60)
    for factor in np.linspace(0.1, 3, 60):
        assert np.abs(scan_lags(factor * x + 0.1, x).correlations).max() <= 1.0


@pytest.mark.parametrize("max_lag", [0, -1, 1.5, True, "two"])
def test_lags_that_are_none(max_lag):
    y, x = noisy_pair(1, 60)
    with pytest.raises(InputError) as caught:
        scan_lags(y, x, max_lag=max_lag)
    check_error(caught, names=max_lag)


def test_the_error_names_max_lag():
    y, x = noisy_pair(1, 60)
    with pytest.raises(InputError) as caught:
        scan_lags(y, x, max_lag=0)
    check_error(caught, parameter="max_lag", names="max_lag is 0")


def test_too_few():
    y, x = noisy_pair(1, 11)
    with pytest.raises(InsufficientDataError) as caught:
        scan_lags(y, x)
    check_error(caught, names=11)


@pytest.mark.parametrize("n", range(12, 22))
def test_a_scan_that_cannot_find_anything_says_so(n):
    _, x = noisy_pair(3, n + 1)
    # The same series off by one: the plainest case there is. Either it is flagged, or the scan
    # says that it has too few observations to tell.
    try:
        scan = scan_lags(x[1:], x[:-1])
    except InsufficientDataError:
        return
    assert scan.is_suspect


@pytest.mark.parametrize("which", ["asset_returns", "benchmark_returns"])
def test_a_series_that_stands_still(which):
    y, x = noisy_pair(1, 60)
    still = np.zeros(60)
    pair = (still, x) if which == "asset_returns" else (y, still)
    with pytest.raises(DegenerateDataError) as caught:
        scan_lags(*pair)
    check_error(caught, parameter=which, names="did not move")


def test_unequal_lengths():
    y, x = noisy_pair(1, 60)
    with pytest.raises(InputError):
        scan_lags(y, x[1:])
