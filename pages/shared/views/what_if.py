"""A shock to the market, the hedge's own worst days, and options beside the hedge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.coins import coin_of
from hedging import (
    Alternatives,
    HedgedPosition,
    HedgingError,
    InverseContract,
    NoHedgeError,
    OptionHedge,
    RolledFuture,
    Shock,
    WhatIf,
    annualise,
    buy_collar,
    buy_protection,
    compare_alternatives,
    compare_rolled_future,
    what_if,
    worst_days,
)
from hedging.plots import plot_alternatives, plot_what_if
from pages.shared.carry import hedge_market
from pages.shared.catalogue import FileInputs
from pages.shared.charts import Chart, current_theme
from pages.shared.choices import WhatIfChoices
from pages.shared.loading import given, or_reason
from pages.shared.state import AppState
from pages.shared.terms import BASIS_POINT
from pages.shared.views.hedge import HedgeView, hedge_returns, hedging_usd, load_hedge

FAN_HEIGHT, WAYS_HEIGHT = 400, 360
WIDEST_MOVE, GRID_POINTS = 0.5, 201
WORST_DAYS = 10
SHORTEST_ROLLED_DAYS = 1.0
DAYS_BETWEEN_EXPIRIES = 91.25  # quarterly futures


@dataclass(frozen=True, eq=False)
class WhatIfView:
    """The hedge under a shock. A part that cannot be computed holds the reason instead.

    Attributes
    ----------
    hedge : HedgeView
    move : float
        The benchmark's, as chosen.
    fan : WhatIf or HedgingError
        Over the whole range of moves, the chosen one among them.
    worst : pandas.DataFrame or HedgingError
        From :func:`hedging.worst_days`, over all the data.
    option_volatility : float
        A year, fraction: as typed, or measured over the lookback.
    volatility_is_typed : bool
    put, collar : OptionHedge or HedgingError
        That expire with the holding time.
    rolled : RolledFuture or HedgingError
    ways : Alternatives or HedgingError
        Of all of these that there are.
    """

    hedge: HedgeView
    move: float
    fan: WhatIf | HedgingError
    worst: pd.DataFrame | HedgingError
    option_volatility: float
    volatility_is_typed: bool
    put: OptionHedge | HedgingError
    collar: OptionHedge | HedgingError
    rolled: RolledFuture | HedgingError
    ways: Alternatives | HedgingError

    @property
    def at_move(self) -> pd.Series | None:
        """The row of the chosen move."""
        return None if isinstance(self.fan, HedgingError) else self.fan.table.loc[[self.move]].iloc[0]


def load_what_if(state: AppState, files: FileInputs) -> WhatIfView:
    """The hedge of the other pages, and what the shock makes of it."""
    hedge, choices = load_hedge(state, files), state.what_if
    view, move = hedge.beta, choices.shock_percent / 100
    grid = np.union1d(np.linspace(-WIDEST_MOVE, WIDEST_MOVE, GRID_POINTS).round(6), [move])
    typed = choices.option_volatility_percent
    volatility = (
        annualise(view.estimate.benchmark_volatility, periods_per_year=view.aligned.periods_per_year)
        if typed is None
        else typed / 100
    )
    put = or_reason(lambda: _option(buy_protection, hedge, state, volatility))
    collar = or_reason(lambda: _option(buy_collar, hedge, state, volatility))
    rolled = or_reason(lambda: _rolled(hedge, state))
    return WhatIfView(
        hedge=hedge,
        move=move,
        fan=or_reason(
            lambda: what_if(
                _order(hedge),
                grid,
                shock=_shock(hedge, choices),
                confidence=state.settings.confidence,
            )
        ),
        worst=or_reason(
            lambda: worst_days(
                view.aligned.asset,
                hedge_returns(view, hedge.carry),
                position_usd=view.position_usd,
                hedge_notional_usd=hedging_usd(given(hedge.plan)),
                n=WORST_DAYS,
                order=_order(hedge),
            )
        ),
        option_volatility=volatility,
        volatility_is_typed=typed is not None,
        put=put,
        collar=collar,
        rolled=rolled,
        ways=or_reason(lambda: _ways(hedge, grid, put=put, collar=collar, rolled=rolled)),
    )


def what_if_charts(view: WhatIfView, state: AppState) -> dict[str, Chart]:
    """The page's charts by the name their files get."""
    theme, settings, simulated = current_theme(), state.settings, view.hedge.beta.simulated
    depends = (
        *view.hedge.beta.versions,
        view.hedge.carry.version,
        settings,
        state.book,
        state.hedge,
        state.what_if,
    )
    charts = {}
    fan, ways = view.fan, view.ways
    if isinstance(fan, WhatIf):
        charts["shock_fan"] = Chart(
            "shock_fan",
            FAN_HEIGHT,
            lambda: plot_what_if(
                fan,
                benchmark=settings.benchmark,
                chosen=view.move,
                theme=theme,
                simulated=simulated,
                height=FAN_HEIGHT,
            ),
            depends,
        )
    if isinstance(ways, Alternatives):
        charts["ways_of_hedging"] = Chart(
            "ways_of_hedging",
            WAYS_HEIGHT,
            lambda: plot_alternatives(
                ways,
                benchmark=settings.benchmark,
                chosen=view.move,
                theme=theme,
                simulated=simulated,
                height=WAYS_HEIGHT,
            ),
            depends,
        )
    return charts


