"""Which of several contracts hedges best: cost, liquidity and the risk that basis leaves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hedging._checks import require_number
from hedging.errors import InputError
from hedging.instruments.contracts import Contract
from hedging.instruments.plan import LARGEST_POSITION_USD

DAYS_PER_YEAR = 365.0
HIGH_PARTICIPATION = 0.01  # of a day's turnover: above it the square-root law is an extrapolation


@dataclass(frozen=True)
class InstrumentCandidate:
    """A contract with what its market is like; None stands for unknown, never for 0.

    Attributes
    ----------
    exchange : str
    contract : LinearContract or InverseContract
        Its taker fee counts.
    turnover_usd_daily : float or None
        Turnover of a usual day, above 0.
    carry_annual_fraction : float or None
        Expected cost of being LONG per year, fraction of notional: the annual funding rate of a
        perpetual (positive: longs pay shorts), the annual basis of a dated future.
    basis_volatility_daily_fraction : float or None
        Standard deviation of a day's change of the basis ``future / spot - 1``.
    hedge_notional_usd : float or None
        Signed notional of the order in this very contract, not 0: a coin-margined one also covers its
        margin. None takes that of the hedge.
    """

    exchange: str
    contract: Contract
    turnover_usd_daily: float | None = None
    carry_annual_fraction: float | None = None
    basis_volatility_daily_fraction: float | None = None
    hedge_notional_usd: float | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that no market could have."""
        _optional(self.turnover_usd_daily, "turnover_usd_daily", above=0.0, strictly=True)
        _optional(self.carry_annual_fraction, "carry_annual_fraction", above=-math.inf)
        _optional(self.basis_volatility_daily_fraction, "basis_volatility_daily_fraction", above=0.0)
        if self.hedge_notional_usd is not None:
            _require_notional(self.hedge_notional_usd)


@dataclass(frozen=True)
class RankedInstrument:
    """One contract's costs for one hedge.

    Attributes
    ----------
    rank : int
        1 is best; contracts with something unknown come last.
    candidate : InstrumentCandidate
    fees_usd, slippage_usd, carry_usd : float or None
        Of opening, holding and closing; carry is negative where the hedge earns it. None: unknown.
    cost_usd : float or None
        Their sum.
    basis_risk_usd : float or None
        One standard deviation of what the basis adds to the P&L over the holding time.
    total_usd : float or None
        ``cost_usd + basis_risk_weight * basis_risk_usd``: what the rank is by.
    participation_fraction : float or None
        Hedge over a day's turnover.
    liquidity_rank, cost_rank, basis_risk_rank : int or None
        Rank by turnover, ``cost_usd`` and ``basis_risk_usd`` alone, among those that are known.
    unknown : tuple of str
        Fields of the contract or candidate without which there is no total.
    reasons : tuple of str
        Plain sentences.
    """

    rank: int
    candidate: InstrumentCandidate
    fees_usd: float | None
    slippage_usd: float | None
    carry_usd: float | None
    cost_usd: float | None
    basis_risk_usd: float | None
    total_usd: float | None
    participation_fraction: float | None
    liquidity_rank: int | None
    cost_rank: int | None
    basis_risk_rank: int | None
    unknown: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class _Costs:
    candidate: InstrumentCandidate
    fees: float | None
    slippage: float | None
    carry: float | None
    basis_risk: float | None
    participation: float | None
    unknown: tuple[str, ...]

    @property
    def cost(self) -> float | None:
        if self.fees is None or self.slippage is None or self.carry is None:
            return None
        return self.fees + self.slippage + self.carry

    def total(self, weight: float) -> float | None:
        return None if self.cost is None or self.basis_risk is None else self.cost + weight * self.basis_risk


