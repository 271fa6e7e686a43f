"""Run a call that may hang, and come back in time whatever it does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

Result = TypeVar("Result")


class DeadlinePassedError(Exception):
    """The call had not come back when its time was over."""


def call_within(work: Callable[[], Result], *, seconds: float, name: str) -> Result:
    """Return what ``work`` returns or raise what it raises, or give up after ``seconds``.

    A thread cannot be stopped from outside, so after the deadline it is left alone: what it still
    brings is thrown away, and as a daemon it does not keep the interpreter from ending.

    Parameters
    ----------
    work : callable
        The call that may hang.
    seconds : float
        Time until the caller comes back at the latest.
    name : str
        Name of the thread, for whoever looks at a dump.

    Raises
    ------
    DeadlinePassedError
        ``work`` did not come back in time.
    """
    outcome: SimpleQueue[Callable[[], Result]] = SimpleQueue()

    def run() -> None:
        try:
            result = work()
        except Exception as error:
            # A name bound by "except" is gone after the block; the outcome outlives it.
            raised = error

            def again() -> Result:
                raise raised

            outcome.put(again)
        else:
            outcome.put(lambda: result)

    threading.Thread(target=run, name=name, daemon=True).start()
    try:
        answer = outcome.get(timeout=seconds)
    except Empty:
        raise DeadlinePassedError(f"{name} did not come back within {seconds:g} seconds") from None
    return answer()
