"""A walk-forward test with everything that happens to a real hedge."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import get_args

import numpy as np
import pandas as pd

from hedging._checks import FloatArray, require_choice, require_fraction, require_kind, require_number
from hedging.backtesting._report import Report
from hedging.backtesting._walk import Order, Path, Ratios, Walk, walk
from hedging.backtesting.results import HedgeSimulation
from hedging.backtesting.settings import HedgeMarket, HedgeStrategy, Holding, TradingTerms
from hedging.errors import InputError, InsufficientDataError, NoHedgeError
from hedging.estimators.estimate import estimate_beta
from hedging.estimators.rolling import RollingBeta, rolling_beta
from hedging.instruments.contracts import Contract
from hedging.instruments.sizing import require_position

FEWEST_PERIODS = 20  # an expected shortfall at 95 % needs one whole period in its tail
DEFAULT_TERMS = TradingTerms()


def simulate_hedges(
    market: HedgeMarket,
    strategies: Sequence[HedgeStrategy],
    *,
    position_usd: float,
    contract: Contract,
    terms: TradingTerms = DEFAULT_TERMS,
    holding: Holding = "quantity",
    reference_beta: float | None = None,
    confidence: float = 0.95,
    estimates: Mapping[str, RollingBeta] | None = None,
    progress: Callable[[float], None] | None = None,
) -> HedgeSimulation:
    """Walk forward: at the start of each period look, decide and trade with what is known then.

    All strategies walk together over the same periods, from the first at which the longest window is
    full. Estimates, triggers, volatilities and prices at the start of period t come from periods before t.

    Funding is settled in cash and never moves the isolated margin; a hedge liquidated inside a period
    still pays or receives the whole of that period's funding, because nobody knows when inside it went.

    Parameters
    ----------
    market : HedgeMarket
    strategies : sequence of HedgeStrategy
        With names that differ.
    position_usd : float
        Signed value of the position at the first period, long positive.
    contract : LinearContract or InverseContract
        Rounding and minima. P&L of an inverse contract is taken to USD at the end of each period.
    terms : TradingTerms
        Fees, slippage, leverage and maintenance margin.
    holding : {"quantity", "value"}
        "quantity" keeps the number of coins, so that the value drifts; "value" resets it to
        ``position_usd`` before each period, so that all periods weigh the same.
    reference_beta : float, optional
        Beta that the split measures against; least squares over the whole test when left out.
    confidence : float
        Level of the effectiveness intervals.
    estimates : mapping of str to RollingBeta, optional
        By name of the strategy, where they are known already: on the index of the returns, with the
        window and method of the strategy and, for "min_variance", on the instrument's own returns.
    progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    HedgeSimulation

    Raises
    ------
    InputError
        Unusable settings, repeated names, no strategy, a margin trigger that fresh margin already fires,
        an estimate that is not the strategy's.
    InsufficientDataError
        Fewer than 20 periods after the longest window.
    NoHedgeError
        A strategy never reaches the smallest order that the exchange takes.

    References
    ----------
    Ederington (1979); Hull, chapter 3; Leland (1985) for trading bands under costs.
    """
    value = require_position(position_usd)
    require_choice(holding, "holding", ("quantity", "value"))
    require_fraction(confidence, "confidence")
    require_kind(market, "market", HedgeMarket)
    require_kind(contract, "contract", get_args(Contract))
    require_kind(terms, "terms", TradingTerms)
    _require_names(strategies)
    _require_reachable_margin(strategies, terms)
    first = max(strategy.window for strategy in strategies)
    _require_history(len(market.returns.asset), first)
    reference = _reference(market, first, reference_beta)
    given = {} if estimates is None else estimates
    _require_own_estimates(given, strategies, market)
    share = 0.5 if progress else 0.0

    def part(start: float, done: float) -> None:
        if progress is not None:
            progress(start + share * done)

    ratios = _ratios(market, strategies, first, given=given, progress=lambda done: part(0.0, done))
    path = _path(market, value, holding, first)
    walked = walk(
        path,
        ratios,
        _order(contract),
        [each.triggers for each in strategies],
        terms=terms,
        progress=lambda done: part(share, done),
    )
    report = Report(market, path, walked, first=first, contract=contract, terms=terms, reference=reference)
    for row, strategy in enumerate(strategies):
        _require_hedge(walked, row, strategy, contract)
    return HedgeSimulation(
        runs=tuple(
            report.run(row, strategy, confidence=confidence) for row, strategy in enumerate(strategies)
        ),
        unhedged_pnl_usd=report.unhedged,
        unhedged=report.figures(report.unhedged),
        position_usd=pd.Series(path.position_usd[:-1], index=report.index, name="position_usd"),
        reference_beta=reference,
        funding_known=market.funding_rates is not None,
        basis_known=market.hedge_prices is not None,
    )


def _reference(market: HedgeMarket, first: int, given: float | None) -> float:
    if given is not None:
        return require_number(given, "reference_beta", allowed="a finite beta")
    return estimate_beta(market.returns.asset.iloc[first:], market.returns.benchmark.iloc[first:]).beta


def _ratios(
    market: HedgeMarket,
    strategies: Sequence[HedgeStrategy],
    first: int,
    *,
    given: Mapping[str, RollingBeta],
    progress: Callable[[float], None],
) -> Ratios:
    """Betas at the start of each period; strategies that differ in triggers alone share one estimate."""
    prices = market.returns.benchmark_prices if market.hedge_prices is None else market.hedge_prices
    hedge_returns = (prices / prices.shift(1) - 1.0).iloc[1:]
    known: dict[tuple[object, ...], RollingBeta] = {}
    n = len(market.returns.asset)
    rows: dict[str, list[FloatArray]] = {"beta": [], "low": [], "high": []}

    def estimated(done: int, strategy: HedgeStrategy) -> RollingBeta:
        return rolling_beta(
            market.returns.asset,
            market.returns.benchmark if strategy.sizing == "beta" else hedge_returns,
            window=strategy.window,
            method=strategy.method,
            covariance=strategy.covariance,
            options=strategy.options,
            progress=lambda share: progress((done + share) / len(strategies)),
        )

    for done, strategy in enumerate(strategies):
        if strategy.sizing == "dollar":
            for part in rows.values():
                part.append(np.ones(n - first + 1))
            continue
        key = (strategy.sizing, strategy.window, strategy.method, strategy.covariance, strategy.options)
        rolling = given.get(strategy.name, known.get(key))
        if rolling is None:
            rolling = known[key] = estimated(done, strategy)
        for name, part in rows.items():
            # The estimate that ends with period t - 1 is known at the start of period t.
            part.append(getattr(rolling, name).to_numpy()[first - 1 :])
        progress((done + 1) / len(strategies))
    return Ratios(
        beta=np.array(rows["beta"]),
        low=np.array(rows["low"]),
        high=np.array(rows["high"]),
        volatility=_volatilities(market, strategies, first),
        target=np.array([strategy.beta_target for strategy in strategies]),
    )


def _volatilities(market: HedgeMarket, strategies: Sequence[HedgeStrategy], first: int) -> FloatArray:
    """Of the benchmark over each strategy's own window, shape (k, n + 1)."""
    known = {
        window: market.returns.benchmark.rolling(window).std().to_numpy()[first - 1 :]
        for window in {strategy.window for strategy in strategies}
    }
    return np.array([known[strategy.window] for strategy in strategies])


