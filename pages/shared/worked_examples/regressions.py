"""Lines, their errors, and betas drawn towards others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from data.textbook import us_macro_quarters
from hedging import Covariance, SeveralBetas, estimate_beta, estimate_betas, prior_from_betas
from pages.shared.worked_examples.example import PrintedFigure, WorkedExample

LINES, SHRUNK = "Beta and its error", "Robust and adjusted betas"

# Certified to 15 digits; doubles carry a little less through sums of 36 squares.
DOUBLES = 1e-13

JET_FUEL = "0.029 0.020 -0.044 0.008 0.026 -0.019 -0.010 -0.007 0.043 0.011 -0.036 -0.018 0.009 -0.032 0.023"
HEATING_OIL = (
    "0.021 0.035 -0.046 0.001 0.044 -0.029 -0.026 -0.029 0.048 -0.006 -0.036 -0.011 0.019 -0.027 0.029"
)
NORRIS_X = (
    "0.2 337.4 118.2 884.6 10.1 226.5 666.3 996.3 448.6 777.0 558.2 0.4 0.6 775.5 666.9 338.0 447.5 11.6 "
    "556.0 228.1 995.8 887.6 120.2 0.3 0.3 556.8 339.1 887.2 999.0 779.0 11.1 118.3 229.2 669.1 448.9 0.5"
)
NORRIS_Y = (
    "0.1 338.8 118.1 888.0 9.2 228.1 668.5 998.5 449.1 778.9 559.2 0.3 0.1 778.1 668.8 339.3 448.9 10.8 "
    "557.7 228.3 998.0 888.8 119.6 0.3 0.6 557.6 339.3 888.0 998.5 778.9 10.2 117.6 228.9 668.4 449.2 0.2"
)
SEN_X, SEN_Y = "1 2 3 4 10 12 18", "9 15 19 20 45 55 78"
TRIALS = (
    "-0.8893 -1.5854 -1.3481 -1.4416 -0.2175 -0.7861 -1.6209 0.0120 -0.4694 -1.3713 -0.3394 0.4459 -0.0173"
)
TRIAL_VARIANCES = "0.3256 0.1946 0.4154 0.0200 0.0512 0.0069 0.2230 0.0040 0.0564 0.0730 0.0124 0.5325 0.0714"
RAW_BETA_X, RAW_BETA_NOISE = "-2 -1 0 1 2", "0.1 -0.1 0 -0.1 0.1"


def numbers(text: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Numbers with spaces between them."""
    return np.array([float(each) for each in text.split()])


def _line(asset: str, benchmark: str, covariance: Covariance, name: str) -> Callable[[], float]:
    def compute() -> float:
        found = estimate_beta(numbers(asset), numbers(benchmark), covariance=covariance)
        return float(getattr(found, name))

    return compute


def _jet_fuel(name: str, covariance: Covariance = "nonrobust") -> Callable[[], float]:
    return _line(JET_FUEL, HEATING_OIL, covariance, name)


def _norris(name: str) -> Callable[[], float]:
    return _line(NORRIS_Y, NORRIS_X, "nonrobust", name)


def _macro(read: Callable[[SeveralBetas], Any]) -> Callable[[], float]:
    def compute() -> float:
        data = us_macro_quarters()
        growth = 400.0 * np.diff(np.log(data[["realinv", "realgdp"]].to_numpy()), axis=0)
        benchmarks = pd.DataFrame({"realgdp": growth[:, 1], "realint": data["realint"].to_numpy()[:-1]})
        return float(read(estimate_betas(growth[:, 0], benchmarks, covariance="hac", hac_lags=4)))

    return compute


def _sen(name: str) -> Callable[[], float]:
    # In hundredths: a slope does not change, and returns of 7800 % would be refused.
    def compute() -> float:
        found = estimate_beta(
            numbers(SEN_Y) / 100.0, numbers(SEN_X) / 100.0, method="theil_sen", confidence=0.93
        )
        return float(getattr(found, name))

    return compute


def _blume() -> float:
    x = numbers(RAW_BETA_X) / 100.0
    return estimate_beta(1.5 * x + numbers(RAW_BETA_NOISE) / 100.0, x, method="blume").beta


def _prior(name: str) -> Callable[[], float]:
    return lambda: float(getattr(prior_from_betas(numbers(TRIALS), np.sqrt(numbers(TRIAL_VARIANCES))), name))


