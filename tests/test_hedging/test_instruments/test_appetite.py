"""Orders from percentiles of beta, and days of stress chosen without bending the line."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging import estimate_beta
from hedging.errors import InputError, InsufficientDataError, NoHedgeError
from hedging.instruments.appetite import size_by_appetite, stress_returns
from hedging.instruments.coin_margin import CoinMargin
from hedging.instruments.contracts import InverseContract, LinearContract
from tests.test_hedging.examples import check_error, days, noisy_pair
from tests.tolerances import SAME_FORMULA, STANDARD_ERRORS

QUICK = settings(max_examples=30, deadline=None, derandomize=True)
FINE = LinearContract("FINE", quantity_step=Decimal("0.00000001"))
EVEN = np.linspace(1.0, 2.0, 101)  # its percentiles are 1.01, 1.02, ...


class TestAppetite:
    def test_quartiles_by_hand(self):
        hedges = size_by_appetite(10_000, EVEN, FINE, 100.0)
        assert hedges.betas == pytest.approx((1.25, 1.5, 1.75), rel=SAME_FORMULA)
        sizes = [float(p.contracts) for p in (hedges.conservative, hedges.central, hedges.aggressive)]
        assert sizes == pytest.approx([-125.0, -150.0, -175.0], rel=1e-9)
        assert hedges.percentiles == (25.0, 50.0, 75.0)
        assert (hedges.share_of_other_side, hedges.n_replications) == (0.0, 101)
        plan = hedges.central
        assert (plan.beta_source, plan.estimate, plan.contracts_low) == ("percentile", None, None)

    def test_conservative_trades_least_whichever_side(self):
        for betas, target in ((-EVEN, 0.0), (EVEN, 3.0), (EVEN, 0.5)):
            hedges = size_by_appetite(-5_000, betas, FINE, 100.0, beta_target=target)
            sizes = [abs(p.contracts) for p in (hedges.conservative, hedges.central, hedges.aggressive)]
            assert sizes[0] < sizes[1] < sizes[2]

    @QUICK
    @given(
        seed=st.integers(0, 1000),
        position=st.floats(1e4, 1e7) | st.floats(-1e7, -1e4),
        target=st.floats(-1, 1),
    )
    def test_the_signed_orders_are_ordered(self, seed, position, target):
        betas = np.random.default_rng(seed).normal(1.0, 0.5, 200)
        hedges = size_by_appetite(position, betas, FINE, 100.0, beta_target=target)
        side = 1.0 if np.median(betas) >= target else -1.0
        levels = [side * (beta - target) for beta in hedges.betas]
        assert levels == sorted(levels)
        assert 0.0 <= hedges.share_of_other_side <= 0.5

    def test_every_order_covers_the_coins_posted_behind_it(self):
        inverse = InverseContract("USD", contract_size=Decimal(1))
        hedges = size_by_appetite(10_000, EVEN, inverse, 100.0, coin_margin=CoinMargin(2.0))
        orders = [float(p.contracts) for p in (hedges.conservative, hedges.central, hedges.aggressive)]
        assert orders == [-25_000.0, -30_000.0, -35_000.0]  # H * 2 / (2 - 1)
        assert [p.margin_exposure_usd for p in (hedges.conservative, hedges.aggressive)] == [12_500, 17_500]
        in_dollars = size_by_appetite(10_000, EVEN, FINE, 100.0, coin_margin=CoinMargin(2.0))
        assert float(in_dollars.central.contracts) == pytest.approx(-150.0)

    def test_one_refused_order_leaves_the_others(self):
        hedges = size_by_appetite(10_000, EVEN, LinearContract("WHOLE"), 27_000.0)
        assert isinstance(hedges.conservative, NoHedgeError)
        assert hedges.aggressive.contracts == -1

    def test_inverse_contracts_too(self):
        hedges = size_by_appetite(10_000, EVEN, InverseContract("BTCUSD"), 65_000.0)
        assert hedges.central.contracts == -15_000

    @pytest.mark.parametrize(
        "percentiles",
        [(50.0, 25.0, 75.0), (25.0, 25.0, 75.0), (-1.0, 50.0, 75.0), (25.0, 50.0, 101.0), (1.0, 2.0)],
    )
    def test_percentiles_must_increase(self, percentiles):
        with pytest.raises(InputError) as caught:
            size_by_appetite(1e4, EVEN, FINE, 100.0, percentiles=percentiles)
        check_error(caught, parameter="percentiles")

    def test_unusable_distributions(self):
        with pytest.raises(InsufficientDataError) as caught:
            size_by_appetite(1e4, EVEN[:98], FINE, 100.0)
        check_error(caught, names="98")
        for bad in (math.nan, 2_000.0):
            with pytest.raises(InputError) as caught:
                size_by_appetite(1e4, np.r_[EVEN, bad], FINE, 100.0)
            check_error(caught, parameter="bootstrap_betas")
        with pytest.raises(InputError) as caught:
            size_by_appetite(1e4, EVEN, FINE, 100.0, beta_target=math.inf)
        check_error(caught, parameter="beta_target")


class TestStress:
    x = np.array([0.01, -0.05, 0.06, -0.01, -0.03, 0.02, -0.04, 0.05, -0.02, 0.0])

    def test_the_worst_half_by_hand(self):
        found = stress_returns(2 * self.x, self.x, quantile=0.5)
        assert found.benchmark.tolist() == [-0.05, -0.01, -0.03, -0.04, -0.02]
        assert found.asset.tolist() == [-0.1, -0.02, -0.06, -0.08, -0.04]
        assert (found.threshold, found.n_selected, found.n_observations) == (-0.01, 5, 10)
        assert (found.quantile, found.side) == (0.5, "worst")

    def test_the_largest_moves_by_hand(self):
        found = stress_returns(2 * self.x, self.x, quantile=0.5, side="largest moves")
        assert found.benchmark.tolist() == [-0.05, 0.06, -0.03, -0.04, 0.05]
        assert found.threshold == 0.03

    def test_a_series_keeps_its_days(self):
        index = days(10)
        found = stress_returns(pd.Series(2 * self.x, index), pd.Series(self.x, index), quantile=0.5)
        assert list(found.asset.index) == [index[i] for i in (1, 3, 4, 6, 8)]
        assert found.asset.index.equals(found.benchmark.index)
        assert found.selected.sum() == 5

    def test_whole_days_despite_binary_fractions(self):
        x = np.arange(100) / 1000
        assert stress_returns(x, x, quantile=0.29).n_selected == 29
        assert stress_returns(x, x, quantile=0.07).n_selected == 7

    def test_ties_are_kept(self):
        x = np.r_[np.full(7, -0.05), np.linspace(0, 0.03, 13)]
        assert stress_returns(x, x, quantile=0.25).n_selected == 7

    @pytest.mark.parametrize("side", ["worst", "largest moves"])
    def test_choosing_by_the_benchmark_is_unbiased_and_by_the_asset_is_not(self, side):
        by_benchmark, by_asset = [], []
        for seed in range(200):
            generator = np.random.default_rng(seed)
            x = 0.03 * generator.standard_t(4, 500)
            y = 1.5 * x + 0.03 * generator.standard_normal(500)
            kept = stress_returns(y, x, quantile=0.1, side=side)
            by_benchmark.append(estimate_beta(kept.asset, kept.benchmark, covariance="hc3").beta)
            wrong = stress_returns(x, y, quantile=0.1, side="worst")  # the asset's worst days
            by_asset.append(estimate_beta(wrong.benchmark, wrong.asset, covariance="hc3").beta)
        error = np.std(by_benchmark, ddof=1) / math.sqrt(200)
        assert abs(np.mean(by_benchmark) - 1.5) < STANDARD_ERRORS * error
        biased = np.std(by_asset, ddof=1) / math.sqrt(200)
        assert np.mean(by_asset) < 1.5 - 10 * biased

    @pytest.mark.parametrize("quantile", [0.0, 1.0, -0.1, math.nan, "0.05"], ids=repr)
    def test_unusable_quantiles(self, quantile):
        with pytest.raises(InputError) as caught:
            stress_returns(self.x, self.x, quantile=quantile)
        check_error(caught, parameter="quantile", names=quantile)

    def test_too_few_days(self):
        y, x = noisy_pair(1, 99)
        with pytest.raises(InsufficientDataError) as caught:
            stress_returns(y, x, quantile=0.05)
        check_error(caught, names="4 observations")

    def test_unusable_returns(self):
        with pytest.raises(InputError) as caught:
            stress_returns(self.x, self.x, side="best")
        check_error(caught, parameter="side")
        with pytest.raises(InputError) as caught:
            stress_returns(self.x[1:], self.x)
        check_error(caught, parameter="benchmark_returns")
