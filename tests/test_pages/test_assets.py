"""The chart library, served by the app itself."""

from __future__ import annotations

import gzip

import pytest
from starlette.requests import Request
from starlette.responses import Response

from pages.shared.assets import PLOTLY_FILE, ROUTES


@pytest.mark.parametrize("packs", [True, False])
def test_the_library_is_packed_once_for_those_who_can_unpack(packs):
    headers = [(b"accept-encoding", b"gzip, deflate")] if packs else []
    answer: Response = ROUTES[0].endpoint(Request({"type": "http", "headers": headers}))
    assert answer.headers.get("content-encoding") == ("gzip" if packs else None)
    content = gzip.decompress(answer.body) if packs else answer.body
    assert content == PLOTLY_FILE.read_bytes()
    assert "immutable" in answer.headers["cache-control"]
