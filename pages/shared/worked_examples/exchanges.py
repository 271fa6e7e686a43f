"""What exchanges print about their own contracts: P&L, funding, margin and liquidation."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

import numpy as np

from hedging import (
    InverseContract,
    LinearContract,
    MaintenanceTier,
    MaintenanceTiers,
    MarginedPosition,
    average_entry_price,
    contract_pnl_coin,
    contract_pnl_usd,
    cross_liquidation_prices,
    funding_payment_coin,
    funding_payment_usd,
    liquidation_price,
)
from pages.shared.worked_examples.example import PrintedFigure, WorkedExample

CONTRACTS, FUNDING, LIQUIDATION = "Contracts", "Funding", "Margin and liquidation"
EXACT = 1e-9  # a number with few digits, worked out

COIN = LinearContract("one coin")
DOLLAR = InverseContract("one dollar", contract_size=Decimal(1))
WALLET = 1_535_443.01
ETH_BRACKETS = (
    (0.0, 0.005),
    (1e4, 0.0065),
    (1e5, 0.01),
    (5e5, 0.02),
    (1e6, 0.05),
    (2e6, 0.10),
    (5e6, 0.125),
)
BTC_BRACKETS = ((0.0, 0.004), (5e4, 0.005), (2.5e5, 0.01), (1e6, 0.025), (5e6, 0.05), (2e7, 0.1))


def _tiers(brackets: tuple[tuple[float, float], ...]) -> MaintenanceTiers:
    """Brackets of (floor, rate) with the amounts that make the margin continuous."""
    built: list[MaintenanceTier] = []
    amount, below = 0.0, 0.0
    for place, (floor, rate) in enumerate(brackets):
        amount += floor * (rate - below)
        cap = brackets[place + 1][0] if place + 1 < len(brackets) else math.inf
        built.append(MaintenanceTier(floor, cap, rate, amount, 0.5 / rate))
        below = rate
    return MaintenanceTiers(tuple(built))


def _eth() -> MarginedPosition:
    return MarginedPosition(COIN, 3_683.979, 1_456.84, 1_335.18, _tiers(ETH_BRACKETS))


def _btc() -> MarginedPosition:
    return MarginedPosition(COIN, 109.488, 32_481.98, 31_967.27, _tiers(BTC_BRACKETS))


def _isolated(held: Callable[[], MarginedPosition]) -> Callable[[], float]:
    return lambda: _price(liquidation_price(held(), margin_usd=WALLET, convention="binance").price_usd)


def _cross(place: int) -> Callable[[], float]:
    return lambda: _price(
        cross_liquidation_prices([_eth(), _btc()], wallet_usd=WALLET, convention="binance")[place].price_usd
    )


def _small(contracts: float) -> Callable[[], float]:
    def compute() -> float:
        held = MarginedPosition(COIN, contracts, 10.0, 10.0, _tiers(((0.0, 0.005), (2.0, 0.01))))
        return _price(liquidation_price(held, margin_usd=10.0 / 5, convention="binance").price_usd)

    return compute


def _bybit() -> float:
    held = MarginedPosition(COIN, 1.0, 20_000.0, 20_000.0, MaintenanceTiers.flat(0.005))
    return _price(liquidation_price(held, margin_usd=20_000.0 / 50, convention="bybit").price_usd)


def _price(found: float | None) -> float:
    return math.nan if found is None else found


def _average(quantities: list[float], prices: list[float], *, inverse: bool) -> Callable[[], float]:
    return lambda: average_entry_price(
        np.array(quantities), np.array(prices), kind="inverse" if inverse else "linear"
    )


EXAMPLES: tuple[WorkedExample, ...] = (
    WorkedExample(
        CONTRACTS,
        "A coin-margined long from 8,000 to 12,500",
        "Bybit help centre, What is an inverse contract",
        "10,000 contracts of 1 USD",
        "N (1 / P_0 - 1 / P_1)",
        "hedging.contract_pnl_coin",
        (
            PrintedFigure(
                "gain, BTC",
                "0.45",
                lambda: contract_pnl_coin(10_000, DOLLAR, entry_price_usd=8_000, exit_price_usd=12_500),
                EXACT,
            ),
        ),
    ),
    WorkedExample(
        CONTRACTS,
        "Dollar-margined P&L, long and short",
        "Bybit help centre, P&L calculations of USDT contracts",
        "0.2 BTC long from 7,000 to 7,500; 0.4 BTC short from 6,000 to 5,000",
        "q (P_1 - P_0)",
        "hedging.contract_pnl_usd",
        (
            PrintedFigure(
                "long, USD",
                "100",
                lambda: contract_pnl_usd(0.2, COIN, entry_price_usd=7_000, exit_price_usd=7_500),
                EXACT,
            ),
            PrintedFigure(
                "short, USD",
                "400",
                lambda: contract_pnl_usd(-0.4, COIN, entry_price_usd=6_000, exit_price_usd=5_000),
                EXACT,
            ),
        ),
    ),
    WorkedExample(
        CONTRACTS,
        "Average entry prices",
        "Bybit help centre, How to calculate the average entry price",
        "inverse: 1,000 at 5,000 and 2,000 at 6,000; 50 at 10,000 and 50 at 15,000; linear: 0.5 at 5,000 and "
        "0.3 at 6,000",
        "inverse sum q / sum (q / P), linear sum (q P) / sum q",
        "hedging.average_entry_price",
        (
            PrintedFigure(
                "inverse, 1,000 and 2,000", "5625", _average([1e3, 2e3], [5e3, 6e3], inverse=True), EXACT
            ),
            PrintedFigure(
                "inverse, 50 and 50", "12000", _average([50, 50], [1e4, 1.5e4], inverse=True), EXACT
            ),
            PrintedFigure("linear", "5375", _average([0.5, 0.3], [5e3, 6e3], inverse=False), EXACT),
        ),
    ),
    WorkedExample(
        FUNDING,
        "An hour of funding on 100,000 contracts short",
        "Kraken support, inverse perpetual specifications, example of a funding rate",
        "short 100,000 contracts of 1 USD, rate 0.01785 % an hour, BTC at 7,000; positive is received",
        "-notional x rate; in coin over the mark",
        "hedging.funding_payment_usd, hedging.funding_payment_coin",
        (
            PrintedFigure("USD", "17.85", lambda: funding_payment_usd(-100_000, 0.0001785)),
            PrintedFigure(
                "BTC", "0.00255", lambda: funding_payment_coin(-100_000, 0.0001785, mark_usd=7_000)
            ),
        ),
    ),
    WorkedExample(
        FUNDING,
        "Ten units at a mark of 2",
        "freqtrade, tests of the funding fee",
        "10 units, mark 2.0, rate 0.0001; a positive rate is paid by longs to shorts",
        "-size x mark x rate",
        "hedging.funding_payment_usd",
        (
            PrintedFigure("short receives", "0.002", lambda: funding_payment_usd(-20.0, 1e-4), EXACT),
            PrintedFigure("long pays", "-0.002", lambda: funding_payment_usd(20.0, 1e-4), EXACT),
        ),
    ),
    WorkedExample(
        LIQUIDATION,
        "Two longs on one wallet, isolated and cross",
        "Binance support, How to calculate the liquidation price of USD-margined futures",
        "wallet 1,535,443.01; ETH 3,683.979 at 1,456.84, mark 1,335.18; BTC 109.488 at 32,481.98, mark "
        "31,967.27; maintenance 10 % less 135,365 and 2.5 % less 16,300",
        "(W + amount - q E) / (q (rate - 1)); cross: W less the other's maintenance plus its unrealised P&L",
        "hedging.liquidation_price, hedging.cross_liquidation_prices",
        (
            PrintedFigure("ETH, isolated", "1114.78", _isolated(_eth)),
            PrintedFigure("BTC, isolated", "18778.73", _isolated(_btc)),
            PrintedFigure("ETH, cross", "1153.26", _cross(0)),
            PrintedFigure("BTC, cross", "26316.89", _cross(1)),
        ),
    ),
    WorkedExample(
        LIQUIDATION,
        "One unit at 10 with five times leverage",
        "freqtrade, tests of the liquidation price (Binance convention)",
        "entry 10, margin 2, maintenance rate 1 %, maintenance amount 0.01",
        "short (W + amount + q E) / (q (1 + rate)); long with the signs turned",
        "hedging.liquidation_price(..., convention='binance')",
        (
            PrintedFigure("short", "11.89108910891089", _small(-1.0), 1e-13),
            PrintedFigure("long", "8.070707070707071", _small(1.0), 1e-13),
        ),
    ),
    WorkedExample(
        LIQUIDATION,
        "One bitcoin long at 20,000 with fifty times leverage",
        "Bybit help centre, Liquidation price (USDT contract)",
        "entry 20,000, 50x, maintenance rate 0.5 %",
        "E - (initial margin - maintenance margin) / q",
        "hedging.liquidation_price(..., convention='bybit')",
        (PrintedFigure("liquidation price", "19700", _bybit, EXACT),),
    ),
    WorkedExample(
        LIQUIDATION,
        "The bracket of a position of 264,000",
        "Binance support, table of 2020 for BTCUSDT",
        "brackets from 0, 50,000 and 250,000 at 0.4 %, 0.5 % and 1 %",
        "the bracket that holds the notional",
        "hedging.MaintenanceTiers.tier_at",
        (
            PrintedFigure(
                "maintenance rate",
                "0.01",
                lambda: _tiers(BTC_BRACKETS).tier_at(264_000).maintenance_rate_fraction,
                EXACT,
            ),
        ),
    ),
)
