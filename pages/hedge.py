"""How many contracts, at what margin and cost, and is it worth it?"""

from __future__ import annotations

import streamlit as st

from data.contract_terms import ContractTerms
from data.csv_text import csv_bytes
from data.environment import utc_now
from data.errors import DataError
from data.kept_terms import ExchangeTerms
from hedging import HedgingError
from pages.shared.addresses import current_state, publish
from pages.shared.components.figure_strip import figure_strip
from pages.shared.components.text_table import text_table
from pages.shared.controls import market_controls
from pages.shared.downloads import show_downloads
from pages.shared.exports import file_name
from pages.shared.frame import explained, has_data
from pages.shared.live_terms import can_be_asked, load_kept_terms, load_terms_now
from pages.shared.messages import explain, plain, sentence
from pages.shared.notes import show_notes
from pages.shared.state import AppState
from pages.shared.terms import ChosenContract, offered_terms
from pages.shared.turnover import load_turnover
from pages.shared.views.hedge import HedgeView, load_hedge
from pages.shared.views.hedge_controls import hedge_controls
from pages.shared.views.hedge_figures import hedge_figures
from pages.shared.views.hedge_tables import (
    hedge_alternatives,
    hedge_appetite,
    hedge_charts,
    hedge_steps,
)
from pages.shared.views.instruments import instruments_table
from pages.shared.views.notes import hedge_notes
from pages.shared.views.terms_now import age_text, terms_table, terms_that_differ
from pages.shared.views.ticket import ticket_json, ticket_subject, ticket_table, ticket_text

ASKED = "asked_for_turnover"
ASKED_TERMS = "asked_for_terms_of"
TERMS_PROBLEM = "why_terms_were_not_given"


def show_page() -> None:
    state, files, problem = market_controls(current_state())
    state = hedge_controls(state)
    publish(state)
    with explained(state.settings, files, problem, state.book.book):
        if has_data(state.settings, files, problem):
            show_view(load_hedge(state, files), state)


def show_view(view: HedgeView, state: AppState) -> None:
    notes = hedge_notes(view, state)
    show_notes(notes, "warning")
    figure_strip(hedge_figures(view, state), key="hedge")
    show_notes(notes, "error", "info")
    left, right = st.columns([2.1, 1], gap="medium")
    with left:
        text_table(
            hedge_steps(view, state),
            key="steps",
            alt="From beta to the verdict, step by step",
            left=("how",),
        )
    with right:
        show_ticket(view, state)
    left, right = st.columns(2, gap="medium")
    charts = hedge_charts(view, state)
    with left:
        st.markdown("**Beta hedge, dollar hedge, no hedge**")
        text_table(hedge_alternatives(view, state), key="ways", alt="The ways of hedging side by side")
    with right:
        charts["hedge_sizes"].show(state.settings)
        show_appetite(view, state)
    show_instruments(view, state)
    show_terms_now(view)
    show_downloads(
        {
            "Steps": lambda: hedge_steps(view, state),
            "Ways": lambda: hedge_alternatives(view, state),
            "Order": lambda: ticket_table(view, state),
        },
        list(charts.values()),
        state.settings.asset,
        "hedged with",
        state.settings.benchmark,
    )


def show_ticket(view: HedgeView, state: AppState) -> None:
    """The order to hand on."""
    text = ticket_text(view, state)
    st.markdown("**Order ticket**")
    if not text:
        st.caption("No order is to be made.")
        return
    st.code(text, language=None, wrap_lines=True)
    with st.container(horizontal=True):
        st.download_button(
            "CSV",
            lambda: csv_bytes(ticket_table(view, state)),
            file_name(*ticket_subject(state.settings), suffix="csv"),
            "text/csv",
            on_click="ignore",
            icon=":material/table:",
        )
        st.download_button(
            "JSON",
            lambda: ticket_json(view, state),
            file_name(*ticket_subject(state.settings), suffix="json"),
            "application/json",
            on_click="ignore",
            icon=":material/data_object:",
        )
    st.caption(plain(view.chosen.note))


def show_appetite(view: HedgeView, state: AppState) -> None:
    """Three orders from the same data."""
    if isinstance(view.appetite, HedgingError):  # the notes above say so
        return
    text_table(hedge_appetite(view, state), key="appetite", alt="Conservative, central and aggressive orders")
    share = view.appetite.share_of_other_side
    if share > 0.01:
        st.caption(plain(f"{share:.0%} of the resampled histories ask for an order on the other side."))