def _path(market: HedgeMarket, value: float, holding: Holding, first: int) -> Path:
    asset = market.returns.asset.to_numpy(dtype=np.float64)[first:]
    spot = market.returns.benchmark_prices
    prices = (spot if market.hedge_prices is None else market.hedge_prices).to_numpy(dtype=np.float64)[first:]
    growth = np.cumprod(np.r_[1.0, 1.0 + asset]) if holding == "quantity" else np.ones(asset.size + 1)
    ends = np.maximum(prices[1:], prices[:-1]), np.minimum(prices[1:], prices[:-1])
    highs = ends[0] if market.hedge_highs is None else market.hedge_highs.to_numpy(dtype=np.float64)[first:]
    lows = ends[1] if market.hedge_lows is None else market.hedge_lows.to_numpy(dtype=np.float64)[first:]
    rates = market.funding_rates
    stamps = spot.index[first:]
    return Path(
        hours=np.asarray((stamps - stamps[0]) / pd.Timedelta(hours=1), dtype=np.float64),
        position_usd=np.asarray(value * growth, dtype=np.float64),
        asset_return=asset,
        benchmark_return=market.returns.benchmark.to_numpy(dtype=np.float64)[first:],
        hedge_price=prices,
        worst_high=np.maximum(highs, ends[0]),
        worst_low=np.minimum(lows, ends[1]),
        funding_rate=np.zeros(asset.size + 1)
        if rates is None
        else rates.to_numpy(dtype=np.float64)[first - 1 :],
        funding_sign=_last_signs(rates, asset.size + 1),
    )


