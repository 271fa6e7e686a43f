"""A real hedge's walk: by hand, against a plain loop, blind to the future, adding up."""

from __future__ import annotations

import itertools
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedging import (
    DegenerateDataError,
    EstimatorOptions,
    InputError,
    InsufficientDataError,
    LinearContract,
    NoHedgeError,
    align,
    estimate_beta,
)
from hedging.backtesting.settings import TRIGGERS, HedgeMarket, HedgeStrategy, TradingTerms, Triggers
from hedging.backtesting.simulate import simulate_hedges
from hedging.instruments.contracts import InverseContract
from hedging.performance import expected_shortfall
from tests.test_hedging.examples import BTC, aligned_pair, check_error, days, price_path
from tests.tolerances import CENT, ROUNDING_NOISE, SAME_FORMULA, UNCHANGED

FINE = LinearContract("FINE", quantity_step=Decimal("1e-12"))
FREE = TradingTerms(fee_fraction=0.0, slippage_fraction=0.0)
WINDOW = 20
STILL = 1e-7  # a return that moves a hedge of 15,000 by less than a cent, and that a window needs
STRATEGIES = [
    HedgeStrategy("dollar", sizing="dollar", window=WINDOW),
    HedgeStrategy("beta", window=WINDOW),
    HedgeStrategy("min variance", sizing="min_variance", window=WINDOW),
    HedgeStrategy("ewma", method="ewma", window=WINDOW),
    HedgeStrategy("half", window=WINDOW, beta_target=0.5),
    HedgeStrategy(
        "moves",
        window=WINDOW,
        triggers=Triggers(benchmark_move_fraction=0.05, beta_outside_interval=True, funding_flip=True),
    ),
    HedgeStrategy(
        "drifts",
        window=WINDOW,
        triggers=Triggers(position_drift_fraction=0.1, hedge_drift_fraction=0.05, margin_ratio=0.5),
    ),
    HedgeStrategy("band", window=WINDOW, triggers=Triggers(every_hours=24, risk_aversion=3)),
    HedgeStrategy("never", window=WINDOW, triggers=Triggers()),
]


def market(seed: int = 0, n: int = 150, *, basis: float = 0.002, funding: float = 3e-4) -> HedgeMarket:
    returns = aligned_pair(seed, n)
    generator = np.random.default_rng([seed, 1])
    spot = returns.benchmark_prices
    hedge = spot * (1 + basis * generator.standard_normal(len(spot)))
    ends = np.maximum(hedge.to_numpy()[1:], hedge.to_numpy()[:-1])
    lows = np.minimum(hedge.to_numpy()[1:], hedge.to_numpy()[:-1])
    index = returns.asset.index
    return HedgeMarket(
        returns,
        hedge_prices=hedge,
        hedge_highs=pd.Series(ends * 1.02, index=index),
        hedge_lows=pd.Series(lows * 0.98, index=index),
        funding_rates=pd.Series(funding * generator.standard_normal(n), index=index),
    )


def flat(n: int, *, asset: list[float], benchmark: list[float]) -> HedgeMarket:
    """Warm-up of 20 days that fixes beta at 1.5, the returns given, then hardly any movement."""
    still = STILL * np.resize([1.0, -1.0], n - len(benchmark))
    x = np.r_[np.tile([0.01, -0.01], 10), benchmark, still]
    y = np.r_[1.5 * np.tile([0.01, -0.01], 10), asset, 1.5 * still]
    index = days(len(x) + 1)
    return HedgeMarket(align(price_path(y, index), price_path(x, index, 50_000.0)))