def what_if_tables(view: WhatIfView) -> dict[str, Callable[[], pd.DataFrame]]:
    """Everything shown, full precision, units in the column names."""
    tables: dict[str, Callable[[], pd.DataFrame]] = {}
    fan, worst, ways = view.fan, view.worst, view.ways
    if isinstance(fan, WhatIf):
        money = [name for name in fan.table.columns if name != "liquidated"]
        tables["Shocks"] = lambda: _stamped(
            fan.table.rename(columns={name: f"{name}_usd" for name in money}).rename_axis(
                "benchmark_return_fraction"
            ),
            view,
        )
    if isinstance(worst, pd.DataFrame):
        fractions = {name: f"{name}_fraction" for name in ("asset_return", "benchmark_return")}
        tables["Worst days"] = lambda: _stamped(worst.rename(columns=fractions).rename_axis("time_utc"), view)
    if isinstance(ways, Alternatives):
        tables["Ways of hedging"] = lambda: _stamped(ways.table.rename_axis("way"), view)
        tables["Payoffs"] = lambda: _stamped(
            ways.payoff_usd.add_suffix(" usd").rename_axis("benchmark_return_fraction"), view
        )
    return tables


def _order(hedge: HedgeView, *, dollar: bool = False) -> HedgedPosition:
    """The order with its margin, or that of the dollar hedge."""
    plan, margin = given(hedge.dollar_plan if dollar else hedge.plan), None
    move = None
    # No order has no margin; one that no price closes is never liquidated.
    if plan.contracts != 0:
        closes = given(hedge.dollar_liquidation if dollar else hedge.liquidation)
        move = closes.distance_fraction
        if closes.outcome != "never":
            margin = hedge.dollar_margin_usd if dollar else hedge.margin_usd
    return HedgedPosition.from_estimate(
        hedge.beta.estimate,
        position_usd=hedge.beta.position_usd,
        hedge_notional_usd=plan.hedge_notional_usd,
        margin_usd=margin,
        contract_kind=plan.contract.kind,
        liquidation_price_move=move,
        margin_exposure_usd=plan.margin_exposure_usd,
        floored=hedge.beta.floored,
    )


