"""Resampled betas: against arch's own bootstrap, repeatable, and right about their width."""

from __future__ import annotations

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap, optimal_block_length

from hedging import (
    DegenerateDataError,
    EstimatorOptions,
    InputError,
    InsufficientDataError,
    estimate_beta,
    resample_beta,
)
from tests.test_hedging.examples import check_error, noisy_pair
from tests.tolerances import COVERAGE_METHODS, SAME_FORMULA


def test_betas_are_those_of_archs_resamples():
    y, x = noisy_pair(1)
    found = resample_beta(y, x, options=EstimatorOptions(replications=120, block_length=4, seed=9))
    expected = StationaryBootstrap(4, y, x, seed=9).apply(
        lambda a, b: np.cov(a, b)[0, 1] / b.var(ddof=1), 120
    )
    np.testing.assert_allclose(found.betas, expected[:, 0], rtol=1e-9)
    assert found.block_length == 4


def test_block_length_is_that_of_the_scores():
    y, x = noisy_pair(2)
    xc = x - x.mean()
    beta = xc @ y / (xc @ xc)
    scores = xc * (y - y.mean() - beta * xc)
    expected = optimal_block_length(scores)["stationary"].iloc[0]
    assert resample_beta(y, x).block_length == max(1, int(np.ceil(expected)))


def test_same_seed_same_numbers():
    y, x = noisy_pair(3)
    first, again, other = (
        estimate_beta(y, x, method="bootstrap", options=EstimatorOptions(seed=s)) for s in (0, 0, 1)
    )
    assert (first.beta_low, first.beta_high) == (again.beta_low, again.beta_high)
    assert first.beta_low != other.beta_low


def test_is_symmetric_about_least_squares():
    y, x = noisy_pair(4)
    found = estimate_beta(y, x, method="bootstrap")
    assert found.beta == pytest.approx(estimate_beta(y, x).beta, rel=SAME_FORMULA)
    assert found.beta_high - found.beta == pytest.approx(found.beta - found.beta_low, rel=1e-9)


def test_coverage_with_serially_correlated_noise():
    hits, naive = [], []
    for seed in range(150):
        generator = np.random.default_rng([seed, 8])
        shocks = generator.standard_normal((2, 121))
        x, e = shocks[:, 1:] + 0.8 * shocks[:, :-1]  # both MA(1), so that the scores hang together
        y = 1.5 * x + e
        found = estimate_beta(y, x, method="bootstrap", options=EstimatorOptions(replications=299))
        hits.append(found.beta_low <= 1.5 <= found.beta_high)
        plain = estimate_beta(y, x, covariance="nonrobust")
        naive.append(plain.beta_low <= 1.5 <= plain.beta_high)
    assert COVERAGE_METHODS[0] - 0.03 <= np.mean(hits) <= COVERAGE_METHODS[1]
    assert np.mean(naive) < np.mean(hits)


def test_too_few_and_too_still():
    y, x = noisy_pair(5, 9)
    with pytest.raises(InsufficientDataError) as caught:
        resample_beta(y, x)
    check_error(caught)
    y, _ = noisy_pair(5, 12)
    still = np.zeros(12)
    still[3] = 0.1
    with pytest.raises(DegenerateDataError) as degenerate:
        resample_beta(y, still)
    check_error(degenerate, parameter="benchmark_returns")


@pytest.mark.parametrize("length", [20.5, 60, 1e20])
def test_blocks_as_long_as_the_history(length):
    """One block is the old history turned round: every resample has its beta, and no width."""
    y, x = noisy_pair(7, 60)
    with pytest.raises(InputError) as caught:
        estimate_beta(y, x, method="bootstrap", options=EstimatorOptions(block_length=length))
    check_error(caught, parameter="block_length")
    fits = estimate_beta(y, x, method="bootstrap", options=EstimatorOptions(block_length=19.5))
    assert fits.beta_low < fits.beta < fits.beta_high


def test_a_perfect_line_has_no_width():
    _, x = noisy_pair(6)
    found = estimate_beta(2 * x, x, method="bootstrap")
    assert found.beta_low == pytest.approx(2.0)
    assert found.beta_high == pytest.approx(2.0)
