"""What BingX, MEXC and WEEX answer, in the formats that ccxt documents, with the habits it knows of them.

BingX gives the newest rows of a span, newest first. MEXC gives columns instead of rows, seconds instead of
milliseconds, and funding by pages from the newest on whatever span is asked for. WEEX gives the latest
candles alone unless its history is asked for, a hundred at a time.
"""

from __future__ import annotations

from typing import Any

from tests.fakes.exchange_formats import DAY, HOUR, Listing, Query, World
from tests.fakes.exchange_server import ExchangeServer

_LENGTHS = {"1d": DAY, "1h": HOUR, "Day1": DAY, "Min60": HOUR}


class OtherExchanges(ExchangeServer):
    """The usual fake, with these three behind it."""

    def answer(self, host: str, path: str, query: Query) -> tuple[int, Any]:
        """Status and content of an answer without fault."""
        answers = {"bingx": _bingx, "mexc": _mexc, "weex": _weex}
        name = next(name for name in answers if name in host)
        return 200, answers[name](path, query, self.world)


def _linear(world: World) -> list[Listing]:
    return [each for each in world.listings if each.kind == "linear"]


def _found(world: World, symbol: str) -> Listing:
    joined = symbol.replace("-", "").replace("_", "")
    return next(each for each in _linear(world) if each.joined == joined)


def _span(query: Query, begin: str, end: str, world: World, *, unit: int = 1) -> tuple[int, int]:
    return int(query.get(begin, 0)) * unit, int(query.get(end, world.now // unit)) * unit


def _charges(listing: Listing, low: int, high: int, world: World, symbol: str = "") -> list[dict[str, Any]]:
    return [
        {"symbol": symbol or listing.joined, "fundingRate": rate, "fundingTime": at}
        for at, rate in listing.charges
        if low <= at <= min(high, world.now)
    ]


def _bingx(path: str, query: Query, world: World) -> dict[str, Any]:
    found: list[Any] = []
    if path.endswith("/v2/quote/contracts"):
        found = [
            {
                "contractId": str(number),
                "symbol": f"{each.coin}-{each.quote}",
                "size": each.size,
                "quantityPrecision": "3",
                "pricePrecision": "1",
                "makerFeeRate": "0.0002",
                "takerFeeRate": "0.0005",
                "tradeMinQuantity": each.least,
                "tradeMinUSDT": each.least_notional,
                "currency": each.quote,
                "asset": each.coin,
                "status": "1",
                "apiStateOpen": "true",
                "apiStateClose": "true",
            }
            for number, each in enumerate(_linear(world))
        ]
    elif path.endswith("/quote/klines"):
        listing, length = _found(world, query["symbol"]), _LENGTHS[query["interval"]]
        stamps = listing.stamps(length, *_span(query, "startTime", "endTime", world), world.now)
        for at in reversed(stamps[-int(query.get("limit", 500)) :]):
            names = ("open", "high", "low", "close", "volume")
            candle = listing.candle(at, length, world.now)
            found.append(dict(zip(names, candle, strict=True)) | {"time": at})
    elif path.endswith("/quote/fundingRate"):
        listing = _found(world, query["symbol"])
        span = _span(query, "startTime", "endTime", world)
        found = _charges(listing, *span, world, query["symbol"])[-int(query.get("limit", 100)) :][::-1]
    elif path.endswith("/common/symbols"):
        return {"code": 0, "msg": "", "data": {"symbols": []}}
    return {"code": 0, "msg": "", "data": found}


def _mexc(path: str, query: Query, world: World) -> dict[str, Any]:
    if path.endswith("/v3/exchangeInfo"):
        return {"timezone": "CST", "serverTime": world.now, "symbols": []}
    data: Any = {}
    if path.endswith("/contract/detail"):
        data = [
            {
                "symbol": f"{each.coin}_{each.quote}",
                "baseCoin": each.coin,
                "quoteCoin": each.quote,
                "settleCoin": each.quote,
                "contractSize": float(each.size),
                "minLeverage": 1,
                "maxLeverage": 125,
                "priceUnit": float(each.tick),
                "volUnit": 1,
                "minVol": 1,
                "takerFeeRate": 0.0006,
                "makerFeeRate": 0.0002,
                "state": 0,
            }
            for each in _linear(world)
        ]
    elif "/contract/kline/" in path:
        listing, length = _found(world, path.rsplit("/", 1)[-1]), _LENGTHS[query["interval"]]
        stamps = listing.stamps(length, *_span(query, "start", "end", world, unit=1000), world.now)[-2000:]
        candles = [listing.candle(at, length, world.now) for at in stamps]
        columns = list(zip(*candles, strict=True)) or [()] * 5
        names = ("open", "high", "low", "close", "vol")
        data = {name: [float(value) for value in values] for name, values in zip(names, columns, strict=True)}
        data["time"] = [at // 1000 for at in stamps]
    elif "/funding_rate/history" in path:
        listing = _found(world, query["symbol"])
        rows = _charges(listing, 0, world.now, world)[::-1][: int(query.get("page_size", 20))]
        data = {
            "currentPage": 1,
            "resultList": [
                {
                    "symbol": query["symbol"],
                    "fundingRate": float(each["fundingRate"]),
                    "settleTime": each["fundingTime"],
                }
                for each in rows
            ],
        }
    return {"success": True, "code": 0, "data": data}


def _weex(path: str, query: Query, world: World) -> Any:
    if path == "/api/v3/time":
        return {"serverTime": world.now}
    if path == "/api/v3/exchangeInfo":
        return {"symbols": []}
    if path.endswith("/market/exchangeInfo"):
        return {
            "symbols": [
                {
                    "symbol": each.joined,
                    "baseAsset": each.coin,
                    "quoteAsset": each.quote,
                    "marginAsset": each.quote,
                    "pricePrecision": "1",
                    "quantityPrecision": "3",
                    "contractVal": each.step,
                    "minLeverage": "1",
                    "maxLeverage": "400",
                    "makerFeeRate": "0.0002",
                    "takerFeeRate": "0.0008",
                    "minOrderSize": each.least,
                }
                for each in _linear(world)
            ]
        }
    listing = _found(world, query["symbol"])
    if path.endswith("/fundingRate"):
        span = _span(query, "startTime", "endTime", world)
        return _charges(listing, *span, world)[: int(query.get("limit", 100))]
    length = _LENGTHS[query["interval"]]
    stamps = listing.stamps(length, 0, world.now, world.now)
    if path.endswith("/historyKlines"):
        low, high = _span(query, "startTime", "endTime", world)
        stamps = [at for at in stamps if low <= at <= high][:100]
    else:
        stamps = stamps[-int(query.get("limit", 100)) :]
    return [[at, *listing.candle(at, length, world.now)] for at in stamps]
