"""Whether a hedge pays: break-even by hand, shortfalls against the normal distribution, honest verdicts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from hedging import DegenerateDataError, InputError, InsufficientDataError
from hedging.carry.break_even import break_even
from hedging.carry.costs import TradingCosts
from hedging.carry.worth import hedge_worth, usual_paths
from tests.test_hedging.examples import check_error
from tests.tolerances import COVERAGE_WORTH

COSTS = TradingCosts(0.0005, 0.0002)


class TestBreakEven:
    def test_by_hand(self):
        # 10.95 % a year over 73 days is 2.19 %, less twice .07 %.
        found = break_even(COSTS, funding_annual_fraction=0.1095, holding_days=73)
        assert found.benchmark_return == pytest.approx(0.0219 - 0.0014)
        assert found.holding_days == pytest.approx(0.0014 / 0.1095 * 365)
        assert "4.7 days" in found.reason

    def test_funding_that_is_paid(self):
        found = break_even(COSTS, funding_annual_fraction=-0.05, holding_days=365)
        assert found.benchmark_return == pytest.approx(-0.05 - 0.0014)
        assert found.holding_days is None

    def test_rebates(self):
        found = break_even(TradingCosts(-0.0002, 0.0001), funding_annual_fraction=0.0, holding_days=1)
        assert found.holding_days == 0.0
        assert found.benchmark_return == pytest.approx(0.0002)

    @pytest.mark.parametrize(("name", "value"), [("funding_annual_fraction", 11.0), ("holding_days", 0.0)])
    def test_unusable(self, name, value):
        with pytest.raises(InputError) as caught:
            break_even(COSTS, **{"funding_annual_fraction": 0.1, "holding_days": 10, name: value})
        check_error(caught, parameter=name)


def pair(seed: int = 1, n: int = 1_500, noise: float = 0.01):
    generator = np.random.default_rng(seed)
    x = 0.03 * generator.standard_normal(n)
    return 1.5 * x + noise * generator.standard_normal(n), x


def worth(y, x, **changes):
    arguments = {
        "position_usd": 100_000.0,
        "hedge_notional_usd": -150_000.0,
        "costs": COSTS,
        "holding_periods": 1,
    }
    return hedge_worth(y, x, **(arguments | changes))


class TestWorth:
    def test_the_returns_of_a_net_value_that_holds_shorts_add_up(self):
        """Hedged in full a net value with a beta of 5 has no shortfall, however far it falls."""
        _, x = pair()
        x = 5.0 * np.abs(x) * np.sign(x)  # 15 % a period: 75 % of the net value
        changes = {"position_usd": 1e4, "hedge_notional_usd": -5e4, "paths": 500}
        found = worth(5.0 * x, x, floored=False, **changes)
        assert found.shortfall_unhedged_usd > 1e4
        assert found.shortfall_hedged_usd == pytest.approx(0.0, abs=1e-6)
        # A floor would call the hedge's gain beyond it a risk.
        assert worth(5.0 * x, x, **changes).shortfall_hedged_usd > 100

    def test_shortfalls_are_those_of_a_normal_distribution(self):
        y, x = pair(n=4_000)
        found = worth(y, x, paths=20_000)
        factor = norm.pdf(norm.ppf(0.05)) / 0.05
        assert found.shortfall_unhedged_usd == pytest.approx(1e5 * y.std() * factor, rel=0.05)
        assert found.shortfall_hedged_usd == pytest.approx(1e5 * (y - 1.5 * x).std() * factor, rel=0.05)

    @pytest.mark.parametrize(("periods", "paths"), [(7, 2_000), (168, 1_066), (2_000, 200)])
    def test_the_work_is_bounded_by_fewer_paths(self, periods, paths):
        assert usual_paths(periods) == paths

    def test_more_than_half_a_minute_of_work_is_refused(self):
        with pytest.raises(InputError) as caught:
            worth(*pair(), holding_periods=10_000)
        check_error(caught, parameter="holding_periods")

    def test_a_good_hedge(self):
        found = worth(*pair())
        assert found.verdict == "worth it"
        assert found.trading_usd == pytest.approx(2 * 150_000 * 0.0007)
        assert found.cost_usd == pytest.approx(210.0)
        assert found.net_usd == pytest.approx(found.avoided_usd - 210)
        assert found.ratio == pytest.approx(found.avoided_usd / 210)
        assert found.avoided_low_usd < found.avoided_usd < found.avoided_high_usd
        assert "lowers" in found.reason

    def test_a_hedge_of_something_else_raises_the_risk(self):
        generator = np.random.default_rng(2)
        y, x = 0.02 * generator.standard_normal(1_000), 0.05 * generator.standard_normal(1_000)
        found = worth(y, x)
        assert found.verdict == "not worth it"
        assert "raises" in found.reason

    def test_when_cost_and_benefit_are_alike_it_cannot_tell(self):
        y, x = pair(3, 60)
        plain = worth(y, x)
        even = worth(y, x, funding_rate_sum=-(plain.avoided_usd - plain.trading_usd) / 150_000)
        assert even.net_usd == pytest.approx(0.0, abs=1e-6)
        assert even.verdict == "cannot tell"
        assert "cannot tell" in even.reason

    def test_funding_is_received_by_a_short(self):
        y, x = pair(4)
        found = worth(y, x, funding_rate_sum=0.01, holding_periods=10)
        assert found.funding_usd == pytest.approx(1_500)
        assert found.cost_usd == pytest.approx(210 - 1_500)
        assert found.ratio is None
        assert "earns" in found.reason

    def test_shortfall_grows_with_time_and_scales_with_size(self):
        y, x = pair(5)
        day, month = worth(y, x), worth(y, x, holding_periods=30)
        assert month.shortfall_unhedged_usd > 3 * day.shortfall_unhedged_usd
        double = worth(y, x, position_usd=200_000.0, hedge_notional_usd=-300_000.0)
        assert double.avoided_usd == pytest.approx(2 * day.avoided_usd, rel=1e-9)

    def test_interval_covers_the_benefit(self):
        """100 histories of 250 normal days against the shortfalls of the normal distribution."""
        factor = norm.pdf(norm.ppf(0.05)) / 0.05
        truth = 1e5 * factor * (np.hypot(1.5 * 0.03, 0.01) - 0.01)
        hits = []
        for seed in range(100):
            found = worth(*pair(1_000 + seed, 250), paths=400)
            hits.append(found.avoided_low_usd <= truth <= found.avoided_high_usd)
        low, high = COVERAGE_WORTH
        assert low <= np.mean(hits) <= high

    def test_same_seed_same_numbers(self):
        assert worth(*pair(6)) == worth(*pair(6))
        assert worth(*pair(6)) != worth(*pair(6), seed=1)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("position_usd", 0.0),
            ("hedge_notional_usd", float("nan")),
            ("hedge_notional_usd", 1e13),
            ("position_usd", 1e300),
            ("holding_periods", 0),
            ("paths", 10),
            ("seed", -1),
            ("tail_confidence", 1.0),
            ("confidence", 0.0),
            ("funding_rate_sum", float("inf")),
            ("holding_periods", 1_000_000),
        ],
    )
    def test_unusable(self, name, value):
        with pytest.raises(InputError) as caught:
            worth(*pair(7), **{name: value})
        check_error(caught, parameter=name)

    def test_too_few_or_still(self):
        y, x = pair(8, 29)
        with pytest.raises(InsufficientDataError):
            worth(y, x)
        y, x = pair(8, 60)
        with pytest.raises(DegenerateDataError):
            worth(y, 0 * x)
