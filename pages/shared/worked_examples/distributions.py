"""Limits of tests, as tables print them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hedging import chow_test, cusum_of_squares, estimate_beta
from hedging.stability.hansen import hansen_critical_value
from pages.shared.worked_examples.example import PrintedFigure, WorkedExample
from pages.shared.worked_examples.regressions import HEATING_OIL, JET_FUEL, numbers

LIMITS = "Limits of the tests"


def _bridge(level: float) -> Callable[[], float]:
    return lambda: hansen_critical_value(level, 1)


def _kolmogorov(level: float) -> Callable[[], float]:
    # The limit does not depend on the returns; these are enough of them to run the test.
    def compute() -> float:
        asset, benchmark = (np.tile(numbers(each), 3) for each in (JET_FUEL, HEATING_OIL))
        return cusum_of_squares(asset, benchmark, significance=level).critical_value

    return compute


def _f_limit() -> float:
    asset, benchmark = numbers(JET_FUEL)[:10], numbers(HEATING_OIL)[:10]
    return chow_test(asset, benchmark, at=5, covariance="classical").critical_value


def _t_limit() -> float:
    return estimate_beta(numbers(JET_FUEL), numbers(HEATING_OIL), covariance="nonrobust").critical_value


EXAMPLES: tuple[WorkedExample, ...] = (
    WorkedExample(
        LIMITS,
        "Hansen's test of one parameter",
        "Anderson and Darling (1952), table 1: the integral of a squared Brownian bridge",
        "one parameter; levels 10 %, 5 % and 1 %",
        "Laplace transform (z / sinh z)^(1/2), z = sqrt(2 s), inverted",
        "hedging.stability.hansen.hansen_critical_value",
        (
            PrintedFigure("10 %", "0.34730", _bridge(0.10)),
            PrintedFigure("5 %", "0.46136", _bridge(0.05)),
            PrintedFigure("1 %", "0.74346", _bridge(0.01)),
        ),
    ),
    WorkedExample(
        LIMITS,
        "Largest distance of a Brownian bridge (CUSUM of squares)",
        "Massey (1951), The Kolmogorov-Smirnov test for goodness of fit, JASA 46, large samples",
        "levels 10 %, 5 % and 1 %",
        "2 sum (-1)^(k-1) exp(-2 k^2 x^2) = level",
        "hedging.cusum_of_squares(...).critical_value",
        (
            PrintedFigure("10 %", "1.22", _kolmogorov(0.10)),
            PrintedFigure("5 %", "1.36", _kolmogorov(0.05)),
            PrintedFigure("1 %", "1.63", _kolmogorov(0.01)),
        ),
    ),
    WorkedExample(
        LIMITS,
        "Chow's F and Student's t",
        "NIST/SEMATECH e-Handbook of Statistical Methods, tables of F and t",
        "F with 2 and 6 degrees of freedom at 5 % (10 observations); t with 13, two-sided 95 % (15)",
        "quantiles of F(2, n - 4) and t(n - 2)",
        "hedging.chow_test(...).critical_value, hedging.estimate_beta(...).critical_value",
        (
            PrintedFigure("F(2, 6), 5 %", "5.143", _f_limit),
            PrintedFigure("t(13), 97.5 %", "2.160", _t_limit),
        ),
    ),
)
