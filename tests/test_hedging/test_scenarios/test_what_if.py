"""Shocks by hand, intervals that cover, and the alternatives on one grid."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from hedging import InputError, estimate_beta, size_inverse_hedge
from hedging.carry.costs import TradingCosts
from hedging.instruments.contracts import InverseContract, LinearContract
from hedging.instruments.liquidation import (
    MarginedPosition,
    inverse_liquidation_price,
    liquidation_price,
)
from hedging.instruments.margin import MaintenanceTiers
from hedging.scenarios.alternatives import compare_alternatives
from hedging.scenarios.hedged_position import HedgedPosition
from hedging.scenarios.options import buy_collar, buy_protection
from hedging.scenarios.rolled_future import compare_rolled_future, rolled_returns
from hedging.scenarios.shock import Shock
from hedging.scenarios.what_if import what_if
from hedging.scenarios.worst_days import worst_days
from tests.test_hedging.examples import check_error, days, noisy_pair
from tests.tolerances import CENT, SAME_FORMULA

POSITION = HedgedPosition(
    position_usd=10_000.0,
    hedge_notional_usd=-15_000.0,
    beta=1.6,
    beta_standard_error=0.1,
    residual_volatility=0.03,
    asset_volatility=0.06,
    benchmark_volatility=0.03,
)
MOVES = np.array([-0.2, 0.0, 0.1])
COSTS = TradingCosts(0.0005, 0.0002)


def test_a_worst_day_beyond_the_liquidation_price_costs_the_margin():
    order = replace(POSITION, position_usd=-1e4, hedge_notional_usd=15_000.0, margin_usd=1_500.0)
    asset, benchmark = np.array([0.3, 0.02, -0.1]), np.array([-0.2, 0.01, -0.05])
    changes = {"position_usd": -1e4, "hedge_notional_usd": 15_000.0, "n": 3}
    found = worst_days(asset, benchmark, order=order, **changes)
    assert found["hedge_usd"].tolist() == pytest.approx([-1_500, 150, -750])
    assert found["liquidated"].tolist() == [True, False, False]
    assert found["hedged_usd"].iloc[0] == pytest.approx(-4_500)
    with pytest.raises(InputError) as caught:
        worst_days(asset, benchmark, order=order, **changes | {"hedge_notional_usd": 1.0})
    check_error(caught, parameter="order")


class TestBookOnBothSides:
    """Net 10,000 of large longs and shorts with a beta of 5, hedged in full; the benchmark falls by 30 %."""

    moves = np.array([-0.3])

    def test_what_if(self):
        book = replace(POSITION, beta=5.0, hedge_notional_usd=-50_000.0, floored=False)
        row = what_if(book, self.moves).table.iloc[0]
        assert row[["unhedged", "hedge", "hedged"]].tolist() == pytest.approx([-15_000, 15_000, 0], abs=CENT)
        assert row["unhedged_low"] < -15_000
        one_asset = what_if(replace(book, floored=True), self.moves).table.iloc[0]
        assert one_asset["unhedged"] == -10_000

    def test_alternatives(self):
        found = compare_alternatives(1e4, 5.0, self.moves, costs=TradingCosts(0.0), floored=False)
        assert found.payoff_usd.iloc[0].tolist() == pytest.approx([-15_000, -12_000, 0], abs=CENT)


class TestWhatIf:
    def test_by_hand(self):
        table = what_if(POSITION, MOVES).table
        assert table["unhedged"].tolist() == pytest.approx([-3_200, 0, 1_600])
        assert table["hedged"].tolist() == pytest.approx([-200, 0, 100])
        # 1.96 sqrt((10,000 x .1 x .2)^2 + (10,000 x .03)^2)
        reach = 1.959964 * np.hypot(200, 300)
        assert table["hedged"].iloc[0] - table["hedged_low"].iloc[0] == pytest.approx(reach, rel=1e-6)
        assert table["unhedged_high"].iloc[0] - table["unhedged"].iloc[0] == pytest.approx(reach, rel=1e-6)

    def test_a_perfect_hedge_leaves_only_noise(self):
        perfect = replace(POSITION, hedge_notional_usd=-16_000.0)
        assert what_if(perfect, MOVES).table["hedged"].abs().max() == pytest.approx(0.0, abs=1e-9)

    def test_intervals_cover(self):
        """Beta from its sampling distribution, noise over four periods, a move of -20 %."""
        generator = np.random.default_rng(1)
        beta = 1.6 + 0.1 * generator.standard_normal(40_000)
        noise = 0.03 * np.sqrt(4) * generator.standard_normal(40_000)
        pnl = 10_000 * (beta * -0.2 + noise) + 15_000 * 0.2
        row = what_if(POSITION, MOVES, shock=Shock(periods=4.0)).table.iloc[0]
        inside = (pnl >= row["hedged_low"]) & (pnl <= row["hedged_high"])
        assert inside.mean() == pytest.approx(0.95, abs=0.005)

    def test_beta_breaks(self):
        found = what_if(POSITION, MOVES, shock=Shock(beta_after=2.5))
        assert found.table["hedged"].iloc[0] == pytest.approx(-5_000 + 3_000)
        assert found.beta == 2.5

    def test_correlation_falls_and_the_assets_volatility_stays(self):
        found = what_if(POSITION, MOVES, shock=Shock(correlation_after=0.2))
        assert found.beta == pytest.approx(0.2 * 2.0)
        variance = (found.beta * 0.03) ** 2 + found.residual_volatility**2
        assert variance == pytest.approx(0.06**2, rel=SAME_FORMULA)
        none = what_if(POSITION, MOVES, shock=Shock(correlation_after=0.0))
        assert none.table["hedged"].iloc[0] == pytest.approx(3_000)  # only the hedge is left

    def test_funding_spike_pays_a_short(self):
        found = what_if(POSITION, MOVES, shock=Shock(funding_rate=0.003, funding_charges=3))
        assert found.table["funding"].tolist() == pytest.approx([135.0] * 3)
        assert found.table["hedged"].iloc[1] == pytest.approx(135.0)

    def test_basis(self):
        found = what_if(POSITION, MOVES, shock=Shock(basis_change_fraction=-0.05))
        assert found.table["hedge"].iloc[1] == pytest.approx(750.0)

    def test_a_gap_through_the_liquidation_price(self):
        held = replace(POSITION, margin_usd=3_000.0)
        found = what_if(held, np.array([0.15, 0.30, -0.5]))
        assert found.table["liquidated"].tolist() == [False, True, False]
        # The margin is gone and nothing beyond it; the position is unhedged for the whole move.
        assert found.table["hedge"].tolist() == pytest.approx([-2_250, -3_000, 7_500])
        assert found.table["hedged"].iloc[1] == pytest.approx(4_800 - 3_000)

    @pytest.mark.parametrize("contracts", [-0.25, 0.25])
    def test_liquidation_is_that_of_the_margin_module(self, contracts):
        contract = LinearContract("BTC")
        position = MarginedPosition(contract, contracts, 60_000.0, 60_000.0, MaintenanceTiers.flat(0.005))
        expected = liquidation_price(position, margin_usd=3_000.0, convention="binance")
        found = what_if(replace(POSITION, hedge_notional_usd=contracts * 60_000.0, margin_usd=3_000.0), MOVES)
        assert found.liquidation_return == pytest.approx(expected.distance_fraction, rel=1e-9)

    def test_a_liquidation_found_elsewhere_is_the_one_that_counts(self):
        """Tiers and another exchange's formula: what they find decides, here 2.5 % maintenance by entry."""
        position = MarginedPosition(
            LinearContract("BTC"), -0.25, 60_000.0, 60_000.0, MaintenanceTiers.flat(0.025)
        )
        known = liquidation_price(position, margin_usd=3_000.0, convention="bybit").distance_fraction
        held = replace(POSITION, margin_usd=3_000.0, liquidation_price_move=known)
        found = what_if(held, np.array([known - 1e-9, known]), shock=Shock(basis_change_fraction=0.0))
        assert found.liquidation_return == pytest.approx(known)
        assert found.table["liquidated"].tolist() == [False, True]
        gapped = what_if(held, MOVES, shock=Shock(basis_change_fraction=0.1))
        assert (1 + gapped.liquidation_return) * 1.1 == pytest.approx(1 + known)

    def test_coins_that_are_the_margin_move_with_the_benchmark_until_they_are_lost(self):
        """An order of H + M P0 and M coins hedge like a linear H; once closed, the coins are lost."""
        contract = InverseContract("BTCUSD")
        plan = size_inverse_hedge(10_000.0, 1.6, contract, 50_000.0, margin_coins=0.1)
        assert plan.hedge_notional_usd == -21_000
        margined = MarginedPosition(
            contract, -21_000.0, 50_000.0, 50_000.0, MaintenanceTiers.flat(0.005, unit="coin")
        )
        known = inverse_liquidation_price(margined, margin_coins=0.1, convention="binance").distance_fraction
        held = replace(
            POSITION,
            hedge_notional_usd=plan.hedge_notional_usd,
            margin_usd=5_000.0,
            contract_kind="inverse",
            margin_exposure_usd=plan.margin_exposure_usd,
            liquidation_price_move=known,
        )
        found = what_if(held, np.array([-0.3, 0.1, 0.9]))
        assert found.table["hedge"].tolist() == pytest.approx([4_800.0, -1_600.0, -5_000.0])
        assert found.table["liquidated"].tolist() == [False, False, True]
        own = replace(held, liquidation_price_move=None)
        assert what_if(own, MOVES).liquidation_return == pytest.approx(known, rel=1e-9)

    @pytest.mark.parametrize(("notional", "move"), [(-1.0, -0.2), (-1.0, 0.0), (1.0, 0.2), (1.0, -1.0)])
    def test_a_liquidation_on_the_wrong_side(self, notional, move):
        with pytest.raises(InputError) as caught:
            replace(POSITION, hedge_notional_usd=notional, margin_usd=1.0, liquidation_price_move=move)
        check_error(caught, parameter="liquidation_price_move")

    @pytest.mark.parametrize(
        ("days_long", "per_year", "interval", "periods", "charges"),
        [
            (1, 365, 8, 1, 3),
            (1 / 3, 365, 8, 1 / 3, 1),
            (0.25, 8_760, 8, 6, 0),
            (7, 8_760, 1, 168, 168),
            (365, 252, None, 252, 0),
            (7, 365 / 7, 4, 1, 42),
        ],
    )
    def test_days_to_periods_and_charges(self, days_long, per_year, interval, periods, charges):
        shock = Shock.over_days(
            days_long, periods_per_year=per_year, funding_interval_hours=interval, funding_rate=0.001
        )
        assert shock.periods == pytest.approx(periods)
        assert shock.funding_charges == charges

    @pytest.mark.parametrize("name", ["days", "periods_per_year", "funding_interval_hours"])
    def test_unusable_days(self, name):
        with pytest.raises(InputError) as caught:
            Shock.over_days(
                **{"days": 1.0, "periods_per_year": 365.0, "funding_interval_hours": 8.0, name: 0.0}
            )
        check_error(caught, parameter=name)

    def test_no_liquidation(self):
        assert what_if(POSITION, MOVES).liquidation_return is None
        safe = replace(POSITION, hedge_notional_usd=15_000.0, margin_usd=20_000.0)
        assert what_if(safe, MOVES).liquidation_return is None  # a long with more than its notional

    def test_from_an_estimate(self):
        estimate = estimate_beta(*noisy_pair(1))
        held = HedgedPosition.from_estimate(estimate, position_usd=1e4, hedge_notional_usd=-1e4)
        assert (held.beta, held.beta_standard_error) == (estimate.beta, estimate.beta_standard_error)
        assert held.residual_volatility == estimate.residual_volatility

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("position_usd", 0.0),
            ("beta", float("nan")),
            ("beta_standard_error", -1.0),
            ("asset_volatility", 0.0),
            ("margin_usd", 10.0),
            ("maintenance_fraction", 0.6),
            ("margin_exposure_usd", -1.0),
        ],
    )
    def test_unusable_positions(self, name, value):
        with pytest.raises(InputError) as caught:
            replace(POSITION, **{name: value})
        check_error(caught, parameter=name)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("beta_after", 101.0),
            ("correlation_after", 1.5),
            ("funding_rate", 1.0),
            ("funding_charges", -1),
            ("basis_change_fraction", 1.0),
            ("periods", 0.0),
        ],
    )
    def test_unusable_shocks(self, name, value):
        with pytest.raises(InputError) as caught:
            Shock(**{name: value})
        check_error(caught, parameter=name)

    def test_unusable_together(self):
        with pytest.raises(InputError) as caught:
            Shock(beta_after=1.0, correlation_after=0.5)
        check_error(caught, parameter="correlation_after")
        with pytest.raises(InputError) as caught:
            what_if(POSITION, np.array([-1.0]))
        check_error(caught, parameter="benchmark_returns")


