"""What a backtest found in numbers: its strip of figures and the table of all strategies."""

from __future__ import annotations

import pandas as pd

from hedging import HedgeRun, HedgingError, OutOfSampleComparison, RunFigures
from hedging.plots.formats import (
    basis_points_text,
    p_value_text,
    percent_text,
    usd_text,
)
from pages.shared import words
from pages.shared.state import AppState
from pages.shared.strip import Figure
from pages.shared.views.backtest import BacktestView
from pages.shared.views.backtest_strategies import BETA, DOLLAR, UNHEDGED
from pages.shared.views.backtest_words import fired_sentence

NOT_KNOWN = "not known"
COULD_BE_BEST = "could be the best?"


def backtest_figures(view: BacktestView, state: AppState) -> tuple[Figure, ...]:
    """The strip: what was removed, what was made, what it cost."""
    lead = view.lead
    figures = [_removed(run, state) for key in (BETA, DOLLAR) if (run := view.run(key)) is not None]
    return (
        *figures,
        _made(view, lead),
        _drawdown(view, lead),
        _paid(view, lead),
        _traded(view, lead),
    )


def _removed(run: HedgeRun, state: AppState) -> Figure:
    found, name = run.effectiveness, run.strategy.name
    return Figure(
        f"Removed by {name}",
        words.effect(found),
        f"{words.effect_interval(found)} of variance ({found.confidence:.0%})",
        "Share of the unhedged variance that the hedge took away, out of sample and after costs.  \n"
        "`1 - Var(hedged) / Var(unhedged)`  \n"
        f"Over {found.n_observations:,} periods {words.effect(found)} is gone; that both variances are equal "
        f"has a p-value of {p_value_text(found.p_value)}. Interval at {state.settings.confidence:.0%}, "
        "Newey-West.",
    )


def _made(view: BacktestView, run: HedgeRun) -> Figure:
    alone, total = view.simulation.unhedged.total_usd, run.figures.total_usd
    dollar = view.run(DOLLAR)
    beside = f" · dollar {usd_text(dollar.figures.total_usd)}" if dollar not in (None, run) else ""
    return Figure(
        f"P&L, {run.strategy.name}",
        usd_text(total),
        f"unhedged {usd_text(alone)}{beside if dollar is not None else ''}",
        "What position and hedge made together, after fees, slippage and funding where these are known.  \n"
        "`position + hedge + funding - fees - slippage`  \n"
        f"The position alone made {usd_text(alone)}, the hedge with its costs {usd_text(total - alone)}.",
    )


def _drawdown(view: BacktestView, run: HedgeRun) -> Figure:
    hedged, alone = run.figures.max_drawdown_usd, view.simulation.unhedged.max_drawdown_usd
    return Figure(
        "Worst drawdown",
        usd_text(hedged),
        f"{run.strategy.name} · unhedged {usd_text(alone)}",
        "Deepest fall of cumulative P&L below its highest value so far.  \n"
        "`min(P&L - highest P&L so far)`  \n"
        f"{usd_text(hedged)} with the hedge, {usd_text(alone)} without.",
    )


def _paid(view: BacktestView, run: HedgeRun) -> Figure:
    split = run.split_usd.sum()
    cost = -float(split["fees"] + split["slippage"])
    funding = funding_text(view, float(split["funding"]))
    label = "Fees and slippage" if view.fee_known else "Slippage, fees not known"
    sides = basis_points_text(view.terms.fee_fraction + view.terms.slippage_fraction)
    return Figure(
        label,
        usd_text(cost),
        f"{run.strategy.name} · funding {funding}",
        "What trading cost over the whole test; funding is what holding the hedge brought or took.  \n"
        "`(fee + slippage) * turnover`  \n"
        f"{sides} a side of {usd_text(run.turnover_usd)} traded. At a positive rate longs pay shorts: a "
        "short hedge receives it.",
    )


def _traded(view: BacktestView, run: HedgeRun) -> Figure:
    mean = float(view.simulation.position_usd.abs().mean())
    times = f"{run.turnover_usd / mean:,.1f}"
    return Figure(
        "Rebalances",
        f"{run.n_rebalances:,}",
        f"{run.strategy.name} · turnover {usd_text(run.turnover_usd)}",
        "Trades after the first; turnover is the absolute notional traded, the first trade included.  \n"
        "`turnover = sum(|traded notional|)`  \n"
        f"{usd_text(run.turnover_usd)} is {times} times the mean value of the position. "
        f"{fired_sentence(run)}",
    )


def funding_text(view: BacktestView, received_usd: float) -> str:
    """What a hedge received or paid, never a zero that stands for nothing known."""
    if not view.simulation.funding_known:
        return NOT_KNOWN
    return f"{usd_text(abs(received_usd))} {'received' if received_usd >= 0 else 'paid'}"


def strategies_table(
    view: BacktestView, state: AppState, verdict: OutOfSampleComparison | HedgingError | None
) -> pd.DataFrame:
    """All strategies side by side, the unhedged position first."""
    alone = view.simulation.unhedged
    columns = {UNHEDGED: _risk_rows(alone) | _margin_rows(view, None)}
    for run in view.simulation.runs:
        columns[run.strategy.name] = (
            _risk_rows(run.figures) | _hedge_rows(view, run, state) | _margin_rows(view, run)
        )
    table = pd.DataFrame(columns).fillna("")
    rows = list(columns[view.lead.strategy.name])
    if isinstance(verdict, OutOfSampleComparison):
        table.loc[COULD_BE_BEST] = pd.Series(_candidates(verdict))
        rows.append(COULD_BE_BEST)
    unit = words.unit_words(state.settings, view.pair.aligned.report)
    return table.loc[rows].rename_axis(f"over {len(view.simulation.unhedged_pnl_usd):,} {unit}")


def _candidates(verdict: OutOfSampleComparison) -> dict[str, str]:
    table = verdict.table
    found = {
        str(name): f"{'yes' if inside else 'no'} (p {p_value_text(float(p)).replace('below ', '<')})"
        for name, inside, p in zip(table.index, table["in_confidence_set"], table["mcs_p_value"], strict=True)
    }
    return found | {verdict.best: "least variance"}


def _risk_rows(figures: RunFigures) -> dict[str, str]:
    return {
        "P&L after costs": usd_text(figures.total_usd),
        "volatility a year": percent_text(figures.volatility_annual_fraction),
        "worst drawdown": usd_text(figures.max_drawdown_usd),
        "mean loss, worst 5%": usd_text(figures.expected_shortfall_usd),
        "worst period": usd_text(figures.worst_period_usd),
    }


def _hedge_rows(view: BacktestView, run: HedgeRun, state: AppState) -> dict[str, str]:
    split = run.split_usd.sum()
    cost = usd_text(-float(split["fees"] + split["slippage"]))
    return {
        "variance removed": words.effect(run.effectiveness),
        f"its {state.settings.confidence:.0%} interval": words.effect_interval(run.effectiveness),
        "fees and slippage": cost if view.fee_known else f"{cost}, fees {NOT_KNOWN}",
        "funding": funding_text(view, float(split["funding"])),
        "turnover": usd_text(run.turnover_usd),
        "rebalances": f"{run.n_rebalances:,}",
    }


def _margin_rows(view: BacktestView, run: HedgeRun | None) -> dict[str, str]:
    if view.terms.leverage is None:
        return {}
    return {
        "margin calls": "" if run is None else f"{run.n_margin_calls:,}",
        "liquidations": "" if run is None else f"{run.n_liquidations:,}",
        "margin paid in": "" if run is None else usd_text(run.margin_posted_usd),
    }