class TestByHand:
    """One rebalance at the start, 40 periods, a beta of exactly 1.5 behind it."""

    market = flat(40, asset=[0.10, -0.05], benchmark=[0.04, -0.02])
    once = HedgeStrategy("once", window=20, triggers=Triggers())

    def run(self, **arguments):
        terms = arguments.pop("terms", TradingTerms(fee_fraction=0.001, slippage_fraction=0.0005))
        return simulate_hedges(
            self.market, [self.once], position_usd=10_000, contract=FINE, terms=terms, **arguments
        )

    def test_pnl(self):
        run = self.run().runs[0]
        # Short 15,000 of the benchmark: costs 0.15 %; then the position gains 1,000 and the hedge loses
        # 4 % of 15,000; then 5 % of 11,000 is lost and 2 % of 15,600 gained.
        assert run.pnl_usd.iloc[0] == pytest.approx(1_000 - 600 - 22.5, abs=CENT)
        assert run.pnl_usd.iloc[1] == pytest.approx(-550 + 312, abs=CENT)
        assert run.pnl_usd.iloc[2:].abs().max() == pytest.approx(0.0, abs=CENT)
        assert run.hedge_ratio.iloc[0] == pytest.approx(1.5)
        assert run.turnover_usd == pytest.approx(15_000)

    def test_split(self):
        split = self.run(reference_beta=2.0).runs[0].split_usd.iloc[:2]
        # Reference beta 2: the position's market part is 2 x 4 % of 10,000, of which 1.5 were hedged.
        assert split["idiosyncratic"].tolist() == pytest.approx([1_000 - 800, -550 + 440], abs=CENT)
        assert split["fees"].tolist() == pytest.approx([-15.0, 0.0], abs=CENT)
        assert split["slippage"].tolist() == pytest.approx([-7.5, 0.0], abs=CENT)
        assert split["estimation_error"].iloc[0] == pytest.approx((2.0 - 1.5) * 10_000 * 0.04, abs=CENT)
        assert split[["market", "basis", "funding", "liquidation"]].abs().to_numpy().max() == 0.0

    def test_rebalances(self):
        rebalances = self.run().runs[0].rebalances
        assert rebalances["fired"].tolist() == ["start"]
        assert rebalances.index[0] == self.market.returns.asset.index[19]  # the end of the warm-up
        assert rebalances["cost_usd"].tolist() == pytest.approx([22.5])

    def test_holding_a_value_resets_the_position(self):
        result = self.run(holding="value")
        assert (result.position_usd == 10_000).all()
        assert result.unhedged_pnl_usd.iloc[1] == pytest.approx(-500, abs=CENT)

    def test_isolated_margin_is_lost_and_never_more(self):
        jump = flat(40, asset=[0.5, 0.0], benchmark=[0.5, 0.01])
        terms = TradingTerms(0.0, 0.0, leverage=5, maintenance_fraction=0.005)
        run = simulate_hedges(jump, [self.once], position_usd=10_000, contract=FINE, terms=terms).runs[0]
        # Short 15,000 with 3,000 of margin; a jump of 50 % would lose 7,500.
        assert run.pnl_usd.iloc[0] == pytest.approx(5_000 - 3_000, abs=CENT)
        assert run.split_usd["liquidation"].iloc[0] == pytest.approx(7_500 - 3_000, abs=CENT)
        assert run.n_liquidations == 1
        # Hedged anew at the start of the next period, against a position of 15,000.
        assert run.rebalances["fired"].tolist() == ["start", "liquidation"]
        assert run.margin_posted_usd == pytest.approx(3_000 + abs(run.rebalances["traded_usd"].iloc[1]) / 5)

    def test_liquidation_price_is_that_of_the_formula(self):
        """Short at 5x with 0.5 %: liquidated at E (1 + 1/L) / (1 + mmr), neither a hair below nor above."""
        edge = (1 + 1 / 5) / 1.005 - 1
        for move, gone in ((edge * 0.9999, 0), (edge * 1.0001, 1)):
            there = flat(40, asset=[0.0], benchmark=[move])
            terms = TradingTerms(0.0, 0.0, leverage=5, maintenance_fraction=0.005)
            run = simulate_hedges(there, [self.once], position_usd=10_000, contract=FINE, terms=terms).runs[0]
            assert run.n_liquidations == gone

    def test_a_high_inside_the_period_liquidates(self):
        calm = flat(40, asset=[0.0], benchmark=[0.0])
        index = calm.returns.asset.index
        top = calm.returns.benchmark_prices.to_numpy()[1:].copy()
        top[20] *= 1.25
        spiky = replace(calm, hedge_highs=pd.Series(top, index=index))
        terms = TradingTerms(0.0, 0.0, leverage=5)
        run = simulate_hedges(spiky, [self.once], position_usd=10_000, contract=FINE, terms=terms).runs[0]
        assert run.n_liquidations == 1
        assert run.pnl_usd.iloc[0] == pytest.approx(-3_000, abs=CENT)

    def test_margin_call(self):
        rise = flat(40, asset=[0.18, 0.0], benchmark=[0.12, 0.0])
        strategy = replace(self.once, triggers=Triggers(margin_ratio=0.05))
        terms = TradingTerms(0.0, 0.0, leverage=5)
        run = simulate_hedges(rise, [strategy], position_usd=10_000, contract=FINE, terms=terms).runs[0]
        # Margin 3,000 - 1,800 = 1,200 against maintenance 84 on 16,800: 7 %. Hedged anew with a fifth of
        # 1.5 x 11,800.
        assert run.n_margin_calls == 1
        assert run.margin_posted_usd == pytest.approx(3_000 + (3_540 - 1_200), abs=CENT)
        assert run.rebalances["fired"].tolist() == ["start", "margin"]

    def test_inverse_contract_earns_its_notional_times_the_return(self):
        contract = InverseContract("BTCUSD", contract_size=Decimal(1))
        run = simulate_hedges(
            self.market, [self.once], position_usd=10_000, contract=contract, terms=FREE
        ).runs[0]
        # Short 15,000 contracts of 1 USD all the time: the notional does not grow with the price.
        assert run.hedge_notional_usd.iloc[1] == pytest.approx(-15_000)
        assert run.pnl_usd.iloc[1] == pytest.approx(-550 + 300, abs=CENT)

    def test_funding_is_received_by_a_short_when_positive(self):
        rates = pd.Series(0.0, index=self.market.returns.asset.index)
        rates.iloc[20] = 0.001
        funded = replace(self.market, funding_rates=rates)
        result = simulate_hedges(funded, [self.once], position_usd=10_000, contract=FINE, terms=FREE)
        assert result.runs[0].split_usd["funding"].iloc[0] == pytest.approx(15.0)
        assert result.funding_known
        assert not self.run().funding_known


