"""The strip of the Hedge page: what to do, what it takes, and whether it is worth it."""

from __future__ import annotations

from data.coins import coin_of
from hedging import HedgingError, NoHedgeError
from hedging.plots.formats import order_text, percent_text, price_text, range_text, signed, usd_text
from pages.shared import words
from pages.shared.state import AppState
from pages.shared.strip import Figure
from pages.shared.views.hedge import HedgeView
from pages.shared.views.hedge_costs import DAYS_PER_YEAR

NOT_KNOWN = "not known"
FUNDING_RULE = "At a positive rate longs pay shorts: a short hedge receives it, a long one pays."


def hedge_figures(view: HedgeView, state: AppState) -> tuple[Figure, ...]:
    """The strip of the Hedge page: what to do, and what it takes."""
    days = days_text(state)
    return (
        _order_figure(view, state),
        _worth_figure(view, horizon_text(view, state)),
        _cost_figure(view, days),
        _margin_figure(view, state),
        _liquidation_figure(view, horizon_text(view, state)),
        _break_even_figure(view, days),
    )


def days_text(state: AppState) -> str:
    """``7 days``."""
    days = state.hedge.holding_days
    return f"{days:g} {'day' if days == 1 else 'days'}"


def horizon_text(view: HedgeView, state: AppState) -> str:
    """What risk is measured over: the holding time where it is whole periods of the returns, else those."""
    if not is_rounded(view, state):
        return days_text(state)
    unit = words.unit_words(state.settings, view.beta.aligned.report)
    return f"{view.holding_periods} {unit.removesuffix('s') if view.holding_periods == 1 else unit}"


def is_rounded(view: HedgeView, state: AppState) -> bool:
    """Whether the holding time is no whole number of returns."""
    exact = state.hedge.holding_days * view.beta.aligned.periods_per_year / DAYS_PER_YEAR
    return abs(view.holding_periods - exact) > 0.01 * exact


def _order_figure(view: HedgeView, state: AppState) -> Figure:
    plan = view.plan
    if isinstance(plan, HedgingError):
        return Figure("Order", "none", "see the message below", "The order that hedges the position.")
    coin = coin_of(state.settings.benchmark).name
    return Figure(
        "Order",
        order_text(plan, coin),
        words.hedge_small_print(plan),
        words.hedge_help(plan, view.chosen.note),
    )


def _worth_figure(view: HedgeView, days: str) -> Figure:
    worth = view.worth
    if isinstance(worth, HedgingError):
        return Figure("Worth its cost?", NOT_KNOWN, "see the message below", worth.problem)
    unfunded = "; funding is not known and left out" if isinstance(view.funding, HedgingError) else ""
    return Figure(
        "Worth its cost?",
        worth.verdict,
        f"net {range_text(usd_text(worth.net_low_usd), usd_text(worth.net_high_usd))}",
        f"Mean loss that the hedge avoids in the worst {1 - worth.tail_confidence:.0%} of {days}, less what "
        f"it costs, {worth.confidence:.0%} interval{unfunded}. History is replayed with today's "
        "estimate of beta and the errors that hedges of each time really made.  \n"
        "`net = (ES unhedged - ES hedged) - (fees + slippage - funding)`  \n"
        f"{usd_text(worth.shortfall_unhedged_usd)} unhedged less {usd_text(worth.shortfall_hedged_usd)} "
        f"hedged, less a cost of {usd_text(worth.cost_usd)}, is {usd_text(worth.net_usd)}.",
    )


def _cost_figure(view: HedgeView, days: str) -> Figure:
    cost = view.cost
    label = f"Cost over {days}"
    if isinstance(cost, HedgingError):
        return Figure(label, NOT_KNOWN, "see the message below", cost.problem)
    if cost.net_usd is None or cost.funding_usd is None:
        return Figure(
            label,
            usd_text(cost.trading_usd),
            "fees and slippage; funding not known",
            f"Opening and closing. {FUNDING_RULE}",
        )
    receives = cost.funding_usd >= 0
    shown = f"{usd_text(abs(cost.net_usd))} {'earned' if cost.net_usd < 0 else 'paid'}"
    return Figure(
        label,
        shown,
        f"trading {usd_text(cost.trading_usd)}, funding {usd_text(abs(cost.funding_usd))} "
        f"{'received' if receives else 'paid'}",
        f"Fees and slippage of opening and closing, less funding received. {FUNDING_RULE}"
        "  \n`cost = 2 * (fee + slippage) * notional + notional * sum of rates`  \n"
        f"{usd_text(cost.trading_usd)} of trading, {usd_text(abs(cost.funding_usd))} of funding "
        f"{'received' if receives else 'paid'}.",
    )


def _margin_figure(view: HedgeView, state: AppState) -> Figure:
    label = f"Margin at {state.hedge.leverage:g}x"
    if view.margin_usd is None:
        return Figure(label, "none", "no order", "Margin stands behind an order.")
    extra = state.hedge.extra_margin_usd
    added = f"plus {usd_text(extra)} added" if extra else "isolated"
    return Figure(
        label,
        usd_text(view.margin_usd),
        f"{added} · {view.chosen.tiers_note}",
        "What must lie at the exchange behind the hedge.  \n`margin = notional / leverage + added`  \n"
        f"{view.chosen.tiers_note}.",
    )


def _liquidation_figure(view: HedgeView, days: str) -> Figure:
    found = view.liquidation
    if isinstance(found, NoHedgeError):
        return Figure("Liquidation", "none", "no order", found.problem)
    if isinstance(found, HedgingError):
        return Figure("Liquidation", NOT_KNOWN, "see the message below", found.problem)
    if found.price_usd is None or found.distance_fraction is None:
        return Figure("Liquidation", found.outcome, "", found.reason)
    touched = ""
    if not isinstance(view.touch, HedgingError):
        touched = f" · met in {percent_text(view.touch.probability)} of {days}"
    sigmas = "" if found.distance_daily_sigmas is None else f"{found.distance_daily_sigmas:.1f} daily moves"
    return Figure(
        "Liquidation",
        price_text(found.price_usd),
        f"{signed(f'{found.distance_fraction:+.1%}')} away, {sigmas}",
        f"Mark price at which the exchange closes the hedge ({view.chosen.convention} formula, "
        f"{view.chosen.tiers_note}). {found.reason}  \n"
        "`short: (margin + amount + size * entry) / (size * (1 + maintenance))`  \n"
        f"{signed(f'{found.distance_fraction:+.1%}')} from the price now, {sigmas} of usual size{touched}, "
        "by resampled closes.",
    )


def _break_even_figure(view: HedgeView, days: str) -> Figure:
    found = view.break_even
    if isinstance(found, HedgingError):
        return Figure("Break-even", NOT_KNOWN, "needs a funding rate", found.problem)
    after = "never" if found.holding_days is None else f"{found.holding_days:.1f} days"
    return Figure(
        "Break-even",
        after,
        f"or {signed(f'{found.benchmark_return:+.2%}')} of benchmark in {days}",
        f"When the funding of a short has paid for opening and closing. {found.reason}  \n"
        "`benchmark return = sum of rates - 2 * (fee + slippage)`  \n"
        f"Over {days} the benchmark may move {signed(f'{found.benchmark_return:+.2%}')} before a short has "
        "lost money by itself.",
    )