class TestWorstDays:
    def test_are_the_positions_own(self):
        y, x = noisy_pair(2, 100)
        index = days(100)
        asset, benchmark = pd.Series(y, index=index), pd.Series(x, index=index)
        table = worst_days(asset, benchmark, position_usd=1e4, hedge_notional_usd=-1.4e4, n=5)
        assert table.index[0] == asset.idxmin()
        assert table["unhedged_usd"].tolist() == sorted(1e4 * y)[:5]
        np.testing.assert_allclose(
            table["hedged_usd"], 1e4 * table["asset_return"] - 1.4e4 * table["benchmark_return"]
        )
        short = worst_days(y, x, position_usd=-1e4, hedge_notional_usd=1.4e4, n=1)
        assert short.index[0] == y.argmax()

    @pytest.mark.parametrize(("name", "value"), [("n", 0), ("n", 101), ("position_usd", 0.0)])
    def test_unusable(self, name, value):
        y, x = noisy_pair(3, 100)
        with pytest.raises(InputError) as caught:
            worst_days(y, x, **{"position_usd": 1.0, "hedge_notional_usd": -1.0, "n": 5, name: value})
        check_error(caught, parameter=name)


def rolled(**changes):
    arguments = {
        "basis_annual_fraction": 0.08,
        "expiry_days": 91.25,
        "days_to_first_expiry": 91.25,
        "holding_days": 365.0,
        "funding_annual_fraction": 0.05,
        "dated_costs": COSTS,
        "perpetual_costs": COSTS,
    }
    return compare_rolled_future(-100_000.0, **(arguments | changes))


