"""The strip and the tables of the What-if page, as texts."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from data.coins import coin_of
from hedging import Alternatives, HedgePlan, HedgingError, WhatIf
from hedging.plots.formats import (
    basis_points_text,
    beta_text,
    order_text,
    percent_text,
    price_text,
    quantity_text,
    range_text,
    signed,
    stamp_text,
    usd_text,
)
from pages.shared.state import AppState
from pages.shared.strip import Figure
from pages.shared.views.hedge_costs import FundingOutlook
from pages.shared.views.what_if import WhatIfView, contract_has_prices, is_coin_margined

_THOUSANDTH = Decimal("0.001")


def move_text(fraction: float) -> str:
    """``+12.5%``, ``−20.0%``."""
    return signed(f"{fraction:+.1%}") if fraction else "0.0%"


def what_if_figures(view: WhatIfView, state: AppState) -> tuple[Figure, ...]:
    """The strip: what this shock does, and how far the hedge is from being closed."""
    fan, row, plan = view.fan, view.at_move, view.hedge.plan
    if isinstance(fan, HedgingError) or row is None or isinstance(plan, HedgingError):
        return ()
    event = f"{state.settings.benchmark} {move_text(view.move)}"
    tie = f"beta {beta_text(fan.beta)}{_tie_words(state)}"
    return (
        Figure(
            f"Hedged, {event}",
            usd_text(float(row["hedged"])),
            _interval(row, "hedged", fan),
            "Position, hedge and funding together when the benchmark makes this move.  \n"
            "`P&L = V b r + N ((1 + r)(1 + B) - 1) - N u`  \n"
            f"{usd_text(float(row['unhedged']))} of the position, {usd_text(float(row['hedge']))} of the "
            f"hedge, {usd_text(float(row['funding']))} of funding. The interval holds the error of beta "
            "and the asset's own moves, neither of which the hedge removes.",
        ),
        Figure(
            "Unhedged",
            usd_text(float(row["unhedged"])),
            _interval(row, "unhedged", fan),
            f"The position alone, {tie}; {_floor_words(view)}"
            f"{usd_text(view.hedge.beta.position_usd)} times {beta_text(fan.beta)} times "
            f"{move_text(view.move)}.",
        ),
        _hedge_figure(row, plan, view, state),
        _funding_figure(row, fan, view, state),
        _margin_figure(row, fan, view, state),
        _liquidation_figure(fan, plan, view, state),
    )


def size_sentence(view: WhatIfView) -> str:
    """That a beta by hand sizes the order and moves nothing; empty where there is none."""
    by_hand = view.hedge.beta_by_hand
    if by_hand is None:
        return ""
    return (
        f"The order is sized with a beta of {beta_text(by_hand)} by hand; the asset moves by the estimate, "
        f"{beta_text(view.hedge.beta.estimate.beta)}, unless the shock breaks it."
    )


def _floor_words(view: WhatIfView) -> str:
    if view.hedge.beta.floored:
        return "it can lose everything at most.  \n`P&L = V max(b r, -1)`  \n"
    return "a net value that holds shorts can lose more than it is.  \n`P&L = V b r`  \n"


def _tie_words(state: AppState) -> str:
    return {
        "stays": "",
        "beta": " after the break",
        "correlation": f" at a correlation of {beta_text(state.what_if.shock_correlation)}",
    }[state.what_if.shock_tie]


def _interval(row: pd.Series, name: str, fan: WhatIf) -> str:
    low, high = (usd_text(float(row[f"{name}_{end}"])) for end in ("low", "high"))
    return f"{range_text(low, high)} ({fan.confidence:.0%})"


def _hedge_figure(row: pd.Series, plan: HedgePlan, view: WhatIfView, state: AppState) -> Figure:
    order = order_text(plan, coin_of(state.settings.benchmark).name)
    coins = " and the coins that are its margin" if is_coin_margined(view) else ""
    gap = state.what_if.shock_gap_percent / 100
    return Figure(
        "The hedge alone",
        usd_text(float(row["hedge"])),
        f"{order} · {usd_text(abs(plan.hedge_notional_usd))}",
        f"What the contract{coins} makes, without funding; at most the margin can be lost.  \n"
        "`N ((1 + r)(1 + B) - 1)`  \n"
        f"{usd_text(plan.hedge_notional_usd)} when the benchmark moves {move_text(view.move)} and the "
        f"contract's price gaps {move_text(gap)} from it.",
    )


def _funding_figure(row: pd.Series, fan: WhatIf, view: WhatIfView, state: AppState) -> Figure:
    contract, rate = view.hedge.chosen.contract, state.what_if.shock_funding_bp
    if contract.funding_interval_hours is None:
        why = (
            "a dated contract pays none"
            if contract.expiry != "perpetual"
            else "its interval is not known: none is counted"
        )
        return Figure("Funding", usd_text(0.0), why, "Longs pay shorts at a positive rate, at each charge.")
    charges = fan.shock.funding_charges
    return Figure(
        "Funding",
        usd_text(float(row["funding"])),
        f"{charges} {'charge' if charges == 1 else 'charges'} of {signed(f'{rate:+g}') if rate else '0'} bp",
        "Received by the hedge during the shock, negative where it pays; at a positive rate longs pay "
        "shorts.  \n`-N u`  \n"
        f"A charge every {contract.funding_interval_hours:f} hours is {charges} in "
        f"{state.what_if.shock_days:g} {'day' if state.what_if.shock_days == 1 else 'days'}.",
    )


def _margin_figure(row: pd.Series, fan: WhatIf, view: WhatIfView, state: AppState) -> Figure:
    margin = fan.position.margin_usd
    text = "The hedge is gone once the price touches its liquidation price, and the isolated margin with it."
    if margin is None:
        return Figure("Margin", "safe", "no price closes this hedge", text)
    gone = bool(row["liquidated"])
    return Figure(
        "Margin",
        "lost: liquidated" if gone else "stands",
        f"{usd_text(margin)}, isolated, {state.hedge.leverage:g}x",
        f"{text} Beyond that price the position is unhedged. {view.hedge.chosen.tiers_note}.",
    )


def _liquidation_figure(fan: WhatIf, plan: HedgePlan, view: WhatIfView, state: AppState) -> Figure:
    away, benchmark = fan.liquidation_return, state.settings.benchmark
    text = (
        "Move of the benchmark from today at which the exchange closes the hedge, the gap between contract "
        "and benchmark included.  \n`(1 + price move to liquidation) / (1 + B) - 1`  \n"
    )
    found = view.hedge.liquidation
    if away is None or isinstance(found, HedgingError) or found.price_usd is None:
        return Figure("Liquidated at", "never", "no move of the benchmark does it", text)
    known = found.distance_daily_sigmas
    sigmas = "" if known is None else f" · {known:.1f} daily moves"
    return Figure(
        "Liquidated at",
        f"{benchmark} {move_text(away)}",
        f"contract at {price_text(found.price_usd)}{sigmas}",
        f"{text}The contract's price is {price_text(plan.price_usd)} now; leverage and margin come from the "
        "Hedge page.",
    )


def worst_days_table(view: WhatIfView, state: AppState) -> pd.DataFrame:
    """The worst periods of the position in these data, each on a row, as texts."""
    worst = view.worst
    if isinstance(worst, HedgingError):
        return pd.DataFrame()
    settings = state.settings
    margin = ["lost: liquidated" if gone else "stands" for gone in worst["liquidated"]]
    return pd.DataFrame(
        {
            settings.asset: [move_text(x) for x in worst["asset_return"]],
            f"{settings.benchmark}{' perp.' if contract_has_prices(view) else ''}": [
                move_text(x) for x in worst["benchmark_return"]
            ],
            "unhedged": [usd_text(x) for x in worst["unhedged_usd"]],
            "the hedge": [usd_text(x) for x in worst["hedge_usd"]],
            "hedged": [usd_text(x) for x in worst["hedged_usd"]],
            **({"margin": margin} if worst["liquidated"].any() else {}),
        },
        index=pd.Index(
            [stamp_text(stamp) for stamp in pd.DatetimeIndex(worst.index)],
            name={"hourly": "hour, UTC", "daily": "day, UTC", "weekly": "week to, UTC"}[settings.interval],
        ),
    )


def ways_table(view: WhatIfView, state: AppState) -> pd.DataFrame:
    """The ways of hedging, each on a row, as texts."""
    ways = view.ways
    if not isinstance(ways, Alternatives):
        return pd.DataFrame()
    table, at_move = ways.table, ways.payoff_usd.loc[view.move]
    return pd.DataFrame(
        {
            "costs": [_cost_text(x) for x in table["cost_usd"]],
            f"{state.settings.benchmark} {move_text(view.move)}": [usd_text(at_move[x]) for x in table.index],
            "unchanged": [usd_text(x) for x in table["at_rest_usd"]],
            "worst": [usd_text(x) for x in table["worst_usd"]],
            "best": [usd_text(x) for x in table["best_usd"]],
        },
        index=pd.Index(table.index, name="way"),
    )


def ways_sentences(view: WhatIfView, state: AppState) -> list[str]:
    """What the comparison assumes, one sentence each."""
    days = state.hedge.holding_days
    said = [
        f"Over {days:g} {'day' if days == 1 else 'days'}, the holding time of the Hedge page, which is also "
        "when the options expire. Costs are fees, slippage and expected funding, or the premium; the asset "
        "moves by its beta alone."
    ]
    if view.volatility_is_typed:
        said.append(f"Options are priced at {percent_text(view.option_volatility)} a year, as typed.")
    else:
        said.append(
            f"Options are priced at {percent_text(view.option_volatility)}, the volatility that "
            f"{state.settings.benchmark} had over the lookback: realised, not implied by option prices, and "
            "no market quotes them here."
        )
    said += _option_sentences(view, state)
    funding = view.hedge.funding
    if isinstance(funding, FundingOutlook):
        said.append(
            f"Funding of the perpetual: {basis_points_text(funding.rate_sum)} in total, {funding.origin}."
        )
    else:
        said.append(f"Funding of the perpetual is left out: {funding.problem}.")
    said.append(_rolled_sentence(view, state))
    if state.hedge.beta_target or view.hedge.beta_by_hand is not None:
        said.append(
            "The beta hedge and the rolled future are as large as the order; put and collar cover the whole "
            "estimated beta."
        )
    said += _liquidation_sentences(view, state)
    return said


def _rolled_sentence(view: WhatIfView, state: AppState) -> str:
    if isinstance(view.rolled, HedgingError):
        return f"The rolled future is left out: {view.rolled.problem}. {view.rolled.remedy}"
    basis = state.what_if.dated_basis_percent
    typed = "as typed" if basis else "until a basis is typed"
    return (
        f"The rolled future stands {move_text(basis / 100)} a year over spot, {typed}, and trades at the "
        "perpetual's fees and margin."
    )


def _liquidation_sentences(view: WhatIfView, state: AppState) -> list[str]:
    """Where margin ends a way of hedging, the contract moving as its benchmark."""
    ways = view.ways
    if not isinstance(ways, Alternatives):
        return []
    known = ways.table["liquidation_return"].dropna()
    if known.empty:
        return []
    levels = ", ".join(f"{way} at {move_text(float(move))}" for way, move in known.items())
    return [
        f"Margin at {state.hedge.leverage:g}x is lost where {state.settings.benchmark} passes a level, and "
        f"the position is unhedged from there: {levels}. No funding is received then."
    ]


def _option_sentences(view: WhatIfView, state: AppState) -> list[str]:
    put, collar, coin = view.put, view.collar, coin_of(state.settings.benchmark).name
    if isinstance(put, HedgingError):
        return []
    kind, other = ("put", "call") if put.position_usd > 0 else ("call", "put")
    units = quantity_text(put.units, _THOUSANDTH)
    said = [
        f"The {kind}: {units} {coin} at a strike of {price_text(put.protection_strike_usd)} for a premium of "
        f"{usd_text(put.premium_usd)}."
    ]
    if not isinstance(collar, HedgingError) and collar.financing_strike_usd is not None:
        said.append(
            f"The collar pays for it with a {other} sold at {price_text(collar.financing_strike_usd)}."
        )
    return said


def _cost_text(cost: float) -> str:
    """A cost, or what a way earns."""
    return f"earns {usd_text(-cost)}" if cost <= -0.005 else usd_text(abs(cost))
