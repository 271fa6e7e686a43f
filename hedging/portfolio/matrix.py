"""Beta of each asset on each other."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hedging._checks import LARGEST_RETURN, finite_values, require_movement, require_observations
from hedging.errors import InputError

LEAST_OBSERVATIONS = 3


def beta_matrix(returns: pd.DataFrame) -> pd.DataFrame:
    """Beta of every column on every other: what the row moves when the column moves by one.

    ``B_ij = Cov(r_i, r_j) / Var(r_j)``, the least-squares slope with an intercept. It is not symmetric;
    ``B_ij B_ji`` is the squared correlation, and the diagonal is exactly 1.

    Parameters
    ----------
    returns : pandas.DataFrame, shape (n, k)
        Simple returns over the same spans, a column for each asset, no NaN.

    Returns
    -------
    pandas.DataFrame, shape (k, k)
        Rows: the asset that is explained; columns: the one that explains it.

    Raises
    ------
    InputError
        No column, a name twice, or a value that is not finite.
    InsufficientDataError
        Fewer than three rows.
    DegenerateDataError
        A column does not vary.

    References
    ----------
    Sharpe (1963), A Simplified Model for Portfolio Analysis.
    """
    names = list(returns.columns)
    if not names or len(set(names)) != len(names):
        raise InputError(
            "returns has no column" if not names else "returns has a name twice",
            parameter="returns",
            value=len(names),
            allowed="at least one column, each name once",
            remedy="Add positions of one asset up first.",
        )
    require_observations(len(returns), LEAST_OBSERVATIONS, what="a matrix of betas")
    columns = np.array([finite_values(returns[name], f"{name}", largest=LARGEST_RETURN) for name in names])
    for name, values in zip(names, columns, strict=True):
        require_movement(values, name=str(name))
    deviations = columns - columns.mean(axis=1, keepdims=True)
    products = deviations @ deviations.T
    betas = products / np.diagonal(products)
    np.fill_diagonal(betas, 1.0)
    return pd.DataFrame(betas, index=returns.columns.copy(), columns=returns.columns.copy())
