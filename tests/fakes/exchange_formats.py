"""What Binance, Bybit and OKX answer, in their own formats and with their own habits.

Binance gives the oldest rows of a span first; Bybit and OKX give the newest ones of it, newest first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

DAY, HOUR = 86_400_000, 3_600_000
Query = Mapping[str, str]


def stamp(text: str) -> int:
    """Milliseconds of a UTC time."""
    return int(pd.Timestamp(text, tz="UTC").value // 1_000_000)


@dataclass(frozen=True)
class Listing:
    """One market of every fake exchange: prices follow from the time alone.

    ``charges`` are times in milliseconds and rates as text; ``delisted`` is when trading ended.
    """

    coin: str
    kind: Literal["spot", "linear", "inverse"] = "linear"
    quote: str = "USDT"
    first: int = stamp("2023-01-01")
    delisted: int | None = None
    trading: bool = True
    size: str = "1"
    step: str = "0.001"
    least: str = "0.001"
    tick: str = "0.10"
    least_notional: str = "5"
    multiplier: str = "1"
    charges: tuple[tuple[int, str], ...] = ()
    missing: frozenset[int] = frozenset()
    changed: Mapping[int, str] = field(default_factory=dict)

    @property
    def joined(self) -> str:
        return f"{self.coin}{self.quote}"

    @property
    def okx_id(self) -> str:
        return f"{self.coin}-{self.quote}" + ("" if self.kind == "spot" else "-SWAP")

    def close(self, at: int, length: int) -> str:
        """Price at the end of the bar that begins at a time."""
        return self.changed.get(at, f"{100 + at // length % 977 + 0.25:.2f}")

    def stamps(self, length: int, low: int, high: int, now: int) -> list[int]:
        """Beginnings of the bars there are, the open one included."""
        low = max(low, self.first // length * length)
        high = min(high, now, self.delisted or now)
        return [at for at in range(-(-low // length) * length, high + 1, length) if at not in self.missing]

    def candle(self, at: int, length: int, now: int) -> list[str]:
        """Open, high, low, close, volume as text; an open bar is far off what it will be."""
        close = "9999.99" if at + length > now else self.close(at, length)
        return [close, str(float(close) + 1), str(float(close) - 1), close, "12.5"]


@dataclass
class World:
    """What there is, and the exchanges' clock."""

    listings: tuple[Listing, ...]
    now: int

    def of(self, kind: str, name: str) -> Listing | None:
        """The listing of a kind with this name at Binance and Bybit."""
        return next((each for each in self.listings if each.kind == kind and each.joined == name), None)


def binance_answer(  # noqa: PLR0911
    host: str, path: str, query: Query, world: World
) -> tuple[int, Any]:
    """Binance: spot, USD-M (fapi) and COIN-M (dapi)."""
    kind = {"fapi": "linear", "dapi": "inverse"}.get(host.split(".", maxsplit=1)[0], "spot")
    what = path.rsplit("/v1/", maxsplit=1)[-1].rsplit("/v3/", maxsplit=1)[-1]
    if what == "time":
        return 200, {"serverTime": world.now}
    if what == "exchangeInfo":
        symbols = [_binance_symbol(each) for each in world.listings if each.kind == kind]
        return 200, {"timezone": "UTC", "serverTime": world.now, "symbols": symbols}
    if what == "fundingInfo":
        return 200, [{"symbol": "FOURUSDT", "fundingIntervalHours": 4}]
    if what == "ticker/24hr":
        return 200, [_binance_ticker(each, world) for each in world.listings if each.kind == kind]
    listing = world.of(kind, query.get("symbol", "").replace("_PERP", ""))
    if listing is None:
        return 400, {"code": -1121, "msg": "Invalid symbol."}
    low, high = int(query.get("startTime", 0)), int(query.get("endTime", world.now))
    limit = int(query.get("limit", 500))
    if what == "fundingRate":
        rows = [each for each in listing.charges if low <= each[0] <= min(high, world.now)][:limit]
        return 200, [
            {"symbol": query["symbol"], "fundingTime": at, "fundingRate": rate, "markPrice": _mark(at)}
            for at, rate in rows
        ]
    length = DAY if query["interval"] == "1d" else HOUR
    candles = [
        [at, *listing.candle(at, length, world.now), at + length - 1, "1250.0", 7, "6.0", "600.0", "0"]
        for at in listing.stamps(length, low, high, world.now)[:limit]
    ]
    return 200, candles


def _mark(at: int) -> str:
    return "100.5" if at >= stamp("2023-10-31") else ""


