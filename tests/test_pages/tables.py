"""What the small tables of a page say."""

from __future__ import annotations

import json

import pandas as pd
from streamlit.testing.v1 import AppTest


def text_tables(app: AppTest) -> list[pd.DataFrame]:
    """Every table of texts on the page, in its order, with its alternative text in ``attrs``."""
    found = []
    for component in app.get("bidi_component"):
        if component.proto.component_name != "text_table":
            continue
        data = json.loads(component.proto.json)
        index = pd.Index([row[0] for row in data["rows"]], name=data["index"] or None)
        table = pd.DataFrame([row[1:] for row in data["rows"]], index=index, columns=data["columns"])
        table.attrs["alt"] = data["alt"]
        found.append(table)
    return found


def text_table(app: AppTest, alt: str) -> pd.DataFrame:
    """The one whose alternative text begins so."""
    (table,) = [table for table in text_tables(app) if table.attrs["alt"].startswith(alt)]
    return table