class TestRolledFuture:
    def test_by_hand(self):
        found = rolled()
        # Four quarters, three rolls: eight trades of 70 USD against two; contango pays a short 8,000.
        assert found.n_rolls == 3
        assert found.dated_trading_usd == pytest.approx(560.0)
        assert found.convergence_usd == pytest.approx(8_000.0)
        assert found.dated_usd == pytest.approx(7_440.0)
        assert found.perpetual_usd == pytest.approx(5_000.0 - 140.0)
        assert found.cheaper == "dated future"

    def test_break_even(self):
        found = rolled()
        even = rolled(funding_annual_fraction=found.break_even_funding_annual_fraction)
        assert even.perpetual_usd == pytest.approx(even.dated_usd)

    @pytest.mark.parametrize(
        ("first", "held", "rolls"),
        [(91.25, 91.25, 0), (30, 30, 0), (30, 31, 1), (30, 121.25, 1), (30, 122, 2)],
    )
    def test_number_of_rolls(self, first, held, rolls):
        assert rolled(days_to_first_expiry=first, holding_days=held).n_rolls == rolls

    def test_a_long_hedge_pays_contango(self):
        found = compare_rolled_future(
            100_000.0,
            basis_annual_fraction=0.08,
            expiry_days=91.25,
            days_to_first_expiry=91.25,
            holding_days=91.25,
            funding_annual_fraction=0.05,
            dated_costs=COSTS,
            perpetual_costs=COSTS,
        )
        assert found.convergence_usd == pytest.approx(-2_000.0)
        assert found.cheaper == "perpetual"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("basis_annual_fraction", 11.0),
            ("expiry_days", 0.0),
            ("days_to_first_expiry", 92.0),
            ("holding_days", -1.0),
            ("funding_annual_fraction", float("nan")),
        ],
    )
    def test_unusable(self, name, value):
        with pytest.raises(InputError) as caught:
            rolled(**{name: value})
        check_error(caught, parameter=name)

    def test_a_spliced_series_shows_no_step(self):
        index = days(6)
        front = pd.Series([100.0, 101, 102, 103, 104, 105], index=index)
        back = 1.05 * front
        returns = rolled_returns(front, back, roll_after=index[2])
        np.testing.assert_allclose(returns, front.pct_change().iloc[1:], rtol=SAME_FORMULA)
        assert returns.index.equals(index[1:])

    @pytest.mark.parametrize("change", [lambda s: s.iloc[3:], lambda s: -s, lambda s: s[::-1]])
    def test_unusable_series(self, change):
        front = pd.Series([100.0, 101, 102, 103], index=days(4))
        with pytest.raises(InputError) as caught:
            rolled_returns(front, change(front), roll_after=days(4)[1])
        check_error(caught)


