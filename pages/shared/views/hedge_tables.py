"""From beta to the verdict as one line of steps, and the order beside the other ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from data.coins import coin_of
from hedging import (
    AppetiteHedges,
    HedgeBacktest,
    HedgePlan,
    HedgeWorth,
    HedgingError,
    effectiveness_of_ratio,
)
from hedging.instruments.contracts import Contract
from hedging.plots import plot_hedge_sizes
from hedging.plots.formats import (
    beta_text,
    contract_size_text,
    order_range_text,
    order_text,
    percent_text,
    price_text,
    range_text,
    signed,
    usd_text,
)
from pages.shared import words
from pages.shared.charts import Chart, current_theme
from pages.shared.orders import margin_usd
from pages.shared.state import AppState
from pages.shared.views.hedge import HedgeView, by_hand_lines, hedging_usd
from pages.shared.views.hedge_costs import FundingOutlook, HedgeCost
from pages.shared.views.hedge_figures import NOT_KNOWN, days_text, horizon_text

SIZES_HEIGHT = 300
Step = tuple[str, str, str, str]


def hedge_steps(view: HedgeView, state: AppState) -> pd.DataFrame:
    """One unbroken line from beta to the verdict: a row for each step, each made of the one before."""
    rows: list[Step] = []
    estimate, plan = view.beta.estimate, view.plan
    by_hand = view.beta_by_hand
    if by_hand is None:
        rows.append(("beta", beta_text(estimate.beta), words.interval_text(estimate), "from the Beta page"))
    else:
        data = f"data say {beta_text(estimate.beta)}, {words.interval_text(estimate)}"
        rows.append(("beta, by hand", beta_text(by_hand), data, _by_hand_origin(state)))
    if isinstance(plan, HedgePlan):
        rows += _order_rows(plan, view, state)
    rows += _cost_rows(view, state)
    if isinstance(view.worth, HedgeWorth):
        worth = view.worth
        rows.append(
            (
                "worth its cost?",
                worth.verdict,
                f"net {range_text(usd_text(worth.net_low_usd), usd_text(worth.net_high_usd))}",
                f"avoids {usd_text(worth.avoided_usd)} of mean loss in the worst {_tail(worth)}",
            )
        )
    return pd.DataFrame(rows, columns=["step", "value", "range", "how"]).set_index("step")


def _by_hand_origin(state: AppState) -> str:
    if state.hedge.beta_by_hand is not None:
        return "set by hand, typed above"
    names = ", ".join(line.symbol for line in by_hand_lines(state))
    return f"set by hand for {names}; other positions by least squares, and no interval"


def _order_rows(plan: HedgePlan, view: HedgeView, state: AppState) -> list[Step]:
    contract, coin = plan.contract, coin_of(state.settings.benchmark).name
    one = contract.value_usd(plan.price_usd)
    lost = plan.effectiveness_lost_by_rounding
    target = f" less the target {beta_text(plan.beta_target)}" if plan.beta_target else ""
    margin = (
        f", and {usd_text(plan.margin_exposure_usd)} of coins as margin" if plan.margin_exposure_usd else ""
    )
    rows = [
        (
            "one contract",
            price_text(one),
            f"steps of {contract.quantity_step}",
            f"{contract_size_text(contract, coin)} each, {contract.kind}, "
            f"{view.chosen.exchange} {contract.name}",
        ),
        (
            "contracts, exact",
            signed(f"{plan.contracts_exact:,.4f}"),
            _contracts_range(plan),
            f"beta{target} times {usd_text(plan.position_usd)}{margin}, over one contract, other side",
        ),
        (
            "order, rounded",
            order_text(plan, coin),
            f"{usd_text(abs(plan.hedge_notional_usd))} notional",
            f"to the nearest step; {_smallest(contract)}",
        ),
        (
            "left by rounding",
            usd_text(plan.residual_beta_usd),
            "" if lost is None else f"{signed(f'{lost:.2%}')} of variance",
            "benchmark exposure that no order of this step removes",
        ),
    ]
    if view.margin_usd is not None:
        # The coins behind an inverse order are those that its sizing counted on.
        of_what = "value of the exact contracts" if plan.margin_exposure_usd else "notional"
        rows.append(
            (
                "margin",
                usd_text(view.margin_usd),
                f"{state.hedge.leverage:g}x leverage",
                f"{of_what} over leverage; {view.chosen.tiers_note}",
            )
        )
    found = view.liquidation
    if not isinstance(found, HedgingError):
        if found.price_usd is None or found.distance_fraction is None:
            rows.append(("liquidation", found.outcome, "", found.reason))
        else:
            touched = ""
            if not isinstance(view.touch, HedgingError):
                share = percent_text(view.touch.probability)
                touched = f"; met in {share} of resampled {horizon_text(view, state)}"
            rows.append(
                (
                    "liquidation",
                    price_text(found.price_usd),
                    f"{signed(f'{found.distance_fraction:+.1%}')} away",
                    f"{view.chosen.convention.capitalize()} formula, isolated{touched}",
                )
            )
    return rows


def _smallest(contract: Contract) -> str:
    least = contract.minimum_quantity
    return f"smallest order {least}" if least else "no smallest order is known"


def _contracts_range(plan: HedgePlan) -> str:
    """In contracts as the number beside it: coins are what the order says."""
    if plan.contracts_low is None or plan.contracts_high is None:
        return "no interval for a beta by hand"
    return signed(range_text(f"{plan.contracts_low:,.4f}", f"{plan.contracts_high:,.4f}"))


def _cost_rows(view: HedgeView, state: AppState) -> list[Step]:
    cost, days = view.cost, days_text(state)
    if isinstance(cost, HedgingError):
        return []
    costs = view.costs
    rate = "" if isinstance(costs, HedgingError) else f"{_bp(costs.per_side_fraction)} a side"
    rows = [("fees and slippage", usd_text(cost.trading_usd), rate, "opening and closing")]
    funding = view.funding
    if isinstance(funding, FundingOutlook) and cost.funding_usd is not None:
        verb = "received" if cost.funding_usd >= 0 else "paid"
        annual = funding.annual_fraction
        spread, daily = "", abs(cost.funding_daily_usd or 0.0)
        if cost.funding_low_usd is not None and cost.funding_high_usd is not None:
            spread = range_text(usd_text(cost.funding_low_usd), usd_text(cost.funding_high_usd))
        rows.append(
            (
                f"funding over {days}",
                f"{usd_text(abs(cost.funding_usd))} {verb}",
                spread,
                f"{usd_text(daily)} a day at {percent_text(annual)} a year; positive rate: longs pay shorts",
            )
        )
    else:
        rows.append((f"funding over {days}", NOT_KNOWN, "", "type a rate under Terms"))
    even = view.break_even
    if not isinstance(even, HedgingError):
        after = "never" if even.holding_days is None else f"{even.holding_days:.1f} days"
        rows.append(
            (
                "break-even",
                after,
                f"{signed(f'{even.benchmark_return:+.2%}')} of benchmark",
                "funding of a short against its fees",
            )
        )
    return rows


def hedge_alternatives(view: HedgeView, state: AppState) -> pd.DataFrame:
    """The beta hedge beside the dollar hedge and none: what each rests on, takes, costs and leaves."""
    columns = {
        "beta hedge": _way(view, state, _Way("beta", view.plan, view.cost, view.worth)),
        "dollar hedge": _way(
            view, state, _Way("dollar", view.dollar_plan, view.dollar_cost, view.dollar_worth)
        ),
        "no hedge": _no_way(view),
    }
    return pd.DataFrame(columns).rename_axis(f"over {days_text(state)}")


class _Way(NamedTuple):
    """One way of hedging and what was found out about it."""

    name: Literal["beta", "dollar"]
    plan: HedgePlan | HedgingError
    cost: HedgeCost | HedgingError
    worth: HedgeWorth | HedgingError


def _way(view: HedgeView, state: AppState, way: _Way) -> Mapping[str, str]:
    plan, cost, worth = way.plan, way.cost, way.worth
    if isinstance(plan, HedgingError):
        return dict.fromkeys(_no_way(view), "no order")
    by_beta = way.name == "beta"
    ratio = -hedging_usd(plan) / plan.position_usd
    in_window = float(effectiveness_of_ratio(view.beta.estimate, np.array([ratio]))[0])
    walk, removed = view.beta.backtest, NOT_KNOWN
    if isinstance(walk, HedgeBacktest):
        effect = (walk.beta if by_beta else walk.dollar).effectiveness
        removed = "" if effect is None else f"{words.effect(effect)} ({words.effect_interval(effect)})"
        if by_beta and view.beta_by_hand is not None:
            removed = "not tested for a beta by hand"
        elif by_beta and plan.beta_target:
            removed = "not tested for a target"
    return {
        "sized by": f"beta {beta_text(plan.beta)}" if by_beta else "the position's value",
        "order": order_text(plan, coin_of(state.settings.benchmark).name),
        "interval of the order": order_range_text(plan) if by_beta else "none: 1 is assumed",
        "capital: margin": usd_text(margin_usd(plan, state.hedge)),
        "fees and slippage": NOT_KNOWN if isinstance(cost, HedgingError) else usd_text(cost.trading_usd),
        "funding received": _funding_text(cost),
        "mean loss, worst 5%": NOT_KNOWN
        if isinstance(worth, HedgingError)
        else usd_text(worth.shortfall_hedged_usd),
        "variance removed, window": percent_text(in_window),
        "variance removed, out of sample": removed,
        "worth its cost?": NOT_KNOWN if isinstance(worth, HedgingError) else worth.verdict,
    }


def _no_way(view: HedgeView) -> Mapping[str, str]:
    worth = view.worth
    loss = NOT_KNOWN if isinstance(worth, HedgingError) else usd_text(worth.shortfall_unhedged_usd)
    return {
        "sized by": "",
        "order": "none",
        "interval of the order": "",
        "capital: margin": "$0",
        "fees and slippage": "$0",
        "funding received": "$0",
        "mean loss, worst 5%": loss,
        "variance removed, window": "0.0%",
        "variance removed, out of sample": "0%",
        "worth its cost?": "",
    }


def _funding_text(cost: HedgeCost | HedgingError) -> str:
    if isinstance(cost, HedgingError) or cost.funding_usd is None:
        return NOT_KNOWN
    return usd_text(cost.funding_usd)


def hedge_appetite(view: HedgeView, state: AppState) -> pd.DataFrame:
    """Conservative, central and aggressive orders from the resampled betas."""
    found = view.appetite
    if isinstance(found, HedgingError):
        return pd.DataFrame()
    coin = coin_of(state.settings.benchmark).name
    orders = (found.conservative, found.central, found.aggressive)
    rows = {
        "percentile of beta": [f"{percentile:g}th" for percentile in found.percentiles],
        "beta": [beta_text(beta) for beta in found.betas],
        "order": [
            order_text(each, coin) if isinstance(each, HedgePlan) else "below the smallest order"
            for each in orders
        ],
        "notional": [
            usd_text(abs(each.hedge_notional_usd)) if isinstance(each, HedgePlan) else "" for each in orders
        ],
    }
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["conservative", "central", "aggressive"]
    ).rename_axis(f"{found.n_replications:,} resampled histories")


def hedge_charts(view: HedgeView, state: AppState) -> dict[str, Chart]:
    """How much a hedge of each size removes."""
    settings, estimate = state.settings, view.beta.estimate
    theme = current_theme()  # known while the page runs, not when the browser asks for the chart
    sizes, between = {"no hedge": 0.0, "dollar hedge": 1.0}, None
    if isinstance(view.appetite, AppetiteHedges):
        low, _, high = (beta - state.hedge.beta_target for beta in view.appetite.betas)
        between = (low, high)
    if isinstance(view.plan, HedgePlan):
        sizes["this order"] = -hedging_usd(view.plan) / view.plan.position_usd
    return {
        "hedge_sizes": Chart(
            "hedge_sizes",
            SIZES_HEIGHT,
            lambda: plot_hedge_sizes(
                estimate,
                sizes,
                between=between,
                asset=settings.asset,
                theme=theme,
                simulated=view.beta.simulated,
                height=SIZES_HEIGHT,
            ),
            (view.beta.versions, settings, sizes, between),
        )
    }


def _tail(worth: HedgeWorth) -> str:
    return f"{1 - worth.tail_confidence:.0%}"


def _bp(fraction: float) -> str:
    return signed(f"{fraction * 1e4:,.1f} bp")
