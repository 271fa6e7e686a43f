"""The whole book: its exposure, who brings it, how its assets move together, and one order against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from data.errors import DataError
from data.prices import PriceHistory
from hedging import (
    AlignedBook,
    BookAssessment,
    BookHedge,
    HedgingError,
    beta_matrix,
    hedge_book,
)
from hedging.plots import plot_contributions, plot_matrix
from hedging.plots.book_contributions import contributions_height
from hedging.plots.matrix import matrix_height
from pages.shared.book import (
    BookView,
    assessed,
    book_of,
    load_benchmark,
    returns_of,
)
from pages.shared.catalogue import FileInputs
from pages.shared.charts import Chart, current_theme
from pages.shared.loading import or_reason
from pages.shared.orders import coin_margin, unit_price_usd
from pages.shared.priced_lines import PricedLine, price_lines
from pages.shared.settings import BOOK
from pages.shared.state import AppState
from pages.shared.terms import chosen_contract, trading_costs

LOWEST_CHART = 320  # as tall as the table beside it


@dataclass(frozen=True, eq=False)
class BookResult:
    """What is computed once every position that counts has prices.

    Attributes
    ----------
    book : BookView
    returns : AlignedBook
        Over the spans of the settings, as many as the lookback.
    assessment : BookAssessment
    hedge : BookHedge or HedgingError
    betas : pandas.DataFrame or HedgingError
        Beta of each asset on each other, the benchmark included.
    contract_note : str
        Where the contract's terms come from.
    """

    book: BookView
    returns: AlignedBook
    assessment: BookAssessment
    hedge: BookHedge | HedgingError
    betas: pd.DataFrame | HedgingError
    contract_note: str


@dataclass(frozen=True, eq=False)
class PortfolioView:
    """The lines of the portfolio with their prices, and the result or the reason why there is none."""

    lines: tuple[PricedLine, ...]
    benchmark: PriceHistory
    result: BookResult | HedgingError | DataError

    @property
    def unpriced(self) -> tuple[PricedLine, ...]:
        """Lines that count and have no prices: the exposure waits for them."""
        return tuple(
            each for each in self.lines if each.line.included and isinstance(each.history, DataError)
        )

    @property
    def simulated(self) -> bool:
        """Whether any price behind this view is simulated."""
        histories = [each.history for each in self.lines if isinstance(each.history, PriceHistory)]
        return self.benchmark.simulated or any(history.simulated for history in histories)


def load_portfolio(state: AppState, files: FileInputs) -> PortfolioView:
    """Prices of all lines, then the book.

    Raises
    ------
    DataError
        The benchmark has no prices.
    """
    benchmark = load_benchmark(state.settings, files)
    lines = price_lines(state, files)
    try:
        result: BookResult | HedgingError | DataError = _result(lines, state, benchmark)
    except (HedgingError, DataError) as error:
        result = error
    return PortfolioView(lines, benchmark, result)


def _result(lines: tuple[PricedLine, ...], state: AppState, benchmark: PriceHistory) -> BookResult:
    settings = state.settings
    book = book_of(lines, settings, benchmark)
    assessment = assessed(book, settings)
    window = slice(-settings.lookback, None)
    aligned = returns_of(book, settings)
    returns = replace(
        aligned,
        asset_returns=aligned.asset_returns.iloc[window],
        benchmark_returns=aligned.benchmark_returns.iloc[window],
    )
    chosen = chosen_contract(state.hedge, settings.benchmark)
    costs = or_reason(lambda: trading_costs(chosen, state.hedge))
    price_usd = unit_price_usd(
        chosen.contract, benchmark=settings.benchmark, price_usd=book.benchmark_price_usd
    )
    together = returns.asset_returns.assign(**{settings.benchmark: returns.benchmark_returns})
    return BookResult(
        book=book,
        returns=returns,
        assessment=assessment,
        hedge=or_reason(
            lambda: hedge_book(
                assessment,
                chosen.contract,
                price_usd,
                costs=None if isinstance(costs, HedgingError) else costs,
                coin_margin=coin_margin(state.hedge),
            )
        ),
        betas=or_reason(lambda: beta_matrix(together)),
        contract_note=chosen.note,
    )


def portfolio_charts(view: PortfolioView, state: AppState) -> dict[str, Chart]:
    """The page's charts by the name their files get; none where there is no result."""
    result = view.result
    if not isinstance(result, BookResult):
        return {}
    theme, simulated, benchmark = current_theme(), view.simulated, state.settings.benchmark
    assessment = result.assessment
    depends = (result.book.versions, result.book.positions, replace(state.settings, asset=BOOK))
    height = max(LOWEST_CHART, contributions_height(assessment))
    charts = {
        "book_contributions": Chart(
            "book_contributions",
            height,
            lambda: plot_contributions(
                assessment, benchmark=benchmark, theme=theme, simulated=simulated, height=height
            ),
            depends,
        ),
        "book_correlation": Chart(
            "book_correlation",
            matrix_height(assessment.correlation),
            lambda: plot_matrix(assessment.correlation, kind="correlation", theme=theme, simulated=simulated),
            depends,
        ),
    }
    betas = result.betas
    if isinstance(betas, pd.DataFrame):
        charts["book_betas"] = Chart(
            "book_betas",
            matrix_height(betas),
            lambda: plot_matrix(betas, kind="beta", theme=theme, simulated=simulated),
            depends,
        )
    return charts