OPTIONS = {"future_usd": 60_000.0, "days_to_expiry": 30.0, "volatility_annual": 0.6}


class TestAlternatives:
    moves = np.array([-0.4, 0.0, 0.4])

    def compare(self, **changes):
        put = buy_protection(1e5, 1.5, strike_fraction=0.9, **OPTIONS)
        collar = buy_collar(1e5, 1.5, strike_fraction=0.9, **OPTIONS)
        arguments = {
            "costs": COSTS,
            "funding_rate_sum": 0.01,
            "options": [("put", put), ("collar", collar)],
            "rolled": compare_rolled_future(
                -150_000.0,
                basis_annual_fraction=0.1,
                expiry_days=91.25,
                days_to_first_expiry=60,
                holding_days=30,
                funding_annual_fraction=0.1,
                dated_costs=COSTS,
                perpetual_costs=COSTS,
            ),
        }
        return put, compare_alternatives(1e5, 1.5, self.moves, **(arguments | changes))

    def test_by_hand(self):
        put, found = self.compare()
        payoff = found.payoff_usd
        assert payoff["no hedge"].tolist() == pytest.approx([-60_000, 0, 60_000])
        # Dollar hedge: short 100,000, 140 of trading, 1,000 of funding received.
        assert payoff["dollar hedge"].tolist() == pytest.approx([-20_000 + 860, 860, 20_000 + 860])
        assert payoff["beta hedge"].tolist() == pytest.approx([1_290] * 3)
        assert payoff["put"].iloc[0] == pytest.approx(-15_000 - put.premium_usd, abs=CENT)
        assert payoff["put"].iloc[2] == pytest.approx(60_000 - put.premium_usd, abs=CENT)
        assert found.table.loc["beta hedge", "cost_usd"] == pytest.approx(210 - 1_500)
        assert found.table.loc["rolled future", "cost_usd"] == pytest.approx(210 - 150_000 * 0.1 * 30 / 365)
        assert found.table.loc["collar", "cost_usd"] == pytest.approx(0.0, abs=CENT)
        assert found.table.loc["no hedge", "worst_usd"] == pytest.approx(-60_000)
        assert found.table["at_rest_usd"].loc["no hedge"] == 0.0
        assert list(found.table.index) == list(payoff.columns)

    def test_unusable(self):
        put = buy_protection(1e5, 1.5, strike_fraction=0.9, **OPTIONS)
        with pytest.raises(InputError) as caught:
            self.compare(options=[("no hedge", put)])
        check_error(caught, parameter="options")
        for moves in (np.array([]), np.array([-1.0])):
            with pytest.raises(InputError) as caught:
                compare_alternatives(1e5, 1.5, moves, costs=COSTS)
            check_error(caught, parameter="benchmark_returns")

    def test_at_rest_is_the_benchmark_unchanged_on_the_grid_or_not(self):
        rest = compare_alternatives(1e5, 1.5, np.array([0.1, 0.2]), costs=COSTS).table["at_rest_usd"]
        assert rest["no hedge"] == 0.0
        assert rest["dollar hedge"] == pytest.approx(-140.0)

    def test_an_options_future_ends_where_spot_is(self):
        """Future 2.5 % above spot: a fall of spot by 20 % is one of the future by 21.95 %."""
        put = buy_protection(1e5, 1.5, strike_fraction=0.9, **{**OPTIONS, "future_usd": 61_500.0})
        found = compare_alternatives(
            1e5, 1.5, np.array([-0.2]), costs=COSTS, options=[("put", put)], spot_usd=60_000.0
        )
        by_hand = -30_000 + put.units * (0.9 * 61_500 - 48_000) - put.premium_usd
        assert found.payoff_usd["put"].iloc[0] == pytest.approx(by_hand)

    def test_a_liquidated_order_has_lost_its_margin_and_receives_nothing(self):
        """Short 150,000 at 20x: 7,500 of margin, gone at (7,500 - 750) / (150,000 x 1.005) = 4.48 %."""
        order = replace(
            POSITION, position_usd=1e5, hedge_notional_usd=-150_000.0, beta=1.5, margin_usd=7_500.0
        )
        moves = np.array([-0.2, 0.04, 0.2])
        _, found = self.compare(orders=[("beta hedge", order)], rolled_order=order)
        payoff = compare_alternatives(
            1e5, 1.5, moves, costs=COSTS, funding_rate_sum=0.01, orders=[("beta hedge", order)]
        ).payoff_usd["beta hedge"]
        assert payoff.tolist() == pytest.approx([1_500 - 210, 1_500 - 210, 30_000 - 7_500 - 210])
        alone = what_if(order, moves).table["hedge"] + 1e5 * 1.5 * moves
        np.testing.assert_allclose(payoff + 210 - [1_500, 1_500, 0], alone, atol=CENT)
        levels = found.table["liquidation_return"]
        assert levels["beta hedge"] == levels["rolled future"] == pytest.approx(6_750 / 150_750)
        assert levels[["no hedge", "put"]].isna().all()
        paid = compare_alternatives(
            1e5, 1.5, moves, costs=COSTS, funding_rate_sum=-0.01, orders=[("beta hedge", order)]
        ).payoff_usd["beta hedge"]
        assert paid.iloc[2] == pytest.approx(30_000 - 7_500 - 210 - 1_500)

    def test_orders_of_another_position(self):
        with pytest.raises(InputError) as caught:
            self.compare(orders=[("beta hedge", POSITION)])
        check_error(caught, parameter="orders")

    def test_what_was_made_for_another_position(self):
        call = buy_protection(-1e5, 1.5, strike_fraction=1.1, **OPTIONS)
        other = buy_protection(1e5, 1.2, strike_fraction=0.9, **OPTIONS)
        for option in (call, other):
            with pytest.raises(InputError) as caught:
                self.compare(options=[("option", option)])
            check_error(caught, parameter="options")
        rolled = compare_rolled_future(
            150_000.0,
            basis_annual_fraction=0.1,
            expiry_days=91.25,
            days_to_first_expiry=60,
            holding_days=30,
            funding_annual_fraction=0.1,
            dated_costs=COSTS,
            perpetual_costs=COSTS,
        )
        with pytest.raises(InputError) as caught:
            self.compare(rolled=rolled)
        check_error(caught, parameter="rolled")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("options", None),
            ("options", ["pu"]),
            ("options", [("put", 5)]),
            ("rolled", 5),
            ("costs", None),
            ("funding_rate_sum", 1e308),
            ("spot_usd", -1.0),
        ],
    )
    def test_arguments_of_the_wrong_kind(self, name, value):
        with pytest.raises(InputError) as caught:
            self.compare(**{name: value})
        check_error(caught, parameter=name)


