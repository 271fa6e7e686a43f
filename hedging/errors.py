"""Errors of the library, grouped by what the caller should do.

::

    ExplainedError              what every error of this project can say about itself
    └── HedgingError            root of everything ``hedging`` raises on purpose
        ├── InputError          change the named input
        │   ├── InsufficientDataError   give more observations
        │   └── DegenerateDataError     give data that vary
        └── NoHedgeError        nothing the exchange takes fits; change size or contract
"""

from __future__ import annotations

from typing import Any


class ExplainedError(Exception):
    """An error that names the parameter, its value, what is allowed and the remedy.

    Parameters
    ----------
    problem : str
        What is wrong, without a full stop, e.g. ``"window is 5"``.
    parameter : str
        Name of the offending parameter.
    value : object
        The offending value.
    allowed : str
        What would be accepted.
    remedy : str
        What the caller can do about it.
    """

    def __init__(self, problem: str, *, parameter: str, value: object, allowed: str, remedy: str) -> None:
        self.problem = problem
        self.parameter = parameter
        self.value = value
        self.allowed = allowed
        self.remedy = remedy
        super().__init__(f"{problem}; allowed: {allowed}. {remedy}")

    def __reduce__(self) -> tuple[object, ...]:
        """Copy and pickle by the named parts: an error crosses processes and caches whole."""
        named = {name: getattr(self, name) for name in ("parameter", "value", "allowed", "remedy")}
        return _rebuilt, (type(self), self.problem, named)


def _rebuilt(kind: type[ExplainedError], problem: str, named: dict[str, Any]) -> ExplainedError:
    return kind(problem, **named)


class HedgingError(ExplainedError):
    """Root of every error that ``hedging`` raises on purpose."""


class InputError(HedgingError):
    """An input cannot be used as it is; change it."""


class InsufficientDataError(InputError):
    """There are too few observations for what was asked."""


class DegenerateDataError(InputError):
    """The data do not vary, so the statistic is not defined."""


class NoHedgeError(HedgingError):
    """No order that the exchange would take hedges this position."""
