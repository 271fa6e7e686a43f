"""Whatever the habits of an exchange, a walk hands over every row once, or says what is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import errors
from data.exchanges.rows import HOUR, Subject, candle_frame, charge_frame
from data.exchanges.walking import Walk

SUBJECT = Subject("Fake", "SOL")
BASE = 400_000


def rows_at(hours: list[int]) -> pd.DataFrame:
    index = pd.Index([hour * HOUR for hour in hours], dtype="int64")
    values = [float(hour) for hour in hours]
    return pd.DataFrame(dict.fromkeys(("open", "high", "low", "close", "volume"), values), index=index)


def answering(there: set[int], *, most: int, newest: bool, early: int) -> Callable[[int, int], pd.DataFrame]:
    """An exchange with rows at these hours: the newest or the oldest of a span, and early ones."""

    def ask(since: int, until: int) -> pd.DataFrame:
        low, high = -(-since // HOUR) - early, until // HOUR
        inside = sorted(hour for hour in there if low <= hour <= high)
        return rows_at(inside[-most:] if newest else inside[: most + early])

    return ask


@settings(max_examples=150, deadline=None)
@given(
    there=st.sets(st.integers(BASE, BASE + 300)),
    most=st.integers(2, 40),
    newest=st.booleans(),
    length=st.integers(1, 60),
    start=st.integers(BASE - 50, BASE + 320),
)
def test_every_row_once_and_in_order(
    there: set[int], most: int, newest: bool, length: int, start: int
) -> None:
    ask = answering(there, most=most, newest=newest, early=0)
    walk = Walk(ask, HOUR, length * HOUR, 3 * HOUR, SUBJECT)
    pages = list(walk.pages(start * HOUR, (BASE + 310) * HOUR))
    found = [stamp // HOUR for page in pages for stamp in page.index]
    assert found == sorted(hour for hour in there if hour >= start)
    assert all(not page.empty for page in pages)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 200)), st.integers(2, 30))
def test_the_number_of_requests_is_bounded(there: set[int], most: int) -> None:
    asked = 0
    inner = answering({BASE + hour for hour in there}, most=most, newest=True, early=0)

    def ask(since: int, until: int) -> pd.DataFrame:
        nonlocal asked
        asked += 1
        return inner(since, until)

    list(Walk(ask, HOUR, 20 * HOUR, 3 * HOUR, SUBJECT).pages(BASE * HOUR, (BASE + 200) * HOUR))
    assert asked <= 2 * len(there) + 2 * (200 // 20) + 4


def test_early_rows_in_every_answer_do_no_harm() -> None:
    ask = answering(set(range(BASE, BASE + 200)), most=30, newest=False, early=7)
    walk = Walk(ask, HOUR, 20 * HOUR, 3 * HOUR, SUBJECT)
    pages = list(walk.pages((BASE + 20) * HOUR, (BASE + 199) * HOUR))
    assert [stamp // HOUR for page in pages for stamp in page.index] == list(range(BASE + 20, BASE + 200))


def test_a_row_that_vanishes_is_an_error() -> None:
    there = set(range(BASE, BASE + 100))
    walk = Walk(answering(there, most=50, newest=False, early=0), HOUR, 20 * HOUR, 3 * HOUR, SUBJECT).pages(
        BASE * HOUR, (BASE + 99) * HOUR
    )
    last = next(walk).index[-1] // HOUR
    there.discard(last)
    with pytest.raises(errors.SourceAnswerError, match="rows of another time"):
        next(walk)


# Rows as they come


def candle(at: int = HOUR, close: object = "1.5", **more: object) -> list[object]:
    return [at, more.get("open", "1"), more.get("high", "2"), "1", close, more.get("volume", "7")]


@pytest.mark.parametrize(
    ("rows", "expected", "says"),
    [
        ([["1", "2"]], errors.SourceAnswerError, "a candle that reads"),
        (["["], errors.SourceAnswerError, "a candle that reads"),
        ([candle(at="3600000")], errors.SourceAnswerError, "a candle that reads"),  # type: ignore[arg-type]
        ([candle(at=HOUR + 679_000)], errors.SourceAnswerError, "1970-01-01 01:11:19 UTC, at no full hour"),
        ([candle(close="one")], errors.SourceAnswerError, "'one' where a number belongs"),
        ([candle(close="0")], errors.BadPriceError, "the close 0 at 1970-01-01 01:00:00 UTC"),
        ([candle(close="-1")], errors.BadPriceError, "the close -1"),
        ([candle(close="Infinity")], errors.BadPriceError, "the close inf"),
        ([candle(close="1e300")], errors.BadPriceError, "the close 1e\\+300"),
        ([candle(open="-2")], errors.BadPriceError, "the open -2"),
        ([candle(), candle(close="1.6")], errors.ConflictingRowsError, "two values of close"),
        ([candle(), candle(high="9")], errors.ConflictingRowsError, "two values of high"),
    ],
)
def test_candles_that_are_none(rows: list[object], expected: type[errors.DataError], says: str) -> None:
    with pytest.raises(expected, match=says):
        candle_frame(rows, SUBJECT, with_volume=True)


def test_candles_that_are_mended() -> None:
    rows = [
        candle(2 * HOUR),
        candle(HOUR),
        candle(HOUR),
        candle(3 * HOUR, close=None),
        candle(4 * HOUR, volume="-1"),
    ]
    frame = candle_frame(rows, SUBJECT, with_volume=True)
    assert list(frame.index // HOUR) == [1, 2, 4]
    assert list(frame["volume"].fillna(-9)) == [7.0, 7.0, -9.0]
    assert candle_frame([], SUBJECT, with_volume=True).empty


@pytest.mark.parametrize(
    ("rows", "expected", "says"),
    [
        ([7], errors.SourceAnswerError, "a funding charge that reads"),
        ([{"fundingRate": "0.1"}], errors.SourceAnswerError, "a funding charge that reads"),
        ([{"timestamp": HOUR, "fundingRate": None}], errors.SourceAnswerError, "the funding rate nan"),
        ([{"timestamp": HOUR, "fundingRate": "1.5"}], errors.SourceAnswerError, "the funding rate 1.5"),
        (
            [{"timestamp": HOUR, "fundingRate": "0.1"}, {"timestamp": HOUR + 2, "fundingRate": "0.2"}],
            errors.ConflictingRowsError,
            "two values of funding rate for 1970-01-01 01:00:00 UTC, 0.1 and 0.2",
        ),
    ],
)
def test_charges_that_are_none(rows: list[object], expected: type[errors.DataError], says: str) -> None:
    with pytest.raises(expected, match=says):
        charge_frame(rows, SUBJECT)


def test_charges_on_their_second() -> None:
    rows = [
        {"timestamp": 8 * HOUR - 4, "fundingRate": "-0.0001", "info": {"markPrice": ""}},
        {"timestamp": 2, "fundingRate": 0.0003, "info": {"markPrice": "99.5"}},
    ]
    frame = charge_frame(rows, SUBJECT)
    assert list(frame.index) == [0, 8 * HOUR]
    assert list(frame["rate"]) == [0.0003, -0.0001]
    assert list(frame["mark"].fillna(0)) == [99.5, 0]
