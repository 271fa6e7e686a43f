"""What every test shares: no network, no settings of the machine."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator

import pytest

from data.environment import DATA_FOLDER_VARIABLE, STORE_VARIABLE
from data.exchanges.wire import BASE_URL_VARIABLE as EXCHANGE_URL_VARIABLE
from data.yahoo_wire import BASE_URL_VARIABLE

# Nothing listens on this port of this machine: every source is out of reach, and no test asks the network.
UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A developer's own settings must not change what a test sees, and no test leaves the machine."""
    monkeypatch.delenv(DATA_FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv(BASE_URL_VARIABLE, UNREACHABLE)
    monkeypatch.setenv(EXCHANGE_URL_VARIABLE, UNREACHABLE)
    # A name of its own for each test, made only when something is stored there.
    monkeypatch.setenv(STORE_VARIABLE, str(tmp_path_factory.getbasetemp() / f"store-{uuid.uuid4().hex}"))


@pytest.fixture
def saw(request: pytest.FixtureRequest) -> Iterator[Callable[[object], None]]:
    """Holds what was really said against the words of the test's ``fault`` marker; must be called.

    ``…`` in the marker stands for what differs from run to run, such as a path.
    """
    markers = list(request.node.iter_markers("fault"))
    said: list[str] = []

    def check(message: object) -> None:
        said.append(" ".join(str(message).split()))

    yield check
    for marker in markers:
        words = ".*".join(re.escape(piece) for piece in marker.kwargs["saw"].split("…"))
        assert any(re.search(words, each) for each in said), (
            f"documented: {marker.kwargs['saw']}; said: {said}"
        )
