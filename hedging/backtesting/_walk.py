"""The walk itself: many hedges at once, one period after the other, each knowing only the past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hedging._checks import FloatArray
from hedging.backtesting.settings import TRIGGERS, TradingTerms, Trigger, Triggers

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
BITS = {name: 1 << position for position, name in enumerate(TRIGGERS)}
START = 1 << len(TRIGGERS)  # the first hedge, which no trigger fired
FORCED = BITS["margin"] | BITS["liquidation"] | START  # no band of indifference holds these back
PROGRESS_STEPS = 50
ROUNDING = 1e-12  # an order of exactly the minimum must not fail by the last bit


@dataclass(frozen=True, eq=False)
class Path:
    """The market after the warm-up: n periods, prices with one row more at the front."""

    hours: FloatArray  # (n + 1,) since some instant
    position_usd: FloatArray  # (n + 1,) value of the position; at the front before the first period
    asset_return: FloatArray  # (n,)
    benchmark_return: FloatArray  # (n,)
    hedge_price: FloatArray  # (n + 1,)
    worst_high: FloatArray  # (n,)
    worst_low: FloatArray  # (n,)
    funding_rate: FloatArray  # (n + 1,) of the period that ENDS at each instant: known there
    funding_sign: FloatArray  # (n + 1,) of the last charge that was not 0


@dataclass(frozen=True, eq=False)
class Ratios:
    """What each hedge wants at each instant, arrays (k, n + 1): estimates that use the past alone."""

    beta: FloatArray
    low: FloatArray
    high: FloatArray
    volatility: FloatArray  # of the benchmark per period, over each hedge's own window
    target: FloatArray  # (k,)


@dataclass(frozen=True, eq=False)
class Order:
    """What the exchange takes, as numbers: the walk counts in whole steps."""

    usd_per_step: Callable[[float], float]
    smallest_steps: float
    smallest_usd: float


@dataclass(frozen=True, eq=False)
class Walk:
    """Everything that happened, arrays (k, n): one row for each hedge, one column for each period."""

    steps: FloatArray  # held during the period
    notional_usd: FloatArray  # at its start
    exact_usd: FloatArray  # the exact hedge by the newest estimate, at its start
    stale_usd: FloatArray  # the exact hedge of the last rebalance at the price of its start
    ratio: FloatArray  # beta behind the newest exact hedge
    hedge_pnl_usd: FloatArray  # of the instrument, liquidation included
    traded_usd: FloatArray  # absolute notional traded at its start
    fired: IntArray  # bits of what fired at its start
    margin_posted_usd: FloatArray  # fresh margin at its start
    margin_call: BoolArray
    liquidated: BoolArray


def walk(
    path: Path,
    ratios: Ratios,
    order: Order,
    triggers: list[Triggers],
    *,
    terms: TradingTerms,
    progress: Callable[[float], None],
) -> Walk:
    """Hold, look, trade: at the start of period t with what is known then."""
    n = path.asset_return.size
    hedges = _Hedges(path, ratios, order, triggers, terms=terms)
    for t in range(n):
        hedges.trade(t, hedges.look(t))
        hedges.hold(t)
        if (t + 1) % max(1, n // PROGRESS_STEPS) == 0 or t + 1 == n:
            progress((t + 1) / n)
    return hedges.out


class _Hedges:
    """All hedges at one instant: what they hold, their margin, and what was true when they were set."""

    def __init__(
        self, path: Path, ratios: Ratios, order: Order, triggers: list[Triggers], *, terms: TradingTerms
    ) -> None:
        k = ratios.beta.shape[0]
        self.path, self.ratios, self.order, self.terms = path, ratios, order, terms
        self.limits = _Limits(triggers, float(np.median(np.diff(path.hours))))
        self.last = _Last(k)
        self.steps = np.zeros(k)
        self.exact_steps = np.zeros(k)  # what the last rebalance wanted before rounding
        self.margin = np.zeros(k)
        self.gone = np.zeros(k, dtype=np.bool_)  # liquidated in the period before
        self.out = _empty_walk(k, path.asset_return.size)

    def look(self, t: int) -> IntArray:
        """Bits of everything that fires at the start of period t."""
        if t == 0:
            return np.full(self.steps.size, START, dtype=np.int64)
        held = self.steps * self._unit(t)
        fired = self.limits.fired(
            self.path, self.ratios, t, last=self.last, held_usd=held, wanted_usd=self._wanted(t)
        )
        fired |= np.where(self.gone, BITS["liquidation"], 0)
        if self.terms.leverage is not None:
            call = self.limits.margin_call(self.margin, held, self.terms) & ~self.gone
            fired |= np.where(call, BITS["margin"], 0)
            self.out.margin_call[:, t] = call
        return fired

    def trade(self, t: int, fired: IntArray) -> None:
        """Bring what fired to the hedge wanted now, as far as the exchange and the band allow."""
        unit, wanted = self._unit(t), self._wanted(t)
        steps = np.rint(wanted / unit)
        change = np.abs(steps - self.steps)
        made = (fired > 0) & (change > 0.0) & (change >= self.order.smallest_steps)
        made &= change * unit >= self.order.smallest_usd * (1.0 - ROUNDING)
        gaps = np.abs(wanted - self.steps * unit), np.abs(wanted - steps * unit)
        worth = self.limits.worth_it(
            gaps,
            change * unit,
            value=float(self.path.position_usd[t]),
            volatility=self.ratios.volatility[:, t],
            terms=self.terms,
        )
        made &= ((fired & FORCED) > 0) | worth
        self.steps = np.where(made, steps, self.steps)
        # A hedge that rounds to what is held is renewed without an order; one that is held back is not.
        renewed = made | ((fired > 0) & (change == 0.0)) | ((fired & START) > 0)
        self.exact_steps = np.where(renewed, wanted / unit, self.exact_steps)
        self.last.remember(renewed, self.path, self.ratios, t)
        if self.terms.leverage is not None:
            initial = np.abs(self.steps * unit) / self.terms.leverage
            filled = made | self.out.margin_call[:, t]
            self.out.margin_posted_usd[:, t] = np.where(filled, np.maximum(initial - self.margin, 0.0), 0.0)
            # A call never takes margin away; an order sets it to what the new size needs.
            called = np.where(self.out.margin_call[:, t], np.maximum(self.margin, initial), self.margin)
            self.margin = np.where(made, initial, called)
        self.out.steps[:, t] = self.steps
        self.out.notional_usd[:, t] = self.steps * unit
        self.out.exact_usd[:, t] = wanted
        self.out.stale_usd[:, t] = self.exact_steps * unit
        self.out.ratio[:, t] = self.ratios.beta[:, t]
        self.out.fired[:, t] = fired
        self.out.traded_usd[:, t] = np.where(made, change * unit, 0.0)

    def hold(self, t: int) -> None:
        """What period t does to the hedge and its margin."""
        notional = self.out.notional_usd[:, t]
        earned = notional * (self.path.hedge_price[t + 1] / self.path.hedge_price[t] - 1.0)
        if self.terms.leverage is not None:
            self.gone = _touched(notional, self.margin, self.path, t, terms=self.terms)
            earned = np.where(self.gone, -self.margin, earned)  # all of the margin, and never more
            self.margin = np.where(self.gone, 0.0, self.margin + earned)
            self.steps = np.where(self.gone, 0.0, self.steps)
            self.exact_steps = np.where(self.gone, 0.0, self.exact_steps)
            self.out.liquidated[:, t] = self.gone
        self.out.hedge_pnl_usd[:, t] = earned

    def _unit(self, t: int) -> float:
        return self.order.usd_per_step(float(self.path.hedge_price[t]))

    def _wanted(self, t: int) -> FloatArray:
        return -(self.ratios.beta[:, t] - self.ratios.target) * float(self.path.position_usd[t])


class _Last:
    """What was true at each hedge's last rebalance."""

    def __init__(self, k: int) -> None:
        self.hours = np.zeros(k)
        self.price = np.ones(k)
        self.value = np.ones(k)
        self.low = np.zeros(k)
        self.high = np.zeros(k)
        self.funding_sign = np.zeros(k)

    def remember(self, renewed: BoolArray, path: Path, ratios: Ratios, t: int) -> None:
        sign = path.funding_sign[t]
        self.hours = np.where(renewed, path.hours[t], self.hours)
        self.price = np.where(renewed, path.hedge_price[t], self.price)
        self.value = np.where(renewed, path.position_usd[t], self.value)
        self.low = np.where(renewed, ratios.low[:, t], self.low)
        self.high = np.where(renewed, ratios.high[:, t], self.high)
        self.funding_sign = np.where(renewed, sign, self.funding_sign)