class TestBasisAndMargin:
    @pytest.mark.parametrize("basis", [0.1, -0.1, 0.0])
    @pytest.mark.parametrize("kind", ["linear", "inverse"])
    @pytest.mark.parametrize("notional", [-15_000.0, 15_000.0])
    def test_the_liquidating_move_is_where_the_table_says(self, basis, kind, notional):
        position = replace(POSITION, hedge_notional_usd=notional, margin_usd=3_000.0, contract_kind=kind)
        moves = np.linspace(-0.6, 0.6, 24_001)
        found = what_if(position, moves, shock=Shock(basis_change_fraction=basis))
        gone = found.table["liquidated"].to_numpy()
        edge = moves[gone].min() if notional < 0 else moves[gone].max()
        assert found.liquidation_return == pytest.approx(edge, abs=1e-4)

    @pytest.mark.parametrize("contracts", [-150, 150])
    def test_inverse_liquidation_is_that_of_the_margin_module(self, contracts):
        """100 USD contracts at 60,000 with 0.05 coins of margin, worth 3,000."""
        contract = InverseContract("BTCUSD", contract_size=Decimal(100))
        held = MarginedPosition(
            contract, contracts, 60_000.0, 60_000.0, MaintenanceTiers.flat(0.005, unit="coin")
        )
        expected = inverse_liquidation_price(held, margin_coins=0.05, convention="binance")
        position = replace(
            POSITION, hedge_notional_usd=contracts * 100.0, margin_usd=3_000.0, contract_kind="inverse"
        )
        found = what_if(position, MOVES)
        assert found.liquidation_return == pytest.approx(expected.distance_fraction, rel=1e-9)

    def test_coins_that_are_lost_are_worth_what_they_cost_then(self):
        position = replace(POSITION, margin_usd=3_000.0, contract_kind="inverse")
        found = what_if(position, np.array([0.5]))
        assert found.table["hedge"].iloc[0] == pytest.approx(-3_000 * (1 + found.liquidation_return))

    def test_basis_compounds_with_the_move(self):
        row = what_if(POSITION, [-0.5], shock=Shock(basis_change_fraction=-0.1)).table.iloc[0]
        assert row["hedge"] == pytest.approx(15_000 * 0.55)
        long = replace(POSITION, position_usd=-1e4, hedge_notional_usd=15_000.0, margin_usd=20_000.0)
        worst = what_if(long, [-0.9], shock=Shock(basis_change_fraction=-0.9)).table.iloc[0]
        assert worst["hedge"] == pytest.approx(-15_000 * 0.99)

    def test_an_asset_falls_by_everything_at_most(self):
        table = what_if(POSITION, [-0.8]).table.iloc[0]
        assert table["unhedged"] == table["unhedged_low"] == -10_000
        short = what_if(replace(POSITION, position_usd=-1e4), [-0.8]).table.iloc[0]
        assert short["unhedged"] == short["unhedged_high"] == 10_000
        alternatives = compare_alternatives(1e5, 1.5, np.array([-0.9]), costs=COSTS)
        assert alternatives.payoff_usd["no hedge"].iloc[0] == -1e5


