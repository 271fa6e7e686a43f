"""Several benchmarks at once: against gretl and statsmodels, and whole contracts against every neighbour."""

from __future__ import annotations

import itertools
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.datasets import macrodata

from hedging import (
    DegenerateDataError,
    InputError,
    InsufficientDataError,
    LinearContract,
    NoHedgeError,
    estimate_beta,
    estimate_betas,
    size_hedge,
    size_several_hedges,
)
from hedging.instruments.several import _nearest_whole
from tests.test_hedging.examples import check_error, noisy_pair
from tests.tolerances import PRINTED_6, SAME_FORMULA, STATSMODELS

CONTRACTS = {"BTC": LinearContract("BTC", quantity_step=Decimal("0.1")), "ETH": LinearContract("ETH")}
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0}


def market(seed: int = 0, n: int = 200):
    generator = np.random.default_rng(seed)
    btc = 0.03 * generator.standard_normal(n)
    eth = 1.1 * btc + 0.015 * generator.standard_normal(n)
    asset = 0.5 * btc + 0.8 * eth + 0.02 * generator.standard_normal(n)
    return asset, pd.DataFrame({"BTC": btc, "ETH": eth})


class TestRegression:
    def test_newey_west_of_gretl(self):
        """Printed by gretl: Bartlett kernel, 4 lags, no small-sample correction."""
        data = macrodata.load_pandas().data
        growth = 400 * np.diff(np.log(data[["realinv", "realgdp"]].to_numpy()), axis=0)
        benchmarks = pd.DataFrame({"realgdp": growth[:, 1], "realint": data["realint"].to_numpy()[:-1]})
        found = estimate_betas(growth[:, 0], benchmarks, covariance="hac", hac_lags=4)
        assert found.alpha == pytest.approx(-9.48167, abs=10 * PRINTED_6)
        assert found.betas.tolist() == pytest.approx([4.37422, -0.613997], abs=10 * PRINTED_6)
        assert found.alpha_standard_error == pytest.approx(1.17709, abs=10 * PRINTED_6)
        assert found.standard_errors.tolist() == pytest.approx([0.328787, 0.293619], abs=PRINTED_6)

    @pytest.mark.parametrize("kind", ["nonrobust", "hc3", "hac"])
    def test_is_statsmodels(self, kind):
        asset, benchmarks = market()
        found = estimate_betas(asset, benchmarks, covariance=kind)
        model = sm.OLS(asset, sm.add_constant(benchmarks))
        lags = int(4.0 * 2.0 ** (2.0 / 9.0))
        fitted = {
            "nonrobust": lambda: model.fit(use_t=True),
            "hc3": lambda: model.fit(cov_type="HC3", use_t=True),
            "hac": lambda: model.fit(cov_type="HAC", cov_kwds={"maxlags": lags}, use_t=True),
        }[kind]()
        np.testing.assert_allclose(found.betas, fitted.params.iloc[1:], rtol=STATSMODELS)
        np.testing.assert_allclose(found.covariance_matrix, fitted.cov_params().iloc[1:, 1:], rtol=1e-9)
        interval = fitted.conf_int()
        np.testing.assert_allclose(found.low, interval.iloc[1:, 0], rtol=STATSMODELS)
        np.testing.assert_allclose(found.high, interval.iloc[1:, 1], rtol=STATSMODELS)
        assert found.r_squared == pytest.approx(fitted.rsquared, rel=STATSMODELS)
        assert found.residual_volatility == pytest.approx(np.sqrt(fitted.scale), rel=STATSMODELS)
        assert found.hac_lags == (lags if kind == "hac" else None)

    def test_one_benchmark_is_the_single_estimate(self):
        y, x = noisy_pair(1)
        found, single = estimate_betas(y, pd.DataFrame({"BTC": x})), estimate_beta(y, x)
        assert found.betas["BTC"] == pytest.approx(single.beta, rel=SAME_FORMULA)
        assert found.standard_errors["BTC"] == pytest.approx(single.beta_standard_error, rel=SAME_FORMULA)
        assert found.condition_number == pytest.approx(1.0)

    def test_is_the_minimum_variance_hedge(self):
        asset, benchmarks = market(2)
        found = estimate_betas(asset, benchmarks)
        joint = np.cov(np.column_stack([benchmarks, asset]).T)
        np.testing.assert_allclose(found.betas, np.linalg.solve(joint[:2, :2], joint[:2, 2]), rtol=1e-9)

    def test_condition_number_by_hand(self):
        # Correlation r has eigenvalues 1 + r and 1 - r.
        _, benchmarks = market(3)
        r = np.corrcoef(benchmarks.T)[0, 1]
        found = estimate_betas(market(3)[0], benchmarks)
        assert found.condition_number == pytest.approx((1 + r) / (1 - r), rel=1e-9)

    def test_lockstep(self):
        asset, benchmarks = market(4)
        benchmarks["WBTC"] = 2 * benchmarks["BTC"]
        with pytest.raises(DegenerateDataError) as caught:
            estimate_betas(asset, benchmarks)
        check_error(caught, parameter="benchmark_returns")

    def test_one_observation_decides(self):
        asset, benchmarks = market(5, 30)
        benchmarks["EVENT"] = np.eye(30)[7]
        with pytest.raises(DegenerateDataError) as caught:
            estimate_betas(asset, benchmarks, covariance="hc3")
        check_error(caught)

    def test_unusable(self):
        asset, benchmarks = market(6)
        with pytest.raises(InsufficientDataError):
            estimate_betas(asset[:5], benchmarks.iloc[:5])
        twice = pd.concat([benchmarks, benchmarks], axis=1)
        for wrong in (twice, benchmarks.iloc[:, :0]):
            with pytest.raises(InputError) as caught:
                estimate_betas(asset, wrong)
            check_error(caught, parameter="benchmark_returns")
        still = benchmarks.assign(ETH=0.01)
        with pytest.raises(DegenerateDataError) as degenerate:
            estimate_betas(asset, still)
        check_error(degenerate, names="ETH")
        for lags in (-1, 200, True, 2.5):
            with pytest.raises(InputError) as wrong_lags:
                estimate_betas(asset, benchmarks, hac_lags=lags)
            check_error(wrong_lags, parameter="hac_lags")


