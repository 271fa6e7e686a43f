"""What every page has around its content: notices, and what shows where there is nothing to show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from data.errors import DataError
from data.kept import kept_source
from data.prices import BarInterval
from hedging.errors import ExplainedError
from pages.shared.addresses import show_notices
from pages.shared.catalogue import FileInputs
from pages.shared.controls import choose_pair_again
from pages.shared.messages import EXPECTED_ERRORS, explain, plain
from pages.shared.positions import BookLine
from pages.shared.priced_lines import resolved
from pages.shared.prices import bars_of, load_symbols, unusable_files, wanted_bars
from pages.shared.settings import BOOK, KEPT_SOURCES, Settings

REFRESH_LOOK_SECONDS = 2.0
KEPT = "Everything you entered is kept: change it above, or look at the embedded market meanwhile."


@contextmanager
def explained(
    settings: Settings,
    files: FileInputs,
    problem: ExplainedError | None = None,
    book: Sequence[BookLine] = (),
) -> Iterator[None]:
    """Show the notices, then the page; an error that is expected becomes one sentence.

    Parameters
    ----------
    settings, files, problem
        From :func:`pages.shared.controls.market_controls`; the asset is BOOK where the page is about it.
    book : sequence of BookLine
        The portfolio, whose prices are watched where the asset is BOOK.
    """
    show_notices(settings)
    show_unusable_files(settings, files, problem)
    age = st.container()
    try:
        yield
    except EXPECTED_ERRORS as error:
        explain(error)
        show_empty(KEPT)
    else:
        with age:
            show_age(settings, shown_series(settings, files, book))


def shown_series(
    settings: Settings, files: FileInputs, book: Sequence[BookLine]
) -> tuple[tuple[str, BarInterval], ...]:
    """Symbol and bars of every series behind what a page shows; none where prices do not age."""
    if settings.source not in KEPT_SOURCES:
        return ()
    symbols = [settings.benchmark]
    if settings.perpetual:
        symbols.append(settings.perpetual)
    if settings.asset != BOOK:
        symbols.append(settings.asset)
    elif book:
        try:
            offered = load_symbols(settings, files)
        except DataError:  # the lines are then asked for as they were entered
            offered = ()
        symbols += [resolved(line, offered) for line in book]
    wanted = wanted_bars(settings)
    return tuple((symbol, bars_of(symbol, settings, files, wanted)) for symbol in dict.fromkeys(symbols))


def show_age(settings: Settings, series: tuple[tuple[str, BarInterval], ...]) -> None:
    """Why stored prices are not newer, and a look at them again as soon as newer ones have come."""
    if not series:
        return
    source = kept_source(settings.source)
    states = [source.state(symbol, bars) for symbol, bars in series]
    for state in states:
        if state.trouble is not None and state.fetched_at is not None:
            st.warning(
                plain(
                    f"{source.name} gave no newer prices: {state.trouble.problem}. Shown is what was stored "
                    f"on {state.fetched_at:%Y-%m-%d %H:%M} UTC. {state.trouble.remedy}"
                ),
                icon=":material/cloud_off:",
            )
            break
    if any(state.is_refreshing for state in states):
        _await_newer(settings.source, series)


@st.fragment(run_every=REFRESH_LOOK_SECONDS)
def _await_newer(name: str, series: tuple[tuple[str, BarInterval], ...]) -> None:
    """Runs by itself while prices are on their way; nobody waits for them."""
    source = kept_source(name)
    if any(source.state(symbol, bars).is_refreshing for symbol, bars in series):
        st.caption(plain(f"Asking {source.name} for newer prices…"))
    else:
        st.rerun()


def has_data(settings: Settings, files: FileInputs, problem: ExplainedError | None) -> bool:
    """Whether there is something to load; says what to do where no file is chosen yet.

    Raises
    ------
    DataError
        The source offers nothing: the problem that the controls met.
    """
    if settings.source == "upload" and not files.uploads:
        show_empty("Choose price files under Settings: one file per symbol, or one with a column per symbol.")
        return False
    if problem is not None:
        raise problem
    return True


def show_unusable_files(settings: Settings, files: FileInputs, problem: ExplainedError | None) -> None:
    """Files of the folder or upload that offer nothing, and why."""
    if problem is not None or settings.source not in ("folder", "upload"):
        return
    try:
        found = unusable_files(settings, files)
    except DataError:  # the page says so where it needs them
        return
    if found:
        with st.expander(
            f"{len(found)} {'file is' if len(found) == 1 else 'files are'} not used",
            icon=":material/warning:",
        ):
            for sentence in found:
                st.markdown(plain(sentence))


def show_empty(what_to_do: str) -> None:
    """What to do when there is nothing to show, with the button that does it."""
    st.caption(plain(what_to_do))
    if st.button("Open the simulated market", icon=":material/science:", on_click=_open_simulated):
        st.rerun()  # a fragment that runs alone leaves the line of choices as it is


def _open_simulated() -> None:
    st.session_state["source"] = "simulated"
    choose_pair_again()
