"""The state of a session and the address that restores it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from data.environment import utc_now
from pages.shared.by_hand import HAND_FIELDS, TERM_WORDS, bound, meant
from pages.shared.choices import BookChoices
from pages.shared.messages import plain
from pages.shared.prices import Opening, choose_opening
from pages.shared.settings import Settings
from pages.shared.state import AppState, is_too_long_for_link, read_link, to_link, widget_values
from pages.shared.widgets import begin_run, is_interaction, remember_widgets

DEFAULTS = Settings()
# Longer than an address takes to the browser, shorter than a look at the page before going back.
BEHIND_SECONDS = 1.0
N_LEFT_LINKS = 16
SIMULATED_NOTICE = "This is the embedded SIMULATED market: no price here is real."
SYMBOLS_TO_CHOOSE = "symbols_to_choose"  # of the pair, those that a link left open

_STATE, _LINK, _IS_NEW_LINK, _N_LINKS = "state", "link", "is_new_link", "n_links"
_IS_PUBLISHED, _IS_OVER, _LEFT_LINKS = "is_published", "is_over", "left_links"
_LONG_BOOKS = "long_books_by_link"
_COMPLAINTS, _NOTICE = "link_complaints", "opening_notice"
_CLEARED, _CLEARED_NOW = "cleared_by_hand", "cleared_by_hand_in_this_run"


def current_state() -> AppState:
    """The state of this run: from a link that is new, else as the user left it."""
    was_published = st.session_state.pop(_IS_PUBLISHED, False)
    is_certain = is_interaction() or not st.session_state.pop(_IS_OVER, True)
    begin_run(was_published=was_published)
    link = st.query_params.to_dict()
    if _STATE not in st.session_state or (
        link != st.session_state[_LINK] and not _is_behind(link, is_certain=is_certain)
    ):
        _adopt_link(link)
    state: AppState = st.session_state[_STATE]
    return state


def n_links() -> int:
    """Links opened in this session: part of the key of a widget that only a link may set anew."""
    return int(st.session_state[_N_LINKS])


def publish(state: AppState) -> None:
    """Remember the state; the end of the run writes it into the URL."""
    state = bound(state)
    is_new_link = st.session_state.pop(_IS_NEW_LINK, False)
    cleared = st.session_state.pop(_CLEARED_NOW, ())
    if cleared or state != st.session_state[_STATE]:
        st.session_state[_CLEARED] = cleared
    if state != st.session_state[_STATE] and not is_new_link:
        st.session_state[_COMPLAINTS] = ()  # the user has moved on
    st.session_state[_STATE] = state
    st.session_state[_IS_PUBLISHED] = True
    st.session_state[_IS_OVER] = False
    remember_widgets()
    link = to_link(state)
    if is_too_long_for_link(state.book):
        _keep_long_book(link, state.book)
    if link != st.session_state[_LINK]:
        if st.session_state[_LINK]:  # a page opened by its name has none
            left = st.session_state.get(_LEFT_LINKS, ())
            st.session_state[_LEFT_LINKS] = (
                *left[1 - N_LEFT_LINKS :],
                (st.session_state[_LINK], utc_now().timestamp()),
            )
        st.session_state[_LINK] = link


def end_run() -> None:
    """Write the URL when the page has run to its end; a run that the next one cuts short does not come here.

    A fragment that publishes a state calls this itself: where it runs alone, nobody else does.

    A new address costs the browser 40 ms: last, it comes after everything that is looked at.
    """
    link = st.session_state.get(_LINK)
    if link and link != st.query_params.to_dict():
        st.query_params.from_dict(link)
    st.session_state[_IS_OVER] = True


def _is_behind(link: dict[str, str], *, is_certain: bool) -> bool:
    """Whether the browser sent this link because it had not heard yet of the one it was given since.

    Each message of the browser carries its address. Who changes two things in a row sends the second with
    the address from before the first, and adopting that would take the first change back. Going back in the
    browser's history sends an address from before too, but changes nothing and mostly comes later.
    """
    now = utc_now().timestamp()
    return any(
        link == each and (is_certain or now - left_at < BEHIND_SECONDS)
        for each, left_at in st.session_state.get(_LEFT_LINKS, ())
    )


def show_notices(settings: Settings) -> None:
    """What the link got wrong, and why this source was opened."""
    for complaint in st.session_state[_COMPLAINTS]:
        st.warning(plain(complaint), icon=":material/link_off:")
    for cleared in st.session_state.get(_CLEARED, ()):
        st.warning(plain(cleared), icon=":material/warning:")
    if settings.source == "simulated":
        notice = st.session_state.get(_NOTICE) or SIMULATED_NOTICE
        st.info(plain(notice), icon=":material/science:")


def clear_what_was_meant_otherwise(state: AppState) -> AppState:
    """Empty the fields whose hand beta or hand terms were typed for another pair or contract."""
    kept, said = meant(state)
    if said:
        st.session_state.update({name: getattr(kept.hedge, name) for name in HAND_FIELDS})
        st.session_state[_CLEARED_NOW] = (*st.session_state.get(_CLEARED_NOW, ()), *said)
    return bound(kept)


def _adopt_link(link: dict[str, str]) -> None:
    is_first = _STATE not in st.session_state
    defaults: AppState = AppState() if is_first else _linked_from(link, st.session_state[_STATE])
    if is_first and "source" not in link:
        opening: Opening = choose_opening()
        st.session_state[_NOTICE] = opening.notice
        defaults = replace(defaults, settings=replace(DEFAULTS, source=opening.source))
    state, complaints = read_link(link, _unbound(defaults, link))
    st.session_state[_STATE] = state
    st.session_state[_LINK] = link
    st.session_state[_COMPLAINTS] = complaints
    if not link and not is_first:  # another page was opened: what was chosen holds there
        return
    st.session_state[_IS_NEW_LINK] = True
    st.session_state[_N_LINKS] = st.session_state.get(_N_LINKS, 0) + 1
    st.session_state[SYMBOLS_TO_CHOOSE] = {"asset", "benchmark"} - link.keys()
    # Widgets not shown yet start at the state. Every key costs each selectbox of each run a little.
    st.session_state.update(
        {key: value for key, value in widget_values(state).items() if key in st.session_state}
    )


def _unbound(state: AppState, link: dict[str, str]) -> AppState:
    """What a link says by hand without saying what for is meant for what it shows."""
    hedge = state.hedge
    if "beta_by_hand" in link:
        hedge = replace(hedge, beta_for="")
    if link.keys() & TERM_WORDS.keys():
        hedge = replace(hedge, terms_for="")
    return replace(state, hedge=hedge)


def _linked_from(link: dict[str, str], state: AppState) -> AppState:
    """What holds in a running session where a link says nothing.

    Another page opened by its name keeps everything. A whole link leaves out what is at its default, so
    that going back undoes a choice that was not there yet; a book too long for any link stays, or comes
    back with the address that stood for it.
    """
    if not link:
        return state
    settings = DEFAULTS if "source" in link else state.settings
    return AppState(settings=settings, book=_book_behind(link, state))


def _keep_long_book(link: dict[str, str], book: BookChoices) -> None:
    """Remember which long book an address stood for; the latest few addresses."""
    kept: dict[tuple[tuple[str, str], ...], BookChoices] = st.session_state.setdefault(_LONG_BOOKS, {})
    name = _name_of(link)
    kept.pop(name, None)
    kept[name] = book
    while len(kept) > N_LEFT_LINKS:
        del kept[next(iter(kept))]


def _book_behind(link: dict[str, str], state: AppState) -> BookChoices:
    """The book of an address that holds none: the long one that it stood for, or that is there now."""
    kept: BookChoices | None = st.session_state.get(_LONG_BOOKS, {}).get(_name_of(link))
    if kept is not None:
        return kept
    return state.book if is_too_long_for_link(state.book) else BookChoices()


def _name_of(link: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(link.items()))
