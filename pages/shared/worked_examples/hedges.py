"""Orders, what they removed, options and risk figures."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

import numpy as np

from hedging import (
    LinearContract,
    annualised_volatility,
    estimate_beta,
    expected_shortfall,
    hedging_effectiveness,
    implied_volatility,
    price_option,
    size_hedge,
)
from pages.shared.worked_examples.example import PrintedFigure, WorkedExample
from pages.shared.worked_examples.regressions import HEATING_OIL, JET_FUEL, numbers

ORDERS, OPTIONS, RISK = "Orders and what they remove", "Options", "Volatility and tails"
EXACT = 1e-6  # a whole number, worked out

GALLONS = LinearContract("heating oil", contract_size=Decimal(42_000))
INDEX = LinearContract("index future", contract_size=Decimal(250))
STOCK = (
    "20.00 20.10 19.90 20.00 20.50 20.25 20.90 20.90 20.90 20.75 20.75 21.00 21.10 20.90 20.90 21.25 21.40 "
    "21.40 21.25 21.75 22.00"
)
HULL = "Hull, Options, Futures, and Other Derivatives"


def _fuel_order(name: str) -> Callable[[], float]:
    def compute() -> float:
        beta = estimate_beta(numbers(JET_FUEL), numbers(HEATING_OIL), covariance="nonrobust")
        return float(getattr(size_hedge(-2_000_000, beta, GALLONS, 1.0), name))

    return compute


def _index_order(target: float) -> Callable[[], float]:
    return lambda: float(size_hedge(5_050_000, 1.5, INDEX, 1_010, beta_target=target).contracts)


def _index_gain(future: float) -> Callable[[], float]:
    def compute() -> float:
        contracts = size_hedge(5_050_000, 1.5, INDEX, 1_010).contracts
        return float(contracts) * (INDEX.value_usd(future) - INDEX.value_usd(1_010))

    return compute


def _removed(ratio: float | None) -> Callable[[], float]:
    def compute() -> float:
        spot, futures = numbers(JET_FUEL), numbers(HEATING_OIL)
        used = estimate_beta(spot, futures).beta if ratio is None else ratio
        return hedging_effectiveness(spot, spot - used * futures).effectiveness

    return compute


def _crude_put(price: float) -> Callable[[], float]:
    return lambda: (
        price_option(
            "put",
            future_usd=price,
            strike_usd=price,
            days_to_expiry=365 / 3,
            volatility_annual=0.25,
            rate_annual=0.09,
        ).price_usd
    )


def _stock_call() -> float:
    return price_option("call", **_stock_terms()).price_usd


def _stock_put() -> float:
    return price_option("put", **_stock_terms()).price_usd


def _stock_terms() -> dict[str, float]:
    return {
        "future_usd": 42.0 * math.exp(0.1 * 0.5),
        "strike_usd": 40.0,
        "days_to_expiry": 182.5,
        "volatility_annual": 0.2,
        "rate_annual": 0.1,
    }


def _implied() -> float:
    return implied_volatility(
        "call",
        1.875,
        future_usd=21.0 * math.exp(0.1 * 0.25),
        strike_usd=20.0,
        days_to_expiry=91.25,
        rate_annual=0.1,
    )


def _stock_volatility(periods: float) -> Callable[[], float]:
    return lambda: annualised_volatility(np.diff(np.log(numbers(STOCK))), periods_per_year=periods)


EXAMPLES: tuple[WorkedExample, ...] = (
    WorkedExample(
        ORDERS,
        "Contracts for 2,000,000 gallons of jet fuel",
        f"{HULL}, table 3.2; interval by statsmodels",
        "an airline short 2,000,000 gallons, contracts of 42,000 gallons, h* of the table",
        "N = h* Q_A / Q_F, rounded",
        "hedging.size_hedge(-2_000_000, estimate, contract, 1.0)",
        (
            PrintedFigure("contracts, rounded", "37", _fuel_order("contracts"), EXACT),
            PrintedFigure("contracts, exact", "37.03", _fuel_order("contracts_exact")),
            PrintedFigure("95 % interval, low", "28.1", _fuel_order("contracts_low")),
            PrintedFigure("95 % interval, high", "45.9", _fuel_order("contracts_high")),
        ),
    ),
    WorkedExample(
        ORDERS,
        "A portfolio of 5,050,000 with beta 1.5 and index futures",
        f"{HULL}, section 3.5",
        "futures at 1,010 times 250; minus is short",
        "N = -(beta - target) V / F",
        "hedging.size_hedge(5_050_000, 1.5, contract, 1_010, beta_target=...)",
        (
            PrintedFigure("contracts to a beta of 0", "-30", _index_order(0.0), EXACT),
            PrintedFigure("contracts to a beta of 0.75", "-15", _index_order(0.75), EXACT),
            PrintedFigure("contracts to a beta of 2", "10", _index_order(2.0), EXACT),
        ),
    ),
    WorkedExample(
        ORDERS,
        "What those 30 contracts gain in three months",
        f"{HULL}, table 3.4",
        "30 contracts short from 1,010, times 250, USD",
        "N (F_1 - F_0) 250",
        "hedging.LinearContract.value_usd",
        tuple(
            PrintedFigure(f"futures at {future:,}", gain, _index_gain(future), EXACT)
            for future, gain in (
                (902, "810000"),
                (952, "435000"),
                (1003, "52500"),
                (1053, "-322500"),
                (1103, "-697500"),
            )
        ),
    ),
    WorkedExample(
        ORDERS,
        "Variance that the jet fuel hedge removed",
        "numpy, on the data of Hull's table 3.2",
        f"spot = {JET_FUEL}; futures = {HEATING_OIL}",
        "1 - Var(spot - h futures) / Var(spot)",
        "hedging.hedging_effectiveness(spot, spot - h * futures)",
        (
            PrintedFigure("with h*", "0.8619", _removed(None)),
            PrintedFigure("with h = 1", "0.7914", _removed(1.0)),
        ),
    ),
    WorkedExample(
        OPTIONS,
        "A European put on a crude oil future",
        f"{HULL}, Black's model, two editions",
        "at the money, 4 months, 9 % interest, 25 % volatility",
        "p = exp(-rT) (K N(-d2) - F N(-d1)), d1 = (ln(F / K) + s^2 T / 2) / (s sqrt(T)), d2 = d1 - s sqrt(T)",
        "hedging.price_option('put', ...)",
        (
            PrintedFigure("put, F = K = 20", "1.12", _crude_put(20.0)),
            PrintedFigure("put, F = K = 60", "3.35", _crude_put(60.0)),
        ),
    ),
    WorkedExample(
        OPTIONS,
        "Black-Scholes-Merton, which is Black's model on the forward",
        f"{HULL}, Black-Scholes-Merton model",
        "S 42, K 40, 10 % interest, 20 % volatility, 6 months; forward 42 exp(0.05)",
        "c = exp(-rT) (F N(d1) - K N(d2)), F = S exp(rT)",
        "hedging.price_option('call' or 'put', ...)",
        (
            PrintedFigure("call", "4.76", _stock_call),
            PrintedFigure("put", "0.81", _stock_put),
        ),
    ),
    WorkedExample(
        OPTIONS,
        "Implied volatility of a call at 1.875",
        f"{HULL}, implied volatilities",
        "S 21, K 20, 10 % interest, 3 months, call at 1.875",
        "the volatility at which the model gives the price",
        "hedging.implied_volatility('call', 1.875, ...)",
        (PrintedFigure("volatility a year", "0.235", _implied),),
    ),
    WorkedExample(
        RISK,
        "Volatility of 21 closes",
        f"{HULL}, table 15.1 (computation of volatility)",
        f"closes {STOCK}; log returns; 252 days a year",
        "sample standard deviation per day, times sqrt(252)",
        "hedging.annualised_volatility(returns, periods_per_year=252)",
        (
            PrintedFigure("per day", "0.01216", _stock_volatility(1.0)),
            PrintedFigure("per year", "0.193", _stock_volatility(252.0)),
        ),
    ),
    WorkedExample(
        RISK,
        "Expected shortfall of a lumpy loss",
        "Hull, Risk Management and Financial Institutions, two independent projects at 97.5 %",
        "each loses 10 with probability 0.02, else 1; both 20, 11 or 2 with 0.0004, 0.0392, 0.9604; millions",
        "mean of the worst 2.5 %, the last of them by its fraction",
        "hedging.expected_shortfall(pnl, confidence=0.975)",
        (
            PrintedFigure(
                "one project",
                "8.2",
                lambda: expected_shortfall(np.repeat([-10.0, -1.0], [20, 980]), confidence=0.975),
            ),
            PrintedFigure(
                "both together",
                "11.144",
                lambda: expected_shortfall(
                    np.repeat([-20.0, -11.0, -2.0], [4, 392, 9_604]), confidence=0.975
                ),
            ),
        ),
    ),
)
