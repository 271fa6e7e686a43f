"""The clock and the environment: nothing outside ``data`` reads either."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

DATA_FOLDER_VARIABLE = "HEDGING_DATA_DIR"
#: Folder or fsspec address of the store; without it the store lies in the user's data folder.
STORE_VARIABLE = "HEDGING_STORE"


def utc_now() -> pd.Timestamp:
    """The present, UTC."""
    return pd.Timestamp.now(tz="UTC")


def configured_folder() -> Path | None:
    """The folder named by ``HEDGING_DATA_DIR``, None when it is not set."""
    named = os.environ.get(DATA_FOLDER_VARIABLE, "").strip()
    return Path(named) if named else None


def configured_store() -> str | None:
    """The folder or address named by ``HEDGING_STORE``, None when it is not set."""
    return os.environ.get(STORE_VARIABLE, "").strip() or None
