"""A book's beta: sums by hand, the right standard error, and one hedge beside many."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging import DegenerateDataError, InputError, LinearContract, NoHedgeError, align, estimate_beta
from hedging.portfolio.assessment import assess_book
from hedging.portfolio.hedge import hedge_book
from hedging.portfolio.positions import Position
from tests.test_hedging.examples import check_error, days, price_path
from tests.tolerances import COVERAGE_METHODS, SAME_FORMULA, STATSMODELS

BTC = LinearContract("BTC", quantity_step=Decimal("0.001"), minimum_quantity=Decimal("0.001"))
BETAS = {"SOL": 1.8, "AVAX": 1.6, "LINK": 1.4}


def market(seed: int = 0, n: int = 250, common: float = 0.02):
    generator = np.random.default_rng(seed)
    x = 0.03 * generator.standard_normal(n)
    shared = common * generator.standard_normal(n)
    assets = {name: b * x + shared + 0.01 * generator.standard_normal(n) for name, b in BETAS.items()}
    return pd.DataFrame(assets, index=days(n)), pd.Series(x, index=days(n), name="BTC")


BOOK = [Position("SOL", 60_000.0), Position("AVAX", 30_000.0), Position("LINK", -20_000.0)]


class TestExposure:
    def test_adds_up(self):
        returns, benchmark = market()
        book = assess_book(BOOK, returns, benchmark, benchmark_price_usd=50_000.0)
        expected = sum(p.value_usd * estimate_beta(returns[p.name], benchmark).beta for p in BOOK)
        assert book.exposure_usd == pytest.approx(expected, rel=SAME_FORMULA)
        assert book.table["exposure_usd"].sum() == pytest.approx(expected)
        assert book.table["exposure_share"].sum() == pytest.approx(1.0)
        assert book.table["weight"].abs().sum() == pytest.approx(1.0)
        assert (book.gross_usd, book.net_usd) == (110_000.0, 70_000.0)
        assert book.beta == pytest.approx(expected / 70_000)
        assert book.exposure_benchmark == pytest.approx(expected / 50_000)

    @pytest.mark.parametrize("covariance", ["nonrobust", "hc3", "hac"])
    def test_one_asset_is_its_estimate(self, covariance):
        returns, benchmark = market(1)
        book = assess_book([Position("SOL", -5_000.0)], returns, benchmark, covariance=covariance)
        single = estimate_beta(returns["SOL"], benchmark, covariance=covariance)
        assert book.beta == pytest.approx(single.beta)
        assert book.exposure_standard_error_usd == pytest.approx(5_000 * single.beta_standard_error)
        assert book.exposure_low_usd == pytest.approx(-5_000 * single.beta_high)
        assert book.exposure_high_usd == pytest.approx(-5_000 * single.beta_low)
        assert book.quadrature_standard_error_usd == pytest.approx(book.exposure_standard_error_usd)

    def test_benchmark_on_itself(self):
        returns, benchmark = market(2)
        book = assess_book([Position("BTC", 7_000.0)], returns.assign(BTC=benchmark), benchmark)
        assert book.beta == pytest.approx(1.0)
        assert book.exposure_standard_error_usd == pytest.approx(0.0, abs=1e-6)

    def test_long_and_short_of_the_same_cancel(self):
        returns, benchmark = market(3)
        returns["TWIN"] = returns["SOL"]
        book = assess_book([Position("SOL", 9_000.0), Position("TWIN", -9_000.0)], returns, benchmark)
        assert book.exposure_usd == pytest.approx(0.0, abs=1e-6)
        assert book.exposure_standard_error_usd == pytest.approx(0.0, abs=1e-6)
        assert book.beta is None
        assert hedge_book(book, BTC, 50_000.0).order is None

    def test_positions_of_one_name_add_up(self):
        returns, benchmark = market(4)
        coins = Position.in_coins("SOL", 100.0, price_usd=150.0)
        assert coins.value_usd == 15_000.0
        twice = assess_book([coins, Position("SOL", 5_000.0)], returns, benchmark)
        once = assess_book([Position("SOL", 20_000.0)], returns, benchmark)
        assert twice.exposure_usd == pytest.approx(once.exposure_usd)

    def test_one_asset_whose_positions_cancel_counts_nothing(self):
        returns, benchmark = market(3)
        held = [Position("SOL", 9_000.0), Position("SOL", -9_000.0), Position("AVAX", 1_000.0)]
        book = assess_book(held, returns, benchmark)
        alone = assess_book([Position("AVAX", 1_000.0)], returns, benchmark)
        assert book.exposure_usd == pytest.approx(alone.exposure_usd)
        assert book.exposure_standard_error_usd == pytest.approx(alone.exposure_standard_error_usd)
        assert list(hedge_book(book, BTC, 50_000.0).singles) == ["AVAX"]
        with pytest.raises(InputError) as caught:
            assess_book(held[:2], returns, benchmark)
        check_error(caught, parameter="positions")

    @settings(max_examples=25, deadline=None, derandomize=True)
    @given(factor=st.floats(0.01, 100.0), seed=st.integers(0, 500))
    def test_scaling(self, factor, seed):
        returns, benchmark = market(seed, 60)
        plain = assess_book(BOOK, returns, benchmark)
        scaled = assess_book([Position(p.name, factor * p.value_usd) for p in BOOK], returns, benchmark)
        assert scaled.exposure_usd == pytest.approx(factor * plain.exposure_usd, rel=1e-9)
        assert scaled.exposure_standard_error_usd == pytest.approx(
            factor * plain.exposure_standard_error_usd, rel=1e-9
        )
        assert scaled.beta == pytest.approx(plain.beta, rel=1e-9)


class TestStandardError:
    def test_is_that_of_the_system(self):
        """``sqrt(V' Cov(b) V)`` with the classical covariance of a system on one regressor."""
        returns, benchmark = market(5)
        book = assess_book(BOOK, returns, benchmark, covariance="nonrobust")
        design = sm.add_constant(benchmark.to_numpy())
        residuals = np.column_stack([sm.OLS(returns[p.name], design).fit().resid for p in BOOK])
        system = residuals.T @ residuals / (len(returns) - 2) * np.linalg.inv(design.T @ design)[1, 1]
        values = np.array([p.value_usd for p in BOOK])
        assert book.exposure_standard_error_usd == pytest.approx(
            np.sqrt(values @ system @ values), rel=STATSMODELS
        )

    def test_quadrature_is_wrong_when_residuals_hang_together(self):
        returns, benchmark = market(6)
        long = assess_book([Position(name, 10_000.0) for name in BETAS], returns, benchmark)
        assert long.exposure_standard_error_usd > 1.4 * long.quadrature_standard_error_usd
        apart = assess_book([Position(name, 10_000.0) for name in BETAS], *market(6, common=0.0))
        assert apart.exposure_standard_error_usd == pytest.approx(
            apart.quadrature_standard_error_usd, rel=0.2
        )

    def test_coverage(self):
        values = {p.name: p.value_usd for p in BOOK}
        truth = sum(value * BETAS[name] for name, value in values.items())
        hits = []
        for seed in range(300):
            book = assess_book(BOOK, *market(seed, 60), covariance="hc3")
            hits.append(book.exposure_low_usd <= truth <= book.exposure_high_usd)
        assert COVERAGE_METHODS[0] <= np.mean(hits) <= COVERAGE_METHODS[1]


class TestOverride:
    def test_shifts_the_exposure_and_has_no_error(self):
        returns, benchmark = market(7)
        book = assess_book(
            [Position("SOL", 1e4, beta_override=2.0), Position("AVAX", 1e4)], returns, benchmark
        )
        single = estimate_beta(returns["AVAX"], benchmark)
        assert book.exposure_usd == pytest.approx(2e4 + 1e4 * single.beta)
        assert book.exposure_standard_error_usd == pytest.approx(1e4 * single.beta_standard_error)
        assert book.table.loc["SOL", "overridden"]
        assert np.isnan(book.table.loc["SOL", "beta_standard_error"])
        assert book.estimates["SOL"].beta != 2.0  # what the data say stays to be seen

    def test_all_by_hand(self):
        returns, benchmark = market(8)
        book = assess_book([Position("SOL", 1e4, beta_override=2.0)], returns, benchmark)
        assert (book.exposure_low_usd, book.exposure_high_usd) == (2e4, 2e4)

    def test_two_minds(self):
        returns, benchmark = market(9)
        with pytest.raises(InputError) as caught:
            assess_book([Position("SOL", 1.0, beta_override=2.0), Position("SOL", 1.0)], returns, benchmark)
        check_error(caught, parameter="positions")


class TestHedge:
    def test_one_order_and_many(self):
        returns, benchmark = market(10)
        book = assess_book(BOOK, returns, benchmark)
        found = hedge_book(book, BTC, 50_000.0)
        assert found.order.hedge_notional_usd == pytest.approx(-book.exposure_usd, abs=25.0)
        assert found.residual_book_usd == pytest.approx(found.order.residual_beta_usd, abs=1e-6)
        assert abs(found.residual_book_usd) <= 25.0  # half a step of 50 USD
        assert found.contracts_standard_error == pytest.approx(book.exposure_standard_error_usd / 50_000)
        singles = [plan.hedge_notional_usd for plan in found.singles.values()]
        assert found.singles_notional_usd == pytest.approx(sum(singles))
        # The short LINK is hedged by going long: fees are paid on both, and one order pays for the net.
        assert found.singles_traded_usd > abs(found.order.hedge_notional_usd)

    def test_target(self):
        returns, benchmark = market(11)
        book = assess_book(BOOK, returns, benchmark)
        found = hedge_book(book, BTC, 50_000.0, exposure_target_usd=30_000.0)
        assert found.residual_book_usd == pytest.approx(30_000.0, abs=25.0)

    def test_singles_too_small_while_the_book_is_not(self):
        returns, benchmark = market(12)
        book = assess_book([Position(name, 13.0) for name in BETAS], returns, benchmark)
        found = hedge_book(book, BTC, 50_000.0)
        assert found.order is not None
        assert all(isinstance(single, NoHedgeError) for single in found.singles.values())
        tiny = hedge_book(assess_book([Position("SOL", 1.0)], returns, benchmark), BTC, 50_000.0)
        assert tiny.order is None
        assert "less than the exchange takes" in tiny.problem


def test_weekend_gaps_do_not_shrink_beta():
    """gs-quant: covariance over common rows, variance over all rows of the benchmark: .29 for 1.46."""
    generator = np.random.default_rng(13)
    index = days(701)
    x = 0.02 * generator.standard_normal(700)
    prices = price_path(1.46 * x + 0.002 * generator.standard_normal(700), index)
    aligned = align(prices[prices.index.dayofweek < 5], price_path(x, index, 50_000.0))
    book = assess_book([Position("A", 1.0)], aligned.asset.to_frame("A"), aligned.benchmark)
    assert book.beta == pytest.approx(1.46, abs=0.02)


@pytest.mark.parametrize(
    ("positions", "names"),
    [([], "0 positions"), ([Position("DOGE", 1.0)], "DOGE"), ([Position("SOL", 1.0)] * 501, "501")],
)
def test_unusable_books(positions, names):
    with pytest.raises(InputError) as caught:
        assess_book(positions, *market(14))
    check_error(caught, parameter="positions", names=names)


def test_unusable_values():
    for arguments in ({"value_usd": 0.0}, {"value_usd": 1.0, "beta_override": float("nan")}):
        with pytest.raises(InputError) as caught:
            Position("SOL", **arguments)
        check_error(caught)
    with pytest.raises(InputError) as caught:
        assess_book(BOOK, *market(15), benchmark_price_usd=-1.0)
    check_error(caught, parameter="benchmark_price_usd")
    returns, benchmark = market(16)
    with pytest.raises(DegenerateDataError):
        assess_book(BOOK, returns.assign(SOL=0.0), benchmark)
    with pytest.raises(InputError) as caught:
        assess_book(BOOK, returns, benchmark.to_numpy())
    check_error(caught, parameter="benchmark_returns")
    with pytest.raises(InputError) as caught:
        hedge_book(assess_book(BOOK, returns, benchmark), BTC, 50_000.0, exposure_target_usd=float("inf"))
    check_error(caught, parameter="exposure_target_usd")
