"""Several estimates side by side are the single ones, and what a band is about is worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hedging import (
    EstimatorOptions,
    InputError,
    InsufficientDataError,
    band_target,
    compare_methods,
    compare_windows,
    estimate_beta,
)
from hedging.estimators.results import METHODS
from tests.test_hedging.examples import check_error, days, noisy_pair
from tests.tolerances import SAME_FORMULA, UNCHANGED

WITHOUT_PRIOR = tuple(method for method in METHODS if method != "vasicek")
QUICK = EstimatorOptions(replications=99)


class TestMethods:
    def test_each_is_the_single_estimate(self):
        y, x = noisy_pair(1)
        found = compare_methods(y, x, methods=WITHOUT_PRIOR, covariance="hc3", options=QUICK)
        assert tuple(found.estimates) == WITHOUT_PRIOR
        for method, each in found.estimates.items():
            covariance = None if method in ("kalman", "theil_sen", "bootstrap") else "hc3"
            alone = estimate_beta(y, x, method=method, covariance=covariance, options=QUICK)
            assert (each.beta, each.beta_low, each.covariance) == (
                alone.beta,
                alone.beta_low,
                alone.covariance,
            )

    def test_extremes_and_spread(self):
        y, x = noisy_pair(2)
        found = compare_methods(y, x, methods=("ols", "huber", "downside"))
        betas = {name: each.beta for name, each in found.estimates.items()}
        assert betas[found.lowest] == min(betas.values())
        assert betas[found.highest] == max(betas.values())
        assert found.spread == pytest.approx(max(betas.values()) - min(betas.values()), rel=SAME_FORMULA)
        error = found.estimates["ols"].beta_standard_error
        assert found.spread_in_errors("ols") == pytest.approx(found.spread / error, rel=SAME_FORMULA)
        assert found.reach == (
            min(each.beta_low for each in found.estimates.values()),
            max(each.beta_high for each in found.estimates.values()),
        )

    def test_one_that_refuses_does_not_take_the_others_with_it(self):
        y, x = noisy_pair(3)
        found = compare_methods(y, np.abs(x) + 1e-4, methods=("ols", "downside"))
        assert list(found.estimates) == ["ols"]
        assert isinstance(found.refused["downside"], InsufficientDataError)

    def test_where_all_refuse_the_first_reason_is_raised(self):
        y, x = noisy_pair(4, 4)
        with pytest.raises(InsufficientDataError) as caught:
            compare_methods(y, x, methods=("ols", "huber"))
        check_error(caught)

    def test_nothing_to_compare(self):
        y, x = noisy_pair(5)
        with pytest.raises(InputError) as caught:
            compare_methods(y, x, methods=())
        check_error(caught, parameter="methods")

    def test_tells_its_progress(self):
        y, x = noisy_pair(6)
        said: list[float] = []
        compare_methods(y, x, methods=("ols", "blume"), progress=said.append)
        assert said == [0.5, 1.0]


class TestWindows:
    def test_each_ends_with_the_history(self):
        y, x = noisy_pair(7)
        asset, benchmark = pd.Series(y, index=days(120)), pd.Series(x, index=days(120))
        found = compare_windows(asset, benchmark, windows=(30, 90), covariance="nonrobust")
        for window, each in found.estimates.items():
            assert each.beta == estimate_beta(y[-window:], x[-window:], covariance="nonrobust").beta
            assert (each.n_observations, each.last) == (window, days(120)[-1])

    def test_a_window_longer_than_the_history_is_refused_not_shortened(self):
        y, x = noisy_pair(8)
        found = compare_windows(y, x, windows=(60, 121))
        assert list(found.estimates) == [60]
        assert isinstance(found.refused[121], InsufficientDataError)

    def test_what_was_before_the_window_changes_nothing(self):
        y, x = noisy_pair(9)
        changed = y.copy()
        changed[:60] *= -3
        before, after = (compare_windows(each, x, windows=(60,)).estimates[60].beta for each in (y, changed))
        assert after == pytest.approx(before, abs=UNCHANGED)


class TestTarget:
    path = pd.Series([1.0, 2.0, 4.0])

    def test_by_hand(self):
        assert band_target(self.path, "today") == 4.0
        assert band_target(self.path, "window average") == pytest.approx(7 / 3, rel=SAME_FORMULA)
        # Weights 1/4, 1/2 and 1.
        expected = (0.25 + 1.0 + 4.0) / 1.75
        assert band_target(self.path, "weighted average", half_life=1.0) == pytest.approx(
            expected, rel=SAME_FORMULA
        )

    @pytest.mark.parametrize("band", ["window average", "weighted average", "today"])
    def test_a_constant_beta_is_its_own_target(self, band):
        assert band_target(pd.Series([1.3] * 50), band) == pytest.approx(1.3, rel=SAME_FORMULA)

    def test_unusable(self):
        with pytest.raises(InputError) as caught:
            band_target(self.path, "tomorrow")
        check_error(caught, parameter="band", names="tomorrow")
        with pytest.raises(InputError) as caught:
            band_target(pd.Series([1.0, np.nan]), "today")
        check_error(caught, parameter="beta_path")
        with pytest.raises(InsufficientDataError):
            band_target(pd.Series([], dtype=float), "today")
