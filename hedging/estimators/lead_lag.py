"""Dimson's beta: for prices that react late, or closes that are not simultaneous."""

from __future__ import annotations

import numpy as np

from hedging._checks import FloatArray, require_observations
from hedging.estimators._fit import Fit, Request
from hedging.estimators.regression import least_squares


def fit_dimson(y: FloatArray, x: FloatArray, request: Request) -> Fit:
    """Regress on the benchmark's returns around the same period and add the betas up.

    ``beta = sum_k b_k`` for k from -L to L, ``SE = sqrt(1' V 1)`` (Dimson 1979). The leads and lags
    come from inside the window, which therefore gives 2 L observations fewer.
    """
    reach = request.options.lead_lags
    n_regressors = 2 * reach + 1
    require_observations(
        y.size, 2 * reach + n_regressors + 4, what=f"a Dimson beta with {reach} leads and lags"
    )
    shifted = np.column_stack([x[k : x.size - 2 * reach + k] for k in range(n_regressors)])
    y_inner, x_inner = y[reach : y.size - reach], x[reach : x.size - reach]
    solution = least_squares(y_inner, shifted, request.covariance)
    add = np.zeros((2, n_regressors + 1))
    add[0, 0], add[1, 1:] = 1.0, 1.0
    alpha, beta = (add @ solution.coefficients).tolist()
    return Fit(
        y=y_inner,
        x=x_inner,
        alpha=alpha,
        beta=beta,
        parameter_covariance=add @ solution.covariance @ add.T,
        degrees_of_freedom=y_inner.size - n_regressors - 1,
        residuals=solution.residuals,
        hac_lags=solution.hac_lags,
        n_coefficients=n_regressors + 1,
    )
