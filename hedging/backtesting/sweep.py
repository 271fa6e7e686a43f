"""Which triggers are worth their trades: a grid of settings in one walk."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from hedging._checks import require_kind
from hedging.backtesting.results import HedgeSimulation
from hedging.backtesting.settings import HedgeMarket, HedgeStrategy, Holding, TradingTerms, Triggers
from hedging.backtesting.simulate import DEFAULT_TERMS, simulate_hedges
from hedging.errors import InputError
from hedging.estimators.rolling import RollingBeta
from hedging.instruments.contracts import Contract

MOST_SETTINGS = 500
DIGITS = ".14g"  # settings that differ at all have different names, and 100 * 0.07 is still 7


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

    Combinations that differ in nothing that can act (a ``benefit_hours`` without a band) appear once.

    Parameters
    ----------
    settings : mapping
        Such as ``{"every_hours": [24, 72], "benchmark_move_fraction": [None, 0.05]}``.

    Raises
    ------
    InputError
        An unknown setting, an empty list, something that is no list, or more than 500 combinations.
    """
    known = [field.name for field in fields(Triggers)]
    require_kind(settings, "settings", Mapping)
    for name, values in settings.items():
        require_kind(values, f"settings[{name!r}]", (list, tuple))
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
    combinations = (Triggers(**dict(zip(settings, row, strict=True))) for row in rows)
    return tuple({describe(triggers): triggers for triggers in combinations}.values())


def sweep_triggers(
    market: HedgeMarket,
    strategy: HedgeStrategy,
    grid: Sequence[Triggers],
    *,
    position_usd: float,
    contract: Contract,
    terms: TradingTerms = DEFAULT_TERMS,
    holding: Holding = "quantity",
    estimate: RollingBeta | None = None,
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
        From :func:`hedging.trigger_grid`; none twice.
    estimate : RollingBeta, optional
        The strategy's, where it is known already.

    Returns
    -------
    TriggerSweep

    Raises
    ------
    InputError, InsufficientDataError, NoHedgeError
        As :func:`hedging.simulate_hedges`.
    """
    for triggers in grid:
        require_kind(triggers, "grid", Triggers)
    names = [describe(triggers) for triggers in grid]
    _require_different(names)
    simulation = simulate_hedges(
        market,
        [replace(strategy, name=name, triggers=triggers) for name, triggers in zip(names, grid, strict=True)],
        position_usd=position_usd,
        contract=contract,
        terms=terms,
        holding=holding,
        estimates=None if estimate is None else dict.fromkeys(names, estimate),
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


def _require_different(names: list[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated or not names:
        raise InputError(
            f"the grid holds {repeated[0]!r} more than once" if repeated else "the grid is empty",
            parameter="grid",
            value=repeated,
            allowed="at least one set of triggers, none twice",
            remedy="Leave the repeated ones out, or let hedging.trigger_grid make the grid.",
        )


def describe(triggers: Triggers) -> str:
    """Short name of a set of triggers, such as ``"every 24 h, benchmark move 5%"``."""
    parts = []
    if triggers.every_hours is not None:
        parts.append(f"every {triggers.every_hours:{DIGITS}} h")
    for name, words in (
        ("benchmark_move_fraction", "benchmark move"),
        ("position_drift_fraction", "position drift"),
        ("hedge_drift_fraction", "hedge drift"),
        ("margin_ratio", "margin ratio"),
    ):
        value = getattr(triggers, name)
        if value is not None:
            parts.append(f"{words} {100 * value:{DIGITS}}%")
    if triggers.beta_outside_interval:
        parts.append("beta leaves its interval")
    if triggers.funding_flip:
        parts.append("funding flips")
    if triggers.risk_aversion is not None:
        hours = f"{triggers.benefit_hours:{DIGITS}} h"
        parts.append(f"band at risk aversion {triggers.risk_aversion:{DIGITS}} over {hours}")
    return ", ".join(parts) or "never"


def _efficient(risk: pd.Series, cost: pd.Series) -> list[bool]:
    """Whether no other setting is at least as good in both and better in one."""
    pairs = list(zip(risk.tolist(), cost.tolist(), strict=True))
    return [not any(r <= mine[0] and c <= mine[1] and (r, c) != mine for r, c in pairs) for mine in pairs]