class TestWholeContracts:
    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(seed=st.integers(0, 10_000), k=st.integers(1, 3))
    def test_no_neighbour_leaves_less_variance(self, seed, k):
        generator = np.random.default_rng(seed)
        loadings = generator.normal(size=(k, k)) + 2 * generator.normal(size=(1, k))
        spread = loadings.T @ loadings + 1e-2 * np.eye(k)
        target = 5 * generator.normal(size=k)
        found = _nearest_whole(target, spread)
        reach = range(-7, 8)
        every = np.array(list(itertools.product(reach, repeat=k))) + np.rint(target) - target
        best = np.einsum("ij,jk,ik->i", every, spread, every).min()
        assert (found - target) @ spread @ (found - target) <= best * (1 + 1e-9)

    def test_orders(self):
        asset, benchmarks = market(7)
        betas = estimate_betas(asset, benchmarks)
        plan = size_several_hedges(100_000, betas, contracts=CONTRACTS, prices_usd=PRICES)
        for name in ("BTC", "ETH"):
            exact = -betas.betas[name] * 100_000 / PRICES[name]
            assert plan.contracts_exact[name] == pytest.approx(exact, rel=SAME_FORMULA)
            assert plan.contracts[name] % CONTRACTS[name].quantity_step == 0
            notional = float(plan.contracts[name]) * PRICES[name]
            assert plan.hedge_notional_usd[name] == pytest.approx(notional, rel=SAME_FORMULA)
            assert plan.residual_beta_usd[name] == pytest.approx(
                betas.betas[name] * 100_000 + notional, rel=1e-9
            )
        left = plan.residual_beta_usd.to_numpy()
        variance = left @ np.cov(benchmarks.T) @ left
        assert plan.residual_volatility_usd == pytest.approx(np.sqrt(variance), rel=1e-9)
        assert plan.residual_volatility_usd <= plan.volatility_of_rounding_each_usd
        assert plan.condition_number == betas.condition_number

    def test_one_benchmark_is_the_single_order(self):
        y, x = noisy_pair(8)
        plan = size_several_hedges(
            250_000, estimate_betas(y, pd.DataFrame({"BTC": x})), contracts=CONTRACTS, prices_usd=PRICES
        )
        single = size_hedge(250_000, estimate_beta(y, x), CONTRACTS["BTC"], PRICES["BTC"])
        assert plan.contracts["BTC"] == single.contracts

    def test_rounding_together_beats_rounding_each(self):
        better = 0
        for seed in range(40):
            asset, benchmarks = market(seed)
            plan = size_several_hedges(
                30_000, estimate_betas(asset, benchmarks), contracts=CONTRACTS, prices_usd=PRICES
            )
            better += plan.residual_volatility_usd < plan.volatility_of_rounding_each_usd * 0.999
        assert better > 5

    def test_unusable(self):
        betas = estimate_betas(*market(9))
        with pytest.raises(InputError) as caught:
            size_several_hedges(1e5, betas, contracts={"BTC": CONTRACTS["BTC"]}, prices_usd=PRICES)
        check_error(caught, parameter="contracts", names="ETH")
        with pytest.raises(InputError) as caught:
            size_several_hedges(1e5, betas, contracts=CONTRACTS, prices_usd={"BTC": 1.0})
        check_error(caught, parameter="prices_usd")
        with pytest.raises(InputError) as caught:
            size_several_hedges(1e5, betas, contracts=CONTRACTS, prices_usd={**PRICES, "ETH": 0.0})
        check_error(caught)
        tiny = {name: LinearContract(name, quantity_step=Decimal("1e-15")) for name in CONTRACTS}
        with pytest.raises(InputError) as caught:
            size_several_hedges(1e9, betas, contracts=tiny, prices_usd=PRICES)
        check_error(caught, parameter="position_usd")
        large = {name: LinearContract(name, minimum_quantity=Decimal(500)) for name in CONTRACTS}
        with pytest.raises(NoHedgeError) as refused:
            size_several_hedges(1e6, betas, contracts=large, prices_usd=PRICES)
        check_error(refused, names="500")


def test_arguments_of_the_wrong_kind():
    asset, benchmarks = market()
    with pytest.raises(InputError) as caught:
        estimate_betas(asset, benchmarks.to_numpy())
    check_error(caught, parameter="benchmark_returns")
    with pytest.raises(InputError) as caught:
        estimate_betas(asset, benchmarks, covariance="hc3", hac_lags=2)
    check_error(caught, parameter="hac_lags")
    whole = estimate_betas(asset, benchmarks, hac_lags=np.int64(2))
    assert whole.hac_lags == 2


def test_ten_benchmarks_that_are_nearly_one():
    """The search for whole contracts ends with an error, not after the age of the universe."""
    generator = np.random.default_rng(3)
    one = generator.standard_normal((400, 1))
    spread = np.cov((one + 1e-3 * generator.standard_normal((400, 10))).T)
    with pytest.raises(DegenerateDataError) as caught:
        _nearest_whole(100 * generator.random(10), spread)
    check_error(caught, parameter="betas")