def show_instruments(view: HedgeView, state: AppState) -> None:
    """The contracts that the benchmark can be shorted in, for this very order."""
    section = st.expander(
        "Which contract? All of them, ranked for this order", key="instruments", on_change="rerun"
    )
    if not section.open:
        return
    with section:
        if isinstance(view.plan, HedgingError):
            st.caption("Contracts are ranked for an order, and there is none.")
            return
        if not offered_terms(state.settings.benchmark):
            st.caption(plain(f"No contract on {state.settings.benchmark} is in the table of terms."))
            return
        turnover: dict[str, float] = {}
        if st.session_state.get(ASKED):
            answer = load_turnover(state.settings.benchmark)
            turnover = answer.usd_daily
            for exchange, error in answer.problems.items():
                st.caption(f"{plain(exchange)}: {sentence(error)}")
        else:
            st.button(
                "Ask Binance, Bybit and OKX for turnover",
                icon=":material/bar_chart:",
                on_click=lambda: st.session_state.update({ASKED: True}),
                help="A day's turnover decides what the order costs in slippage. Public data; no key.",
            )
        text_table(
            instruments_table(view, state, turnover),
            key="instruments",
            alt="Contracts ranked for this order",
            left=("kind", "terms"),
        )
        if not turnover:
            st.caption("Turnover is not known, so no contract has a total: the order is that of the table.")
        st.caption(
            "Ranked by expected cost and basis risk; a contract with something not known comes after those "
            "of which all is known. Turnover is that of each exchange's linear perpetual; carry and basis "
            "are those of the benchmark's perpetual where they are known."
        )


def show_terms_now(view: HedgeView) -> None:
    """The terms in use held against the exchange's own, where it can be asked."""
    chosen = view.chosen
    if chosen.terms is None or not can_be_asked(chosen.terms):
        return
    section = st.expander(
        plain(f"Are these terms still right? Ask {chosen.exchange}"), key="terms_now", on_change="rerun"
    )
    if not section.open:
        return
    with section:
        said = asked_now(chosen, chosen.terms, view.beta.quotes.benchmark_price_usd)
        if said is not None:
            show_terms_said(chosen, said, today=True)
            return
        st.button(
            plain(f"Ask {chosen.exchange} for {chosen.contract.name}"),
            icon=":material/contract:",
            on_click=lambda: st.session_state.update({ASKED_TERMS: chosen.key}),
            help="Contract size, step, smallest order, funding and tiers of today. Public data; no key.",
        )
        kept = load_kept_terms(chosen.terms)
        if kept.problem is not None:  # a damaged file is set aside by the look at it: say it on every run
            st.session_state[TERMS_PROBLEM] = (chosen.key, kept.problem)
            explain(kept.problem)
        if kept.terms is not None:
            show_terms_said(chosen, kept.terms, today=False)


def asked_now(chosen: ChosenContract, terms: ContractTerms, price_usd: float) -> ExchangeTerms | None:
    """What the exchange says now, once it has been asked; None where it has not, or cannot be reached."""
    if st.session_state.get(ASKED_TERMS) == chosen.key:
        st.session_state.pop(TERMS_PROBLEM, None)
        try:
            return load_terms_now(terms, price_usd)
        except DataError as error:
            st.session_state.pop(ASKED_TERMS)
            st.session_state[TERMS_PROBLEM] = (chosen.key, error)
    of, problem = st.session_state.get(TERMS_PROBLEM, ("", None))
    if problem is not None and of == chosen.key:
        explain(problem)
    return None


def show_terms_said(chosen: ChosenContract, said: ExchangeTerms, *, today: bool) -> None:
    """The exchange's own terms beside those in use, and one click that takes them over."""
    text_table(terms_table(chosen, said, today=today), key="terms_now", alt="Terms in use and the exchange's")
    differing = terms_that_differ(chosen, said)
    if differing:
        st.button(
            "Use what the exchange says" if today else "Use what the exchange said",
            icon=":material/done:",
            on_click=lambda: st.session_state.update(differing),
            help="Puts its size, step and smallest order under Terms, as if typed by hand.",
        )
    if isinstance(said.tiers, DataError):
        st.caption(sentence(said.tiers))
    st.caption(plain(f"{age_text(said, now=utc_now())}. Your account's own fee may differ."))
    if said.not_kept is not None:
        st.caption(f"Not kept for when the exchange cannot be reached: {sentence(said.not_kept)}")


show_page()
