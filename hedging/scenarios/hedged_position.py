"""A position and its hedge as they stand, before anything happens to the market."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from hedging._checks import require_choice, require_kind, require_number
from hedging.estimators.results import BetaEstimate
from hedging.instruments.contracts import ContractKind
from hedging.instruments.plan import require_beta, require_position

LARGEST_NOTIONAL = 1e15  # the largest position times the largest beta


@dataclass(frozen=True)
class HedgedPosition:
    """A position and its hedge, as they stand.

    Attributes
    ----------
    position_usd, hedge_notional_usd : float
        Signed; a short hedge is negative.
    beta, beta_standard_error : float
    residual_volatility : float
        Idiosyncratic standard deviation per period, a fraction.
    asset_volatility, benchmark_volatility : float
        Per period, fractions.
    margin_usd : float or None
        Isolated margin behind the hedge, for an inverse contract the coins' value now; None: never
        liquidated.
    maintenance_fraction : float
        Maintenance margin as a fraction of the hedge's notional.
    contract_kind : {"linear", "inverse"}
        Where the hedge is liquidated: the margin of an inverse contract is coins.
    degrees_of_freedom : float or None
        Behind error and volatility, for Student's t; None where they are known.
    liquidation_price_move : float or None
        Move of the hedge's price that liquidates it, such as :class:`hedging.Liquidation` finds from an
        exchange's tiers: above 0 for a short, below it for a long. None works it out from the maintenance
        fraction.
    margin_exposure_usd : float
        Value now of coins that are the margin, where the hedge covers them as well: they move with the
        benchmark until they are lost. 0 for a margin in dollars.
    floored : bool
        Whether the position's value cannot fall below nothing: true of one asset, and of a book whose lines
        are all on one side. A net value that holds both sides can lose more than it is.
    """

    position_usd: float
    hedge_notional_usd: float
    beta: float
    beta_standard_error: float
    residual_volatility: float
    asset_volatility: float
    benchmark_volatility: float
    margin_usd: float | None = None
    maintenance_fraction: float = 0.005
    contract_kind: ContractKind = "linear"
    degrees_of_freedom: float | None = None
    liquidation_price_move: float | None = None
    margin_exposure_usd: float = 0.0
    floored: bool = True

    def __post_init__(self) -> None:
        require_position(self.position_usd)
        require_beta(self.beta, "beta")
        require_kind(self.floored, "floored", bool)
        require_choice(self.contract_kind, "contract_kind", get_args(ContractKind))
        require_number(
            self.hedge_notional_usd,
            "hedge_notional_usd",
            allowed=f"at most {LARGEST_NOTIONAL:g} in size",
            valid=lambda usd: abs(usd) <= LARGEST_NOTIONAL,
        )
        for name in ("beta_standard_error", "residual_volatility"):
            require_number(getattr(self, name), name, allowed="0 to 1000", valid=lambda v: 0 <= v <= 1e3)
        for name in ("asset_volatility", "benchmark_volatility"):
            require_number(
                getattr(self, name), name, allowed="above 0, at most 1000", valid=lambda v: 0 < v <= 1e3
            )
        if self.degrees_of_freedom is not None:
            require_number(
                self.degrees_of_freedom,
                "degrees_of_freedom",
                allowed="1 or more, or None",
                valid=lambda v: v >= 1,
            )
        require_number(
            self.maintenance_fraction,
            "maintenance_fraction",
            allowed="above 0 and below 0.5",
            valid=lambda value: 0 < value < 0.5,
        )
        require_number(
            self.margin_exposure_usd,
            "margin_exposure_usd",
            allowed=f"0 to {LARGEST_NOTIONAL:g}",
            valid=lambda usd: 0 <= usd <= LARGEST_NOTIONAL,
        )
        self._require_margin()

    def _require_margin(self) -> None:
        known = self.liquidation_price_move
        if known is not None:
            short = self.hedge_notional_usd < 0.0
            require_number(
                known,
                "liquidation_price_move",
                allowed="above 0 for a short hedge" if short else "between -1 and 0 for a long hedge",
                valid=lambda move: move > 0 if short else -1 < move < 0,
            )
        if self.margin_usd is not None:
            smallest = self.maintenance_fraction * abs(self.hedge_notional_usd)
            require_number(
                self.margin_usd,
                "margin_usd",
                allowed=f"above the maintenance margin of {smallest:,.2f} USD, or None",
                valid=lambda margin: margin > (0.0 if known is not None else smallest),
            )

    @classmethod
    def from_estimate(
        cls,
        estimate: BetaEstimate,
        *,
        position_usd: float,
        hedge_notional_usd: float,
        margin_usd: float | None = None,
        maintenance_fraction: float = 0.005,
        contract_kind: ContractKind = "linear",
        liquidation_price_move: float | None = None,
        margin_exposure_usd: float = 0.0,
        floored: bool = True,
    ) -> HedgedPosition:
        """Beta, its error and the volatilities from one estimate.

        Volatilities are those of the observations behind the estimate, for "downside" and "upside" one half
        of the market: shocks of the correlation then speak about that half.
        """
        require_kind(estimate, "estimate", BetaEstimate)
        return cls(
            position_usd=position_usd,
            hedge_notional_usd=hedge_notional_usd,
            beta=estimate.beta,
            beta_standard_error=estimate.beta_standard_error,
            residual_volatility=estimate.residual_volatility,
            asset_volatility=estimate.asset_volatility,
            benchmark_volatility=estimate.benchmark_volatility,
            margin_usd=margin_usd,
            maintenance_fraction=maintenance_fraction,
            contract_kind=contract_kind,
            degrees_of_freedom=estimate.degrees_of_freedom,
            liquidation_price_move=liquidation_price_move,
            margin_exposure_usd=margin_exposure_usd,
            floored=floored,
        )