EXAMPLES: tuple[WorkedExample, ...] = (
    WorkedExample(
        LINES,
        "Norris, the certified straight line",
        "NIST Statistical Reference Datasets, Norris (linear regression, certified values)",
        f"y = {NORRIS_Y}; x = {NORRIS_X}",
        "beta = S_xy / S_xx, SE = sqrt(SSE / (n - 2) / S_xx)",
        "hedging.estimate_beta(y, x, covariance='nonrobust')",
        (
            PrintedFigure("slope", "1.00211681802045", _norris("beta"), DOUBLES),
            PrintedFigure(
                "its standard error", "0.000429796848199937", _norris("beta_standard_error"), DOUBLES
            ),
            PrintedFigure("intercept", "-0.262323073774029", _norris("alpha"), DOUBLES),
            PrintedFigure(
                "residual standard deviation", "0.884796396144373", _norris("residual_volatility"), DOUBLES
            ),
            PrintedFigure("R²", "0.999993745883712", _norris("r_squared"), DOUBLES),
        ),
    ),
    WorkedExample(
        LINES,
        "Jet fuel on heating oil",
        "Hull, Options, Futures, and Other Derivatives, table 3.2",
        f"spot = {JET_FUEL}; futures = {HEATING_OIL}",
        "h* = rho s_S / s_F, the slope of spot on futures",
        "hedging.estimate_beta(spot, futures)",
        (
            PrintedFigure("minimum variance hedge ratio h*", "0.778", _jet_fuel("beta")),
            PrintedFigure("correlation", "0.928", _jet_fuel("correlation")),
            PrintedFigure("standard deviation of futures", "0.0313", _jet_fuel("benchmark_volatility")),
            PrintedFigure("standard deviation of spot", "0.0263", _jet_fuel("asset_volatility")),
        ),
    ),
    WorkedExample(
        LINES,
        "The same line, classical and HC3 errors",
        "statsmodels, OLS on the data of Hull's table 3.2",
        f"spot = {JET_FUEL}; futures = {HEATING_OIL}",
        "SE = sqrt(SSE / (n - 2) / S_xx); HC3 divides each residual by 1 - leverage; beta -+ t(13) SE",
        "hedging.estimate_beta(spot, futures, covariance=...)",
        (
            PrintedFigure("classical standard error", "0.086343", _jet_fuel("beta_standard_error")),
            PrintedFigure("HC3 standard error", "0.087261", _jet_fuel("beta_standard_error", "hc3")),
            PrintedFigure("95 % interval, low", "0.5911", _jet_fuel("beta_low")),
            PrintedFigure("95 % interval, high", "0.9642", _jet_fuel("beta_high")),
            PrintedFigure("R²", "0.8619", _jet_fuel("r_squared")),
        ),
    ),
    WorkedExample(
        LINES,
        "Newey-West errors of investment on output",
        "gretl, as printed in the tests of statsmodels (macrodata, Bartlett kernel, 4 lags)",
        "203 quarters that ship inside statsmodels: 400 times the change of log realinv on that of log "
        "realgdp, and on realint of the quarter before",
        "V = (X'X)^-1 S (X'X)^-1, S = sum over lags |k| <= 4 of (1 - |k| / 5) sum x_t e_t e_(t-k) x_(t-k)'",
        "hedging.estimate_betas(asset, benchmarks, covariance='hac', hac_lags=4)",
        (
            PrintedFigure("constant", "-9.48167", _macro(lambda found: found.alpha)),
            PrintedFigure("its standard error", "1.17709", _macro(lambda found: found.alpha_standard_error)),
            PrintedFigure("beta on output", "4.37422", _macro(lambda found: found.betas["realgdp"])),
            PrintedFigure(
                "its standard error", "0.328787", _macro(lambda found: found.standard_errors["realgdp"])
            ),
            PrintedFigure("beta on the interest rate", "-0.613997", _macro(lambda f: f.betas["realint"])),
            PrintedFigure(
                "its standard error", "0.293619", _macro(lambda found: found.standard_errors["realint"])
            ),
        ),
    ),
    WorkedExample(
        SHRUNK,
        "Median slope of seven points",
        "Sen (1968), Estimates of the regression coefficient based on Kendall's tau, JASA 63",
        f"x = {SEN_X}; y = {SEN_Y}; confidence 93 %",
        "median of (y_i - y_j) / (x_i - x_j); interval from the ranks of Kendall's tau",
        "hedging.estimate_beta(y, x, method='theil_sen', confidence=0.93)",
        (
            PrintedFigure("slope", "4", _sen("beta"), DOUBLES),
            PrintedFigure("interval, low", "26/7", _sen("beta_low"), DOUBLES),
            PrintedFigure("interval, high", "35/8", _sen("beta_high"), DOUBLES),
        ),
    ),
    WorkedExample(
        SHRUNK,
        "Blume's adjustment of a raw beta of 1.5",
        "AnalystNotes, CFA question on the Blume adjusted beta",
        f"raw beta 1.5, made of x = {RAW_BETA_X} and y = 1.5 x plus {RAW_BETA_NOISE}, in percent",
        "2/3 beta + 1/3",
        "hedging.estimate_beta(y, x, method='blume')",
        (PrintedFigure("adjusted beta", "1.33", _blume),),
    ),
    WorkedExample(
        SHRUNK,
        "What true effects scatter beyond their errors",
        "metafor for R, dat.bcg, log relative risks, method 'PM' (Paule and Mandel)",
        f"estimates = {TRIALS}; their variances = {TRIAL_VARIANCES}",
        "sum w_i (b_i - m)^2 = k - 1, w_i = 1 / (s2 + SE_i^2), m the mean by w; Vasicek's prior N(m, s2)",
        "hedging.prior_from_betas(estimates, standard_errors)",
        (
            PrintedFigure("mean", "-0.7150", _prior("mean")),
            PrintedFigure("variance", "0.3181", _prior("variance")),
        ),
    ),
)
