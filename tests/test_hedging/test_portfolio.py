"""A book's beta: sums by hand, the right standard error, and one hedge beside many."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging import (
    DegenerateDataError,
    InputError,
    InsufficientDataError,
    LinearContract,
    NoHedgeError,
    TradingCosts,
    align,
    align_book,
    beta_matrix,
    book_value_path,
    estimate_beta,
)
from hedging.instruments.coin_margin import CoinMargin
from hedging.instruments.contracts import InverseContract
from hedging.portfolio.assessment import assess_book
from hedging.portfolio.hedge import hedge_book
from hedging.portfolio.positions import Position
from tests.test_hedging.examples import check_error, days, price_path, random_prices
from tests.tolerances import COVERAGE_METHODS, ROUNDING_NOISE, SAME_FORMULA, STATSMODELS, UNCHANGED

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

    def test_coins_posted_as_margin_are_covered(self):
        returns, benchmark = market(10)
        book = assess_book(BOOK, returns, benchmark)
        inverse = InverseContract("BTCUSD", contract_size=Decimal(1))
        found = hedge_book(book, inverse, 50_000.0, coin_margin=CoinMargin(5.0))
        assert book.exposure_usd > 0
        assert found.order.hedge_notional_usd == pytest.approx(-book.exposure_usd * 5 / 4, abs=0.5)
        assert found.order.margin_exposure_usd == pytest.approx(book.exposure_usd / 4)
        assert abs(found.residual_book_usd) <= 0.5
        assert found.residual_book_usd == pytest.approx(found.order.residual_beta_usd, abs=1e-6)
        assert abs(found.residual_singles_usd) <= 0.5 * len(found.singles)
        assert found.order.contracts_low < found.order.contracts_exact < found.order.contracts_high

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


class TestInterval:
    def test_of_beta_and_in_units_of_the_benchmark(self):
        returns, benchmark = market(20)
        book = assess_book(BOOK, returns, benchmark, benchmark_price_usd=50_000.0)
        assert book.beta_low == pytest.approx(book.exposure_low_usd / book.net_usd)
        assert book.beta_high == pytest.approx(book.exposure_high_usd / book.net_usd)
        assert book.exposure_benchmark_low == pytest.approx(book.exposure_low_usd / 50_000)
        assert book.exposure_benchmark_high == pytest.approx(book.exposure_high_usd / 50_000)

    def test_a_book_short_on_balance_has_the_same_beta_and_interval(self):
        returns, benchmark = market(21)
        book = assess_book(BOOK, returns, benchmark)
        turned = assess_book([Position(p.name, -p.value_usd) for p in BOOK], returns, benchmark)
        assert (turned.beta, turned.beta_low, turned.beta_high) == pytest.approx(
            (book.beta, book.beta_low, book.beta_high)
        )
        assert turned.benchmark_correlation == pytest.approx(-book.benchmark_correlation)
        assert turned.r_squared == pytest.approx(book.r_squared)

    def test_fit_is_that_of_one_regression(self):
        returns, benchmark = market(22)
        book = assess_book(BOOK, returns, benchmark)
        pnl = sum(p.value_usd * returns[p.name] for p in BOOK)
        fit = sm.OLS(pnl, sm.add_constant(benchmark)).fit()
        assert book.r_squared == pytest.approx(fit.rsquared, rel=STATSMODELS)

    def test_nothing_moves_where_long_and_short_are_the_same(self):
        returns, benchmark = market(23)
        returns["TWIN"] = returns["SOL"]
        book = assess_book([Position("SOL", 9e3), Position("TWIN", -9e3)], returns, benchmark)
        assert (book.r_squared, book.beta, book.beta_low, book.exposure_benchmark_low) == (None,) * 4

    def test_of_the_order_and_what_it_costs(self):
        returns, benchmark = market(24)
        book = assess_book(BOOK, returns, benchmark)
        found = hedge_book(book, BTC, 50_000.0, costs=TradingCosts(0.0005, 0.0001))
        assert found.order.contracts_low == pytest.approx(-book.exposure_high_usd / 50_000)
        assert found.order.contracts_high == pytest.approx(-book.exposure_low_usd / 50_000)
        assert found.order.contracts_standard_error == found.contracts_standard_error
        assert found.cost_book_usd == pytest.approx(0.0006 * abs(found.order.hedge_notional_usd))
        assert found.cost_singles_usd == pytest.approx(0.0006 * found.singles_traded_usd)
        assert found.singles_contracts == sum(plan.contracts for plan in found.singles.values())
        assert hedge_book(book, BTC, 50_000.0).cost_book_usd is None


class TestAlignment:
    index = days(6)

    def prices(self, values, index=None):
        return pd.Series([float(value) for value in values], index=self.index if index is None else index)

    def test_only_instants_that_all_have_and_returns_over_the_gap(self):
        benchmark = self.prices([100, 110, 121, 133.1, 146.41, 161.051])
        whole = self.prices([10, 11, 12, 13, 14, 15])
        holed = self.prices([20, 30, 60, 30, 45], self.index[[0, 1, 3, 4, 5]])
        book = align_book({"A": whole, "B": holed}, benchmark)
        assert list(book.asset_prices.index) == list(self.index[[0, 1, 3, 4, 5]])
        assert book.asset_returns["A"].tolist() == pytest.approx([0.1, 13 / 11 - 1, 14 / 13 - 1, 15 / 14 - 1])
        assert book.asset_returns["B"].tolist() == pytest.approx([0.5, 1.0, -0.5, 0.5])
        assert book.benchmark_returns.tolist() == pytest.approx([0.1, 0.21, 0.1, 0.1])
        assert book.n_left_out == {"A": 1, "B": 0}
        assert book.reports["B"].n_benchmark_only == 1

    def test_one_asset_is_the_pair(self):
        asset, benchmark = random_prices(1, days(50)), random_prices(2, days(50))
        book, pair = align_book({"A": asset}, benchmark), align(asset, benchmark)
        pd.testing.assert_series_equal(book.asset_returns["A"], pair.asset, check_names=False)
        pd.testing.assert_series_equal(book.benchmark_returns, pair.benchmark, check_names=False)

    @settings(max_examples=25, deadline=None, derandomize=True)
    @given(st.lists(st.sets(st.integers(0, 29), max_size=12), min_size=1, max_size=4))
    def test_any_holes(self, holes):
        index = days(30)
        full = {f"A{i}": random_prices(i, index) for i in range(len(holes))}
        assets = {
            name: prices.drop(index[sorted(missing)])
            for (name, prices), missing in zip(full.items(), holes, strict=True)
        }
        kept = [i for i in range(30) if not any(i in missing for missing in holes)]
        if len(kept) < 2:
            return
        book = align_book(assets, random_prices(99, index))
        assert list(book.asset_prices.index) == list(index[kept])
        for name, prices in full.items():
            expected = prices.iloc[kept].pct_change().iloc[1:]
            np.testing.assert_allclose(book.asset_returns[name], expected, rtol=1e-9, atol=ROUNDING_NOISE)

    def test_a_later_price_changes_no_earlier_return(self):
        index = days(40)
        assets = {"A": random_prices(1, index), "B": random_prices(2, index)}
        benchmark = random_prices(3, index)
        before = align_book({name: p.iloc[:30] for name, p in assets.items()}, benchmark.iloc[:30])
        after = align_book(assets, benchmark)
        pd.testing.assert_frame_equal(before.asset_returns, after.asset_returns.iloc[:29], check_freq=False)

    def test_weekly_returns_end_on_the_same_days(self):
        index = days(60)
        book = align_book(
            {"A": random_prices(1, index), "B": random_prices(2, index[10:])},
            random_prices(3, index),
            interval="weekly",
        )
        assert len({stamp.dayofweek for stamp in book.asset_returns.index}) == 1

    def test_errors(self):
        with pytest.raises(InputError) as caught:
            align_book({}, random_prices(1, days(9)))
        check_error(caught, parameter="asset_prices")
        early, late = days(10), days(10, "2024-01-10")
        benchmark = random_prices(1, days(30))
        with pytest.raises(InsufficientDataError) as caught:
            align_book({"OLD": random_prices(2, early), "NEW": random_prices(3, late)}, benchmark)
        check_error(caught, parameter="asset_prices", names="NEW begins last, on 2024-01-10")


class TestValuePath:
    def test_by_hand(self):
        """Weights 3/2 and -1/2: +10 % and -20 % give +25 %; -10 % and +10 % give -20 %."""
        prices = pd.DataFrame({"A": [100.0, 110.0, 99.0], "B": [50.0, 40.0, 44.0]}, index=days(3))
        path = book_value_path([Position("A", 300.0), Position("B", -100.0)], prices)
        assert path.tolist() == pytest.approx([200.0, 250.0, 200.0])

    @settings(max_examples=25, deadline=None, derandomize=True)
    @given(
        seed=st.integers(0, 500),
        values=st.tuples(*[st.floats(1e3, 1e5)] * 3),
        signs=st.sampled_from([(1, 1, 1), (1, 1, -0.3), (-1, -1, -1), (-1, 0.2, -1)]),
    )
    def test_its_beta_is_the_weighted_sum_of_betas(self, seed, values, signs):
        returns, benchmark = market(seed, 80)
        prices = pd.DataFrame(
            {name: price_path(returns[name].iloc[1:].to_numpy(), days(80)) for name in BETAS}
        )
        held = [Position(n, v * s) for n, v, s in zip(BETAS, values, signs, strict=True)]
        net = sum(p.value_usd for p in held)
        if abs(net) < 0.2 * sum(abs(p.value_usd) for p in held):
            return
        path = book_value_path(held, prices)
        assert path.iloc[-1] == pytest.approx(abs(net))
        assert (path > 0).all()
        moves, x = path.pct_change().iloc[1:], benchmark.iloc[1:]
        expected = sum(p.value_usd / net * estimate_beta(returns[p.name].iloc[1:], x).beta for p in held)
        assert estimate_beta(moves, x).beta == pytest.approx(expected, rel=1e-9)

    def test_it_is_the_beta_of_the_assessment(self):
        returns, benchmark = market(31)
        prices = pd.DataFrame(
            {name: price_path(returns[name].iloc[1:].to_numpy(), days(250)) for name in BETAS}
        )
        path = book_value_path(BOOK, prices)
        book = assess_book(BOOK, returns.iloc[1:], benchmark.iloc[1:], covariance="hc3")
        single = estimate_beta(path.pct_change().iloc[1:], benchmark.iloc[1:], covariance="hc3")
        assert (single.beta, single.beta_low, single.beta_high) == pytest.approx(
            (book.beta, book.beta_low, book.beta_high)
        )

    def test_only_the_weights_come_from_the_end(self):
        """Later prices scale the whole path and change none of its earlier returns."""
        prices = pd.DataFrame({name: random_prices(i, days(60)) for i, name in enumerate(BETAS)})
        before, after = book_value_path(BOOK, prices.iloc[:40]), book_value_path(BOOK, prices)
        np.testing.assert_allclose(
            before.pct_change().iloc[1:], after.pct_change().iloc[1:40], rtol=0, atol=UNCHANGED
        )
        assert before.iloc[-1] == pytest.approx(70_000.0)
        assert after.iloc[-1] == pytest.approx(70_000.0)

    def test_the_last_day_on_which_everything_was_lost_begins_it(self):
        """Net 100, short 300 of A: +60 % loses 180 on the second day, the rest is there by hand."""
        prices = pd.DataFrame(
            {"A": [100.0, 160.0, 152.0, 152.0], "B": [50.0, 50.0, 50.0, 55.0]}, index=days(4)
        )
        path = book_value_path([Position("A", -300.0), Position("B", 400.0)], prices)
        assert path.index[0] == prices.index[1]
        # -5 % of A is +15 %, +10 % of B is +40 %
        assert path.tolist() == pytest.approx([100 / 1.4 / 1.15, 100 / 1.4, 100.0])

    def test_held_from_reset_to_reset(self):
        """Reset on days 1, 3 and 5: between them coins are held, and the ends are the spans' own returns."""
        prices = pd.DataFrame(
            {"A": [100.0, 110.0, 121.0, 100.0, 90.0], "B": [50.0, 55.0, 40.0, 44.0, 44.0]}, index=days(5)
        )
        held = [Position("A", 300.0), Position("B", -100.0)]
        path = book_value_path(held, prices, reset_at=prices.index[[0, 2, 4]])
        # day 2: 1 + 1.5 * 0.1 - 0.5 * 0.1; day 3: 1 + 1.5 * 0.21 + 0.5 * 0.2
        grown = path / path.iloc[0]
        assert grown.iloc[1:3].tolist() == pytest.approx([1.10, 1.415])
        third = 1.415 * (1 + 1.5 * (100 / 121 - 1) - 0.5 * 0.1)
        assert grown.iloc[3] == pytest.approx(third)
        assert path.iloc[-1] == pytest.approx(200.0)

    @settings(max_examples=25, deadline=None, derandomize=True)
    @given(seed=st.integers(0, 500), net=st.sampled_from([0.08, 0.11, 0.5, 0.9]))
    def test_a_weekly_book_has_the_beta_of_the_assessment(self, seed, net):
        """Also one that is nearly neutral, whose weekly returns daily resets would change the most."""
        index = days(400, "2024-01-01")
        drawn = {name: random_prices(seed * 7 + i, index, 0.005) for i, name in enumerate(("A", "B", "BTC"))}
        benchmark = drawn.pop("BTC")
        daily = align_book(drawn, benchmark)
        weekly = align_book(drawn, benchmark, interval="weekly")
        held = [Position("A", 50_000 * (1 + net)), Position("B", -50_000 * (1 - net))]
        ends = pd.DatetimeIndex(weekly.asset_prices.index)
        path = book_value_path(held, daily.asset_prices, reset_at=ends)
        paired = align(path, benchmark, interval="weekly")
        moves, last = paired.asset, slice(-len(paired.asset), None)
        whole = assess_book(held, weekly.asset_returns[last], weekly.benchmark_returns[last])
        single = estimate_beta(moves, paired.benchmark)
        assert single.beta * 100_000 * net == pytest.approx(whole.exposure_usd, rel=1e-9, abs=1e-6)

    def test_units_of_prices_do_not_matter(self):
        prices = pd.DataFrame({name: random_prices(i, days(30)) for i, name in enumerate(BETAS)})
        pd.testing.assert_series_equal(
            book_value_path(BOOK, prices), book_value_path(BOOK, prices * [1e-6, 1.0, 1e6])
        )

    def test_errors(self):
        prices = pd.DataFrame({"A": [100.0, 160.0, 150.0], "B": [50.0, 40.0, 44.0]}, index=days(3))
        with pytest.raises(InputError) as caught:
            book_value_path([Position("A", 100.0), Position("B", -99.0)], prices)
        check_error(caught, parameter="positions", names="nearly cancel")
        with pytest.raises(InputError) as caught:  # net 100: the short of A loses 180 on the last day
            book_value_path([Position("A", -300.0), Position("B", 400.0)], prices.iloc[:2])
        check_error(caught, parameter="positions", names="lost everything on 2024-01-02")
        with pytest.raises(InputError) as caught:
            book_value_path([Position("A", 1.0)], prices, reset_at=days(2, "2025-01-01"))
        check_error(caught, parameter="reset_at", names="2 of 2 resets")
        with pytest.raises(InputError) as caught:
            book_value_path([Position("C", 1.0)], prices)
        check_error(caught, parameter="positions", names="'C'")


