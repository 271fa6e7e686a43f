"""One position through the past with every way of hedging: loaded, walked, compared and drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd
import streamlit as st

from hedging import (
    HedgeMarket,
    HedgeRun,
    HedgeSimulation,
    HedgeStrategy,
    HedgingError,
    OutOfSampleComparison,
    RollingBeta,
    TradingTerms,
    Triggers,
    compare_out_of_sample,
    rolling_beta,
    rolling_effectiveness,
    simulate_hedges,
)
from hedging.instruments.contracts import Contract
from pages.shared.carry import Carry, hedge_market, load_carry
from pages.shared.catalogue import FileInputs
from pages.shared.loading import BetaView, load_view, or_reason
from pages.shared.long_work import Kept
from pages.shared.orders import require_position
from pages.shared.settings import Settings
from pages.shared.state import AppState
from pages.shared.terms import ChosenContract, chosen_contract
from pages.shared.views.backtest_span import Span, known_from, tested_span
from pages.shared.views.backtest_strategies import BETA, DOLLAR, UNHEDGED, strategies_of, triggers_of
from pages.shared.views.backtest_terms import on_prices, trading_terms, without_margin
from pages.shared.views.estimators import METHOD_NAMES


@dataclass(frozen=True, eq=False)
class BacktestView:
    """Everything the Backtest page shows but the verdict and the sweep.

    Attributes
    ----------
    pair : BetaView
        Its estimate and backtest are not used: they are least squares without costs.
    simulation : HedgeSimulation
    names : dict of str to str
        Key of each strategy that ran to its name: "dollar", "beta", "min_variance", or an estimator.
    refused : dict of str to HedgingError
        Name of each strategy that could not be estimated to the reason.
    margin_refusal : HedgingError or None
        Why margin is not modelled although it was asked for.
    market : HedgeMarket
        Of the tested periods and their warm-up.
    estimates : dict of str to RollingBeta
        By name of the strategy.
    chosen : ChosenContract
    contract : Contract
        As sized on the benchmark's own prices.
    terms : TradingTerms
    fee_known : bool
        False where the table has none and none was typed: then P&L is before fees.
    triggers : Triggers
    carry : Carry
    known_from : pandas.Timestamp or None
        First period from which a test would have funding, where this one has not.
    span : Span
    rolling : dict of str to pandas.Series, or HedgingError
        Effectiveness of the dollar and the beta hedge in moving windows, by name.
    version : str
        Names everything the simulation depends on in every cache.
    """

    pair: BetaView
    simulation: HedgeSimulation
    names: dict[str, str]
    refused: dict[str, HedgingError]
    margin_refusal: HedgingError | None
    market: HedgeMarket
    estimates: dict[str, RollingBeta]
    chosen: ChosenContract
    contract: Contract
    terms: TradingTerms
    fee_known: bool
    triggers: Triggers
    carry: Carry
    known_from: pd.Timestamp | None
    span: Span
    rolling: dict[str, pd.Series] | HedgingError
    version: str

    @property
    def lead(self) -> HedgeRun:
        """The beta hedge by the estimator in use; the dollar hedge where that cannot be estimated."""
        return self.run(BETA) or self.simulation.runs[0]

    def run(self, key: str) -> HedgeRun | None:
        """The run of a strategy by its key; None where it did not run."""
        return self.simulation.run(self.names[key]) if key in self.names else None


def load_backtest(state: AppState, files: FileInputs) -> BacktestView:
    """Prices, the estimates of every strategy, and their walk.

    Raises
    ------
    DataError, HedgingError
        There are no prices, or the choices cannot be walked.
    """
    # The pair's own estimate is not shown: a slow one would be rolled twice.
    pair = load_view(replace(state, settings=replace(state.settings, method="ols")), files)
    settings = state.settings
    require_position(pair.position_usd)
    chosen = chosen_contract(state.hedge, settings.benchmark)
    terms = or_reason(lambda: trading_terms(chosen, state, pair))
    margin_refusal = terms if isinstance(terms, HedgingError) else None
    if isinstance(terms, HedgingError):
        state = without_margin(state)
        terms = trading_terms(chosen, state, pair)
    choices = state.backtest
    carry = load_carry(settings, files)
    span = tested_span(pair.aligned, carry, state)
    part = pair.aligned.part(max(span.first - settings.lookback, 0), span.stop)
    market = hedge_market(part, carry)
    contract = on_prices(chosen.contract, settings.benchmark)
    strategies = strategies_of(state, basis_known=market.hedge_prices is not None)
    version = repr((pair.versions, carry.version, settings.interval, span, settings.lookback))
    estimates, refused = _estimates(strategies, market, settings, version)
    ran = {key: each for key, each in strategies.items() if each.name not in refused}
    version = repr(
        (
            version,
            settings.confidence,
            tuple(ran.values()),
            contract,
            terms,
            pair.position_usd,
            choices.holding,
        )
    )
    simulation = _walks().made(
        version,
        lambda progress: simulate_hedges(
            market,
            list(ran.values()),
            position_usd=pair.position_usd,
            contract=contract,
            terms=terms,
            holding=choices.holding,
            confidence=settings.confidence,
            estimates=estimates,
            progress=progress,
        ),
        label=f"Walking forward through {span.stop - span.first:,} periods…",
    )
    return BacktestView(
        pair=pair,
        simulation=simulation,
        names={key: each.name for key, each in ran.items()},
        refused=refused,
        margin_refusal=margin_refusal,
        market=market,
        estimates=estimates,
        chosen=chosen,
        contract=contract,
        terms=terms,
        fee_known=chosen.contract.taker_fee_fraction is not None or state.hedge.fee_bp is not None,
        triggers=triggers_of(choices),
        carry=carry,
        known_from=known_from(market, carry, settings.lookback),
        span=span,
        rolling=or_reason(lambda: _rolled(version, choices.effectiveness_window, simulation)),
        version=version,
    )


def load_verdict(view: BacktestView, state: AppState) -> OutOfSampleComparison | HedgingError:
    """Which differences between the strategies are more than noise."""
    pnl = {UNHEDGED: view.simulation.unhedged_pnl_usd}
    pnl |= {run.strategy.name: run.pnl_usd for run in view.simulation.runs}
    return _verdict(view.version, state.settings.confidence, view.names.get(DOLLAR), pd.DataFrame(pnl))


def _estimates(
    strategies: Mapping[str, HedgeStrategy], market: HedgeMarket, settings: Settings, version: str
) -> tuple[dict[str, RollingBeta], dict[str, HedgingError]]:
    """Beta of each strategy in every window; what one method cannot do must not stop the others."""
    estimates, refused = {}, {}
    for strategy in strategies.values():
        if strategy.sizing == "dollar":
            continue
        key = (version, strategy.sizing, strategy.method, strategy.covariance, settings.confidence)
        try:
            estimates[strategy.name] = _betas().made(
                key,
                partial(_rolled_betas, strategy, market, settings.confidence),
                label=f"Estimating beta in every window: {METHOD_NAMES[strategy.method]}…",
            )
        except HedgingError as error:
            refused[strategy.name] = error
    return estimates, refused


def _rolled_betas(
    strategy: HedgeStrategy, market: HedgeMarket, confidence: float, progress: Callable[[float], None]
) -> RollingBeta:
    benchmark = market.returns.benchmark
    if strategy.sizing == "min_variance" and market.hedge_prices is not None:
        benchmark = (market.hedge_prices / market.hedge_prices.shift(1) - 1).iloc[1:]
    return rolling_beta(
        market.returns.asset,
        benchmark,
        window=strategy.window,
        method=strategy.method,
        covariance=strategy.covariance,
        confidence=confidence,
        progress=progress,
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def _rolled(version: str, window: int, _simulation: HedgeSimulation) -> dict[str, pd.Series]:
    """The dollar hedge and the first that is none; others would crowd the chart."""
    dollar = [run for run in _simulation.runs if run.strategy.sizing == "dollar"]
    other = [run for run in _simulation.runs if run.strategy.sizing != "dollar"]
    return {
        run.strategy.name: rolling_effectiveness(_simulation.unhedged_pnl_usd, run.pnl_usd, window=window)
        for run in (*other[:1], *dollar)
    }


@st.cache_resource(
    max_entries=32, show_spinner="Asking whether the differences are more than noise…", show_time=True
)
def _verdict(
    version: str, confidence: float, reference: str | None, _pnl: pd.DataFrame
) -> OutOfSampleComparison | HedgingError:
    return or_reason(
        lambda: compare_out_of_sample(_pnl, unhedged=UNHEDGED, reference=reference, confidence=confidence)
    )


@st.cache_resource(show_spinner=False)
def _walks() -> Kept[HedgeSimulation]:
    return Kept(8)


@st.cache_resource(show_spinner=False)
def _betas() -> Kept[RollingBeta]:
    return Kept(32)
