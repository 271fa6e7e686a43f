"""What the Beta page shows, as tables for download: full precision, units in the column names."""

from __future__ import annotations

import pandas as pd

from hedging import HedgeBacktest, HedgePlan
from pages.shared.loading import BetaView


def returns(view: BetaView) -> pd.DataFrame:
    """Prices and returns at the common instants; the first row has no return."""
    aligned = view.aligned
    table = pd.DataFrame(
        {
            "asset_price_usd": aligned.asset_prices,
            "benchmark_price_usd": aligned.benchmark_prices,
            "asset_return_fraction": aligned.asset,
            "benchmark_return_fraction": aligned.benchmark,
        }
    )
    return _stamped(table, view)


def rolling(view: BetaView) -> pd.DataFrame:
    """Beta of every full window with its standard error and band."""
    series = view.rolling
    table = pd.DataFrame(
        {"beta": series.beta, "standard_error": series.standard_error, "low": series.low, "high": series.high}
    ).dropna()
    if view.asset.true_beta is not None:
        table["true_beta_simulated"] = view.asset.true_beta.reindex(table.index)
    return _stamped(table, view)


def pnl(view: BetaView) -> pd.DataFrame:
    """P&L per period, its running sum and the drawdown of the three strategies."""
    if not isinstance(view.backtest, HedgeBacktest):
        return pd.DataFrame()
    columns = {"hedge_ratio": view.backtest.hedge_ratio}
    for strategy in view.backtest.strategies:
        columns[f"{strategy.name}_pnl_usd"] = strategy.pnl_usd
        columns[f"{strategy.name}_cumulative_pnl_usd"] = strategy.cumulative_pnl_usd
        columns[f"{strategy.name}_drawdown_usd"] = strategy.drawdown_usd
    return _stamped(pd.DataFrame(columns), view)


def summary(view: BetaView) -> pd.DataFrame:
    """The strip of figures, one row for each."""
    estimate = view.estimate
    rows: dict[str, object] = {
        "asset": view.asset.symbol,
        "benchmark": view.benchmark.symbol,
        "source": view.asset.source,
        "simulated": view.simulated,
        "first_observation_utc": estimate.first,
        "last_observation_utc": estimate.last,
        "n_observations": estimate.n_observations,
        "beta": estimate.beta,
        "beta_low": estimate.beta_low,
        "beta_high": estimate.beta_high,
        "beta_standard_error": estimate.beta_standard_error,
        "covariance": estimate.covariance,
        "confidence_fraction": estimate.confidence,
        "alpha_per_period_fraction": estimate.alpha,
        "r_squared": estimate.r_squared,
        "residual_volatility_per_period_fraction": estimate.residual_volatility,
        "periods_per_year": view.aligned.periods_per_year,
        "position_usd": view.position_usd,
    }
    if isinstance(view.plan, HedgePlan):
        rows |= {
            "contracts": view.plan.contracts,
            "contracts_exact": view.plan.contracts_exact,
            "contracts_low": view.plan.contracts_low,
            "contracts_high": view.plan.contracts_high,
            "contract": view.plan.contract.name,
            "hedge_notional_usd": view.plan.hedge_notional_usd,
            "residual_beta_usd": view.plan.residual_beta_usd,
        }
    return pd.DataFrame({"value": rows}).rename_axis("figure")


def _stamped(table: pd.DataFrame, view: BetaView) -> pd.DataFrame:
    """Simulated numbers say so in every row, wherever the file ends up."""
    table = table.rename_axis("time_utc")
    if view.simulated:
        table["source"] = "SIMULATED"
    return table
