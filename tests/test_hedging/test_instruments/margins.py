"""Maintenance tiers that the tests of margin share."""

from __future__ import annotations

import math

from hedging.instruments.margin import MaintenanceTier, MaintenanceTiers


def tiers(*rows, unit="usd"):
    """Tiers from (floor, rate); amounts without a jump, leverage 1 / (2 rate)."""
    built = []
    amount = 0.0
    for i, (floor, rate) in enumerate(rows):
        cap = rows[i + 1][0] if i + 1 < len(rows) else math.inf
        if i:
            amount += floor * (rate - rows[i - 1][1])
        built.append(MaintenanceTier(floor, cap, rate, amount, max(1.0, 0.5 / rate)))
    return MaintenanceTiers(tuple(built), unit)


# The tables behind Binance's own example: amounts 135,365 and 16,300 belong to them.
ETH_2021 = tiers((0, 0.005), (1e4, 0.0065), (1e5, 0.01), (5e5, 0.02), (1e6, 0.05), (2e6, 0.10), (5e6, 0.125))
BTC_2021 = tiers((0, 0.004), (5e4, 0.005), (2.5e5, 0.01), (1e6, 0.025), (5e6, 0.05), (2e7, 0.1))