class TestTriggers:
    def fired(self, triggers: Triggers, there: HedgeMarket, **arguments):
        strategy = HedgeStrategy("x", window=20, triggers=triggers)
        run = simulate_hedges(
            there, [strategy], position_usd=10_000, contract=FINE, terms=FREE, **arguments
        ).runs[0]
        return run

    def test_time(self):
        there = market(3)
        run = self.fired(Triggers(every_hours=72), there)
        assert np.diff(run.rebalances.index).tolist() == [pd.Timedelta(days=3)] * run.n_rebalances
        assert set(run.rebalances["fired"][1:]) == {"time"}

    def test_benchmark_move(self):
        there = flat(40, asset=[0.0] * 4, benchmark=[0.03, 0.03, -0.04, 0.0])
        run = self.fired(Triggers(benchmark_move_fraction=0.05), there)
        # 1.03 x 1.03 is the first more than 5 % away, seen at the start of the third period.
        assert run.fired["benchmark move"] == 1
        assert run.rebalances.index[1] == there.returns.asset.index[21]

    def test_position_drift(self):
        there = flat(40, asset=[0.06, 0.06], benchmark=[0.0, 0.0])
        assert self.fired(Triggers(position_drift_fraction=0.10), there).fired["position drift"] == 1

    def test_hedge_drift(self):
        there = flat(40, asset=[0.2], benchmark=[0.01])
        run = self.fired(Triggers(hedge_drift_fraction=0.10), there)
        assert run.fired["hedge drift"] >= 1

    def test_beta_leaves_its_interval(self):
        there = market(4)
        run = self.fired(Triggers(beta_outside_interval=True), there)
        returns = there.returns
        assert run.fired["beta interval"] > 0
        at = [returns.asset.index.get_loc(t) for t in run.rebalances.index]
        for previous, now in itertools.pairwise(at):
            then = estimate_beta(
                returns.asset.iloc[previous - 19 : previous + 1],
                returns.benchmark.iloc[previous - 19 : previous + 1],
            )
            today = estimate_beta(
                returns.asset.iloc[now - 19 : now + 1], returns.benchmark.iloc[now - 19 : now + 1]
            )
            assert not then.beta_low <= today.beta <= then.beta_high

    def test_funding_flip(self):
        there = flat(40, asset=[0.0], benchmark=[0.0])
        rates = pd.Series(1e-4, index=there.returns.asset.index)
        rates.iloc[30:35] = -1e-4
        run = self.fired(Triggers(funding_flip=True), replace(there, funding_rates=rates))
        assert run.fired["funding flip"] == 2  # to negative and back

    def test_never(self):
        run = self.fired(Triggers(), market(5))
        assert run.n_rebalances == 0
        assert sum(run.fired.values()) == 0

    def test_a_band_trades_less_and_an_impatient_one_like_none(self):
        there = market(6)
        terms = TradingTerms(0.0005, 0.0002)
        runs = {}
        for name, aversion in (("none", None), ("patient", 1.0), ("impatient", 1e9)):
            strategy = HedgeStrategy(
                "x", window=20, triggers=Triggers(every_hours=24, risk_aversion=aversion)
            )
            runs[name] = simulate_hedges(
                there, [strategy], position_usd=10_000, contract=FINE, terms=terms
            ).runs[0]
        assert runs["patient"].turnover_usd < 0.8 * runs["none"].turnover_usd
        assert runs["impatient"].turnover_usd == pytest.approx(runs["none"].turnover_usd, rel=0.01)

    @pytest.mark.parametrize(
        ("name", "value"),
        [("every_hours", 0.0), ("benchmark_move_fraction", -0.05), ("risk_aversion", float("nan"))],
    )
    def test_out_of_range(self, name, value):
        with pytest.raises(InputError) as caught:
            Triggers(**{name: value})
        check_error(caught, parameter=name)


