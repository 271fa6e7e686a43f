"""Widgets that start at what the state says and outlive popovers, folded sections and other pages."""

from __future__ import annotations

from copy import copy
from typing import Any

import streamlit as st

_SEEDED, _BEFORE, _VALUES = "seeded_keys", "keys_seeded_before", "values_of_keys_seeded"


def seed(key: str, value: object) -> None:
    """Give a widget its value: what the user last chose, else ``value``.

    It is given anew in every run: a widget inside a closed popover is only mounted when that opens,
    and without a value from the latest run it would report its own default as the user's choice.

    A widget that the run before did not have starts at ``value``, what the state says: under its key the
    session may still hold what was there before the widget was first shown.
    """
    seeded: set[str] = st.session_state.setdefault(_SEEDED, set())
    is_kept = key in seeded or key in st.session_state.get(_BEFORE, ())
    st.session_state[key] = st.session_state.get(key, value) if is_kept else value
    seeded.add(key)


def begin_run(*, was_published: bool) -> None:
    """Remember which widgets the run before had; one that was cut short does not count."""
    if was_published:
        st.session_state[_BEFORE] = st.session_state.get(_SEEDED, set())
    st.session_state[_SEEDED] = set()


def remember_widgets() -> None:
    """Note what each widget says in this run."""
    st.session_state[_VALUES] = {
        key: copy(st.session_state[key]) for key in st.session_state.get(_SEEDED, ())
    }


def is_interaction() -> bool:
    """Whether a widget says something else than it did in the run before."""
    before: dict[str, Any] = st.session_state.get(_VALUES, {})
    return any(st.session_state.get(key, value) != value for key, value in before.items())


def select(key: str, label: str, labels: dict[Any, str], value: object, **options: Any) -> Any:
    """One of several, shown by its label."""
    seed(key, value)
    return st.selectbox(label, list(labels), key=key, format_func=labels.__getitem__, **options)


def several(key: str, label: str, labels: dict[Any, str], value: tuple[Any, ...], **options: Any) -> Any:
    """Some of several, in the order in which they were chosen."""
    seed(key, list(value))
    st.session_state[key] = list(st.session_state[key])
    return tuple(st.multiselect(label, list(labels), key=key, format_func=labels.__getitem__, **options))


def number(
    key: str,
    label: str,
    value: float | None,
    low: float,
    high: float,
    *,
    optional: bool = False,
    **options: Any,
) -> Any:
    """A number between two limits; one that is optional may be left empty, which is None.

    Any other falls back to what it was when it is emptied: to Streamlit an empty field is the lowest number.
    """
    seed(key, value)
    return st.number_input(
        label,
        key=key,
        value=None if optional or value is None else float(st.session_state[key]),
        min_value=float(low),
        max_value=float(high),
        **{"format": "%.15g"} | options,
    )


def slider(key: str, label: str, value: float, low: float, high: float, **options: Any) -> float:
    """A number by thumb."""
    seed(key, value)
    return float(st.slider(label, min_value=float(low), max_value=float(high), key=key, **options))


def switch(key: str, label: str, value: bool, **options: Any) -> bool:
    """On or off."""
    seed(key, value)
    return bool(st.toggle(label, key=key, **options))
