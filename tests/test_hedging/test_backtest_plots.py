"""Figures of a backtest: piles that add up, marks that say what fired, the simulation's own numbers."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from hedging import (
    HedgeStrategy,
    TradingTerms,
    Triggers,
    rolling_effectiveness,
    simulate_hedges,
    sweep_triggers,
    trigger_grid,
)
from hedging.plots import (
    plot_pnl_split,
    plot_rolling_effectiveness,
    plot_strategies,
    plot_trigger_tradeoff,
)
from hedging.plots.pnl_split import MOST_MARKS, TOTAL
from hedging.plots.rolling_effectiveness import LABEL_PIXELS
from hedging.plots.strategy_lines import strategy_lines
from hedging.plots.theme import BETA, DOLLAR, UNHEDGED
from tests.test_hedging.examples import BTC
from tests.test_hedging.test_backtesting.test_simulate import market
from tests.tolerances import CENT

HOSTILE = "<a href='javascript:x'>X</a>"
WALKED = simulate_hedges(
    market(1, 200),
    [
        HedgeStrategy("dollar hedge", sizing="dollar", window=20),
        HedgeStrategy(HOSTILE, window=20, triggers=Triggers(every_hours=72)),
        HedgeStrategy("minimum variance", sizing="min_variance", window=20),
    ],
    position_usd=1e5,
    contract=BTC,
)


RUNS = {name: WALKED.run(name) for name in (HOSTILE, "dollar hedge")}
ROLLING = {
    name: rolling_effectiveness(WALKED.unhedged_pnl_usd, run.pnl_usd, window=30) for name, run in RUNS.items()
}


def traces(figure):
    return {trace.name: trace for trace in figure.data}


def checked(figure: go.Figure) -> go.Figure:
    """Plotly accepts it as a whole, and nothing in it is markup."""
    go.Figure(figure.to_dict())
    assert "<a" not in figure.to_json()
    return figure


def stacks(figure):
    """Height of each pile at each instant."""
    found = {"above": 0.0, "below": 0.0}
    for trace in figure.data:
        if trace.stackgroup:
            found[trace.stackgroup] = found[trace.stackgroup] + np.asarray(trace.y)
    return found


class TestSplit:
    def run(self, triggers: Triggers, n: int = 120, **terms):
        strategy = HedgeStrategy(HOSTILE, window=20, triggers=triggers, beta_target=0.2)
        return simulate_hedges(
            market(1, n), [strategy], position_usd=1e5, contract=BTC, terms=TradingTerms(**terms)
        ).runs[0]

    @pytest.mark.parametrize("n", [120, 3_000])
    def test_the_total_is_both_piles_together_at_every_instant(self, n):
        run = self.run(Triggers(every_hours=72), n, leverage=20)
        figure = checked(plot_pnl_split(run))
        piles = stacks(figure)
        assert (piles["above"] >= 0).all()
        assert (piles["below"] <= 0).all()
        total = np.asarray(traces(figure)[TOTAL].y)
        np.testing.assert_allclose(piles["above"] + piles["below"], total, atol=CENT)
        assert total[-1] == pytest.approx(run.figures.total_usd)
        # Thinned for the screen, the highest and the lowest are still there.
        assert total.max() == run.cumulative_pnl_usd.max()
        assert total.min() == run.cumulative_pnl_usd.min()

    def test_a_part_has_one_colour_and_one_name(self):
        figure = plot_pnl_split(self.run(Triggers(every_hours=72)))
        parts: dict[str, list[go.Scatter]] = {}
        for trace in figure.data:
            if trace.stackgroup:
                parts.setdefault(trace.name, []).append(trace)
        assert {"basis", "fees", "slippage", "funding", "market, left on purpose"} <= set(parts)
        assert "liquidation" not in parts  # nothing was liquidated
        for sides in parts.values():
            assert len({trace.fillcolor for trace in sides}) == 1
            assert [trace.showlegend for trace in sides] == [True, *[False] * (len(sides) - 1)]
        assert len({sides[0].fillcolor for sides in parts.values()}) == len(parts)

    def test_the_line_says_all_parts_at_once(self):
        run = self.run(Triggers(every_hours=72))
        line = traces(plot_pnl_split(run))[TOTAL]
        np.testing.assert_allclose(np.asarray(line.customdata)[-1].sum(), run.figures.total_usd)
        assert "estimation error" in line.hovertemplate

    def test_rebalances_are_marked_with_what_fired_them(self):
        run = self.run(Triggers(every_hours=72))
        marks = traces(plot_pnl_split(run))["rebalance"]
        assert [row[0] for row in marks.customdata] == ["time"] * run.n_rebalances
        traded = run.rebalances["traded_usd"].iloc[1:]
        assert [row[1] for row in marks.customdata] == [f"{amount:,.0f}" for amount in traded]
        assert all(row[3].startswith("short ") for row in marks.customdata)
        on_the_line = run.cumulative_pnl_usd.reindex(traded.index)
        np.testing.assert_allclose(marks.y, on_the_line)

    def test_where_there_are_many_the_largest_are_marked_and_that_is_said(self):
        run = self.run(Triggers(every_hours=24), MOST_MARKS + 200)
        figure = plot_pnl_split(run)
        marks = traces(figure)["rebalance"]
        assert len(marks.x) == MOST_MARKS < run.n_rebalances
        smallest = min(float(row[1].replace(",", "")) for row in marks.customdata)
        traded = run.rebalances["traded_usd"].iloc[1:].sort_values()
        assert smallest == pytest.approx(traded.iloc[-MOST_MARKS], abs=0.5)
        assert f"the {MOST_MARKS} largest of {run.n_rebalances}" in figure.layout.xaxis.title.text

    def test_without_a_rebalance_there_is_no_mark(self):
        assert "rebalance" not in traces(plot_pnl_split(self.run(Triggers())))


class TestStrategies:
    def test_every_path_ends_where_the_run_does(self):
        figure = checked(plot_strategies(WALKED, asset=HOSTILE, lead=HOSTILE, simulated=True))
        above = [trace for trace in figure.data if trace.yaxis != "y2"]
        below = [trace for trace in figure.data if trace.yaxis == "y2"]
        assert above[0].y[-1] == pytest.approx(WALKED.unhedged.total_usd)
        assert min(below[0].y) == pytest.approx(WALKED.unhedged.max_drawdown_usd)
        for run, up, down in zip(WALKED.runs, above[1:], below[1:], strict=True):
            assert up.y[-1] == pytest.approx(run.figures.total_usd)
            assert min(down.y) == pytest.approx(run.figures.max_drawdown_usd)
        assert any(note.text == "SIMULATED" for note in figure.layout.annotations)
        removed = WALKED.run(HOSTILE).effectiveness.effectiveness
        assert f"removed {removed:.0%} of the variance" in figure.layout.title.text

    def test_a_harmful_hedge_is_said_to_add(self):
        against = HedgeStrategy("doubled", window=20, beta_target=5.0)
        worse = simulate_hedges(market(1), [against], position_usd=1e5, contract=BTC)
        assert worse.runs[0].effectiveness.effectiveness < 0
        assert plot_strategies(worse, asset="SOL").layout.title.text.startswith("Doubled added")

    def test_colours_mean_the_same_everywhere(self):
        lines = strategy_lines(run.strategy for run in WALKED.runs)
        assert [line["color"] for line in lines.values()] == [DOLLAR, BETA, BETA]
        assert lines[HOSTILE]["dash"] == "solid"
        assert lines["minimum variance"]["dash"] != "solid"
        assert plot_strategies(WALKED, asset="SOL").data[0].line.color == UNHEDGED


class TestRolling:
    def test_lines_levels_and_labels(self):
        figure = checked(plot_rolling_effectiveness(RUNS, ROLLING, asset=HOSTILE, span="30 days"))
        for trace, (name, run), shape in zip(figure.data, RUNS.items(), figure.layout.shapes, strict=True):
            np.testing.assert_allclose(trace.y, ROLLING[name].dropna())
            assert shape.y0 == run.effectiveness.effectiveness
        labels = [note.text for note in figure.layout.annotations]
        assert f"dollar {RUNS['dollar hedge'].effectiveness.effectiveness:.0%}" in labels

    def test_what_lies_far_below_is_cut_off_and_that_is_said(self):
        sunk = {
            name: series.where(series.index != series.index[60], -7.0) for name, series in ROLLING.items()
        }
        figure = plot_rolling_effectiveness(RUNS, sunk, asset="SOL", span="30 days")
        assert figure.layout.yaxis.range[0] > -1.2
        assert "cut off" in figure.layout.yaxis.title.text
        assert "\N{MINUS SIGN}700%" in figure.layout.title.text

    def test_levels_close_together_keep_their_labels_apart(self):
        first, second = plot_rolling_effectiveness(
            RUNS, ROLLING, asset="SOL", span="30 days", height=120
        ).layout.annotations
        assert first.y > second.y
        apart = (first.y - second.y) * 20 + first.yshift - second.yshift  # 20 pixels for all of the range
        assert apart >= LABEL_PIXELS - 1


class TestTradeoff:
    table = sweep_triggers(
        market(2),
        HedgeStrategy("x", window=20),
        trigger_grid({"every_hours": [24, 72, None], "benchmark_move_fraction": [None, 0.02]}),
        position_usd=1e5,
        contract=BTC,
    ).table

    def test_points_are_the_table(self):
        figure = checked(plot_trigger_tradeoff(self.table, current="every 72 h"))
        best = self.table[self.table["efficient"]].sort_values("cost_usd")
        beaten, unbeaten, current = figure.data
        np.testing.assert_allclose(unbeaten.x, best["cost_usd"])
        np.testing.assert_allclose(unbeaten.y, best["risk_left_fraction"])
        assert len(beaten.x) == (~self.table["efficient"]).sum()
        assert (current.x[0], current.y[0]) == (
            self.table.loc["every 72 h", "cost_usd"],
            self.table.loc["every 72 h", "risk_left_fraction"],
        )
        assert best.index[-1] in figure.layout.annotations[0].text

    def test_one_setting_alone(self):
        figure = plot_trigger_tradeoff(self.table.iloc[:1].assign(efficient=True), current="not there")
        assert len(figure.data) == 2
        assert figure.layout.title.text.count("left") == 1
