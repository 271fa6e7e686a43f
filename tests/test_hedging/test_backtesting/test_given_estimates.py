"""Betas that are known already, and a stretch of a market: the same walk as without and alone."""

from __future__ import annotations

import numpy as np
import pytest

from hedging import (
    HedgeMarket,
    HedgeStrategy,
    InputError,
    Triggers,
    rolling_beta,
    simulate_hedges,
    sweep_triggers,
    trigger_grid,
)
from tests.test_hedging.examples import BTC, aligned_pair, check_error
from tests.test_hedging.test_backtesting.test_simulate import market

MARKET = market(3)
STRATEGIES = [
    HedgeStrategy("beta", window=20, triggers=Triggers(every_hours=48, beta_outside_interval=True)),
    HedgeStrategy("ewma", method="ewma", window=20),
    HedgeStrategy("dollar", sizing="dollar", window=20),
]


def rolled(strategy: HedgeStrategy, **changes):
    arguments = {"window": strategy.window, "method": strategy.method} | changes
    return rolling_beta(MARKET.returns.asset, MARKET.returns.benchmark, **arguments)


def test_given_estimates_give_the_same_walk():
    known = {each.name: rolled(each) for each in STRATEGIES[:2]}
    plain = simulate_hedges(MARKET, STRATEGIES, position_usd=1e5, contract=BTC)
    found = simulate_hedges(MARKET, STRATEGIES, position_usd=1e5, contract=BTC, estimates=known)
    for one, other in zip(plain.runs, found.runs, strict=True):
        np.testing.assert_array_equal(one.pnl_usd, other.pnl_usd)


def test_the_confidence_of_a_given_estimate_is_the_trigger_s():
    """A narrower interval is left more often."""
    strategy = HedgeStrategy("beta", window=20, triggers=Triggers(beta_outside_interval=True))
    fired = []
    for confidence in (0.5, 0.99):
        known = {"beta": rolled(strategy, confidence=confidence)}
        run = simulate_hedges(MARKET, [strategy], position_usd=1e5, contract=BTC, estimates=known).runs[0]
        fired.append(run.fired["beta interval"])
    assert fired[0] > fired[1]


def test_a_sweep_takes_the_estimate_of_its_strategy():
    strategy, grid = STRATEGIES[0], trigger_grid({"every_hours": [24, 72, None]})
    plain = sweep_triggers(MARKET, strategy, grid, position_usd=1e5, contract=BTC)
    found = sweep_triggers(MARKET, strategy, grid, position_usd=1e5, contract=BTC, estimate=rolled(strategy))
    np.testing.assert_array_equal(plain.table["total_usd"], found.table["total_usd"])


@pytest.mark.parametrize("wrong", ["window", "method", "rows"])
def test_an_estimate_of_something_else_is_refused(wrong):
    strategy = STRATEGIES[0]
    if wrong == "rows":
        part = MARKET.returns.part(10, 150)
        found = rolling_beta(part.asset, part.benchmark, window=20)
    else:
        found = rolled(strategy, **{"window": {"window": 25}, "method": {"method": "ewma"}}[wrong])
    with pytest.raises(InputError, match="estimate given for 'beta'") as caught:
        simulate_hedges(MARKET, [strategy], position_usd=1e5, contract=BTC, estimates={"beta": found})
    check_error(caught)


def test_progress_follows_slow_estimates():
    told: list[float] = []
    slow = [HedgeStrategy("slow", method="theil_sen", window=20)]
    simulate_hedges(MARKET, slow, position_usd=1e5, contract=BTC, progress=told.append)
    assert told == sorted(told)
    assert len([share for share in told if share < 0.5]) > 10
    assert told[-1] == pytest.approx(1.0)


def test_a_part_is_the_same_periods_with_the_price_before_them():
    whole = aligned_pair(4, 100)
    part = whole.part(30, 80)
    assert part.asset.equals(whole.asset.iloc[30:80])
    assert part.benchmark.equals(whole.benchmark.iloc[30:80])
    assert part.asset_prices.equals(whole.asset_prices.iloc[30:81])
    returns = part.benchmark_prices.to_numpy()[1:] / part.benchmark_prices.to_numpy()[:-1] - 1
    np.testing.assert_allclose(returns, part.benchmark, rtol=1e-12)
    assert part.periods_per_year == whole.periods_per_year
    simulate_hedges(HedgeMarket(part), STRATEGIES, position_usd=1e5, contract=BTC)


@pytest.mark.parametrize(("first", "stop"), [(-1, 10), (5, 5), (7, 6), (0, 101)])
def test_a_part_that_is_not_there(first, stop):
    with pytest.raises(InputError) as caught:
        aligned_pair(4, 100).part(first, stop)
    check_error(caught)
