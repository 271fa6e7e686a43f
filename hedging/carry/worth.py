"""Is the hedge worth what it costs?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from hedging._checks import (
    FloatArray,
    Returns,
    paired_returns,
    require_fraction,
    require_kind,
    require_movement,
    require_number,
    require_observations,
    require_window,
)
from hedging._resampling import block_length_of, stationary_rows
from hedging.carry.costs import TradingCosts, trading_cost_usd
from hedging.errors import InputError
from hedging.instruments.plan import LARGEST_POSITION_USD, require_position
from hedging.performance import expected_shortfall

Worth: TypeAlias = Literal["worth it", "not worth it", "cannot tell"]

FEWEST_RETURNS = 30
SMALLEST_RETURN = -1.0 + 1e-12
FEWEST_PATHS = 200
MOST_DRAWS = 400_000_000  # half a minute
USUAL_PATHS, USUAL_DRAWS = 2_000, 36_000_000  # two seconds
# Resampled histories behind the interval: with 40 of them a nominal 90 % covered 84 to 88 %.
HISTORIES = 200


@dataclass(frozen=True)
class HedgeWorth:
    """Risk that a hedge avoids against what it costs, over one holding period.

    Attributes
    ----------
    verdict : {"worth it", "not worth it", "cannot tell"}
        By the interval of ``net_usd``: above 0, below 0, or holding it.
    reason : str
        One plain sentence with the numbers.
    shortfall_unhedged_usd, shortfall_hedged_usd : float
        Expected shortfall over the holding period, positive, before costs.
    avoided_usd, avoided_low_usd, avoided_high_usd : float
        Their difference with its interval.
    cost_usd : float
        Fees and slippage of opening and closing less expected funding: negative when the hedge earns.
    trading_usd, funding_usd : float
        Its parts; funding received is positive.
    net_usd, net_low_usd, net_high_usd : float
        ``avoided - cost`` with its interval.
    ratio : float or None
        ``avoided / cost``; None when the hedge costs nothing.
    confidence : float
        Of the intervals, a fraction.
    tail_confidence : float
        Of the expected shortfall.
    holding_periods : int
    block_length : int
        Mean block of the bootstrap in periods.
    n_observations : int
    """

    verdict: Worth
    reason: str
    shortfall_unhedged_usd: float
    shortfall_hedged_usd: float
    avoided_usd: float
    avoided_low_usd: float
    avoided_high_usd: float
    cost_usd: float
    trading_usd: float
    funding_usd: float
    net_usd: float
    net_low_usd: float
    net_high_usd: float
    ratio: float | None
    confidence: float
    tail_confidence: float
    holding_periods: int
    block_length: int
    n_observations: int


def hedge_worth(
    asset_returns: Returns,
    hedge_returns: Returns,
    *,
    position_usd: float,
    hedge_notional_usd: float,
    costs: TradingCosts,
    holding_periods: int,
    funding_rate_sum: float = 0.0,
    traded_notional_usd: float | None = None,
    tail_confidence: float = 0.95,
    confidence: float = 0.9,
    paths: int | None = None,
    block_length: int | None = None,
    floored: bool = True,
    seed: int = 0,
) -> HedgeWorth:
    """Compare the expected shortfall that a hedge avoids with its cost over the holding period.

    Past returns are resampled in pairs into holding periods (stationary bootstrap). How sure the
    result is comes from a second layer: 200 resampled histories of the same length, each with its own
    shortfalls. The expected return of both legs is left as it was in the data only for the spread,
    not for the mean: paths are centred, because a mean of past returns says nothing about the next.

    Parameters
    ----------
    asset_returns, hedge_returns : Series on one index or 1-d arrays, shape (n,)
        Simple returns per period of the asset and of the instrument that hedges.
    position_usd, hedge_notional_usd : float
        Signed, at the start; the hedge is not renewed within the holding period.
    costs : TradingCosts
        Paid on opening and on closing.
    holding_periods : int
        Length of the holding period in periods of the returns.
    funding_rate_sum : float
        Expected sum of funding rates over the holding period, positive when longs pay shorts; see
        :func:`hedging.project_funding`.
    traded_notional_usd : float, optional
        Notional that costs and funding are paid on, where it is not what hedges: a coin-margined order
        also covers the coins of its own margin. Left out, ``hedge_notional_usd``.
    tail_confidence : float
        0.95 looks at the worst 5 % of holding periods.
    confidence : float
        Level of the intervals.
    paths : int, optional
        Holding periods drawn from each history; by default 2,000, and fewer of long ones, 200 at least, so
        that the work stays within two seconds.
    block_length : int, optional
        Mean block of the bootstrap in periods; by default the one that suits the hedged P&L. Hedges that
        are to be compared with each other need one length, and so the same paths.
    floored : bool
        Whether the position can lose everything at most, so that its returns compound: true of one asset,
        and of a book whose lines are all on one side. The returns of a net value that holds both sides are
        added up instead, each on the value at the start.
    seed : int

    Returns
    -------
    HedgeWorth

    Raises
    ------
    InputError, InsufficientDataError, DegenerateDataError
        Unusable values, fewer than 30 returns, or a leg that does not move.

    References
    ----------
    Acerbi and Tasche (2002) for expected shortfall; Politis and Romano (1994) for the bootstrap.
    """
    asset, hedge = paired_returns(asset_returns, hedge_returns, names=("asset_returns", "hedge_returns"))
    require_observations(asset.size, FEWEST_RETURNS, what="an expected shortfall of holding periods")
    require_movement(asset, name="asset_returns")
    require_movement(hedge, name="hedge_returns")
    value = require_position(position_usd)
    notional = require_number(
        hedge_notional_usd,
        "hedge_notional_usd",
        allowed=f"at most {LARGEST_POSITION_USD:g} USD in size",
        valid=lambda usd: abs(usd) <= LARGEST_POSITION_USD,
    )
    traded = notional
    if traded_notional_usd is not None:
        traded = require_number(
            traded_notional_usd,
            "traded_notional_usd",
            allowed=f"at most {LARGEST_POSITION_USD:g} USD in size",
            valid=lambda usd: abs(usd) <= LARGEST_POSITION_USD,
        )
    rate_sum = require_number(funding_rate_sum, "funding_rate_sum", allowed="a finite fraction")
    require_fraction(tail_confidence, "tail_confidence")
    require_fraction(confidence, "confidence")
    require_window(holding_periods, smallest=1, parameter="holding_periods")
    require_window(seed, smallest=0, parameter="seed")
    n_paths = usual_paths(holding_periods) if paths is None else paths
    _require_paths(n_paths, holding_periods)

    pnl = value * asset + notional * hedge
    # The length that suits the squares: it is their clusters that make the tail.
    length = block_length_of((pnl - pnl.mean()) ** 2)
    if block_length is not None:
        require_window(block_length, smallest=1, parameter="block_length")
        length = int(block_length)
    require_kind(floored, "floored", bool)
    holding = _Holding(value, notional, int(holding_periods), int(n_paths), length, tail_confidence, floored)
    generator = np.random.default_rng(seed)
    # A leg cannot lose more than everything; returns of -1 themselves have no logarithm.
    moves = np.log1p(np.maximum(np.stack([asset, hedge]), SMALLEST_RETURN))
    if not floored:
        moves[0] = asset
    whole = holding.shortfalls(moves, generator)
    again = []
    for _ in range(HISTORIES):
        rows = stationary_rows(asset.size, (1, asset.size), length, generator)[0]
        again.append(holding.shortfalls(moves[:, rows], generator))
    avoided = whole[0] - whole[1]
    spread = np.array([each[0] - each[1] for each in again])
    tail = (1.0 - confidence) / 2.0
    # Percentiles: the basic interval, mirrored at the data's value, covered 77 % where these cover 89 %.
    low, high = np.quantile(spread, [tail, 1.0 - tail])
    trading = 2.0 * trading_cost_usd(costs, traded)
    funding = -traded * rate_sum
    cost = trading - funding
    net, net_low, net_high = avoided - cost, float(low) - cost, float(high) - cost
    verdict: Worth = "worth it" if net_low > 0 else "not worth it" if net_high < 0 else "cannot tell"
    return HedgeWorth(
        verdict=verdict,
        reason=_reason(verdict, avoided, cost, tail_confidence),
        shortfall_unhedged_usd=whole[0],
        shortfall_hedged_usd=whole[1],
        avoided_usd=avoided,
        avoided_low_usd=float(low),
        avoided_high_usd=float(high),
        cost_usd=cost,
        trading_usd=trading,
        funding_usd=funding,
        net_usd=net,
        net_low_usd=net_low,
        net_high_usd=net_high,
        ratio=avoided / cost if cost > 0 else None,
        confidence=confidence,
        tail_confidence=tail_confidence,
        holding_periods=int(holding_periods),
        block_length=length,
        n_observations=asset.size,
    )


@dataclass(frozen=True)
class _Holding:
    """One holding period and how it is drawn."""

    position_usd: float
    hedge_notional_usd: float
    periods: int
    paths: int
    block_length: int
    tail_confidence: float
    floored: bool

    def shortfalls(self, moves: FloatArray, generator: np.random.Generator) -> tuple[float, float]:
        """Expected shortfall without and with the hedge; ``moves``, shape (2, n), are log returns.

        Of an asset that is not floored they are simple returns.
        """
        rows = stationary_rows(moves.shape[1], (self.paths, self.periods), self.block_length, generator)
        asset, hedge = moves[:, rows].sum(axis=2)
        asset, hedge = np.expm1(asset) if self.floored else asset, np.expm1(hedge)
        unhedged = self.position_usd * asset
        hedged = unhedged + self.hedge_notional_usd * hedge
        return (
            expected_shortfall(unhedged - unhedged.mean(), confidence=self.tail_confidence),
            expected_shortfall(hedged - hedged.mean(), confidence=self.tail_confidence),
        )


def _reason(verdict: Worth, avoided: float, cost: float, tail_confidence: float) -> str:
    tail = f"the mean loss in the worst {100 * (1 - tail_confidence):.3g}% of holding periods"
    moved = f"{'lowers' if avoided >= 0 else 'raises'} {tail} by ${abs(avoided):,.0f}"
    paid = f"costs ${cost:,.0f}" if cost > 0 else f"earns ${-cost:,.0f}"
    if verdict == "cannot tell":
        return f"The hedge {moved} and {paid}; the data cannot tell which is more."
    return f"The hedge {moved} and {paid}."


def usual_paths(holding_periods: int) -> int:
    """Holding periods drawn from each history where nothing else is asked for."""
    most = USUAL_DRAWS // ((HISTORIES + 1) * holding_periods)
    return min(max(most, FEWEST_PATHS), USUAL_PATHS)


def _require_paths(paths: int, holding_periods: int) -> None:
    require_window(paths, smallest=FEWEST_PATHS, parameter="paths")
    most = MOST_DRAWS // (HISTORIES + 1)  # each history is drawn from as often
    if paths * holding_periods > most:
        raise InputError(
            f"{paths} paths of {holding_periods} periods are too many to draw",
            parameter="holding_periods",
            value=holding_periods,
            allowed=f"at most {most // paths} with {paths} paths",
            remedy="Use longer periods or fewer paths.",
        )
