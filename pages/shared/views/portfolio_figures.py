"""The Portfolio page in figures, words and tables to read."""

from __future__ import annotations

import math

import pandas as pd

from data.coins import coin_of
from data.errors import DataError
from data.prices import PriceHistory
from hedging import BookAssessment, BookHedge, HedgePlan, HedgingError
from hedging.plots.formats import (
    beta_text,
    order_range_text,
    order_text,
    percent_text,
    price_text,
    range_text,
    side_text,
    signed,
    usd_text,
)
from pages.shared import words
from pages.shared.controls import UNIT_LABELS
from pages.shared.messages import plain, sentence
from pages.shared.priced_lines import PricedLine
from pages.shared.settings import Settings
from pages.shared.state import AppState
from pages.shared.strip import Figure
from pages.shared.views.portfolio import BookResult, PortfolioView

NO_FEE = "not known"


def portfolio_figures(view: PortfolioView, state: AppState) -> tuple[Figure, ...]:
    """The strip of the Portfolio page: one order, and the exposure it is against."""
    result = view.result
    if not isinstance(result, BookResult):
        return ()
    book, settings = result.assessment, state.settings
    return (
        _order_figure(result, settings),
        _beta_figure(book, settings),
        *_exposure_figures(book, settings),
        _value_figure(result),
        _fit_figure(book, settings),
    )


def _order_figure(result: BookResult, settings: Settings) -> Figure:
    hedge, label = result.hedge, "One hedge"
    help_text = "The one order that cancels the exposure of all positions together, from its interval.  \n"
    if isinstance(hedge, HedgingError):
        return Figure(label, "none", "see the message below", help_text)
    order = hedge.order
    if order is None:
        return Figure(label, "none", "see the message below", f"{help_text}{hedge.problem}")
    return Figure(
        label,
        order_text(order, coin_of(settings.benchmark).name),
        f"{order_range_text(order)} · {usd_text(abs(order.hedge_notional_usd))} notional",
        f"{help_text}`{words.order_formula(order, 'sum(value * beta)')}`  \n"
        f"{usd_text(result.assessment.exposure_usd)} over {words.one_contract_words(order)}, "
        f"rounded to steps of {order.contract.quantity_step}, leaves {usd_text(hedge.residual_book_usd)} of "
        f"{settings.benchmark} exposure. {result.contract_note}{_margin_note(order)}",
    )


def _margin_note(order: HedgePlan) -> str:
    if order.contract.kind == "linear":
        return ""
    posted = usd_text(order.margin_exposure_usd)
    return f" The {posted} of coins posted as its margin are themselves long, and it covers them too."


def _beta_figure(book: BookAssessment, settings: Settings) -> Figure:
    label = f"Beta, {words.span_text(settings.lookback, settings)}"
    help_text = (
        f"How many percent the net value moved, on average, when {settings.benchmark} moved one percent.  \n"
        "`beta = sum(value * beta of each) / sum(value)`  \n"
    )
    if book.beta is None or book.beta_low is None or book.beta_high is None:
        return Figure(
            label,
            "none",
            "long and short cancel",
            f"{help_text}The net value is {usd_text(book.net_usd)}: read the exposure instead.",
        )
    span = range_text(beta_text(book.beta_low), beta_text(book.beta_high))
    return Figure(
        label,
        beta_text(book.beta),
        f"{span} ({book.confidence:.0%})",
        f"{help_text}{usd_text(book.exposure_usd)} of exposure over {usd_text(book.net_usd)} net. The "
        f"interval ({words.COVARIANCE_WORDS[book.covariance]}) is about the average beta of the window, not "
        "about today's.",
    )


