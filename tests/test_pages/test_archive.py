"""Things under addresses that nobody can guess: made once, bounded, gone with a plain 404."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from pages.shared.archive import Archive


def archive() -> Archive:
    return Archive("thing", "text/plain", most_offered=5, most_kept=2)


def asked(things: Archive, token: str):
    return things.route.endpoint(Request({"type": "http", "path_params": {"token": token}}))


def test_a_thing_is_made_when_asked_for_and_once():
    things, made = archive(), []
    address = things.offer(("a", "b"), lambda: made.append("x") or b"content")
    assert not made
    token = address.removeprefix("thing/")
    answer = asked(things, token)
    assert (answer.status_code, answer.body, answer.media_type) == (200, b"content", "text/plain")
    assert answer.headers["cache-control"].startswith("private")
    assert answer.headers["x-content-type-options"] == "nosniff"
    asked(things, token)
    assert made == ["x"]


def test_addresses_name_everything_and_tell_nothing():
    things = archive()
    assert things.offer(("a", "b"), bytes) == things.offer(("a", "b"), bytes)
    assert things.offer(("a", "b"), bytes) != things.offer(("ab",), bytes)
    assert things.offer(("a", "b"), bytes) != things.offer(("a, b",), bytes)
    for unknown in ("0" * 40, "..", "", "a" * 10_000):
        assert asked(things, unknown).status_code == 404


def test_both_stores_are_bounded():
    things, made = archive(), []
    addresses = [
        things.offer((str(number),), lambda number=number: made.append(number) or b"%d" % number)
        for number in range(8)
    ]
    tokens = [address.removeprefix("thing/") for address in addresses]
    assert [things.find(token) for token in tokens[:3]] == [None, None, None]  # forgotten
    assert things.find(tokens[3]) == b"3"
    for token in tokens[4:]:
        things.find(token)
    assert things.find(tokens[3]) == b"3"  # made again: only two are kept
    assert made.count(3) == 2


def test_what_fails_is_not_kept():
    things = archive()

    def fails() -> bytes:
        raise ValueError("no data")

    token = things.offer(("a",), fails).removeprefix("thing/")
    for _ in range(2):
        with pytest.raises(ValueError, match="no data"):  # it reaches the server's log
            things.find(token)
