"""What every test shares: no network, no settings of the machine."""

from __future__ import annotations

import pytest

from data.environment import DATA_FOLDER_VARIABLE
from data.yahoo_wire import BASE_URL_VARIABLE

# Nothing listens on this port of this machine: Yahoo is out of reach, and no test asks the network.
UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own settings must not change what a test sees, and no test leaves the machine."""
    monkeypatch.delenv(DATA_FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv(BASE_URL_VARIABLE, UNREACHABLE)
