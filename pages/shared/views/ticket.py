"""The order as it is handed on: to a person, a spreadsheet or a program."""

from __future__ import annotations

import json
from decimal import Decimal

import pandas as pd

from data.coins import coin_of
from hedging import HedgePlan, HedgingError, round_price
from hedging.plots.formats import beta_text, order_text, price_text, usd_text
from pages.shared.settings import Settings
from pages.shared.state import AppState
from pages.shared.views.hedge import HedgeView
from pages.shared.views.notes import age_sentences


def ticket_rows(view: HedgeView, state: AppState) -> dict[str, object]:
    """Every part of the order by its name, numbers as numbers; empty where no order is to be made."""
    plan, settings = view.plan, state.settings
    if isinstance(plan, HedgingError) or plan.contracts == 0:
        return {}
    contract, liquidation = plan.contract, view.liquidation
    return {
        "simulated": view.beta.simulated,
        "exchange": view.chosen.exchange or "unknown",
        "contract": contract.name,
        "side": "sell (short)" if plan.contracts < 0 else "buy (long)",
        "contracts": _exact(abs(plan.contracts)),
        "contract_size": _exact(contract.contract_size),
        "contract_kind": contract.kind,
        "reference_price_usd": _exact(_tick(plan)),
        "notional_usd": plan.hedge_notional_usd,
        "leverage": state.hedge.leverage,
        "isolated_margin_usd": view.margin_usd,
        "liquidation_price_usd": None if isinstance(liquidation, HedgingError) else liquidation.price_usd,
        "hedges": settings.asset,
        "position_usd": plan.position_usd,
        "benchmark": settings.benchmark,
        "beta": plan.beta,
        "beta_source": plan.beta_source,
        "beta_low": None if plan.estimate is None else plan.estimate.beta_low,
        "beta_high": None if plan.estimate is None else plan.estimate.beta_high,
        "beta_target": plan.beta_target,
        "lookback": settings.lookback,
        "return_interval": settings.interval,
        "estimator": settings.method,
        "prices_from": view.beta.asset.source,
        "warning": " ".join(age_sentences(view.beta)) or None,
        "prices_as_of_utc": f"{view.beta.quotes.as_of:%Y-%m-%dT%H:%M:%SZ}",
    }


def ticket_text(view: HedgeView, state: AppState) -> str:
    """Lines to read out or to paste into a chat."""
    plan, settings = view.plan, state.settings
    if isinstance(plan, HedgingError) or plan.contracts == 0:
        return ""
    rows = ticket_rows(view, state)
    side = "SELL" if plan.contracts < 0 else "BUY"
    margin = "" if view.margin_usd is None else f", isolated, margin {usd_text(view.margin_usd)}"
    closes = rows["liquidation_price_usd"]
    place = f" at {view.chosen.exchange}" if view.chosen.exchange else ", no exchange known"
    lines = [
        "SIMULATED MARKET: not an order for a real exchange" if view.beta.simulated else "",
        f"{side} {rows['contracts']} {plan.contract.name}{place}"
        f"  ({order_text(plan, coin_of(settings.benchmark).name)}, {usd_text(abs(plan.hedge_notional_usd))})",
        f"reference price {price_text(plan.price_usd)}, as of {view.beta.quotes.as_of:%Y-%m-%d %H:%M} UTC",
        *(f"WARNING: {warning}" for warning in age_sentences(view.beta)),
        f"leverage {state.hedge.leverage:g}x{margin}",
        f"liquidation at {price_text(float(closes))}" if isinstance(closes, float) else "",
        f"hedges {settings.asset} {usd_text(plan.position_usd)}, beta {beta_text(plan.beta)} on "
        f"{settings.benchmark} ({plan.beta_source}), target {beta_text(plan.beta_target)}",
    ]
    return "\n".join(line for line in lines if line)


def ticket_table(view: HedgeView, state: AppState) -> pd.DataFrame:
    """The order as one row for each part."""
    rows = ticket_rows(view, state)
    return pd.DataFrame({"value": pd.Series(rows, dtype=object)}).rename_axis("part")


def ticket_json(view: HedgeView, state: AppState) -> bytes:
    """The order for a program: sizes and prices as text, so that no digit changes on the way."""
    return json.dumps(ticket_rows(view, state), indent=2, ensure_ascii=False, allow_nan=False).encode()


def ticket_subject(settings: Settings) -> tuple[str, ...]:
    """What the files are called after."""
    return (settings.asset, "hedge", "order")


def _tick(plan: HedgePlan) -> Decimal:
    if plan.contract.price_step is None:
        return Decimal(repr(plan.price_usd))
    return round_price(plan.price_usd, plan.contract)


def _exact(number: Decimal) -> str:
    return f"{number.normalize():f}"