@pytest.mark.parametrize("n", [8, 15, 60])
def test_intervals_cover_with_an_estimated_error(n):
    """Student's t: the normal quantile covers 91 % at 8 observations."""
    generator = np.random.default_rng(n)
    hits = []
    for _ in range(1_500):
        x = 0.03 * generator.standard_normal(n)
        y = 1.6 * x + 0.03 * generator.standard_normal(n)
        estimate = estimate_beta(y, x, covariance="nonrobust")
        position = HedgedPosition.from_estimate(estimate, position_usd=1e4, hedge_notional_usd=-16_000.0)
        row = what_if(position, [-0.2]).table.iloc[0]
        pnl = 1e4 * (1.6 * -0.2 + 0.03 * generator.standard_normal())
        hits.append(row["unhedged_low"] <= pnl <= row["unhedged_high"])
    assert np.mean(hits) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("shock", lambda: what_if(POSITION, [0.1], shock=5)),
        ("shock", lambda: what_if(POSITION, [0.1], shock=0)),
        ("position", lambda: what_if(None, [0.1])),
        ("benchmark_returns", lambda: what_if(POSITION, np.array([]))),
        ("benchmark_returns", lambda: what_if(POSITION, [True])),
        ("benchmark_returns", lambda: what_if(POSITION, ["0.1"])),
        ("benchmark_returns", lambda: what_if(POSITION, days(3))),
        (
            "estimate",
            lambda: HedgedPosition.from_estimate(None, position_usd=1.0, hedge_notional_usd=1.0),
        ),
        ("beta", lambda: replace(POSITION, beta=1e308)),
        ("residual_volatility", lambda: replace(POSITION, residual_volatility=1e200)),
        ("position_usd", lambda: replace(POSITION, position_usd=10**400)),
        ("position_usd", lambda: replace(POSITION, position_usd=np.complex128(1e4 + 5j))),
        ("position_usd", lambda: replace(POSITION, position_usd=np.timedelta64(1, "D"))),
        ("contract_kind", lambda: replace(POSITION, contract_kind="quanto")),
        ("degrees_of_freedom", lambda: replace(POSITION, degrees_of_freedom=0)),
        ("periods", lambda: Shock(periods=1e308)),
        (
            "n",
            lambda: worst_days(
                np.array([0.1, 0.2]), np.array([0.1, 0.2]), position_usd=1.0, hedge_notional_usd=1.0, n=3
            ),
        ),
        (
            "asset_returns",
            lambda: worst_days(
                np.array([-3.0, 0.2]), np.array([0.1, 0.2]), position_usd=1.0, hedge_notional_usd=1.0, n=1
            ),
        ),
    ],
)
def test_what_cannot_be(name, call):
    with pytest.raises(InputError) as caught:
        call()
    check_error(caught, parameter=name)


def test_worst_days_take_their_labels_from_either_series():
    benchmark = pd.Series([0.01, -0.02, 0.03], index=days(3))
    table = worst_days(
        np.array([0.02, -0.05, 0.01]), benchmark, position_usd=1.0, hedge_notional_usd=-1.0, n=1
    )
    assert table.index[0] == days(3)[1]


class TestRolledReturns:
    index = days(6)
    front = pd.Series(100.0 * 1.1 ** np.arange(6), index=index)
    back = pd.Series(200.0 * 1.01 ** np.arange(6), index=index)

    def test_a_text_is_no_instant(self):
        with pytest.raises(InputError) as caught:
            rolled_returns(self.front, self.back, roll_after="2024-01")
        check_error(caught, parameter="roll_after")

    def test_holes_after_the_roll(self):
        with pytest.raises(InputError) as caught:
            rolled_returns(self.front, self.back.iloc[[3, 5]], roll_after=self.index[3])
        check_error(caught, parameter="back_prices")

    @pytest.mark.parametrize("prices", [[1.0, 2.0], None])
    def test_no_series(self, prices):
        with pytest.raises(InputError) as caught:
            rolled_returns(prices, self.back, roll_after=self.index[3])
        check_error(caught, parameter="front_prices")
