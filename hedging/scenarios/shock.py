"""What may happen to the market, apart from how far the benchmark moves."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hedging._checks import require_number, require_window
from hedging.errors import InputError

DAYS_PER_YEAR = 365.0
SAME = 1e-12  # relative: what binary fractions leave of 24 * (1 / 3) / 8


@dataclass(frozen=True)
class Shock:
    """What happens to the market; every field alone or together.

    Attributes
    ----------
    beta_after : float or None
        Beta breaks to this value.
    correlation_after : float or None
        Correlation falls to this; the asset's volatility stays, so that beta becomes
        ``rho s_a / s_f`` and the idiosyncratic volatility ``s_a sqrt(1 - rho^2)``, as least squares would
        find them: another estimator's beta jumps to that even at today's correlation. Not with
        ``beta_after``.
    funding_rate : float
        Rate per charge during the shock, positive: longs pay shorts.
    funding_charges : int
        Number of charges.
    basis_change_fraction : float
        Basis of the hedge's price over its spot afterwards, from none: the hedge moves by
        ``(1 + r)(1 + basis) - 1``.
    periods : float
        Over how many periods the shock plays out: idiosyncratic noise grows with its root.
    """

    beta_after: float | None = None
    correlation_after: float | None = None
    funding_rate: float = 0.0
    funding_charges: int = 0
    basis_change_fraction: float = 0.0
    periods: float = 1.0

    def __post_init__(self) -> None:
        if self.beta_after is not None:
            require_number(
                self.beta_after, "beta_after", allowed="-100 to 100", valid=lambda v: abs(v) <= 100
            )
        if self.correlation_after is not None:
            require_number(
                self.correlation_after, "correlation_after", allowed="-1 to 1", valid=lambda v: abs(v) <= 1
            )
            if self.beta_after is not None:
                raise InputError(
                    "both beta_after and correlation_after are given, and each decides beta",
                    parameter="correlation_after",
                    value=self.correlation_after,
                    allowed="one of the two",
                    remedy="Leave one out.",
                )
        require_number(
            self.funding_rate, "funding_rate", allowed="-0.4 to 0.4", valid=lambda v: abs(v) <= 0.4
        )
        require_window(self.funding_charges, smallest=0, parameter="funding_charges")
        require_number(
            self.basis_change_fraction,
            "basis_change_fraction",
            allowed="-0.9 to 0.9",
            valid=lambda value: abs(value) <= 0.9,
        )
        require_number(self.periods, "periods", allowed="above 0, at most 1e6", valid=lambda v: 0 < v <= 1e6)

    @classmethod
    def over_days(
        cls,
        days: float,
        *,
        periods_per_year: float,
        funding_interval_hours: float | None,
        funding_rate: float = 0.0,
        basis_change_fraction: float = 0.0,
        beta_after: float | None = None,
        correlation_after: float | None = None,
    ) -> Shock:
        """A shock that plays out over some days of 24 hours.

        Periods are ``days * periods_per_year / 365``, charges ``floor(24 days / interval)``.

        Parameters
        ----------
        days : float
        periods_per_year : float
            Of the returns behind the estimate.
        funding_interval_hours : float or None
            Between charges; None for a contract that is charged none.
        funding_rate, basis_change_fraction, beta_after, correlation_after
            As the fields.
        """
        positive = {"days": days, "periods_per_year": periods_per_year}
        if funding_interval_hours is not None:
            positive["funding_interval_hours"] = funding_interval_hours
        for name, value in positive.items():
            require_number(value, name, allowed="above 0, at most 1e6", valid=lambda v: 0 < v <= 1e6)
        charges = 0
        if funding_interval_hours is not None:
            charges = math.floor(24.0 * days / funding_interval_hours * (1.0 + SAME))
        return cls(
            beta_after=beta_after,
            correlation_after=correlation_after,
            funding_rate=funding_rate,
            funding_charges=charges,
            basis_change_fraction=basis_change_fraction,
            periods=days * periods_per_year / DAYS_PER_YEAR,
        )