def _shock(hedge: HedgeView, choices: WhatIfChoices) -> Shock:
    hours = hedge.chosen.contract.funding_interval_hours
    return Shock.over_days(
        choices.shock_days,
        periods_per_year=hedge.beta.aligned.periods_per_year,
        funding_interval_hours=None if hours is None else float(hours),
        funding_rate=choices.shock_funding_bp * BASIS_POINT,
        basis_change_fraction=choices.shock_gap_percent / 100,
        beta_after=choices.shock_beta if choices.shock_tie == "beta" else None,
        correlation_after=choices.shock_correlation if choices.shock_tie == "correlation" else None,
    )


def _option(
    buy: Callable[..., OptionHedge], hedge: HedgeView, state: AppState, volatility: float
) -> OptionHedge:
    away = state.what_if.strike_away_percent / 100
    return buy(
        hedge.beta.position_usd,
        hedge.beta.estimate.beta,
        # Units and strikes are those of one coin, also where 1000PEPEUSDT is priced by the thousand.
        future_usd=hedge.beta.quotes.benchmark_price_usd / coin_of(state.settings.benchmark).units,
        strike_fraction=1 - away if hedge.beta.position_usd > 0 else 1 + away,
        days_to_expiry=state.hedge.holding_days,
        volatility_annual=volatility,
    )


def _rolled(hedge: HedgeView, state: AppState) -> RolledFuture:
    plan, costs, days = given(hedge.plan), given(hedge.costs), state.hedge.holding_days
    funding = hedge.funding
    if plan.contracts == 0:
        raise _left_out("no order is needed", "contracts", 0, "an order")
    if days < SHORTEST_ROLLED_DAYS:
        raise _left_out(
            f"the hedge is held for {days:g} days", "holding_days", days, "a day or more of holding time"
        )
    return compare_rolled_future(
        plan.hedge_notional_usd,
        basis_annual_fraction=state.what_if.dated_basis_percent / 100,
        expiry_days=DAYS_BETWEEN_EXPIRIES,
        days_to_first_expiry=state.what_if.dated_expiry_days,
        holding_days=days,
        funding_annual_fraction=0.0 if isinstance(funding, HedgingError) else funding.annual_fraction,
        dated_costs=costs,
        perpetual_costs=costs,
    )


def _left_out(problem: str, parameter: str, value: float, allowed: str) -> NoHedgeError:
    return NoHedgeError(
        problem,
        parameter=parameter,
        value=value,
        allowed=allowed,
        remedy=f"It is compared with {allowed}.",
    )


def _ways(
    hedge: HedgeView,
    grid: np.ndarray,
    *,
    put: OptionHedge | HedgingError,
    collar: OptionHedge | HedgingError,
    rolled: RolledFuture | HedgingError,
) -> Alternatives:
    funding, order = hedge.funding, _order(hedge)
    kind = "put" if hedge.beta.position_usd > 0 else "call"
    return compare_alternatives(
        hedge.beta.position_usd,
        hedge.beta.estimate.beta,
        grid,
        costs=given(hedge.costs),
        funding_rate_sum=0.0 if isinstance(funding, HedgingError) else funding.rate_sum,
        options=[
            (name, option)
            for name, option in ((kind, put), ("collar", collar))
            if isinstance(option, OptionHedge)
        ],
        rolled=rolled if isinstance(rolled, RolledFuture) else None,
        orders=[("dollar hedge", _order(hedge, dollar=True)), ("beta hedge", order)],
        rolled_order=order,
        floored=hedge.beta.floored,
    )


def contract_has_prices(view: WhatIfView) -> bool:
    """Whether the worst days are those of the contract's own price."""
    return hedge_market(view.hedge.beta.aligned, view.hedge.carry).hedge_prices is not None


def is_coin_margined(view: WhatIfView) -> bool:
    """Whether the hedge's margin is coins that move with the benchmark."""
    return isinstance(view.hedge.chosen.contract, InverseContract)


def _stamped(table: pd.DataFrame, view: WhatIfView) -> pd.DataFrame:
    """Simulated numbers say so in every row, wherever the file ends up."""
    return table.assign(source="SIMULATED") if view.hedge.beta.simulated else table