def plain_loop(there: HedgeMarket, *, position: float, step: float, fee: float, hours: float):
    """What a careful person would write first: one loop, one hedge, the time trigger."""
    returns, prices = there.returns, there.hedge_prices.to_numpy()
    asset, bench = returns.asset.to_numpy(), returns.benchmark.to_numpy()
    held, since, value, pnl = 0.0, None, position, []
    for t in range(WINDOW, len(asset)):
        now = returns.benchmark_prices.index[t]
        cost = 0.0
        if since is None or (now - since) >= pd.Timedelta(hours=hours):
            x, y = bench[t - WINDOW : t], asset[t - WINDOW : t]
            beta = np.cov(x, y)[0, 1] / x.var(ddof=1)
            wanted = round(-beta * value / prices[t] / step) * step
            cost, held, since = fee * abs(wanted - held) * prices[t], wanted, now
        gain = held * (prices[t + 1] - prices[t])
        funding = -held * prices[t] * there.funding_rates.iloc[t]
        pnl.append(value * asset[t] + gain + funding - cost)
        value *= 1 + asset[t]
    return np.array(pnl)


@pytest.mark.parametrize("hours", [24, 96])
def test_equals_a_plain_loop(hours):
    there = market(11)
    strategy = HedgeStrategy("x", window=WINDOW, triggers=Triggers(every_hours=hours))
    run = simulate_hedges(
        there,
        [strategy],
        position_usd=-250_000,
        contract=BTC,
        terms=TradingTerms(fee_fraction=0.0005, slippage_fraction=0.0),
    ).runs[0]
    expected = plain_loop(there, position=-250_000, step=0.001, fee=0.0005, hours=hours)
    np.testing.assert_allclose(run.pnl_usd, expected, rtol=1e-9, atol=1e-6)


