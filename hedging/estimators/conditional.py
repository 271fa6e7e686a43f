"""Beta on the days when the benchmark falls, or rises."""

from __future__ import annotations

from hedging._checks import FloatArray, require_movement, require_observations
from hedging.estimators._fit import Fit, Request
from hedging.estimators.regression import fit_ols
from hedging.estimators.results import SMALLEST_WINDOW


def fit_conditional(y: FloatArray, x: FloatArray, request: Request) -> Fit:
    """Least squares on the periods with a benchmark return below 0 ("downside") or above ("upside").

    Choosing rows by the benchmark leaves least squares unbiased; choosing them by the asset would
    not (Bawa and Lindenberg 1977; Ang, Chen and Xing 2006 condition on the market as well).
    """
    chosen = x < 0.0 if request.method == "downside" else x > 0.0
    falling = "falling" if request.method == "downside" else "rising"
    require_observations(
        int(chosen.sum()), SMALLEST_WINDOW, what=f"a beta on the periods of a {falling} benchmark"
    )
    y_chosen, x_chosen = y[chosen], x[chosen]
    require_movement(x_chosen, name="benchmark_returns")
    require_movement(y_chosen, name="asset_returns")
    return fit_ols(y_chosen, x_chosen, request)
