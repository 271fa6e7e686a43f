"""Rolling forms of every method: equal to a loop of single estimates, blind to the future."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hedging import (
    BetaPrior,
    DegenerateDataError,
    EstimatorOptions,
    InputError,
    InsufficientDataError,
    estimate_beta,
    rolling_beta,
)
from hedging.estimators.results import COVARIANCES, METHODS, STANDARD_ERRORS
from tests.test_hedging.examples import check_error, days, noisy_pair
from tests.tolerances import ROUNDING_NOISE, SAME_FORMULA, UNCHANGED

WINDOW = 40
OPTIONS = EstimatorOptions(prior=BetaPrior(1.2, 0.05), half_life=15, replications=99)
# Kalman remembers more than a window: test_kalman.py.
WINDOWED = [(m, k) for m in METHODS if m != "kalman" for k in STANDARD_ERRORS[m]]


def arguments(method, kind):
    return {"method": method, "covariance": kind if kind in COVARIANCES else None, "options": OPTIONS}


@pytest.mark.parametrize(("method", "kind"), WINDOWED)
def test_equals_a_loop_of_estimates(method, kind):
    y, x = noisy_pair(81, 70)
    rolling = rolling_beta(y, x, window=WINDOW, **arguments(method, kind))
    assert (rolling.method, rolling.covariance) == (method, kind)
    assert rolling.beta.isna().tolist() == [True] * (WINDOW - 1) + [False] * (71 - WINDOW)
    for end in range(WINDOW, 71):
        rows = slice(end - WINDOW, end)
        single = estimate_beta(y[rows], x[rows], **arguments(method, kind))
        found = [getattr(rolling, name)[end - 1] for name in ("beta", "standard_error", "low", "high")]
        expected = [single.beta, single.beta_standard_error, single.beta_low, single.beta_high]
        np.testing.assert_allclose(found, expected, rtol=SAME_FORMULA * 100)
    assert rolling.band == single.band


@pytest.mark.parametrize(("method", "kind"), WINDOWED)
def test_knows_no_future(method, kind):
    y, x = noisy_pair(82, 70)
    at = 55
    plain = rolling_beta(y, x, window=WINDOW, **arguments(method, kind))
    y[at:] += 0.7
    x[at:] *= 2.5
    changed = rolling_beta(y, x, window=WINDOW, **arguments(method, kind))
    for name in ("beta", "standard_error", "low", "high"):
        np.testing.assert_allclose(getattr(changed, name)[:at], getattr(plain, name)[:at], rtol=UNCHANGED)


@pytest.mark.parametrize("method", METHODS)
def test_keeps_the_index(method):
    y, x = noisy_pair(83, 60)
    index = days(60)
    rolling = rolling_beta(
        pd.Series(y, index=index), pd.Series(x, index=index), window=WINDOW, method=method, options=OPTIONS
    )
    assert rolling.beta.index.equals(index)
    assert (rolling.low < rolling.high)[WINDOW - 1 :].all()


@pytest.mark.parametrize(
    ("method", "window"), [("dimson", 8), ("kalman", 19), ("bootstrap", 9), ("ols", 4), ("ols", 61)]
)
def test_windows_that_are_too_short_or_long(method, window):
    y, x = noisy_pair(84, 60)
    with pytest.raises(InputError) as caught:
        rolling_beta(y, x, window=window, method=method, options=OPTIONS)
    check_error(caught, parameter="window", names=window)


def test_a_standard_error_it_does_not_have():
    y, x = noisy_pair(85, 60)
    with pytest.raises(InputError) as caught:
        rolling_beta(y, x, window=30, method="theil_sen", covariance="hc3")
    check_error(caught, parameter="covariance")


def test_vasicek_wants_a_prior():
    y, x = noisy_pair(86, 60)
    with pytest.raises(InputError) as caught:
        rolling_beta(y, x, window=30, method="vasicek")
    check_error(caught, parameter="prior")


def test_too_few_falling_days():
    y, x = noisy_pair(87, 60)
    x[20:50] = np.abs(x[20:50])
    with pytest.raises(InsufficientDataError) as caught:
        rolling_beta(y, x, window=30, method="downside")
    check_error(caught, parameter="window")


@pytest.mark.parametrize(
    "method",
    ["ols", "blume", "vasicek", "ewma", "downside", "dimson", "huber", "theil_sen", "bootstrap", "kalman"],
)
def test_a_benchmark_that_stands_still(method):
    y, x = noisy_pair(88, 60)
    x[:40] = -0.01
    with pytest.raises(DegenerateDataError) as caught:
        rolling_beta(y, x, window=30, method=method, options=OPTIONS)
    check_error(caught)


@pytest.mark.parametrize("method", ["huber", "theil_sen", "bootstrap", "kalman"])
def test_an_asset_that_stands_still_is_refused_by_what_has_no_slope_for_it(method):
    y, x = noisy_pair(90, 60)
    y[:40] = 0.0
    with pytest.raises(DegenerateDataError) as caught:
        rolling_beta(y, x, window=30, method=method, options=OPTIONS)
    check_error(caught, parameter="asset_returns[0:30]")


@pytest.mark.parametrize(
    ("method", "slope"), [("ols", 0.0), ("ewma", 0.0), ("dimson", 0.0), ("blume", 1 / 3)]
)
def test_an_asset_that_stands_still_has_slope_0(method, slope):
    y, x = noisy_pair(90, 60)
    y[:40] = 0.0
    rolling = rolling_beta(y, x, window=30, method=method, options=OPTIONS)
    assert rolling.beta[29] == pytest.approx(slope, abs=ROUNDING_NOISE)


def test_leads_and_lags_that_cannot_be_told_apart():
    y, x = noisy_pair(91, 60)
    alternating = np.where(np.arange(60) % 2, 0.01, -0.01)
    late = np.r_[np.zeros(29), x[29:]]  # moves in its last period only: a shifted copy stands still
    for benchmark in (alternating, late):
        for kind in ("nonrobust", "hc3", "hac"):
            with pytest.raises(DegenerateDataError) as caught:
                rolling_beta(y, benchmark, window=30, method="dimson", covariance=kind)
            check_error(caught, parameter="benchmark_returns")
            with pytest.raises(DegenerateDataError) as caught:
                estimate_beta(y[:30], benchmark[:30], method="dimson", covariance=kind)
            check_error(caught, parameter="benchmark_returns")


def test_progress_of_the_slow_ones():
    y, x = noisy_pair(89, 50)
    told: list[float] = []
    rolling_beta(y, x, window=45, method="theil_sen", progress=told.append)
    assert told == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1.0])