def test_strategies_do_not_touch_each_other():
    there = market(12)
    terms = TradingTerms(leverage=4)
    together = simulate_hedges(there, STRATEGIES, position_usd=80_000, contract=BTC, terms=terms)
    for strategy in STRATEGIES:
        alone = simulate_hedges(there, [strategy], position_usd=80_000, contract=BTC, terms=terms).runs[0]
        pd.testing.assert_series_equal(together.run(strategy.name).pnl_usd, alone.pnl_usd)
        assert together.run(strategy.name).fired == alone.fired


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10_000),
    position=st.floats(5e3, 1e7) | st.floats(-1e7, -5e3),
    leverage=st.none() | st.floats(1.0, 25.0),
    fee=st.floats(-0.0002, 0.002),
    holding=st.sampled_from(["quantity", "value"]),
)
def test_the_split_adds_up_to_the_cent(seed, position, leverage, fee, holding):
    """120 markets of nine strategies: 1,080 cases, every period of each."""
    result = simulate_hedges(
        market(seed, 60),
        STRATEGIES,
        position_usd=position,
        contract=BTC,
        terms=TradingTerms(fee_fraction=fee, slippage_fraction=0.0003, leverage=leverage),
        holding=holding,
    )
    for run in result.runs:
        found = run.split_usd.sum(axis=1)
        np.testing.assert_allclose(found, run.pnl_usd, atol=CENT, rtol=SAME_FORMULA)
        assert abs(run.split_usd.to_numpy().sum() - run.figures.total_usd) < CENT
        assert run.margin_posted_usd >= 0.0
        if run.strategy.beta_target == 0.0:
            assert (run.split_usd["market"] == 0.0).all()


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 1000), at=st.integers(WINDOW + 1, 118), change=st.floats(0.5, 2.0))
def test_knows_no_future(seed, at, change):
    there = market(seed, 120)
    terms = TradingTerms(leverage=5)
    plain = simulate_hedges(
        there, STRATEGIES, position_usd=50_000, contract=BTC, terms=terms, reference_beta=1.0
    )

    def later(series):
        changed = series.copy()
        changed.iloc[-(120 - at) :] = changed.iloc[-(120 - at) :] * change
        return changed

    returns = align(later(there.returns.asset_prices), later(there.returns.benchmark_prices))
    other = HedgeMarket(
        returns,
        hedge_prices=later(there.hedge_prices),
        hedge_highs=later(there.hedge_highs),
        hedge_lows=later(there.hedge_lows),
        funding_rates=-later(there.funding_rates) if change > 1 else later(there.funding_rates),
    )
    if change > 1:  # flips of the sign: only from the changed period on
        rates = there.funding_rates.copy()
        rates.iloc[at:] *= -1
        other = replace(other, funding_rates=rates)
    changed = simulate_hedges(
        other, STRATEGIES, position_usd=50_000, contract=BTC, terms=terms, reference_beta=1.0
    )
    known = at - WINDOW  # periods before the first changed one
    for one, two in zip(plain.runs, changed.runs, strict=True):
        np.testing.assert_allclose(two.pnl_usd[:known], one.pnl_usd[:known], rtol=UNCHANGED, atol=1e-8)
        # What was decided at the start of the changed period rests on the past as well.
        np.testing.assert_allclose(two.contracts[: known + 1], one.contracts[: known + 1], rtol=UNCHANGED)
        np.testing.assert_allclose(two.hedge_ratio[: known + 1], one.hedge_ratio[: known + 1], rtol=UNCHANGED)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 1000), factor=st.floats(0.1, 50.0))
def test_scaling_the_position_scales_everything(seed, factor):
    there = market(seed, 80)
    strategies = [s for s in STRATEGIES if s.name != "band"]
    plain = simulate_hedges(there, strategies, position_usd=10_000, contract=FINE)
    scaled = simulate_hedges(there, strategies, position_usd=factor * 10_000, contract=FINE)
    for one, two in zip(plain.runs, scaled.runs, strict=True):
        np.testing.assert_allclose(two.pnl_usd, factor * one.pnl_usd, rtol=1e-6, atol=1e-6 * factor)
        assert two.fired == one.fired


def test_a_perfect_hedge_leaves_nothing():
    _, x = np.zeros(101), 0.03 * np.random.default_rng(1).standard_normal(101)
    index = days(102)
    returns = align(price_path(2 * x, index), price_path(x, index, 50_000.0))
    run = simulate_hedges(
        HedgeMarket(returns), [HedgeStrategy("x", window=20)], position_usd=1e5, contract=FINE, terms=FREE
    ).runs[0]
    assert run.pnl_usd.abs().max() == pytest.approx(0.0, abs=1e-4)
    assert run.effectiveness.effectiveness == pytest.approx(1.0)


def test_benchmark_hedged_with_itself_is_flat_by_the_dollar_too():
    x = 0.03 * np.random.default_rng(2).standard_normal(101)
    index = days(102)
    returns = align(price_path(x, index), price_path(x, index, 50_000.0))
    result = simulate_hedges(
        HedgeMarket(returns), STRATEGIES[:2], position_usd=1e5, contract=FINE, terms=FREE
    )
    np.testing.assert_allclose(result.run("dollar").pnl_usd, result.run("beta").pnl_usd, atol=1e-6)