def _binance_symbol(listing: Listing) -> dict[str, Any]:
    minimum = {"linear": "notional", "spot": "minNotional"}.get(listing.kind)
    entry: dict[str, Any] = {
        "symbol": listing.joined + ("_PERP" if listing.kind == "inverse" else ""),
        "status": "TRADING" if listing.trading else "SETTLING",
        "baseAsset": listing.coin,
        "quoteAsset": listing.quote,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": "0.1",
                "maxPrice": "1000000",
                "tickSize": listing.tick,
            },
            {"filterType": "LOT_SIZE", "minQty": listing.least, "maxQty": "9000", "stepSize": listing.step},
            *([{"filterType": "MIN_NOTIONAL", minimum: listing.least_notional}] if minimum else []),
        ],
    }
    if listing.kind != "spot":
        inverse = listing.kind == "inverse"
        entry |= {
            "contractType": "PERPETUAL",
            "deliveryDate": 4133404800000,
            "onboardDate": listing.first,
            "marginAsset": listing.coin if inverse else listing.quote,
        }
        if inverse:
            entry |= {"contractSize": int(listing.size), "contractStatus": entry.pop("status")}
    return entry


def _binance_ticker(listing: Listing, world: World) -> dict[str, Any]:
    last = listing.close(world.now // DAY * DAY - DAY, DAY)
    return {
        "symbol": listing.joined,
        "lastPrice": last,
        "volume": "2000",
        "quoteVolume": f"{float(last) * 2000}",
    }


def bybit_answer(path: str, query: Query, world: World) -> tuple[int, Any]:  # noqa: PLR0911
    """Bybit, version 5."""
    what = path.removeprefix("/v5/market/")
    category = query.get("category", "")
    if what == "time":
        return 200, {"retCode": 0, "retMsg": "OK", "result": {}, "time": world.now}
    if what == "instruments-info":
        listed = [
            _bybit_instrument(each)
            for each in world.listings
            if each.kind == category and query.get("status") != "PreLaunch"
        ]
        return 200, _bybit(world, {"category": category, "list": listed, "nextPageCursor": ""})
    if what == "tickers":
        listed = [_bybit_ticker(each, world) for each in world.listings if each.kind == category]
        return 200, _bybit(world, {"category": category, "list": listed})
    listing = world.of(category, query.get("symbol", ""))
    if listing is None:
        return 200, {"retCode": 10001, "retMsg": "symbol invalid", "result": {}, "time": world.now}
    if what == "risk-limit":
        return 200, _bybit(world, {"category": category, "list": _bybit_risk(query["symbol"])})
    if what == "funding/history":
        low, high = int(query["startTime"]), int(query["endTime"])
        rows = [each for each in listing.charges if low <= each[0] <= min(high, world.now)]
        newest = rows[::-1][: min(200, int(query["limit"]))]
        listed = [
            {"symbol": query["symbol"], "fundingRate": rate, "fundingRateTimestamp": str(at)}
            for at, rate in newest
        ]
        return 200, _bybit(world, {"category": category, "list": listed})
    length = DAY if query["interval"] == "D" else HOUR
    low, high = int(query.get("start", 0)), int(query.get("end", world.now))
    newest_bars = listing.stamps(length, low, high, world.now)[::-1][: int(query["limit"])]
    rows_of = [[str(at), *listing.candle(at, length, world.now), "1250.0"] for at in newest_bars]
    return 200, _bybit(world, {"category": category, "symbol": query["symbol"], "list": rows_of})


def _bybit(world: World, result: dict[str, Any]) -> dict[str, Any]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": world.now}


def _bybit_instrument(listing: Listing) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "symbol": listing.joined,
        "status": "Trading" if listing.trading else "Closed",
        "baseCoin": listing.coin,
        "quoteCoin": listing.quote,
        "priceFilter": {"tickSize": listing.tick},
    }
    if listing.kind == "spot":
        entry["lotSizeFilter"] = {"basePrecision": listing.step, "minOrderQty": listing.least}
        return entry
    linear = listing.kind == "linear"
    return entry | {
        "contractType": "LinearPerpetual" if linear else "InversePerpetual",
        "launchTime": str(listing.first),
        "deliveryTime": "0",
        "settleCoin": listing.quote if linear else listing.coin,
        "fundingInterval": 480,
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100"},
        "lotSizeFilter": {
            "minOrderQty": listing.least,
            "maxOrderQty": "9000",
            "qtyStep": listing.step,
            **({"minNotionalValue": listing.least_notional} if linear else {}),
        },
    }


def _bybit_risk(symbol: str) -> list[dict[str, Any]]:
    tiers = (("2000000", "0.005", "100.00"), ("10000000", "0.01", "50.00"), ("20000000", "0.02", "25.00"))
    return [
        {"id": at, "symbol": symbol, "riskLimitValue": cap, "maintenanceMargin": rate, "maxLeverage": most}
        for at, (cap, rate, most) in enumerate(tiers, start=1)
    ]


