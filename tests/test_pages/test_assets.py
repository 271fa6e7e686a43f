"""The chart library and the scripts of components, served by the app itself."""

from __future__ import annotations

import gzip
import re

import pytest
from starlette.requests import Request
from starlette.responses import Response

from pages.shared.assets import COMPONENTS, PLOTLY_FILE, ROUTES, SCRIPTS_FOLDER, component_script


@pytest.mark.parametrize("packs", [True, False])
def test_the_library_is_packed_once_for_those_who_can_unpack(packs):
    headers = [(b"accept-encoding", b"gzip, deflate")] if packs else []
    answer: Response = ROUTES[0].endpoint(Request({"type": "http", "headers": headers}))
    assert answer.headers.get("content-encoding") == ("gzip" if packs else None)
    content = gzip.decompress(answer.body) if packs else answer.body
    assert content == PLOTLY_FILE.read_bytes()
    assert "immutable" in answer.headers["cache-control"]


COMPONENTS_OF_PAGES = sorted(file.stem for file in COMPONENTS.glob("*.py") if file.stem != "__init__")


@pytest.mark.parametrize("component", COMPONENTS_OF_PAGES)
def test_a_component_is_given_a_few_lines_that_import_its_script_from_the_app(component):
    given = component_script(component)
    assert f"{SCRIPTS_FOLDER}/{component}.js" in given
    assert len(given) < 250  # it travels with every change of the component
    answer = script(f"{component}.js")
    assert answer.body == (COMPONENTS / f"{component}.js").read_bytes()
    assert answer.media_type == "text/javascript"
    assert "immutable" in answer.headers["cache-control"]


def test_what_scripts_import_is_served_beside_them():
    imported = {
        name
        for file in COMPONENTS.glob("*.js")
        for name in re.findall(r'from "\./([^"]+)"', file.read_text(encoding="utf-8"))
    }
    assert imported
    for name in imported:
        assert script(name).status_code == 200


@pytest.mark.parametrize("name", ["live_chart.py", "live_chart-0000.js", "../assets.py", ""])
def test_nothing_else_is_served_as_a_script(name):
    assert script(name).status_code == 404


def script(name: str) -> Response:
    return ROUTES[1].endpoint(Request({"type": "http", "headers": [], "path_params": {"name": name}}))
