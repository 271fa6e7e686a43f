"""Which triggers are worth their trades: a grid of settings in one walk."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from hedging.backtesting.results import HedgeSimulation
from hedging.backtesting.settings import HedgeMarket, HedgeStrategy, Holding, TradingTerms, Triggers
from hedging.backtesting.simulate import DEFAULT_TERMS, simulate_hedges
from hedging.errors import InputError
from hedging.instruments.contracts import Contract

MOST_SETTINGS = 500


@dataclass(frozen=True, eq=False)
class TriggerSweep:
    """Risk left against cost for each setting.

    Attributes
    ----------
    table : pandas.DataFrame
        One row for each setting, named as its run: the settings themselves, then ``n_rebalances``,
        ``turnover_usd``, ``cost_usd`` (fees and slippage, positive), ``funding_usd`` (received
        positive), ``risk_left_fraction`` (hedged over unhedged volatility), ``expected_shortfall_usd``,
        ``total_usd``, ``n_liquidations``, and ``efficient``: no other setting leaves less risk for less cost.
    simulation : HedgeSimulation
        All runs behind it.
    """

    table: pd.DataFrame
    simulation: HedgeSimulation


def trigger_grid(settings: Mapping[str, Sequence[Any]]) -> tuple[Triggers, ...]:
    """Every combination of the values given for each setting of :class:`hedging.Triggers`.

    Parameters
    ----------
    settings : mapping
        Such as ``{"every_hours": [24, 72], "benchmark_move_fraction": [None, 0.05]}``.

    Raises
    ------
    InputError
        An unknown setting, an empty list, or more than 500 combinations.
    """
    known = [field.name for field in fields(Triggers)]
    for name, values in settings.items():
        if name not in known or len(values) == 0:
            raise InputError(
                f"the grid has {len(values)} values for {name!r}",
                parameter="settings",
                value=name,
                allowed="at least one value for any of " + ", ".join(known),
                remedy="Correct the name or give a value.",
            )
    n_settings = int(np.prod([len(values) for values in settings.values()]))
    if n_settings > MOST_SETTINGS:
        raise InputError(
            f"the grid has {n_settings} combinations",
            parameter="settings",
            value=n_settings,
            allowed=f"at most {MOST_SETTINGS}",
            remedy="Leave out some values.",
        )
    rows = itertools.product(*settings.values())
    return tuple(Triggers(**dict(zip(settings, row, strict=True))) for row in rows)


def sweep_triggers(
    market: HedgeMarket,
    strategy: HedgeStrategy,
    grid: Sequence[Triggers],
    *,
    position_usd: float,
    contract: Contract,
    terms: TradingTerms = DEFAULT_TERMS,
    holding: Holding = "quantity",
    progress: Callable[[float], None] | None = None,
) -> TriggerSweep:
    """Run one strategy with every set of triggers, side by side in one walk.

    The best setting of a sweep is chosen with hindsight: it says what the trade-off was, not what it
    will be. The choice between neighbours on the frontier is mostly noise.

    Parameters
    ----------
    market, position_usd, contract, terms, holding, progress
        As in :func:`hedging.simulate_hedges`.
    strategy : HedgeStrategy
        What is swept; its own triggers do not count.
    grid : sequence of Triggers
        From :func:`hedging.trigger_grid`.

    Returns
    -------
    TriggerSweep

    Raises
    ------
    InputError, InsufficientDataError, NoHedgeError
        As :func:`hedging.simulate_hedges`.
    """
    names = [describe(triggers) for triggers in grid]
    simulation = simulate_hedges(
        market,
        [replace(strategy, name=name, triggers=triggers) for name, triggers in zip(names, grid, strict=True)],
        position_usd=position_usd,
        contract=contract,
        terms=terms,
        holding=holding,
        progress=progress,
    )
    unhedged = simulation.unhedged.volatility_annual_usd
    rows = []
    for run in simulation.runs:
        settings = {field.name: getattr(run.strategy.triggers, field.name) for field in fields(Triggers)}
        split = run.split_usd.sum()
        rows.append(
            {
                **settings,
                "n_rebalances": run.n_rebalances,
                "turnover_usd": run.turnover_usd,
                "cost_usd": -float(split["fees"] + split["slippage"]),
                "funding_usd": float(split["funding"]),
                "risk_left_fraction": run.figures.volatility_annual_usd / unhedged,
                "expected_shortfall_usd": run.figures.expected_shortfall_usd,
                "total_usd": run.figures.total_usd,
                "n_liquidations": run.n_liquidations,
            }
        )
    table = pd.DataFrame(rows, index=pd.Index(names, name="triggers"))
    table["efficient"] = _efficient(table["risk_left_fraction"], table["cost_usd"])
    return TriggerSweep(table=table, simulation=simulation)


def describe(triggers: Triggers) -> str:
    """Short name of a set of triggers, such as ``"every 24 h, benchmark move 5 %"``."""
    parts = []
    if triggers.every_hours is not None:
        parts.append(f"every {triggers.every_hours:g} h")
    for name, words in (
        ("benchmark_move_fraction", "benchmark move"),
        ("position_drift_fraction", "position drift"),
        ("hedge_drift_fraction", "hedge drift"),
        ("margin_ratio", "margin ratio"),
    ):
        value = getattr(triggers, name)
        if value is not None:
            parts.append(f"{words} {100 * value:g} %")
    if triggers.beta_outside_interval:
        parts.append("beta leaves its interval")
    if triggers.funding_flip:
        parts.append("funding flips")
    if triggers.risk_aversion is not None:
        parts.append(f"band at risk aversion {triggers.risk_aversion:g} over {triggers.benefit_hours:g} h")
    return ", ".join(parts) or "never"


def _efficient(risk: pd.Series, cost: pd.Series) -> list[bool]:
    """Whether no other setting is at least as good in both and better in one."""
    pairs = list(zip(risk.tolist(), cost.tolist(), strict=True))
    return [not any(r <= mine[0] and c <= mine[1] and (r, c) != mine for r, c in pairs) for mine in pairs]
