"""Which lookback or estimator hedged best out of sample on real prices, and is that more than noise?

HEDGING_DATA_DIR=folder/of/price/files python -m benchmarks.strategies
"""

from __future__ import annotations

import sys
import time
from decimal import Decimal

import pandas as pd

from data.environment import DATA_FOLDER_VARIABLE, configured_folder, utc_now
from data.files import FolderSource
from hedging import (
    HedgeMarket,
    HedgeStrategy,
    LinearContract,
    TradingTerms,
    Triggers,
    align,
    compare_out_of_sample,
    simulate_hedges,
    sweep_triggers,
    trigger_grid,
)

BENCHMARK = "BTCUSDT"
ASSETS = ("SOLUSDT", "AVAXUSDT", "LINKUSDT", "DOGEUSDT")
POSITION_USD = 100_000.0
CONTRACT = LinearContract("BTCUSDT", quantity_step=Decimal("0.001"), minimum_quantity=Decimal("0.001"))
DAILY = Triggers(every_hours=24.0)
STRATEGIES = [
    HedgeStrategy("dollar hedge", sizing="dollar", window=120, triggers=DAILY),
    *(HedgeStrategy(f"ols {days} d", window=days, triggers=DAILY) for days in (30, 60, 90, 120)),
    HedgeStrategy("ewma 30 d half-life", method="ewma", window=120, triggers=DAILY),
    HedgeStrategy("huber 60 d", method="huber", window=60, triggers=DAILY),
    HedgeStrategy("theil_sen 60 d", method="theil_sen", window=60, triggers=DAILY),
    HedgeStrategy("kalman 120 d", method="kalman", window=120, triggers=DAILY),
]
GRID = {
    "every_hours": [24.0, 72.0, 168.0, None],
    "benchmark_move_fraction": [None, 0.05],
    "hedge_drift_fraction": [None, 0.1],
}


def main() -> None:
    """Print effectiveness, confidence sets and the trigger trade-off of each asset."""
    folder = configured_folder()
    if folder is None or not folder.is_dir():
        sys.exit(f"{DATA_FOLDER_VARIABLE} names no folder of price files; nothing to measure")
    source, now = FolderSource(folder), utc_now()
    benchmark = source.fetch(BENCHMARK, interval="daily", now=now).prices
    for symbol in ASSETS:
        returns = align(source.fetch(symbol, interval="daily", now=now).prices, benchmark)
        market = HedgeMarket(returns)
        started = time.perf_counter()
        result = simulate_hedges(
            market,
            STRATEGIES,
            position_usd=POSITION_USD,
            contract=CONTRACT,
            terms=TradingTerms(leverage=5.0),
            holding="value",
        )
        seconds = time.perf_counter() - started
        rows = {
            run.strategy.name: {
                "HE": run.effectiveness.effectiveness,
                "low": run.effectiveness.low,
                "high": run.effectiveness.high,
                "ES 95 %, USD": run.figures.expected_shortfall_usd,
                "costs, USD": -float(run.split_usd[["fees", "slippage"]].to_numpy().sum()),
                "trades": run.n_rebalances,
                "liquidations": run.n_liquidations,
            }
            for run in result.runs
        }
        print(f"\n{symbol} on {BENCHMARK}, {len(result.unhedged_pnl_usd)} days, {seconds:.1f} s")
        print(f"unhedged: ES 95 % {result.unhedged.expected_shortfall_usd:,.0f} USD")
        print(pd.DataFrame(rows).T.to_string(float_format=lambda value: f"{value:,.3f}"))
        pnl = pd.concat([result.unhedged_pnl_usd, *(run.pnl_usd for run in result.runs)], axis=1)
        choice = compare_out_of_sample(pnl, unhedged="unhedged", reference="dollar hedge")
        print(choice.verdict)
        started = time.perf_counter()
        sweep = sweep_triggers(
            market,
            HedgeStrategy("beta", window=60),
            trigger_grid(GRID),
            position_usd=POSITION_USD,
            contract=CONTRACT,
            holding="value",
        )
        best = sweep.table[sweep.table["efficient"]].sort_values("cost_usd")
        print(f"triggers no other beats ({len(sweep.table)} tried in {time.perf_counter() - started:.2f} s):")
        columns = ["cost_usd", "risk_left_fraction", "n_rebalances"]
        print(best[columns].to_string(float_format=lambda value: f"{value:,.3f}"))


if __name__ == "__main__":
    main()