def _bybit_ticker(listing: Listing, world: World) -> dict[str, Any]:
    last = listing.close(world.now // DAY * DAY - DAY, DAY)
    turnover = f"{float(last) * 3000}"
    return {
        "symbol": listing.joined,
        "lastPrice": last,
        "volume24h": "3000",
        "turnover24h": turnover,
        "openInterestValue": "1",
    }


def okx_answer(  # noqa: PLR0911
    path: str, query: Query, world: World, *, most_old_candles: int
) -> tuple[int, Any]:
    """OKX, version 5; ``before`` and ``after`` exclude their own instants."""
    what = path.removeprefix("/api/v5/")
    if what == "public/time":
        return 200, _okx([{"ts": str(world.now)}])
    if what in ("public/instruments", "market/tickers"):
        kind = query["instType"]
        kinds = {"SPOT": ("spot",), "SWAP": ("linear", "inverse")}.get(kind, ())
        make = _okx_instrument if what == "public/instruments" else _okx_ticker
        return 200, _okx([make(each, world) for each in world.listings if each.kind in kinds])
    if what == "public/position-tiers":
        return 200, _okx(_okx_tiers(query))
    listing = next((each for each in world.listings if each.okx_id == query.get("instId")), None)
    if listing is None:
        return 200, {"code": "51001", "msg": "Instrument ID doesn't exist", "data": []}
    if what == "public/funding-rate":
        times = {"fundingTime": str(world.now), "nextFundingTime": str(world.now + 4 * HOUR)}
        return 200, _okx([{"instId": listing.okx_id, "fundingRate": "0.0001", **times}])
    low, high = int(query.get("before", -1)) + 1, int(query.get("after", world.now + 1)) - 1
    if what == "public/funding-rate-history":
        rows = [each for each in listing.charges if low <= each[0] <= min(high, world.now)]
        return 200, _okx(
            [
                {"instId": listing.okx_id, "fundingRate": "0.5", "realizedRate": rate, "fundingTime": str(at)}
                for at, rate in rows[::-1][: min(100, int(query["limit"]))]
            ]
        )
    length = DAY if query["bar"] == "1Dutc" else HOUR
    most = most_old_candles if what == "market/history-candles" else 300
    newest = listing.stamps(length, low, high, world.now)[::-1][: min(most, int(query["limit"]))]
    return 200, _okx([_okx_candle(listing, at, length, world.now) for at in newest])


def _okx(data: list[Any]) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": data}


def _okx_candle(listing: Listing, at: int, length: int, now: int) -> list[str]:
    *prices, coins = listing.candle(at, length, now)
    contracts = "1250"
    return [str(at), *prices, *((coins,) if listing.kind == "spot" else (contracts, coins)), "1250.0", "1"]


def _okx_instrument(listing: Listing, world: World) -> dict[str, Any]:
    entry = {
        "instId": listing.okx_id,
        "instType": "SPOT" if listing.kind == "spot" else "SWAP",
        "state": "live" if listing.trading else "suspend",
        "lotSz": listing.step,
        "minSz": listing.least,
        "tickSz": listing.tick,
        "lever": "100",
        "listTime": str(listing.first),
    }
    if listing.kind == "spot":
        return entry | {"baseCcy": listing.coin, "quoteCcy": listing.quote}
    linear = listing.kind == "linear"
    return entry | {
        "uly": f"{listing.coin}-{listing.quote}",
        "instFamily": f"{listing.coin}-{listing.quote}",
        "settleCcy": listing.quote if linear else listing.coin,
        "ctType": listing.kind,
        "ctVal": listing.size,
        "ctMult": listing.multiplier,
        "ctValCcy": listing.coin if linear else "USD",
        "baseCcy": "",
        "quoteCcy": "",
    }


def _okx_tiers(query: Query) -> list[dict[str, str]]:
    tiers = (("0", "1000", "0.004", "100"), ("1001", "5000", "0.006", "75"))
    return [
        {
            "instFamily": query.get("instFamily", ""),
            "tier": str(at),
            "minSz": low,
            "maxSz": high,
            "mmr": rate,
            "maxLever": lever,
        }
        for at, (low, high, rate, lever) in enumerate(tiers, start=1)
    ]


def _okx_ticker(listing: Listing, world: World) -> dict[str, str]:
    last = listing.close(world.now // DAY * DAY - DAY, DAY)
    return {
        "instType": "SPOT" if listing.kind == "spot" else "SWAP",
        "instId": listing.okx_id,
        "last": last,
        "vol24h": "400000",
        "volCcy24h": "4000",
        "ts": str(world.now),
    }