def _exposure_figures(book: BookAssessment, settings: Settings) -> tuple[Figure, ...]:
    benchmark, coin = settings.benchmark, coin_of(settings.benchmark).name
    error, quadrature = book.exposure_standard_error_usd, book.quadrature_standard_error_usd
    in_usd = Figure(
        f"Exposure to {coin}",
        usd_text(book.exposure_usd),
        range_text(usd_text(book.exposure_low_usd), usd_text(book.exposure_high_usd)),
        f"What the book moves like: so many USD of {benchmark}.  \n"
        "`exposure = sum(value * beta)`  \n"
        f"When {benchmark} fell 10.0%, the book {'lost' if book.exposure_usd >= 0 else 'gained'} about "
        f"{usd_text(0.1 * abs(book.exposure_usd))}. Its standard "
        f"error of {usd_text(error)} comes from one regression of the whole book, because altcoins move "
        f"together beyond {coin}; adding single errors in quadrature would say {usd_text(quadrature)}.",
    )
    amounts = (book.exposure_benchmark, book.exposure_benchmark_low, book.exposure_benchmark_high)
    if any(amount is None for amount in amounts):
        return (in_usd,)
    units = coin_of(settings.benchmark).units  # 1000PEPEUSDT is priced by the thousand
    middle, low, high = _coins([units * float(amount or 0.0) for amount in amounts])
    return (
        in_usd,
        Figure(
            f"The same in {coin}",
            f"{middle} {coin}",
            range_text(low, high),
            f"The exposure counted in {coin} at its last price.  \n"
            "`exposure in USD / price`  \n"
            f"Holding the book is like holding {middle} {coin}, with its own risk on top.",
        ),
    )


def _value_figure(result: BookResult) -> Figure:
    book, view = result.assessment, result.book
    return Figure(
        "Net value",
        usd_text(book.net_usd),
        f"gross {usd_text(book.gross_usd)} · {view.as_of:%Y-%m-%d %H:%M} UTC",
        "Long less short; gross adds the sizes up.  \n"
        "`net = sum(value), gross = sum(|value|)`  \n"
        f"At the last closes that all {len(view.histories) + 1} instruments have, from "
        f"{view.benchmark.source}. Times are UTC.",
    )


def _fit_figure(book: BookAssessment, settings: Settings) -> Figure:
    if book.r_squared is None or book.benchmark_correlation is None:
        return Figure("R²", "none", "the book does not move", "Long and short of the same cancel exactly.")
    return Figure(
        "R²",
        f"{book.r_squared:.2f}",
        f"correlation {beta_text(book.benchmark_correlation)} · {book.n_observations} observations",
        f"Share of the book's variance that {settings.benchmark} explains; no hedge with it can remove more "
        "here.  \n"
        "`R2 = Corr(book, benchmark)^2`  \n"
        f"{percent_text(book.r_squared)} is market risk, {percent_text(1 - book.r_squared)} stays after the "
        "hedge.",
    )


