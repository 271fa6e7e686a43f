"""What happens to the hedged position if something happens to the market?"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from hedging import HedgingError
from pages.shared.addresses import current_state, publish
from pages.shared.charts import Chart
from pages.shared.choices import WhatIfChoices
from pages.shared.components.figure_strip import figure_strip
from pages.shared.components.text_table import text_table
from pages.shared.controls import market_controls
from pages.shared.downloads import show_downloads
from pages.shared.frame import explained, has_data
from pages.shared.messages import plain
from pages.shared.notes import show_notes
from pages.shared.state import AppState
from pages.shared.views.notes import what_if_notes
from pages.shared.views.what_if import (
    WhatIfView,
    contract_has_prices,
    load_what_if,
    what_if_charts,
    what_if_tables,
)
from pages.shared.views.what_if_figures import (
    size_sentence,
    ways_sentences,
    ways_table,
    what_if_figures,
    worst_days_table,
)
from pages.shared.widgets import number, select, slider

TIES = {"stays": "stays as estimated", "beta": "beta becomes", "correlation": "correlation becomes"}


def show_page() -> None:
    state, files, problem = market_controls(current_state())
    answer = st.container()
    choices = shock_controls(state.what_if)
    body = st.container()
    with st.container():
        choices = option_controls(choices)
    others = st.container()
    state = replace(state, what_if=choices)
    publish(state)
    with answer, explained(state.settings, files, problem, state.book.book):
        if has_data(state.settings, files, problem):
            show_view(load_what_if(state, files), state, body, others)


def shock_controls(choices: WhatIfChoices) -> WhatIfChoices:
    """Six thumbs: three for the market, three for the hedge's own price, its funding and time."""
    left, middle, right = st.columns(3, gap="medium")
    with left:
        move = slider(
            "shock_percent",
            "Benchmark moves now",
            choices.shock_percent,
            -50,
            50,
            step=0.5,
            format="%+g%%",
            help="At once, from today's price.",
        )
        days = slider(
            "shock_days",
            "Days it takes",
            choices.shock_days,
            0.25,
            30,
            step=0.25,
            format="%g",
            help="The asset's own moves grow with the root of time, funding charges with time.",
        )
    with middle:
        tie = select(
            "shock_tie",
            "The asset's tie to the benchmark",
            TIES,
            choices.shock_tie,
            help="Beta may break, or correlation may fall while the asset moves as much as before.",
        )
        beta, correlation = choices.shock_beta, choices.shock_correlation
        if tie == "correlation":
            correlation = slider(
                "shock_correlation", "Correlation after", correlation, -1, 1, step=0.05, format="%g"
            )
        elif tie == "beta":
            beta = slider("shock_beta", "Beta after", beta, -2, 6, step=0.05, format="%g")
        else:
            st.caption("Choose above to break beta, or to let correlation fall.")
    with right:
        funding = slider(
            "shock_funding_bp",
            "Funding per charge, basis points",
            choices.shock_funding_bp,
            -300,
            300,
            step=1.0,
            format="%+g",
            help="Positive: longs pay shorts. 100 basis points are 1% of notional.",
        )
        gap = slider(
            "shock_gap_percent",
            "Contract gaps from its benchmark",
            choices.shock_gap_percent,
            -20,
            20,
            step=0.5,
            format="%+g%%",
            help="Basis of the contract's price afterwards, from none: a short loses when it gaps up.",
        )
    return replace(
        choices,
        shock_percent=move,
        shock_days=days,
        shock_tie=tie,
        shock_beta=beta,
        shock_correlation=correlation,
        shock_funding_bp=funding,
        shock_gap_percent=gap,
    )


def option_controls(choices: WhatIfChoices) -> WhatIfChoices:
    """Strike, volatility, and what a dated future trades at."""
    st.markdown("**Put, collar and rolled future beside the beta hedge**")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=190):
            away = number(
                "strike_away_percent",
                "Strike, % out of the money",
                choices.strike_away_percent,
                0,
                50,
                step=1.0,
                help="A put below today's price for a long position, a call above it for a short one.",
            )
        with st.container(width=190):
            volatility = number(
                "option_volatility_percent",
                "Option volatility, % a year",
                choices.option_volatility_percent,
                1,
                500,
                optional=True,
                step=1.0,
                placeholder="as measured",
                help="Implied volatility of the options. Empty: what the benchmark had over the lookback.",
            )
        with st.container(width=190):
            basis = number(
                "dated_basis_percent",
                "Future's basis, % a year",
                choices.dated_basis_percent,
                -100,
                100,
                step=0.5,
                help="Dated future over spot, annualised; positive in contango, which a short earns.",
            )
        with st.container(width=190):
            expiry = number(
                "dated_expiry_days",
                "Future expires in, days",
                choices.dated_expiry_days,
                1,
                91.25,
                step=1.0,
                help="It is rolled into the next quarterly one when the hedge is held for longer.",
            )
    return replace(
        choices,
        strike_away_percent=away,
        option_volatility_percent=volatility,
        dated_basis_percent=basis,
        dated_expiry_days=expiry,
    )


def show_view(view: WhatIfView, state: AppState, body: DeltaGenerator, others: DeltaGenerator) -> None:
    settings = state.settings
    notes = what_if_notes(view, state)
    show_notes(notes, "warning", "error")
    if not isinstance(view.fan, HedgingError):
        figure_strip(what_if_figures(view, state), key="what_if")
    charts = what_if_charts(view, state)
    with body:
        show_shock(view, state, charts)
    with others:
        show_ways(view, state, charts)
        show_downloads(
            what_if_tables(view), list(charts.values()), settings.asset, "what if", settings.benchmark
        )


def show_shock(view: WhatIfView, state: AppState, charts: dict[str, Chart]) -> None:
    """The fan, and the worst days beside it."""
    left, right = st.columns([1.45, 1], gap="medium")
    with left:
        if "shock_fan" in charts:
            charts["shock_fan"].show(state.settings)
        if view.hedge.beta_by_hand is not None:
            st.caption(plain(size_sentence(view)))
    with right:
        st.markdown("**The worst of these data, with today's hedge**")
        if isinstance(view.worst, HedgingError):
            st.caption("Needs a hedge: see the message above.")
            return
        text_table(
            worst_days_table(view, state),
            key="worst",
            alt="The worst periods of the position in these data",
        )
        returns = view.hedge.beta.aligned.asset
        moved = (
            "the contract by its own prices" if contract_has_prices(view) else "the contract as its benchmark"
        )
        st.caption(
            plain(
                f"Of {len(returns):,} {state.settings.interval} returns, {returns.index[0]:%Y-%m-%d} to "
                f"{returns.index[-1]:%Y-%m-%d}, applied to today's position and today's hedge; {moved}."
            )
        )


def show_ways(view: WhatIfView, state: AppState, charts: dict[str, Chart]) -> None:
    """Every way of hedging over the same moves."""
    if "ways_of_hedging" not in charts:
        return
    left, right = st.columns([1.45, 1], gap="medium")
    with left:
        charts["ways_of_hedging"].show(state.settings)
    with right:
        text_table(ways_table(view, state), key="ways", alt="What each way of hedging costs and pays")
        for sentence in ways_sentences(view, state):
            st.caption(plain(sentence))


show_page()
