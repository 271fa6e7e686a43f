"""From what happened in the walk to figures, splits and the list of trades."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hedging._checks import FloatArray
from hedging.backtesting._walk import BITS, START, Path, Walk
from hedging.backtesting.results import HedgeRun, RunFigures
from hedging.backtesting.settings import TRIGGERS, HedgeMarket, HedgeStrategy, TradingTerms
from hedging.instruments.contracts import Contract
from hedging.performance import (
    annualised_volatility,
    drawdown,
    expected_shortfall,
    hedging_effectiveness,
)


@dataclass(frozen=True, eq=False)
class Report:
    """A finished walk and what explains it."""

    market: HedgeMarket
    path: Path
    walked: Walk
    first: int
    contract: Contract
    terms: TradingTerms
    reference: float

    @property
    def index(self) -> pd.DatetimeIndex:
        """Labels of the periods."""
        return pd.DatetimeIndex(self.market.returns.asset.index[self.first :])

    @property
    def unhedged(self) -> pd.Series:
        """P&L of the position alone."""
        return pd.Series(
            self.path.position_usd[:-1] * self.path.asset_return, index=self.index, name="unhedged"
        )

    def run(self, row: int, strategy: HedgeStrategy, *, confidence: float) -> HedgeRun:
        """Everything about one hedge."""
        split = pd.DataFrame(self._split(row, strategy), index=self.index)
        costs = split["funding"] + split["fees"] + split["slippage"]
        pnl = (self.unhedged + self.walked.hedge_pnl_usd[row] + costs).rename(strategy.name)
        cumulative = pnl.cumsum()
        step = float(self.contract.quantity_step)
        return HedgeRun(
            strategy=strategy,
            pnl_usd=pnl,
            cumulative_pnl_usd=cumulative,
            drawdown_usd=drawdown(cumulative).rename(strategy.name),
            split_usd=split,
            contracts=pd.Series(self.walked.steps[row] * step, index=self.index, name="contracts"),
            hedge_notional_usd=pd.Series(
                self.walked.notional_usd[row], index=self.index, name="hedge_notional_usd"
            ),
            hedge_ratio=pd.Series(self.walked.ratio[row], index=self.index, name="hedge_ratio"),
            rebalances=self._rebalances(row),
            fired={name: int(((self.walked.fired[row] & BITS[name]) > 0).sum()) for name in TRIGGERS},
            turnover_usd=float(self.walked.traded_usd[row].sum()),
            n_margin_calls=int(self.walked.margin_call[row].sum()),
            n_liquidations=int(self.walked.liquidated[row].sum()),
            margin_posted_usd=float(self.walked.margin_posted_usd[row].sum()),
            figures=self.figures(pnl),
            effectiveness=hedging_effectiveness(self.unhedged, pnl, confidence=confidence),
        )

    def figures(self, pnl: pd.Series) -> RunFigures:
        """Volatility, drawdown and tail of one stream of P&L."""
        year = self.market.returns.periods_per_year
        volatility = annualised_volatility(pnl, periods_per_year=year)
        cumulative = pnl.cumsum()
        return RunFigures(
            total_usd=float(cumulative.iloc[-1]),
            volatility_annual_usd=volatility,
            volatility_annual_fraction=volatility / float(np.abs(self.path.position_usd[:-1]).mean()),
            max_drawdown_usd=float(drawdown(cumulative).min()),
            expected_shortfall_usd=expected_shortfall(pnl),
            worst_period_usd=float(pnl.min()),
            worst_period=self.index[int(pnl.to_numpy().argmin())],
        )

    def _split(self, row: int, strategy: HedgeStrategy) -> dict[str, FloatArray]:
        """The columns of :class:`HedgeRun`; they add up because each term's end is the next one's start."""
        path, walked, target = self.path, self.walked, strategy.beta_target
        value, f = path.position_usd[:-1], path.benchmark_return
        p = path.hedge_price[1:] / path.hedge_price[:-1] - 1.0
        notional, exact, stale = walked.notional_usd[row], walked.exact_usd[row], walked.stale_usd[row]
        return {
            "market": target * value * f,
            "idiosyncratic": value * (path.asset_return - self.reference * f),
            "estimation_error": ((self.reference - target) * value + exact) * f,
            "drift": (stale - exact) * f,
            "rounding": (notional - stale) * f,
            "basis": notional * (p - f),
            "funding": -notional * path.funding_rate[1:],
            "fees": -self.terms.fee_fraction * walked.traded_usd[row],
            "slippage": -self.terms.slippage_fraction * walked.traded_usd[row],
            "liquidation": walked.hedge_pnl_usd[row] - notional * p,
        }

    def _rebalances(self, row: int) -> pd.DataFrame:
        traded = self.walked.traded_usd[row]
        at = np.flatnonzero(traded > 0.0)
        return pd.DataFrame(
            {
                "contracts": self.walked.steps[row][at] * float(self.contract.quantity_step),
                "traded_usd": traded[at],
                "cost_usd": (self.terms.fee_fraction + self.terms.slippage_fraction) * traded[at],
                "fired": [_names(int(bits)) for bits in self.walked.fired[row][at]],
            },
            # Traded when the period began, which is when the one before it ended.
            index=self.market.returns.benchmark_prices.index[self.first :][at],
        )


def _names(bits: int) -> str:
    if bits == START:
        return "start"
    return ", ".join(name for name in TRIGGERS if bits & BITS[name])