def portfolio_tables(view: PortfolioView) -> dict[str, Callable[[], pd.DataFrame]]:
    """Everything shown, as tables in full precision with units in the column names."""
    result = view.result
    tables: dict[str, Callable[[], pd.DataFrame]] = {"Positions": lambda: _entered(view)}
    if not isinstance(result, BookResult):
        return tables
    tables["Exposure"] = lambda: result.assessment.table
    hedge, betas = result.hedge, result.betas
    if isinstance(hedge, BookHedge):
        tables["Hedges"] = lambda: _hedges(hedge)
    tables["Correlation"] = lambda: result.assessment.correlation.rename_axis("asset")
    if isinstance(betas, pd.DataFrame):
        tables["Beta matrix"] = lambda: betas.rename_axis("beta_of_row_on_column")
    tables["Book returns"] = lambda: _returns(result)
    if view.simulated:
        return {name: _marked(make) for name, make in tables.items()}
    return tables


def _entered(view: PortfolioView) -> pd.DataFrame:
    """The lines in the columns that a paste or an upload understands, and their prices."""
    rows = [
        {
            "symbol": each.line.symbol,
            "size": each.line.size,
            "unit": each.line.unit,
            "beta_by_hand": each.line.beta_by_hand,
            "used": each.line.included,
            "priced_as": each.symbol,
            "price_usd": each.price_usd,
            "as_of_utc": each.as_of,
        }
        for each in view.lines
    ]
    return pd.DataFrame(rows).set_index("symbol")


def _hedges(hedge: BookHedge) -> pd.DataFrame:
    """The order for the book and those of single positions."""
    orders = {"the book": hedge.order, **hedge.singles}
    rows = {
        name: {
            "contract": hedge.contract.name,
            "contracts": order.contracts,
            "contracts_exact": order.contracts_exact,
            "contracts_low": order.contracts_low,
            "contracts_high": order.contracts_high,
            "hedge_notional_usd": order.hedge_notional_usd,
            "residual_exposure_usd": order.residual_beta_usd,
        }
        if order is not None and not isinstance(order, HedgingError)
        else {"contract": hedge.contract.name}
        for name, order in orders.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("hedge_of")


def _returns(result: BookResult) -> pd.DataFrame:
    table = result.returns.asset_returns.add_suffix("_return_fraction")
    table["benchmark_return_fraction"] = result.returns.benchmark_returns
    return table.rename_axis("time_utc")


def _marked(make: Callable[[], pd.DataFrame]) -> Callable[[], pd.DataFrame]:
    """Simulated numbers say so in every row, wherever the file ends up."""
    return lambda: make().assign(source="SIMULATED")
