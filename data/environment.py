"""The clock and the environment: nothing outside ``data`` reads either."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

DATA_FOLDER_VARIABLE = "HEDGING_DATA_DIR"


def utc_now() -> pd.Timestamp:
    """The present, UTC."""
    return pd.Timestamp.now(tz="UTC")


def configured_folder() -> Path | None:
    """The folder named by ``HEDGING_DATA_DIR``, None when it is not set."""
    named = os.environ.get(DATA_FOLDER_VARIABLE, "").strip()
    return Path(named) if named else None
