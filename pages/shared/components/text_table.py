"""A small table of texts: plain HTML, so that it wraps, reads aloud and repaints with its page.

``st.dataframe`` paints cells on a canvas, cuts off what does not fit and costs a tenth of a second at every
change; it stays where rows are many and are sorted or searched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd
import streamlit as st

from pages.shared.assets import component_script

HERE = Path(__file__).parent
HTML = '<div class="text-table" role="region" tabindex="0"><table></table></div>'

_mount = st.components.v2.component(
    "text_table",
    html=HTML,
    css=(HERE / "text_table.css").read_text(encoding="utf-8"),
    js=component_script("text_table"),
    isolate_styles=False,
)


def text_table(
    table: pd.DataFrame,
    *,
    key: str,
    alt: str,
    left: Collection[str] = (),
    colours: Mapping[str, str] | None = None,
) -> None:
    """Show a table whose first column is its index.

    Parameters
    ----------
    table : pandas.DataFrame
        Plain text throughout, with an index of text; shown as written, never as markup.
    key : str
        Name of the table on the page.
    alt : str
        What the table is about, for a screen reader.
    left : collection of str
        Columns of words, which wrap; the others hold numbers, flush right and never broken.
    colours : mapping, optional
        Text of a cell: the colour it has.
    """
    columns = [str(name) for name in table.columns]
    _mount(
        key=f"table_{key}",
        data={
            "alt": alt,
            "index": str(table.index.name or ""),
            "columns": columns,
            "left": [name in left for name in columns],
            "rows": [
                [str(head), *map(str, cells)]
                for head, cells in zip(table.index, table.itertuples(index=False), strict=True)
            ],
            "colours": dict(colours or {}),
        },
    )