def test_figures():
    there = market(13)
    result = simulate_hedges(there, STRATEGIES, position_usd=50_000, contract=BTC)
    for run in result.runs:
        pnl = run.pnl_usd
        assert run.figures.total_usd == pytest.approx(pnl.sum())
        assert run.figures.worst_period_usd == pnl.min()
        assert run.figures.worst_period == pnl.idxmin()
        assert run.figures.volatility_annual_usd == pytest.approx(pnl.std() * np.sqrt(365))
        assert run.figures.max_drawdown_usd == pytest.approx(
            (pnl.cumsum() - np.maximum(pnl.cumsum().cummax(), 0)).min()
        )
        assert run.effectiveness.effectiveness == pytest.approx(
            1 - pnl.var() / result.unhedged_pnl_usd.var(), rel=1e-9
        )
        assert run.turnover_usd == pytest.approx(run.rebalances["traded_usd"].sum())
        assert run.rebalances["fired"].iloc[0] == "start"
        assert set(run.fired) == set(TRIGGERS)


class TestExpectedShortfall:
    def test_by_hand(self):
        # The worst 5 % of 50 periods are the worst two and a half: (50 + 49 + 48 / 2) / 2.5.
        assert expected_shortfall(-np.arange(1.0, 51.0)) == pytest.approx((50 + 49 + 24) / 2.5)

    def test_at_least_the_quantile_and_at_most_the_worst(self):
        values = np.random.default_rng(1).standard_normal(1_000)
        found = expected_shortfall(values, confidence=0.9)
        assert -np.quantile(values, 0.1) <= found <= -values.min()
        # Of a normal distribution: density at the quantile over the tail, 1.755.
        assert found == pytest.approx(1.755, abs=0.12)

    def test_too_few(self):
        with pytest.raises(InsufficientDataError) as caught:
            expected_shortfall(np.arange(19.0))
        check_error(caught)


class TestErrors:
    there = market(14, 60)

    def test_strategies(self):
        for strategies in ([], [STRATEGIES[0], STRATEGIES[0]]):
            with pytest.raises(InputError) as caught:
                simulate_hedges(self.there, strategies, position_usd=1.0, contract=BTC)
            check_error(caught, parameter="strategies")

    def test_history(self):
        with pytest.raises(InsufficientDataError) as caught:
            simulate_hedges(self.there, [HedgeStrategy("x", window=41)], position_usd=1e5, contract=BTC)
        check_error(caught, parameter="window", names=61)

    def test_too_small_for_the_exchange(self):
        with pytest.raises(NoHedgeError) as caught:
            simulate_hedges(self.there, STRATEGIES[:1], position_usd=10, contract=BTC)
        check_error(caught, parameter="position_usd")

    def test_minimum_notional_holds_trades_back(self):
        contract = replace(BTC, minimum_notional_usd=Decimal(5_000))
        plain = simulate_hedges(self.there, STRATEGIES[:1], position_usd=1e5, contract=BTC).runs[0]
        held = simulate_hedges(self.there, STRATEGIES[:1], position_usd=1e5, contract=contract).runs[0]
        assert held.n_rebalances < plain.n_rebalances
        assert held.rebalances["traded_usd"].min() >= 5_000

    @pytest.mark.parametrize(
        ("name", "change"),
        [
            ("hedge_prices", lambda s: s.iloc[1:]),
            ("hedge_prices", lambda s: -s),
            ("hedge_highs", lambda s: s.iloc[1:]),
            ("funding_rates", lambda s: s * float("nan")),
        ],
    )
    def test_market(self, name, change):
        with pytest.raises(InputError) as caught:
            replace(self.there, **{name: change(getattr(self.there, name))})
        check_error(caught, parameter=name)

    def test_log_returns(self):
        prices = self.there.returns
        logs = align(prices.asset_prices, prices.benchmark_prices, log_returns=True)
        with pytest.raises(InputError) as caught:
            HedgeMarket(logs)
        check_error(caught, parameter="returns")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("fee_fraction", 0.5),
            ("slippage_fraction", -0.1),
            ("leverage", 0.5),
            ("leverage", 200.0),
            ("maintenance_fraction", 0.0),
        ],
    )
    def test_terms(self, name, value):
        with pytest.raises(InputError) as caught:
            TradingTerms(**{name: value})
        check_error(caught, parameter=name)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("sizing", "gamma"),
            ("method", "lasso"),
            ("window", 4),
            ("beta_target", 11.0),
            ("covariance", "hc9"),
        ],
    )
    def test_strategy(self, name, value):
        with pytest.raises(InputError) as caught:
            HedgeStrategy("x", **{name: value})
        check_error(caught, parameter=name)

    def test_a_run_that_is_not_there(self):
        result = simulate_hedges(self.there, STRATEGIES[:1], position_usd=1e5, contract=BTC)
        with pytest.raises(InputError) as caught:
            result.run("gamma")
        check_error(caught, parameter="name", names="dollar")

    def test_other_arguments(self):
        with pytest.raises(InputError) as caught:
            simulate_hedges(self.there, STRATEGIES[:1], position_usd=1e5, contract=BTC, holding="coins")
        check_error(caught, parameter="holding")
        with pytest.raises(InputError) as caught:
            simulate_hedges(
                self.there, STRATEGIES[:1], position_usd=1e5, contract=BTC, reference_beta=float("inf")
            )
        check_error(caught, parameter="reference_beta")


