"""What a page says around its numbers: the same on the page and in the report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import streamlit as st

from hedging.errors import ExplainedError
from pages.shared.messages import plain, problem_of, sentence

NoteKind: TypeAlias = Literal["warning", "error", "info", "caption"]
ICONS = {"warning": ":material/warning:", "error": ":material/error:", "info": ":material/info:"}


@dataclass(frozen=True)
class Note:
    """A warning, the reason why something is missing, or small print.

    Attributes
    ----------
    kind : {"warning", "error", "info", "caption"}
    text : str
        Hostile until escaped; before an error, what the error is about.
    error : ExplainedError or None
    """

    kind: NoteKind
    text: str = ""
    error: ExplainedError | None = None

    @property
    def words(self) -> str:
        """As the report says it."""
        if self.error is None:
            return self.text
        about = f"{self.text}: " if self.text else "Not available: "
        return f"{about}{problem_of(self.error)}. {self.error.remedy}"


def warnings_of(said: Iterable[str]) -> list[Note]:
    """Sentences as warnings."""
    return [Note("warning", each) for each in said]


def reasons_of(parts: Iterable[object]) -> list[Note]:
    """Why parts are missing, once for each reason."""
    said: dict[str, ExplainedError] = {}
    for part in parts:
        if isinstance(part, ExplainedError):
            said.setdefault(part.problem, part)
    return [Note("error", error=error) for error in said.values()]


def show_notes(notes: Iterable[Note], *kinds: NoteKind) -> None:
    """Show the notes of these kinds where the page is."""
    for note in notes:
        if note.kind not in kinds:
            continue
        text = plain(note.text)
        if note.error is not None:
            text = f"{text}: {sentence(note.error)}" if text else sentence(note.error)
        if note.kind == "caption":
            st.caption(text)
        else:
            {"warning": st.warning, "error": st.error, "info": st.info}[note.kind](
                text, icon=ICONS[note.kind]
            )
