"""A grid of triggers: the same runs as one by one, and the frontier by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hedging import InputError
from hedging.backtesting.settings import HedgeStrategy, TradingTerms, Triggers
from hedging.backtesting.simulate import simulate_hedges
from hedging.backtesting.sweep import _efficient, describe, sweep_triggers, trigger_grid
from tests.test_hedging.examples import BTC, check_error
from tests.test_hedging.test_backtesting.test_simulate import market

GRID = {"every_hours": [24, 72, None], "benchmark_move_fraction": [None, 0.05], "funding_flip": [False, True]}


def test_grid_is_every_combination():
    grid = trigger_grid(GRID)
    assert len(grid) == 12
    assert len(set(grid)) == 12
    assert grid[0] == Triggers(every_hours=24)
    assert grid[-1] == Triggers(benchmark_move_fraction=0.05, funding_flip=True)


def test_rows_are_the_runs():
    there, strategy = market(1), HedgeStrategy("x", window=20)
    told: list[float] = []
    sweep = sweep_triggers(
        there, strategy, trigger_grid(GRID), position_usd=1e5, contract=BTC, progress=told.append
    )
    assert told[-1] == pytest.approx(1.0)
    for (name, row), triggers in zip(sweep.table.iterrows(), trigger_grid(GRID), strict=True):
        assert name == describe(triggers)
        alone = HedgeStrategy("x", window=20, triggers=triggers)
        result = simulate_hedges(there, [alone], position_usd=1e5, contract=BTC)
        run = result.runs[0]
        assert row["n_rebalances"] == run.n_rebalances
        assert row["cost_usd"] == pytest.approx(run.turnover_usd * 0.0007)
        assert row["total_usd"] == pytest.approx(run.figures.total_usd)
        assert row["risk_left_fraction"] == pytest.approx(
            run.pnl_usd.std() / result.unhedged_pnl_usd.std(), rel=1e-9
        )
    assert sweep.table["efficient"].any()


def test_the_trade_off():
    """The hedge that is never renewed costs least; one renewed every day leaves less risk."""
    table = sweep_triggers(
        market(2, 400),
        HedgeStrategy("x", window=60),
        trigger_grid({"every_hours": [24, None]}),
        position_usd=1e6,
        contract=BTC,
        terms=TradingTerms(0.0005, 0.0002),
    ).table
    assert table.loc["never", "cost_usd"] < table.loc["every 24 h", "cost_usd"]
    assert table.loc["never", "risk_left_fraction"] > table.loc["every 24 h", "risk_left_fraction"]
    assert table["efficient"].tolist() == [True, True]


def test_efficient_by_hand():
    risk, cost = pd.Series([1.0, 2.0, 3.0, 2.0, 1.0]), pd.Series([3.0, 2.0, 1.0, 2.5, 3.0])
    # The fourth has the second's risk at more cost; equal twins do not beat each other.
    assert _efficient(risk, cost) == [True, True, True, False, True]


@pytest.mark.parametrize(
    ("triggers", "words"),
    [
        (Triggers(), "never"),
        (Triggers(every_hours=24, benchmark_move_fraction=0.05), "every 24 h, benchmark move 5%"),
        (
            Triggers(hedge_drift_fraction=0.1, beta_outside_interval=True),
            "hedge drift 10%, beta leaves its interval",
        ),
        (
            Triggers(position_drift_fraction=0.2, margin_ratio=0.5, funding_flip=True, risk_aversion=3),
            "position drift 20%, margin ratio 50%, funding flips, band at risk aversion 3 over 720 h",
        ),
    ],
)
def test_names(triggers, words):
    assert describe(triggers) == words


@pytest.mark.parametrize(
    "grid", [{"every_day": [1]}, {"every_hours": []}, {"every_hours": list(range(1, 502))}, None]
)
def test_unusable_grids(grid):
    with pytest.raises(InputError) as caught:
        trigger_grid(grid)
    check_error(caught, parameter="settings")


def test_numbers_are_finite():
    table = sweep_triggers(
        market(3), HedgeStrategy("x", window=20), trigger_grid(GRID), position_usd=1e5, contract=BTC
    ).table
    assert np.isfinite(table.loc[:, "n_rebalances":"n_liquidations"].to_numpy(dtype=float)).all()


@pytest.mark.parametrize("values", [24, "24", None])
def test_values_that_are_no_list(values):
    with pytest.raises(InputError) as caught:
        trigger_grid({"every_hours": values})
    check_error(caught, parameter="settings['every_hours']")


def test_settings_that_cannot_act_appear_once():
    grid = trigger_grid({"risk_aversion": [None, 2.0], "benefit_hours": [24.0, 720.0]})
    assert [describe(triggers) for triggers in grid] == [
        "never",
        "band at risk aversion 2 over 24 h",
        "band at risk aversion 2 over 720 h",
    ]
    assert len(trigger_grid({"every_hours": [24.0, 24.0000001]})) == 2


@pytest.mark.parametrize("grid", [(), (Triggers(), Triggers(benefit_hours=24.0))])
def test_grids_that_cannot_be_swept(grid):
    with pytest.raises(InputError) as caught:
        sweep_triggers(market(), HedgeStrategy("x", window=20), grid, position_usd=1e5, contract=BTC)
    check_error(caught, parameter="grid")
