"""How much of the asset is benchmark, how sure is that, and would the hedge have worked?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from hedging import HedgeBacktest, HedgingError
from hedging.errors import ExplainedError
from hedging.plots import (
    plot_atlas,
    plot_lookbacks,
)
from hedging.plots.formats import beta_text, usd_text
from pages.shared import tables as tables_of
from pages.shared import words
from pages.shared.addresses import current_state, end_run, publish
from pages.shared.catalogue import FileInputs
from pages.shared.charts import Chart, current_theme
from pages.shared.components.figure_strip import figure_strip
from pages.shared.components.scrubber import scrubber
from pages.shared.components.text_table import text_table
from pages.shared.controls import lookback_setting, market_controls, position_setting, take_lookback
from pages.shared.downloads import show_downloads
from pages.shared.film import FilmInputs, film_windows, offer_film
from pages.shared.frame import explained, has_data
from pages.shared.loading import BetaView, load_view
from pages.shared.lookbacks import load_lookbacks
from pages.shared.messages import explain, plain
from pages.shared.notes import show_notes
from pages.shared.settings import BOOK, LONGEST_LOOKBACK, LOOKBACK_CHIPS, SHORTEST_LOOKBACK, Settings
from pages.shared.state import AppState
from pages.shared.strip import beta_figures
from pages.shared.views.beta import ROLLING_HEIGHT, beta_charts, hedges_table
from pages.shared.views.notes import beta_notes

FOLDED_HEIGHT = 300


def show_page() -> None:
    state, files, problem = market_controls(current_state(), position=False, lookback=False)
    # A step of the position takes a tenth less when the line of choices above stays as it is. Where there
    # was a problem, the next change asks the source again instead.
    show = st.fragment(show_followed) if problem is None else show_followed
    show(state, files, problem)


def show_followed(state: AppState, files: FileInputs, problem: ExplainedError | None) -> None:
    """Everything that follows position and lookback: a change of these runs this alone."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        places = st.container(width=165), st.container(width=95)
        scrubber_place = st.container()
    settings = lookback_setting(position_setting(state.settings, *places))
    state = replace(state, settings=settings)
    publish(state)
    view: BetaView | None = None
    with explained(settings, files, problem, state.book.book):
        if has_data(settings, files, problem):
            view = load_view(state, files)
    film = show_scrubber(scrubber_place, state, view)
    if view is not None:
        if settings.asset == BOOK and any(line.beta_by_hand is not None for line in state.book.book):
            st.info("Betas by hand of the portfolio are not used here: this page shows what the data say.")
        if state.hedge.beta_by_hand is not None:
            st.info(
                plain(
                    f"Hedge uses {beta_text(state.hedge.beta_by_hand)} by hand: the order here is from the "
                    "estimate."
                )
            )
        show_view(view, settings, film)
    end_run()


def show_scrubber(place: DeltaGenerator, state: AppState, view: BetaView | None) -> str | None:
    """The lookback, with the film of this view where there is one; gives the film's address."""
    settings = state.settings
    film, longest, note = None, LONGEST_LOOKBACK, ""
    unit = words.UNITS[settings.interval]
    if view is not None:
        unit = words.unit_words(settings, view.aligned.report)
        film = offer_film(
            (*view.versions, repr(state.hedge)),
            FilmInputs(
                settings=settings,
                quotes=view.quotes,
                position_usd=view.position_usd,
                plan=view.plan_at,
                rolling_height=ROLLING_HEIGHT,
                simulated=view.simulated,
            ),
        )
        longest = max([settings.lookback, *film_windows(view.quotes)[-1:]])
        if film is None:
            note = "This estimator is too slow to follow the thumb: charts follow on release."
    with place:
        scrubber(
            settings.lookback,
            shortest=SHORTEST_LOOKBACK,
            longest=longest,
            chips=LOOKBACK_CHIPS,
            unit=unit,
            film=film,
            note=note,
            linked="beta_by_lookback",
            on_change=take_lookback,
        )
    return film


