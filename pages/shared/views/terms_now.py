"""The terms in use beside what the exchange says, today or when it was last asked."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from data.errors import DataError
from data.kept_terms import ExchangeTerms
from hedging import HedgingError
from hedging.plots.formats import percent_text
from pages.shared.terms import ChosenContract

#: Fields that may be typed under Terms, by the field of the contract.
TYPED = ("contract_size", "quantity_step", "minimum_quantity")
LABELS = {
    "contract_size": "size of one contract",
    "quantity_step": "step, contracts",
    "minimum_quantity": "smallest order, contracts",
    "minimum_notional_usd": "smallest order, USD",
    "price_step": "price step, USD",
    "funding_interval_hours": "funding every, hours",
    "taker_fee_fraction": "taker fee, standard list",
}
SAME, DIFFERS = "✓ same", "≠ differs"
NOT_STATED = "not stated"


def terms_table(chosen: ChosenContract, now: ExchangeTerms, *, today: bool = True) -> pd.DataFrame:
    """One row for each term: in use, said by the exchange, and whether they agree."""
    used, said = chosen.contract, now.terms.contract()
    rows = {
        label: _row(getattr(used, name), getattr(said, name), is_fee=name == "taker_fee_fraction")
        for name, label in LABELS.items()
    }
    rows["maintenance margin, smallest tier"] = _maintenance(chosen, now)
    when = "today" if today else f"on {now.fetched_at:%Y-%m-%d}"
    columns = ["in use", f"{now.terms.exchange} {when}", ""]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis(chosen.contract.name)


def terms_that_differ(chosen: ChosenContract, now: ExchangeTerms) -> dict[str, float]:
    """What would have to be typed under Terms to trade by what the exchange says."""
    said = now.terms.contract()
    found = {name: getattr(said, name) for name in TYPED}
    return {name: float(value) for name, value in found.items() if value != getattr(chosen.contract, name)}


def age_text(said: ExchangeTerms, *, now: pd.Timestamp) -> str:
    """When the exchange said it, and how long ago that is."""
    hours = (now - said.fetched_at) / pd.Timedelta(hours=1)
    ago = f"{hours:,.0f} hours" if hours < 48 else f"{hours / 24:,.0f} days"
    stated = f"As {said.terms.exchange} stated them on {said.fetched_at:%Y-%m-%d %H:%M} UTC"
    return f"{stated}, {ago} ago" if hours >= 1 else stated


def _row(used: Decimal | None, said: Decimal | None, *, is_fee: bool) -> tuple[str, str, str]:
    shown = [
        NOT_STATED if each is None else f"{float(each):.3%}" if is_fee else f"{each.normalize():f}"
        for each in (used, said)
    ]
    return shown[0], shown[1], "" if used is None or said is None else SAME if used == said else DIFFERS


def _maintenance(chosen: ChosenContract, now: ExchangeTerms) -> tuple[str, str, str]:
    tiers = chosen.maintenance
    used = None if isinstance(tiers, HedgingError) else tiers.tiers[0].maintenance_rate_fraction
    shown = NOT_STATED if used is None else percent_text(used)
    if isinstance(now.tiers, DataError):
        return shown, "not public", ""
    said = now.tiers.tiers.tiers[0].maintenance_rate_fraction
    return shown, percent_text(said), "" if used is None else SAME if used == said else DIFFERS