class _Limits:
    """The triggers of all hedges as arrays; what is not set can never fire."""

    def __init__(self, triggers: list[Triggers], period_hours: float) -> None:
        def limit(name: str) -> FloatArray:
            values = [getattr(each, name) for each in triggers]
            return np.array([np.inf if value is None else value for value in values], dtype=np.float64)

        # An hour counts when it is full up to rounding of the clock.
        self.hours = limit("every_hours") - 1e-6
        self.move = limit("benchmark_move_fraction")
        self.position = limit("position_drift_fraction")
        self.hedge = limit("hedge_drift_fraction")
        self.margin = limit("margin_ratio")
        self.aversion = np.array([each.risk_aversion or np.nan for each in triggers])
        self.benefit_hours = np.array([each.benefit_hours for each in triggers])
        self.period_hours = period_hours
        self.interval = np.array([each.beta_outside_interval for each in triggers])
        self.flip = np.array([each.funding_flip for each in triggers])

    def fired(
        self, path: Path, ratios: Ratios, t: int, *, last: _Last, held_usd: FloatArray, wanted_usd: FloatArray
    ) -> IntArray:
        beta = ratios.beta[:, t]
        gap = np.abs(wanted_usd - held_usd)
        sign = path.funding_sign[t]
        tests: dict[Trigger, BoolArray] = {
            "time": path.hours[t] - last.hours >= self.hours,
            "benchmark move": np.abs(path.hedge_price[t] / last.price - 1.0) > self.move,
            "beta interval": self.interval & ((beta < last.low) | (beta > last.high)),
            "position drift": np.abs(path.position_usd[t] / last.value - 1.0) > self.position,
            "hedge drift": gap > self.hedge * np.maximum(np.abs(wanted_usd), np.finfo(float).tiny),
            "funding flip": self.flip & (sign * last.funding_sign < 0.0),
        }
        total = np.zeros(beta.size, dtype=np.int64)
        for name, hit in tests.items():
            total |= np.where(hit, BITS[name], 0)
        return total

    def margin_call(self, margin: FloatArray, held_usd: FloatArray, terms: TradingTerms) -> BoolArray:
        maintenance = terms.maintenance_fraction * np.abs(held_usd)
        used = maintenance / np.maximum(margin, np.finfo(float).tiny)
        return np.asarray(used > self.margin, dtype=np.bool_)

    def worth_it(
        self,
        gaps_usd: tuple[FloatArray, FloatArray],
        change_usd: FloatArray,
        *,
        value: float,
        volatility: FloatArray,
        terms: TradingTerms,
    ) -> BoolArray:
        """Mean-variance: half the risk aversion times the variance removed against the cost of the trade."""
        before, after = gaps_usd
        cost = (terms.fee_fraction + terms.slippage_fraction) * change_usd
        removed = (before**2 - after**2) * volatility**2 * self.benefit_hours / self.period_hours
        benefit = 0.5 * self.aversion * removed / abs(value)
        return np.asarray(np.isnan(self.aversion) | (benefit > cost), dtype=np.bool_)


def _empty_walk(k: int, n: int) -> Walk:
    def floats() -> FloatArray:
        return np.zeros((k, n))

    def flags() -> BoolArray:
        return np.zeros((k, n), dtype=np.bool_)

    return Walk(
        steps=floats(),
        notional_usd=floats(),
        exact_usd=floats(),
        stale_usd=floats(),
        ratio=floats(),
        hedge_pnl_usd=floats(),
        traded_usd=floats(),
        fired=np.zeros((k, n), dtype=np.int64),
        margin_posted_usd=floats(),
        margin_call=flags(),
        liquidated=flags(),
    )


def _touched(
    notional: FloatArray, margin: FloatArray, path: Path, t: int, *, terms: TradingTerms
) -> BoolArray:
    """Whether margin fell to maintenance at the worst price of the period: the high for a short."""
    price = path.hedge_price[t]
    worst = np.where(notional < 0.0, path.worst_high[t], path.worst_low[t]) / price
    equity = margin + notional * (worst - 1.0)
    return np.asarray((notional != 0.0) & (equity <= terms.maintenance_fraction * np.abs(notional) * worst))
