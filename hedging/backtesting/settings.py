"""What a simulated hedge is made of: its market, how it is sized, when it is renewed, what it costs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, TypeAlias, get_args

import pandas as pd

from hedging._checks import finite_values, require_choice, require_kind, require_number, require_window
from hedging.alignment import AlignedReturns
from hedging.errors import InputError
from hedging.estimators.results import (
    DEFAULT_OPTIONS,
    METHODS,
    SMALLEST_WINDOW,
    STANDARD_ERRORS,
    Covariance,
    EstimatorOptions,
    Method,
)

Sizing: TypeAlias = Literal["dollar", "beta", "min_variance"]
Holding: TypeAlias = Literal["quantity", "value"]
Trigger: TypeAlias = Literal[
    "time",
    "benchmark move",
    "beta interval",
    "position drift",
    "hedge drift",
    "margin",
    "funding flip",
    "liquidation",
]
# In the order of the bits in which the walk records what fired.
TRIGGERS: tuple[Trigger, ...] = get_args(Trigger)
SIZINGS: tuple[Sizing, ...] = get_args(Sizing)


@dataclass(frozen=True, eq=False)
class HedgeMarket:
    """Returns of the position, of its benchmark and of the instrument that hedges, period by period.

    Attributes
    ----------
    returns : AlignedReturns
        Simple returns of the asset and of the benchmark's SPOT, from :func:`hedging.align`.
    hedge_prices : pandas.Series or None
        Price of the hedging instrument at the same instants as ``returns.benchmark_prices``. None
        takes the benchmark's prices: then there is no basis in the result.
    hedge_highs, hedge_lows : pandas.Series or None
        Extreme prices inside each period, on the index of the returns: what liquidates. None takes
        the prices at the ends of periods, which misses liquidations between them.
    funding_rates : pandas.Series or None
        Sum of the funding rates charged in each period, on the index of the returns, positive when
        longs pay; from :func:`hedging.funding_per_period`. None leaves funding out.
    """

    returns: AlignedReturns
    hedge_prices: pd.Series | None = None
    hedge_highs: pd.Series | None = None
    hedge_lows: pd.Series | None = None
    funding_rates: pd.Series | None = None

    def __post_init__(self) -> None:
        require_kind(self.returns, "returns", AlignedReturns)
        if self.returns.report.log_returns:
            raise InputError(
                "returns are logarithmic, and a position does not earn its value times a logarithm",
                parameter="returns",
                value="log_returns=True",
                allowed="simple returns",
                remedy="Align again with log_returns=False.",
            )
        whole = self.returns.benchmark_prices.index
        periods = self.returns.benchmark.index
        for name, index in (
            ("hedge_prices", whole),
            ("hedge_highs", periods),
            ("hedge_lows", periods),
            ("funding_rates", periods),
        ):
            series = getattr(self, name)
            if series is None:
                continue
            require_kind(series, name, pd.Series)
            if not series.index.equals(index):
                raise InputError(
                    f"{name} is not on the index of the returns",
                    parameter=name,
                    value=f"{len(series)} rows against {len(index)}",
                    allowed="one value for each price" if name == "hedge_prices" else "one for each return",
                    remedy="Take it at the same instants as the aligned prices.",
                )
            values = finite_values(series, name)
            if name != "funding_rates" and (values <= 0.0).any():
                raise InputError(
                    f"{name} holds {values.min():g}",
                    parameter=name,
                    value=float(values.min()),
                    allowed="positive prices",
                    remedy="Remove the row or correct the price.",
                )


@dataclass(frozen=True)
class Triggers:
    """When a hedge is renewed: each setting that is not None or False can fire, at the end of a period.

    The last rebalance is the last time the hedge was brought to what was wanted, with an order or because
    rounding asked for none. What fires and is held back, by the band or by the exchange's minimum, fires
    again at the next instant.

    Attributes
    ----------
    every_hours : float or None
        Hours since the last rebalance (24 for once a day).
    benchmark_move_fraction : float or None
        The hedge's price moved by more than this since the last rebalance (0.05).
    beta_outside_interval : bool
        Today's estimate lies outside the interval that beta had at the last rebalance.
    position_drift_fraction : float or None
        The position's value moved by more than this since the last rebalance.
    hedge_drift_fraction : float or None
        The hedge held differs from the one wanted now by more than this share of the latter.
    margin_ratio : float or None
        Maintenance margin is more than this share of the margin left: margin is brought back to notional
        over leverage, and the hedge is renewed. Needs a leverage in :class:`TradingTerms`.
    funding_flip : bool
        Funding changed its sign since the last rebalance.
    risk_aversion : float or None
        No-trade band: when something fired, the trade is made only if the certainty equivalent of
        the variance it removes, ``A/2 (gap/V)^2 s_f^2 T V``, exceeds its cost. ``A`` is relative risk
        aversion, 1 to 10; ``s_f`` the benchmark's volatility over the strategy's window; T periods in
        ``benefit_hours``. None trades whatever fired.
    benefit_hours : float
        For how long a gap is expected to stay if it is not traded away now.
    """

    every_hours: float | None = None
    benchmark_move_fraction: float | None = None
    beta_outside_interval: bool = False
    position_drift_fraction: float | None = None
    hedge_drift_fraction: float | None = None
    margin_ratio: float | None = None
    funding_flip: bool = False
    risk_aversion: float | None = None
    benefit_hours: float = 720.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(field.default, bool):
                require_kind(value, field.name, bool)
            elif value is not None or field.default is not None:
                allowed = "a number above 0" + (", or None" if field.default is None else "")
                require_number(value, field.name, allowed=allowed, valid=lambda v: v > 0)


@dataclass(frozen=True)
class HedgeStrategy:
    """One way of hedging.

    Attributes
    ----------
    name : str
        What it is called in results.
    sizing : {"dollar", "beta", "min_variance"}
        "dollar" hedges the position's value one to one; "beta" regresses on the benchmark's spot;
        "min_variance" on the hedging instrument itself.
    window : int
        Observations behind each estimate.
    method, covariance, options
        As in :func:`hedging.rolling_beta`.
    beta_target : float
        Beta wanted after the hedge.
    triggers : Triggers
    """

    name: str
    sizing: Sizing = "beta"
    window: int = 60
    method: Method = "ols"
    covariance: Covariance | None = None
    options: EstimatorOptions = DEFAULT_OPTIONS
    beta_target: float = 0.0
    triggers: Triggers = Triggers(every_hours=24.0)

    def __post_init__(self) -> None:
        require_kind(self.triggers, "triggers", Triggers)
        require_kind(self.options, "options", EstimatorOptions)
        require_choice(self.sizing, "sizing", SIZINGS)
        require_choice(self.method, "method", METHODS)
        if self.covariance is not None:
            require_choice(self.covariance, "covariance", STANDARD_ERRORS[self.method])
        require_window(self.window, smallest=SMALLEST_WINDOW)
        require_number(
            self.beta_target, "beta_target", allowed="-10 to 10", valid=lambda value: abs(value) <= 10
        )


@dataclass(frozen=True)
class TradingTerms:
    """What trading and margin cost.

    Attributes
    ----------
    fee_fraction : float
        Exchange fee per trade, fraction of notional (0.0005 for 0.05 %); negative for a rebate.
    slippage_fraction : float
        What the price gives way per trade, fraction of notional.
    leverage : float or None
        Isolated margin posted at each rebalance is notional / leverage. None holds so much margin
        that nothing is ever liquidated.
    maintenance_fraction : float
        Maintenance margin as a fraction of notional.
    """

    fee_fraction: float = 0.0005
    slippage_fraction: float = 0.0002
    leverage: float | None = None
    maintenance_fraction: float = 0.005

    def __post_init__(self) -> None:
        require_number(
            self.fee_fraction, "fee_fraction", allowed="-0.01 to 0.05", valid=lambda v: -0.01 <= v <= 0.05
        )
        require_number(
            self.slippage_fraction, "slippage_fraction", allowed="0 to 0.05", valid=lambda v: 0 <= v <= 0.05
        )
        require_number(
            self.maintenance_fraction,
            "maintenance_fraction",
            allowed="above 0 and below 0.5",
            valid=lambda v: 0 < v < 0.5,
        )
        if self.leverage is not None:
            require_number(
                self.leverage,
                "leverage",
                allowed=f"1 to below {1 / self.maintenance_fraction:g}, where initial margin is maintenance",
                valid=lambda v: 1 <= v < 1 / self.maintenance_fraction,
            )