def test_tells_its_progress():
    told: list[float] = []
    simulate_hedges(market(15, 80), STRATEGIES[:2], position_usd=1e5, contract=BTC, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
    assert max(told) <= 1.0 + ROUNDING_NOISE


def test_funding_flips_are_seen_between_charges_of_zero():
    """Hourly data are charged every eighth hour: a renewal in between must not forget the sign."""
    there = flat(40, asset=[0.0], benchmark=[0.0])
    rates = pd.Series(0.0, index=there.returns.asset.index)
    rates.iloc[16], rates.iloc[30], rates.iloc[40] = 1e-4, -1e-4, 1e-4
    strategy = HedgeStrategy("x", window=20, triggers=Triggers(funding_flip=True))
    run = simulate_hedges(
        replace(there, funding_rates=rates), [strategy], position_usd=10_000, contract=FINE, terms=FREE
    ).runs[0]
    assert run.fired["funding flip"] == 2


def dollar(**triggers) -> HedgeStrategy:
    return HedgeStrategy("a", sizing="dollar", window=20, triggers=Triggers(**triggers))


class TestWhatTheLastRebalanceWas:
    def test_a_hedge_held_back_asks_again(self):
        """A move of 6 % wants 600 more, less than the exchange's minimum; the next 3 % make it enough."""
        market = flat(40, asset=[0.06, 0.03, 0.0], benchmark=[0.0, 0.0, 0.0])
        contract = replace(FINE, minimum_notional_usd=Decimal(800))
        run = simulate_hedges(
            market,
            [dollar(position_drift_fraction=0.05)],
            position_usd=10_000,
            contract=contract,
            terms=FREE,
        ).runs[0]
        assert run.rebalances["fired"].tolist() == ["start", "position drift"]
        assert run.rebalances["traded_usd"].tolist() == pytest.approx([10_000, 918], rel=1e-4)
        assert run.fired["position drift"] == 2

    def test_a_hedge_that_rounds_to_what_is_held_is_renewed(self):
        """What is left then is rounding, which no renewal could mend, and no drift."""
        coarse = LinearContract("COARSE", contract_size=Decimal("0.05"))
        run = simulate_hedges(
            market(3),
            [HedgeStrategy("daily", window=WINDOW, triggers=Triggers(every_hours=24))],
            position_usd=10_000,
            contract=coarse,
            terms=FREE,
        ).runs[0]
        assert run.n_rebalances < len(run.pnl_usd) / 2
        assert run.split_usd["drift"].abs().max() == pytest.approx(0.0, abs=ROUNDING_NOISE)
        assert run.split_usd["rounding"].abs().max() > 1.0

    def test_the_band_knows_its_own_window_only(self):
        """A longer lookback beside it changes the first period, not the volatility of the band."""
        band = HedgeStrategy("band", window=20, triggers=Triggers(every_hours=24, risk_aversion=1))
        there = market(7)
        position = HedgeStrategy("other", sizing="dollar", window=60, triggers=Triggers())
        beside = simulate_hedges(there, [band, position], position_usd=10_000, contract=FINE).run("band")
        periods = there.returns.asset.index
        cut = HedgeMarket(
            replace(
                there.returns,
                asset=there.returns.asset.iloc[40:],
                benchmark=there.returns.benchmark.iloc[40:],
                asset_prices=there.returns.asset_prices.iloc[40:],
                benchmark_prices=there.returns.benchmark_prices.iloc[40:],
            ),
            *(
                getattr(there, name).iloc[40:]
                for name in ("hedge_prices", "hedge_highs", "hedge_lows", "funding_rates")
            ),
        )
        alone = simulate_hedges(cut, [band], position_usd=10_000, contract=FINE).run("band")
        assert alone.pnl_usd.index[0] == beside.pnl_usd.index[0] == periods[60]
        assert 0 < alone.n_rebalances < len(alone.pnl_usd) - 1
        pd.testing.assert_series_equal(alone.contracts, beside.contracts)


class TestMarginCalls:
    def test_a_call_never_takes_margin_away(self):
        """Short 15,000 at 5x. Benchmark +6 %, then a call; nothing to trade, so margin only grows."""
        there = flat(40, asset=[0.0, 0.0], benchmark=[0.06, 0.0])
        terms = TradingTerms(0.0, 0.0, leverage=5, maintenance_fraction=0.02)
        strategy = HedgeStrategy("a", window=20, triggers=Triggers(margin_ratio=0.14))
        run = simulate_hedges(
            there,
            [strategy],
            position_usd=10_000,
            contract=replace(FINE, minimum_notional_usd=Decimal(14_000)),
            terms=terms,
        ).runs[0]
        # Equity 3,000 - 900 = 2,100 against 318 of maintenance: 15 %. Refilled to 15,900 / 5 = 3,180.
        assert run.n_margin_calls == 1
        assert run.n_rebalances == 0
        assert run.margin_posted_usd == pytest.approx(3_000 + 1_080)

    @pytest.mark.parametrize("ratio", [0.05, 0.1])
    def test_a_ratio_that_fresh_margin_already_uses(self, ratio):
        strategy = HedgeStrategy("a", window=WINDOW, triggers=Triggers(margin_ratio=ratio))
        with pytest.raises(InputError, match="fresh margin at 20 times already uses") as caught:
            simulate_hedges(
                market(),
                [strategy],
                position_usd=10_000,
                contract=FINE,
                terms=TradingTerms(leverage=20, maintenance_fraction=0.005),
            )
        check_error(caught, parameter="margin_ratio")


def test_an_order_of_exactly_the_minimum_is_made():
    """0.07 / 0.01 is 7.000000000000001 in floats."""
    there = market()
    price = there.hedge_prices.iloc[WINDOW]
    contract = LinearContract("C", quantity_step=Decimal("0.01"), minimum_quantity=Decimal("0.07"))
    once = HedgeStrategy("once", sizing="dollar", window=WINDOW, triggers=Triggers())
    run = simulate_hedges(there, [once], position_usd=0.07 * price, contract=contract).runs[0]
    assert run.contracts.iloc[0] == pytest.approx(-0.07)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("beta_outside_interval", None),
        ("beta_outside_interval", 0.5),
        ("funding_flip", None),
        ("benefit_hours", None),
        ("benefit_hours", True),
        ("every_hours", True),
    ],
)
def test_triggers_of_the_wrong_kind(name, value):
    with pytest.raises(InputError) as caught:
        Triggers(**{name: value})
    check_error(caught, parameter=name)


