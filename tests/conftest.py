"""What every test shares: no network, no settings of the machine."""

from __future__ import annotations

import pytest

from data.environment import DATA_FOLDER_VARIABLE


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own data folder must not change what a test sees."""
    monkeypatch.delenv(DATA_FOLDER_VARIABLE, raising=False)