class TestMatrix:
    def test_by_hand(self):
        """Deviations of A -1, 0, 1 and of B -2, 1, 1: products 2, 3, 6."""
        found = beta_matrix(pd.DataFrame({"A": [0.01, 0.02, 0.03], "B": [0.0, 0.03, 0.03]}))
        assert found.loc["B", "A"] == pytest.approx(1.5)  # beta of B on A
        assert found.loc["A", "B"] == pytest.approx(0.5)
        assert found.loc["A", "A"] == found.loc["B", "B"] == 1.0

    @settings(max_examples=25, deadline=None, derandomize=True)
    @given(seed=st.integers(0, 500), scale=st.floats(0.01, 100.0))
    def test_against_single_estimates_and_correlations(self, seed, scale):
        returns, benchmark = market(seed, 60)
        returns = returns.assign(BTC=benchmark)
        found = beta_matrix(returns)
        assert (np.diagonal(found) == 1.0).all()
        for row in found.index:
            for column in found.columns.drop(row):
                expected = estimate_beta(returns[row], returns[column]).beta
                assert found.loc[row, column] == pytest.approx(expected, rel=1e-9)
        np.testing.assert_allclose(found * found.T, returns.corr() ** 2, rtol=1e-9)
        scaled = beta_matrix(returns.assign(SOL=scale * returns["SOL"]))
        np.testing.assert_allclose(scaled.loc["SOL", "BTC"], scale * found.loc["SOL", "BTC"], rtol=1e-9)

    def test_errors(self):
        returns, _ = market(1, 20)
        for bad, kind, parameter in (
            (returns[[]], InputError, "returns"),
            (pd.concat([returns, returns], axis=1), InputError, "returns"),
            (returns.assign(SOL=np.nan), InputError, "SOL"),
            (returns.assign(SOL=0.01), DegenerateDataError, "SOL"),
            (returns.iloc[:2], InsufficientDataError, "observations"),
        ):
            with pytest.raises(kind) as caught:
                beta_matrix(bad)
            check_error(caught, parameter=parameter)
