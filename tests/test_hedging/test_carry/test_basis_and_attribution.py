"""Costs, basis, and a P&L split that adds up."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging import DegenerateDataError, InputError, InsufficientDataError
from hedging.carry.attribution import PARTS, HedgeLedger, attribute_pnl
from hedging.carry.basis import annual_basis_fraction, basis_risk
from hedging.carry.costs import TradingCosts, trading_cost_usd
from tests.shared_data import shared_file
from tests.test_hedging.examples import check_error, days, random_prices
from tests.tolerances import CENT, SAME_FORMULA


class TestCosts:
    def test_by_hand(self):
        costs = TradingCosts(fee_fraction=0.0005, slippage_fraction=0.0002)
        assert costs.per_side_fraction == pytest.approx(0.0007)
        assert trading_cost_usd(costs, -15_000) == pytest.approx(10.5)
        assert trading_cost_usd(TradingCosts(-0.0001), 10_000) == pytest.approx(-1.0)  # a rebate

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("fee_fraction", 0.06),
            ("fee_fraction", -0.02),
            ("slippage_fraction", -0.001),
            ("slippage_fraction", float("nan")),
        ],
    )
    def test_unusable(self, name, value):
        with pytest.raises(InputError) as caught:
            TradingCosts(**{"fee_fraction": 0.0, name: value})
        check_error(caught, parameter=name)


class TestBasis:
    index = days(40)
    spot = random_prices(1, days(40))

    def test_by_hand(self):
        future = self.spot * np.resize([1.01, 0.99], 40)
        found = basis_risk(self.spot, future)
        assert (found.highest, found.lowest) == pytest.approx((0.01, -0.01))
        assert found.latest == pytest.approx(-0.01)
        assert found.mean == pytest.approx(0.0, abs=1e-12)
        # Changes of +-.02: 20 down and 19 up.
        assert found.change_volatility == pytest.approx(np.resize([-0.02, 0.02], 39).std(ddof=1))

    def test_only_common_instants_count(self):
        future = (1.001 * self.spot).drop(self.index[[5, 6]])
        spot = self.spot.drop(self.index[[20]])
        found = basis_risk(spot, future)
        assert (found.n_spot_only, found.n_future_only, len(found.basis)) == (2, 1, 37)
        assert found.change_volatility == pytest.approx(0.0, abs=1e-12)
        assert found.return_correlation == pytest.approx(1.0)

    @pytest.mark.market
    def test_the_day_sols_perpetual_left_its_spot(self):
        """2022-11-09: 10.61 against 14.08."""
        table = pd.read_csv(shared_file("market", "perp_daily", "SOLUSDT.csv")).drop_duplicates("timestamp")
        perpetual = pd.Series(
            table["close"].to_numpy(), index=pd.to_datetime(table["timestamp"], unit="ms", utc=True)
        )
        hours = pd.read_feather(shared_file("market", "hourly", "SOL_USDT-1h.feather"))
        closes = pd.Series(hours["close"].to_numpy(), index=pd.DatetimeIndex(hours["date"]))
        last_hours = closes[closes.index.hour == 23]
        spot = last_hours.set_axis(last_hours.index.normalize())
        found = basis_risk(spot, perpetual)
        assert found.basis.loc[pd.Timestamp("2022-11-09", tz="UTC")] == pytest.approx(-0.246, abs=0.001)
        assert found.lowest == pytest.approx(-0.246, abs=0.001)

    def test_dated(self):
        # 2 % over 91.25 days is four times compounded.
        assert annual_basis_fraction(0.02, days_to_expiry=91.25) == pytest.approx(1.02**4 - 1)
        assert annual_basis_fraction(-0.02, days_to_expiry=365) == pytest.approx(-0.02)

    @pytest.mark.parametrize(("basis", "left"), [(-1.0, 10), (0.01, 0), (0.5, 0.01), (float("nan"), 10)])
    def test_dated_unusable(self, basis, left):
        with pytest.raises(InputError) as caught:
            annual_basis_fraction(basis, days_to_expiry=left)
        check_error(caught)

    @pytest.mark.parametrize(
        ("change", "kind"),
        [
            (lambda s: s.tz_localize(None), InputError),
            (lambda s: s[::-1], InputError),
            (lambda s: -s, InputError),
            (lambda s: s.iloc[:9], InsufficientDataError),
            (lambda s: s * 0 + 5, DegenerateDataError),
        ],
    )
    def test_unusable(self, change, kind):
        with pytest.raises(kind) as caught:
            basis_risk(self.spot, change(self.spot))
        check_error(caught)


def ledger(seed: int, n: int = 50) -> HedgeLedger:
    generator = np.random.default_rng(seed)
    value = 1e5 * generator.standard_normal(n)
    used = 1.5 + generator.standard_normal(n)
    scale = {"asset_returns": 0.05, "benchmark_returns": 0.03, "hedge_returns": 0.03, "funding_rates": 3e-4}
    columns = {name: size * generator.standard_normal(n) for name, size in scale.items()}
    columns |= {
        "position_usd": value,
        "beta_used": used,
        "hedge_notional_usd": -used * value + 50 * generator.standard_normal(n),
        "costs_usd": np.abs(generator.standard_normal(n)),
    }
    return HedgeLedger(**{name: pd.Series(column, index=days(n)) for name, column in columns.items()})


class TestAttribution:
    def test_by_hand(self):
        one = {
            "position_usd": 10_000.0,
            "hedge_notional_usd": -14_900.0,
            "beta_used": 1.5,
            "asset_returns": 0.07,
            "benchmark_returns": 0.04,
            "hedge_returns": 0.041,
            "funding_rates": 0.0001,
            "costs_usd": 3.0,
        }
        found = attribute_pnl(
            HedgeLedger(**{name: pd.Series([value], index=days(1)) for name, value in one.items()}),
            reference_beta=1.6,
        )
        expected = {
            "market": 0.0,
            "idiosyncratic": 700 - 640.0,
            "estimation_error": 0.1 * 400.0,
            "rounding": 100 * 0.04,
            "basis": -14.9,
            "funding": 1.49,
            "fees": -3.0,
        }
        assert found.total_usd.to_dict() == pytest.approx(expected, abs=1e-9)
        assert found.pnl_usd.iloc[0] == pytest.approx(700 - 14_900 * 0.041 + 1.49 - 3.0)
        assert list(found.parts_usd.columns) == list(PARTS)

    @settings(max_examples=1_000, deadline=None, derandomize=True)
    @given(seed=st.integers(0, 2**31), reference=st.floats(-5.0, 5.0), target=st.floats(-2.0, 2.0))
    def test_adds_up_to_the_cent(self, seed, reference, target):
        book = ledger(seed, 8)
        found = attribute_pnl(book, reference_beta=reference, beta_target=target)
        pnl = (
            book.position_usd * book.asset_returns
            + book.hedge_notional_usd * book.hedge_returns
            - book.hedge_notional_usd * book.funding_rates
            - book.costs_usd
        )
        assert abs(found.total_usd.sum() - pnl.sum()) < CENT
        assert found.unexplained_usd < CENT
        np.testing.assert_allclose(found.pnl_usd, pnl, rtol=SAME_FORMULA)

    def test_a_perfect_hedge_leaves_carry_alone(self):
        book = ledger(3)
        exact = replace(
            book,
            asset_returns=1.5 * book.benchmark_returns,
            beta_used=book.beta_used * 0 + 1.5,
            hedge_notional_usd=-1.5 * book.position_usd,
            hedge_returns=book.benchmark_returns,
        )
        found = attribute_pnl(exact, reference_beta=1.5)
        for part in ("market", "idiosyncratic", "estimation_error", "rounding", "basis"):
            assert found.total_usd[part] == pytest.approx(0.0, abs=1e-6)
        assert found.total_usd["funding"] != 0.0

    @pytest.mark.parametrize("name", [field.name for field in fields(HedgeLedger)][1:])
    def test_unusable_columns(self, name):
        for change in (lambda s: s.iloc[1:], lambda s: s * float("nan")):
            with pytest.raises(InputError) as caught:
                attribute_pnl(
                    replace(ledger(4), **{name: change(getattr(ledger(4), name))}), reference_beta=1.0
                )
            check_error(caught, parameter=name)

    @pytest.mark.parametrize("name", ["reference_beta", "beta_target"])
    def test_unusable_betas(self, name):
        with pytest.raises(InputError) as caught:
            attribute_pnl(ledger(5), **{"reference_beta": 1.0, name: float("nan")})
        check_error(caught, parameter=name)
