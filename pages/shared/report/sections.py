"""The pages as sections of the report: the same views, figures, charts and tables, in the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import plotly.graph_objects as go

from hedging import HedgeCheck, HedgingError
from hedging.errors import ExplainedError
from pages.shared import words
from pages.shared.catalogue import FileInputs
from pages.shared.charts import Chart
from pages.shared.choices import ReportSection
from pages.shared.loading import load_view
from pages.shared.messages import EXPECTED_ERRORS, problem_of
from pages.shared.notes import Note
from pages.shared.report.document import Section
from pages.shared.state import AppState
from pages.shared.strip import beta_figures
from pages.shared.views.backtest import load_backtest, load_verdict
from pages.shared.views.backtest_charts import backtest_charts
from pages.shared.views.backtest_figures import backtest_figures, strategies_table
from pages.shared.views.backtest_words import backtest_notes, tested_sentence, verdict_sentences
from pages.shared.views.beta import beta_charts, hedges_table
from pages.shared.views.estimator_figures import (
    break_sentence,
    coupling_sentence,
    estimate_rows,
    estimators_figures,
)
from pages.shared.views.estimators import estimators_charts, load_estimators
from pages.shared.views.hedge import load_hedge
from pages.shared.views.hedge_figures import hedge_figures
from pages.shared.views.hedge_tables import (
    hedge_alternatives,
    hedge_appetite,
    hedge_charts,
    hedge_steps,
)
from pages.shared.views.monitor import load_monitor
from pages.shared.views.monitor_figures import answer_text, monitor_figures, order_lines, triggers_table
from pages.shared.views.notes import (
    backtest_refusals,
    beta_notes,
    estimator_notes,
    hedge_notes,
    monitor_notes,
    portfolio_notes,
    what_if_notes,
)
from pages.shared.views.portfolio import BookResult, load_portfolio, portfolio_charts
from pages.shared.views.portfolio_figures import (
    asset_rows,
    hedge_rows,
    hedge_sentence,
    line_rows,
    portfolio_figures,
)
from pages.shared.views.ticket import ticket_text
from pages.shared.views.what_if import load_what_if, what_if_charts
from pages.shared.views.what_if_figures import (
    ways_sentences,
    ways_table,
    what_if_figures,
    worst_days_table,
)

Maker = Callable[[AppState, FileInputs], Section | None]


def report_sections(
    state: AppState, files: FileInputs, *, done: Callable[[str], None] | None = None
) -> list[Section]:
    """Every chosen section; one that cannot be made says why in its place.

    Parameters
    ----------
    state, files
        As the pages have them.
    done : callable, optional
        Told the name of each section when it is finished.
    """
    sections = []
    for name in state.report.sections:
        title, make = MAKERS[name]
        try:
            section = make(state, files)
        except EXPECTED_ERRORS as error:
            section = Section(title, notes=(reason(error),))
        if section is not None:
            sections.append(section)
        if done is not None:
            done(title)
    return sections


def reason(error: ExplainedError) -> str:
    """An error as a sentence of the report, where nothing is markdown."""
    return f"Not available: {problem_of(error)}. {error.remedy}"


def _words(notes: Iterable[Note]) -> tuple[str, ...]:
    return tuple(note.words for note in notes)


def _figures_of(charts: Mapping[str, Chart]) -> tuple[go.Figure, ...]:
    return tuple(chart.draw() for chart in charts.values())


def _portfolio(state: AppState, files: FileInputs) -> Section | None:
    if not state.book.book:
        return None
    view = load_portfolio(state, files)
    tables = {"Positions as entered": line_rows(view)}
    if not isinstance(view.result, BookResult):
        return Section("Portfolio", tables=tables, notes=(reason(view.result),))
    result = view.result
    tables["Weights, beta and exposure"] = asset_rows(result)
    notes = _words(portfolio_notes(view, result, state))
    if not isinstance(result.hedge, HedgingError):
        tables["One hedge for the book beside single hedges"] = hedge_rows(result.hedge, state.settings)
        notes = (*notes, hedge_sentence(result.hedge))
    return Section(
        "Portfolio",
        figures=portfolio_figures(view, state),
        charts=_figures_of(portfolio_charts(view, state)),
        tables=tables,
        notes=notes,
    )


def _beta(state: AppState, files: FileInputs) -> Section:
    view, settings = load_view(state, files), state.settings
    span = f"{settings.lookback} {words.unit_words(settings, view.aligned.report)}"
    tables = {}
    if not isinstance(view.backtest, HedgingError):
        tables["What each hedge did to risk and P&L"] = hedges_table(view.backtest, span)
    said = [*_words(beta_notes(view, settings))]
    said += [words.history_sentences(h.symbol, h) for h in (view.asset, view.benchmark)]
    said += words.alignment_sentences(view.aligned.report, settings.asset, settings.benchmark)
    return Section(
        f"Beta of {settings.asset} on {settings.benchmark}",
        figures=beta_figures(view.estimate, view.plan, view.quotes, settings, lookback=settings.lookback),
        charts=_figures_of(beta_charts(view, settings, span)),
        tables=tables,
        notes=tuple(said),
    )


def _hedge(state: AppState, files: FileInputs) -> Section:
    view = load_hedge(state, files)
    tables = {
        "From beta to the verdict": hedge_steps(view, state),
        "Beta hedge, dollar hedge, no hedge": hedge_alternatives(view, state),
    }
    if not isinstance(view.appetite, HedgingError):
        tables["Conservative, central and aggressive"] = hedge_appetite(view, state)
    return Section(
        "Hedge",
        figures=hedge_figures(view, state),
        charts=_figures_of(hedge_charts(view, state)),
        tables=tables,
        notes=(*_words(hedge_notes(view, state)), view.chosen.note),
        preformatted=ticket_text(view, state),
    )


def _backtest(state: AppState, files: FileInputs) -> Section:
    view = load_backtest(state, files)
    verdict = load_verdict(view, state)
    said = [reason(verdict)] if isinstance(verdict, HedgingError) else verdict_sentences(verdict)
    return Section(
        "Backtest",
        figures=backtest_figures(view, state),
        charts=_figures_of(backtest_charts(view, state)),
        tables={"All strategies": strategies_table(view, state, verdict)},
        notes=(
            *_words(backtest_refusals(view)),
            tested_sentence(view, state),
            *said,
            *backtest_notes(view, state),
        ),
    )


def _what_if(state: AppState, files: FileInputs) -> Section:
    view = load_what_if(state, files)
    tables = {}
    if not isinstance(view.worst, HedgingError):
        tables["Worst periods in these data"] = worst_days_table(view, state)
    if not isinstance(view.ways, HedgingError):
        tables["Put, collar and rolled future beside the hedge"] = ways_table(view, state)
    return Section(
        "What-if",
        figures=what_if_figures(view, state),
        charts=_figures_of(what_if_charts(view, state)),
        tables=tables,
        notes=(
            *_words(what_if_notes(view, state)),
            *(() if isinstance(view.ways, HedgingError) else ways_sentences(view, state)),
        ),
    )


def _monitor(state: AppState, files: FileInputs) -> Section | None:
    choices = state.monitor
    if not (choices.entered_at or choices.entered_contracts or choices.entered_price):
        return None
    view = load_monitor(state, files)
    notes, check = _words(monitor_notes(view, state)), view.check
    if not isinstance(check, HedgeCheck):
        waits = f"Still to enter: {', '.join(view.missing)}." if view.missing else ""
        return Section("Monitor", notes=tuple(each for each in (*notes, waits) if each))
    return Section(
        "Monitor",
        figures=monitor_figures(view, state),
        tables={"What renews the hedge": triggers_table(check)},
        notes=(f"{answer_text(check, state, view.now)}.", *notes),
        preformatted=order_lines(check, view, state),
    )


def _estimators(state: AppState, files: FileInputs) -> Section:
    view = load_estimators(state, files)
    unit = words.unit_words(state.settings, view.pair.aligned.report)
    notes = [*_words(estimator_notes(view, state))]
    if not isinstance(view.alarm, HedgingError):
        notes += [break_sentence(view.alarm, unit), *view.alarm.reasons]
    if not isinstance(view.coupling, HedgingError):
        notes += [coupling_sentence(view.coupling, state.settings), *view.coupling.reasons]
    return Section(
        "Estimators",
        figures=estimators_figures(view, state),
        charts=_figures_of(estimators_charts(view, state)),
        tables={"Every estimate": estimate_rows(view, state).set_index("estimator")},
        notes=tuple(notes),
    )


#: In the order of the journey.
MAKERS: Mapping[ReportSection, tuple[str, Maker]] = {
    "portfolio": ("Portfolio", _portfolio),
    "beta": ("Beta", _beta),
    "hedge": ("Hedge", _hedge),
    "backtest": ("Backtest", _backtest),
    "what_if": ("What-if", _what_if),
    "monitor": ("Monitor", _monitor),
    "estimators": ("Estimators", _estimators),
}