@pytest.mark.parametrize("name", ["triggers", "options"])
def test_strategies_of_the_wrong_kind(name):
    with pytest.raises(InputError) as caught:
        HedgeStrategy("a", **{name: None})
    check_error(caught, parameter=name)


def test_arguments_of_the_wrong_kind():
    there = market()
    with pytest.raises(InputError) as caught:
        HedgeMarket(there.returns, hedge_prices=[1.0, 2.0])
    check_error(caught, parameter="hedge_prices")
    with pytest.raises(InputError) as caught:
        HedgeMarket(None)
    check_error(caught, parameter="returns")
    arguments = {"market": there, "strategies": STRATEGIES[:1], "contract": FINE, "terms": FREE}
    for name, value in (("market", None), ("strategies", "ab"), ("contract", None), ("terms", None)):
        with pytest.raises(InputError) as caught:
            simulate_hedges(**{**arguments, name: value}, position_usd=10_000)
        check_error(caught, parameter=name)


def test_kalman_refuses_a_stretch_in_which_the_asset_stands_still():
    there = aligned_pair(4, 120)
    prices = there.asset_prices.copy()
    prices.iloc[50:80] = prices.iloc[50]
    market = HedgeMarket(align(prices, there.benchmark_prices))
    strategy = HedgeStrategy("a", window=20, method="kalman", options=EstimatorOptions(refit_every=1))
    with pytest.raises(DegenerateDataError, match="did not move"):
        simulate_hedges(market, [strategy], position_usd=10_000, contract=FINE)