def asset_rows(result: BookResult) -> pd.DataFrame:
    """What each asset brings, as text; a beta set by hand has its estimate beside it."""
    book = result.assessment
    latest = result.book.aligned.asset_prices.iloc[-1].to_dict()
    rows = {}
    for name, row in book.table.to_dict("index").items():
        estimate = book.estimates[str(name)]
        span = range_text(beta_text(estimate.beta_low), beta_text(estimate.beta_high))
        rows[str(name)] = {
            "price": price_text(latest[name]),
            "value": usd_text(row["value_usd"]),
            "weight": percent_text(row["weight"]),
            "beta": f"{beta_text(row['beta'])} by hand" if row["overridden"] else beta_text(row["beta"]),
            f"{book.confidence:.0%} interval": (
                f"estimate {beta_text(estimate.beta)}, {span}" if row["overridden"] else span
            ),
            "exposure": usd_text(row["exposure_usd"]),
            "share": "" if pd.isna(row["exposure_share"]) else percent_text(row["exposure_share"]),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("position")


def line_rows(view: PortfolioView) -> pd.DataFrame:
    """Each line as entered, what it is priced as, and what is to be known of it."""
    rows = [
        {
            "position": each.line.symbol,
            "size": _size(each),
            "priced as": each.symbol,
            "price": "no price" if each.price_usd is None else price_text(each.price_usd),
            "value": _value(each),
            "as of, UTC": "" if each.as_of is None else f"{each.as_of:%Y-%m-%d %H:%M}",
            "note": _note(each),
        }
        for each in view.lines
    ]
    return pd.DataFrame(rows).set_index("position")


def hedge_rows(hedge: BookHedge, settings: Settings) -> pd.DataFrame:
    """One order beside the sum of single orders."""
    order, step = hedge.order, hedge.contract.quantity_step
    placed = sum(isinstance(plan, HedgePlan) for plan in hedge.singles.values())
    columns = {
        "one order": (
            side_text(order.contracts, step) if order else "none",
            usd_text(abs(order.hedge_notional_usd)) if order else usd_text(0.0),
            usd_text(abs(order.hedge_notional_usd)) if order else usd_text(0.0),
            _fee(hedge.cost_book_usd),
            usd_text(hedge.residual_book_usd),
        ),
        f"{placed} single {'order' if placed == 1 else 'orders'}": (
            side_text(hedge.singles_contracts, step),
            usd_text(abs(hedge.singles_notional_usd)),
            usd_text(hedge.singles_traded_usd),
            _fee(hedge.cost_singles_usd),
            usd_text(hedge.residual_singles_usd),
        ),
    }
    labels = [
        "contracts",
        "notional",
        "traded",
        "fees and slippage, to open",
        f"{settings.benchmark} exposure left",
    ]
    return pd.DataFrame(columns, index=pd.Index(labels, name=hedge.contract.name))


def hedge_sentence(hedge: BookHedge) -> str:
    """Which way is better, and why."""
    refused = [name for name, plan in hedge.singles.items() if not isinstance(plan, HedgePlan)]
    by_one, by_many = (usd_text(abs(each)) for each in (hedge.residual_book_usd, hedge.residual_singles_usd))
    left = f"Rounding leaves {by_one} of exposure" + (
        " either way." if by_one == by_many else f", of single orders {by_many}."
    )
    said = []
    if hedge.order is None:
        said.append(hedge.problem)
    elif hedge.singles_traded_usd > 1.005 * abs(hedge.order.hedge_notional_usd):
        fees = ""
        if hedge.cost_book_usd is not None and hedge.cost_singles_usd is not None:
            fees = f", {_fee(hedge.cost_book_usd)} of costs instead of {_fee(hedge.cost_singles_usd)}"
        said.append(
            f"One order is better: positions that offset each other need no trade, so it trades "
            f"{usd_text(abs(hedge.order.hedge_notional_usd))} instead of "
            f"{usd_text(hedge.singles_traded_usd)}{fees}. {left}"
        )
    else:
        said.append(f"Both ways trade about the same, and cost about the same. {left}")
    if refused:
        said.append(
            f"{', '.join(refused[:8])} alone {'is' if len(refused) == 1 else 'are'} below the smallest "
            "order and would stay unhedged."
        )
    return " ".join(said)


def unpriced_sentence(each: PricedLine) -> str:
    """Which position has no prices, why, and what to do; ready for markdown."""
    if isinstance(each.history, PriceHistory):
        return ""
    name = each.line.symbol if each.line.symbol == each.symbol else f"{each.line.symbol} ({each.symbol})"
    return f"{plain(name)}: {sentence(each.history)}"


def doubt(each: PricedLine) -> str:
    """Why a price may be that of something else; empty where nothing says so."""
    if isinstance(each.history, DataError) or each.is_listed or each.history.source != "Yahoo Finance":
        return ""
    if not each.line.included or not each.symbol.isalnum():
        return ""
    return f"taken as Yahoo's own ticker {each.symbol}, which may be a share; the coin is {each.symbol}-USD"


def _note(each: PricedLine) -> str:
    if not each.line.included:
        return "left out"
    if isinstance(each.history, DataError):
        return each.history.problem
    units = coin_of(each.symbol).units
    if each.line.unit == "coins" and units != 1:
        return f"counted in single coins; the price is that of {units:,}"
    return doubt(each)


def _value(each: PricedLine) -> str:
    try:
        value = each.value_usd
    except HedgingError as error:  # so many coins that no such value exists
        return error.problem
    return "" if value is None else usd_text(value)


def _size(each: PricedLine) -> str:
    line = each.line
    if line.unit == "usd":
        return usd_text(line.size)
    return signed(f"{line.size:,.10g} {UNIT_LABELS[line.unit]}")


def _coins(amounts: list[float]) -> list[str]:
    """Numbers of coins to three significant digits of the largest."""
    largest = max(abs(amount) for amount in amounts)
    decimals = min(8, max(0, 2 - math.floor(math.log10(largest)))) if largest else 0
    return [signed(f"{amount:,.{decimals}f}") for amount in amounts]


def _fee(amount: float | None) -> str:
    return NO_FEE if amount is None else usd_text(amount)