def _last_signs(rates: pd.Series | None, n: int) -> FloatArray:
    """Sign of the last charge that was not 0: between charges funding has not changed its mind."""
    if rates is None:
        return np.zeros(n)
    signs = np.sign(rates).replace(0.0, np.nan).ffill().fillna(0.0)
    return np.asarray(signs, dtype=np.float64)[-n:]


def _order(contract: Contract) -> Order:
    step = float(contract.quantity_step)
    return Order(
        usd_per_step=lambda price: contract.value_usd(price) * step,
        smallest_steps=math.ceil(contract.minimum_quantity / contract.quantity_step),
        smallest_usd=float(contract.minimum_notional_usd),
    )


def _require_names(strategies: Sequence[HedgeStrategy]) -> None:
    for strategy in strategies:
        require_kind(strategy, "strategies", HedgeStrategy)
    names = [strategy.name for strategy in strategies]
    if not names or len(set(names)) != len(names):
        raise InputError(
            f"there are {len(names)} strategies with {len(set(names))} different names",
            parameter="strategies",
            value=names,
            allowed="at least one strategy, each with a name of its own",
            remedy="Rename those that are equal.",
        )


def _require_own_estimates(
    given: Mapping[str, RollingBeta], strategies: Sequence[HedgeStrategy], market: HedgeMarket
) -> None:
    """A beta of another window, method or stretch of time is another strategy's, or knows the future."""
    for strategy in strategies:
        found = given.get(strategy.name)
        if found is None:
            continue
        require_kind(found, "estimates", RollingBeta)
        same = (found.window, found.method) == (strategy.window, strategy.method)
        if not (same and found.beta.index.equals(market.returns.asset.index)):
            raise InputError(
                f"the estimate given for {strategy.name!r} is of {found.method!r} over {found.window} "
                f"periods, {len(found.beta)} rows",
                parameter="estimates",
                value=found.window,
                allowed=f"{strategy.method!r} over {strategy.window} periods on the index of the returns",
                remedy="Estimate it on this market with the strategy's own settings, or leave it out.",
            )


def _require_reachable_margin(strategies: Sequence[HedgeStrategy], terms: TradingTerms) -> None:
    """A margin trigger below what fresh margin already uses would call at every instant."""
    if terms.leverage is None:
        return
    fresh = terms.leverage * terms.maintenance_fraction
    for strategy in strategies:
        ratio = strategy.triggers.margin_ratio
        if ratio is not None and ratio <= fresh:
            raise InputError(
                f"the margin ratio of {strategy.name!r} is {ratio:g}, and fresh margin at "
                f"{terms.leverage:g} times already uses {fresh:g}",
                parameter="margin_ratio",
                value=ratio,
                allowed=f"above {fresh:g}",
                remedy="Raise the ratio or lower the leverage.",
            )


def _require_history(available: int, window: int) -> None:
    if available < window + FEWEST_PERIODS:
        raise InsufficientDataError(
            f"there are {available} returns and a test with a lookback of {window} needs "
            f"{window + FEWEST_PERIODS}",
            parameter="window",
            value=window,
            allowed=f"at most {max(available - FEWEST_PERIODS, 0)}",
            remedy="Choose a shorter lookback, a finer return interval or a longer history.",
        )


def _require_hedge(walked: Walk, row: int, strategy: HedgeStrategy, contract: Contract) -> None:
    if walked.traded_usd[row].any() or not walked.exact_usd[row].any():
        return
    largest = float(np.abs(walked.exact_usd[row]).max())
    raise NoHedgeError(
        f"the hedge of {strategy.name!r} reached ${largest:,.2f} at most, less than {contract.name} takes",
        parameter="position_usd",
        value=largest,
        allowed=f"orders of at least {contract.minimum_quantity} contracts and half a step",
        remedy="Test a larger position or a smaller contract.",
    )
