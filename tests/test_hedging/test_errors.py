"""The tree of errors and what each one can say about itself."""

from __future__ import annotations

import copy

import pytest

from hedging import (
    DegenerateDataError,
    HedgingError,
    InputError,
    InsufficientDataError,
    NoHedgeError,
)
from hedging.errors import ExplainedError

ALL = (HedgingError, InputError, InsufficientDataError, DegenerateDataError, NoHedgeError)


def example(kind: type[HedgingError]) -> HedgingError:
    return kind(
        "window is 3", parameter="window", value=3, allowed="at least 5", remedy="Choose a longer one."
    )


@pytest.mark.parametrize("kind", ALL)
def test_one_root(kind):
    assert issubclass(kind, HedgingError)
    assert issubclass(kind, ExplainedError)


def test_the_tree():
    assert issubclass(InsufficientDataError, InputError)
    assert issubclass(DegenerateDataError, InputError)
    assert not issubclass(NoHedgeError, InputError)


@pytest.mark.parametrize("kind", ALL)
def test_message_and_attributes(kind):
    error = example(kind)
    assert str(error) == "window is 3; allowed: at least 5. Choose a longer one."
    assert (error.problem, error.parameter, error.value) == ("window is 3", "window", 3)
    assert (error.allowed, error.remedy) == ("at least 5", "Choose a longer one.")


def test_every_part_must_be_given():
    with pytest.raises(TypeError):
        InputError("window is 3", parameter="window", value=3, allowed="at least 5")


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("rebuild", [copy.copy, copy.deepcopy])
def test_an_error_can_be_rebuilt(kind, rebuild):
    # Copying and pickling rebuild an object the same way (``__reduce_ex__``): an error for which that
    # fails breaks a pool of workers instead of reaching the caller.
    error = example(kind)
    twin = rebuild(error)
    assert type(twin) is kind
    assert str(twin) == str(error)
    assert vars(twin) == vars(error)
