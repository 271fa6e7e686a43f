"""Series that other programs print results of, as they ship inside a package that is installed anyway."""

from __future__ import annotations

from functools import cache

import pandas as pd


@cache
def us_macro_quarters() -> pd.DataFrame:
    """Macroeconomic quarters of the United States, 1959 to 2009, as statsmodels ships them.

    Shape (203, 14), one row for each quarter; the columns used here are ``realgdp`` and ``realinv`` (billions
    of chained dollars) and ``realint`` (percent a year). Not to be changed: the frame is shared.
    """
    from statsmodels.datasets import macrodata

    table: pd.DataFrame = macrodata.load_pandas().data
    return table