def rank_instruments(
    candidates: Sequence[InstrumentCandidate],
    hedge_notional_usd: float,
    *,
    holding_days: float,
    daily_volatility_fraction: float,
    impact_coefficient: float = 1.0,
    basis_risk_weight: float = 1.0,
) -> tuple[RankedInstrument, ...]:
    """Rank contracts for one hedge by expected cost plus what their basis risks.

    With H the notional of the order (the candidate's own where it has one) and T days: fees ``2 taker
    |H|``; slippage ``2 c s sqrt(|H| / turnover) |H|`` with s the daily volatility (square-root law, paid
    on the way in and out); carry ``H rate T / 365``, so a short earns a positive rate; basis risk ``|H|
    s_b sqrt(T)``, changes of basis being taken as independent. Anything unknown leaves the total unknown
    and the contract last, fewer unknowns first.

    Parameters
    ----------
    candidates : sequence of InstrumentCandidate
        At least one.
    hedge_notional_usd : float
        Signed, short negative, not 0.
    holding_days : float
        Above 0.
    daily_volatility_fraction : float
        Of the benchmark.
    impact_coefficient : float
        c: cost of trading a whole day's turnover in daily standard deviations, about 1.
    basis_risk_weight : float
        Price in USD of one USD of standard deviation, 0 or more; 0 ranks by expected cost alone.

    Returns
    -------
    tuple of RankedInstrument
        Best first.

    Raises
    ------
    InputError
        No candidate, or a number out of range.

    References
    ----------
    Almgren, Thum, Hauptmann and Li (2005), "Direct estimation of equity market impact"; Toth et al.
    (2011), "Anomalous price impact", for the square root.
    """
    notional = _require_notional(hedge_notional_usd)
    days = _at_least_0(holding_days, "holding_days", strictly=True)
    volatility = _at_least_0(daily_volatility_fraction, "daily_volatility_fraction", strictly=True)
    impact = _at_least_0(impact_coefficient, "impact_coefficient")
    weight = _at_least_0(basis_risk_weight, "basis_risk_weight")
    if not candidates:
        raise InputError(
            "candidates is empty",
            parameter="candidates",
            value=0,
            allowed="at least one contract",
            remedy="Give the contracts to choose from.",
        )
    found = [_costs(c, notional=notional, days=days, shock=impact * volatility) for c in candidates]
    # The place in the input breaks ties, so that the order never depends on chance.
    order = sorted(range(len(found)), key=lambda i: (len(found[i].unknown), *_key(found[i].total(weight)), i))
    turnovers = [None if c.turnover_usd_daily is None else -c.turnover_usd_daily for c in candidates]
    liquidity, cost, basis = (
        _ranks(values) for values in (turnovers, [c.cost for c in found], [c.basis_risk for c in found])
    )
    return tuple(
        RankedInstrument(
            rank=rank,
            candidate=found[i].candidate,
            fees_usd=found[i].fees,
            slippage_usd=found[i].slippage,
            carry_usd=found[i].carry,
            cost_usd=found[i].cost,
            basis_risk_usd=found[i].basis_risk,
            total_usd=found[i].total(weight),
            participation_fraction=found[i].participation,
            liquidity_rank=liquidity[i],
            cost_rank=cost[i],
            basis_risk_rank=basis[i],
            unknown=found[i].unknown,
            reasons=_reasons(found[i], days),
        )
        for rank, i in enumerate(order, start=1)
    )


def _costs(candidate: InstrumentCandidate, *, notional: float, days: float, shock: float) -> _Costs:
    notional = notional if candidate.hedge_notional_usd is None else candidate.hedge_notional_usd
    size = abs(notional)
    taker = candidate.contract.taker_fee_fraction
    turnover = candidate.turnover_usd_daily
    carry = candidate.carry_annual_fraction
    basis = candidate.basis_volatility_daily_fraction
    named = {
        "taker_fee_fraction": taker,
        "turnover_usd_daily": turnover,
        "carry_annual_fraction": carry,
        "basis_volatility_daily_fraction": basis,
    }
    return _Costs(
        candidate=candidate,
        fees=None if taker is None else 2.0 * float(taker) * size,
        slippage=None if turnover is None else 2.0 * shock * math.sqrt(size / turnover) * size,
        carry=None if carry is None else notional * carry * days / DAYS_PER_YEAR,
        basis_risk=None if basis is None else size * basis * math.sqrt(days),
        participation=None if turnover is None else size / turnover,
        unknown=tuple(name for name, value in named.items() if value is None),
    )


def _reasons(costs: _Costs, days: float) -> tuple[str, ...]:
    said = []
    if costs.unknown:
        words = ", ".join(name.replace("_", " ") for name in costs.unknown)
        said.append(f"Ranked last because this is unknown: {words}.")
    if costs.fees is not None:
        said.append(f"Fees of opening and closing cost {costs.fees:,.2f} USD.")
    if costs.slippage is not None and costs.participation is not None:
        said.append(f"Trading {costs.participation:.2%} of a day's turnover costs {costs.slippage:,.2f} USD.")
        if costs.participation > HIGH_PARTICIPATION:
            said.append("The hedge is large for this market: split it, or expect worse.")
    if costs.carry is not None:
        verb = "earns" if costs.carry < 0 else "costs"
        said.append(f"Holding it for {days:g} days {verb} {abs(costs.carry):,.2f} USD.")
    if costs.basis_risk is not None:
        said.append(f"Its basis may move the result by {costs.basis_risk:,.2f} USD either way.")
    return tuple(said)


def _ranks(values: Sequence[float | None]) -> list[int | None]:
    """Place of each known value, smallest first; equal values share a place."""
    known = [value for value in values if value is not None]
    return [None if value is None else 1 + sum(other < value for other in known) for value in values]


def _key(total: float | None) -> tuple[bool, float]:
    return (True, 0.0) if total is None else (False, total)


def _require_notional(usd: float) -> float:
    return require_number(
        usd,
        "hedge_notional_usd",
        allowed="a size up to 1e12 USD, not 0; negative when short",
        valid=lambda number: 0 < abs(number) <= LARGEST_POSITION_USD,
    )


def _at_least_0(value: float, parameter: str, *, strictly: bool = False) -> float:
    return require_number(
        value,
        parameter,
        allowed="above 0" if strictly else "0 or more",
        valid=lambda number: number > 0 if strictly else number >= 0,
    )


def _optional(value: float | None, parameter: str, *, above: float, strictly: bool = False) -> None:
    if value is None:
        return
    require_number(
        value,
        parameter,
        allowed=f"above {above:g}, or None when unknown" if strictly else "a finite number, or None",
        valid=lambda number: number > above if strictly else number >= above,
    )