def show_view(view: BetaView, settings: Settings, film: str | None) -> None:
    unit = words.unit_words(settings, view.aligned.report)
    span = f"{settings.lookback} {unit}"
    notes = beta_notes(view, settings)
    show_notes(notes, "warning")
    strip = beta_figures(view.estimate, view.plan, view.quotes, settings, lookback=settings.lookback)
    figure_strip(strip, key="beta", lookback=settings.lookback)
    show_notes(notes, "error")
    charts = beta_charts(view, settings, span)
    left, right = st.columns([1, 2.1], gap="small")
    with left:
        charts["regression"].show(settings, followed=True, film=film)
        show_hedges(view.backtest, span)
    with right:
        charts["rolling_beta"].show(settings, followed=True, film=film)
        if "hedge_pnl" in charts:
            charts["hedge_pnl"].show(settings, followed=True, film=film)
    show_notes(notes, "caption")
    show_lookbacks(view, settings)
    show_details(view, settings)
    show_all_downloads(view, charts, settings)


def show_hedges(backtest: HedgeBacktest | HedgingError, span: str) -> None:
    """What each hedge did; it follows when the scrubber is let go, so it says which lookback it is of."""
    if isinstance(backtest, HedgingError):
        return
    table = hedges_table(backtest, span)
    text_table(table, key="hedges", alt="What each hedge did to risk and P&L")
    held = usd_text(backtest.position_usd)
    first, last = backtest.hedge_ratio.index[0], backtest.hedge_ratio.index[-1]
    st.caption(
        plain(
            f"Holding {held} over all {len(backtest.hedge_ratio):,} periods from {first:%Y-%m-%d} to "
            f"{last:%Y-%m-%d}, reset before each; no costs, no funding."
        )
    )


def show_lookbacks(view: BetaView, settings: Settings) -> None:
    """Which lookback? What each one removed out of sample, and beta through all of them."""
    section = st.expander(
        "Which lookback? Every one of them, out of sample", key="lookbacks", on_change="rerun"
    )
    if not section.open:  # nobody looks, nothing is computed
        return
    with section:
        found = load_lookbacks(view, settings)
        unit = words.UNITS[settings.interval]
        theme, simulated, comparison = current_theme(), view.simulated, found.comparison
        if isinstance(comparison, HedgingError):
            explain(comparison)
        else:
            chart = Chart(
                "effectiveness_by_lookback",
                FOLDED_HEIGHT,
                lambda: plot_lookbacks(
                    comparison,
                    asset=settings.asset,
                    unit=unit,
                    current=settings.lookback,
                    theme=theme,
                    simulated=simulated,
                    height=FOLDED_HEIGHT,
                ),
                (view.versions, settings),
            )
            chart.show(settings)
            st.caption(plain(words.lookback_sentence(comparison, unit)))
        heat_map = Chart(
            "beta_by_lookback",
            FOLDED_HEIGHT,
            lambda: plot_atlas(
                found.atlas,
                asset=settings.asset,
                benchmark=settings.benchmark,
                unit=unit,
                theme=theme,
                simulated=simulated,
                height=FOLDED_HEIGHT,
            ),
            (view.versions, settings.interval, settings.confidence),
        )
        heat_map.show(settings)


def show_details(view: BetaView, settings: Settings) -> None:
    section = st.expander(
        "Data and alignment: source, as-of, calendar, what was dropped and why",
        key="details",
        on_change="rerun",
    )
    if not section.open:
        return
    with section:
        for name, history in ((settings.asset, view.asset), (settings.benchmark, view.benchmark)):
            st.markdown(plain(words.history_sentences(name, history)))
        for line in words.alignment_sentences(view.aligned.report, settings.asset, settings.benchmark):
            st.markdown(plain(line))


def show_all_downloads(view: BetaView, charts: dict[str, Chart], settings: Settings) -> None:
    """Everything shown, as files."""
    tables = {"Returns": tables_of.returns, "Rolling beta": tables_of.rolling, "Figures": tables_of.summary}
    if isinstance(view.backtest, HedgeBacktest):
        tables["P&L"] = tables_of.pnl
    show_downloads(
        {label: partial(make, view) for label, make in tables.items()},
        list(charts.values()),
        settings.asset,
        "on",
        settings.benchmark,
    )


show_page()
