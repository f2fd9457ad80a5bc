"""Bybit's interface of version 5: newest rows first, of the newest part of the time asked for."""

from __future__ import annotations

from typing import Any

from .tape import MS, Listed, Tape

HOURS = {"60": 1, "120": 2, "240": 4, "720": 12, "D": 24}


def answer(tape: Tape, path: str, query: dict[str, str]) -> Any:
    name = path.removeprefix("/v5/market/")
    if name == path:
        raise KeyError(path)
    return {"retCode": 0, "retMsg": "OK", "result": _result(tape, name, query), "time": int(tape.now * MS)}


def _result(tape: Tape, name: str, query: dict[str, str]) -> dict[str, Any]:
    if name == "time":
        return {"timeSecond": str(int(tape.now)), "timeNano": str(int(tape.now * 1e9))}
    category = query["category"]
    listed = [each for each in tape.contracts if each.inverse == (category == "inverse")]
    if name == "instruments-info":
        shown = [] if query.get("status") == "PreLaunch" else [_instrument(each) for each in listed]
        return {"category": category, "list": shown, "nextPageCursor": ""}
    if name == "tickers":
        return {"category": category, "list": [_ticker(tape, each) for each in listed]}
    contract = next(each for each in listed if _id(each) == query["symbol"])
    if name == "risk-limit":
        return {"category": category, "list": _tiers(contract)}
    if name == "funding/history":
        rows = [(at * MS, rate) for at, rate in tape.settlements(contract)]
        rows = [row for row in rows if int(query["startTime"]) <= row[0] <= int(query["endTime"])]
        return {
            "category": category,
            "list": [
                {"symbol": query["symbol"], "fundingRate": rate, "fundingRateTimestamp": str(at)}
                for at, rate in rows[::-1][: int(query.get("limit", 200))]
            ],
        }
    kinds = {"kline": "bars", "mark-price-kline": "mark", "index-price-kline": "index"}
    bars = tape.bars(contract, HOURS[query["interval"]], kinds[name])
    start, end = int(query.get("start", 0)), int(query.get("end", 1e15))
    rows = [bar for bar in bars if start <= bar.time * MS <= end][::-1][: min(int(query.get("limit", 200)), 1000)]
    return {"category": category, "symbol": query["symbol"], "list": [_row(bar, contract, kinds[name]) for bar in rows]}


def _row(bar: Any, contract: Listed, kind: str) -> list[str]:
    row = [str(bar.time * MS), *bar.prices]
    if kind != "bars":
        return row
    coins, money = bar.volume, f"{float(bar.volume) * bar.close:.4f}"
    return [*row, money, coins] if contract.inverse else [*row, coins, money]


def _id(contract: Listed) -> str:
    return f"{contract.base}{contract.quote}"


def _instrument(contract: Listed) -> dict[str, Any]:
    return {
        "symbol": _id(contract),
        "contractType": "InversePerpetual" if contract.inverse else "LinearPerpetual",
        "status": "Trading",
        "baseCoin": contract.base,
        "quoteCoin": contract.quote,
        "settleCoin": contract.settle,
        "launchTime": str(contract.said_listed_at * MS or 1577836800000),
        "deliveryTime": "0",
        "fundingInterval": contract.intervals[-1][1] * 60,
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
        "priceFilter": {"minPrice": "0.01", "maxPrice": "1999999", "tickSize": str(contract.tick)},
        "lotSizeFilter": {
            "minOrderQty": str(contract.size if contract.inverse else contract.lot),
            "maxOrderQty": "1000",
            "qtyStep": str(contract.lot),
        },
    }


def _tiers(contract: Listed) -> list[dict[str, Any]]:
    tiers = (("2000000", "0.005", "100.00"), ("4000000", "0.01", "50.00"))
    return [
        {
            "id": place,
            "symbol": _id(contract),
            "riskLimitValue": cap,
            "maintenanceMargin": rate,
            "maxLeverage": leverage,
        }
        for place, (cap, rate, leverage) in enumerate(tiers, 1)
    ]


def _ticker(tape: Tape, contract: Listed) -> dict[str, Any]:
    last = tape.bars(contract)[-1]
    coins, money = "900.5", f"{900.5 * last.close:.2f}"
    return {
        "symbol": _id(contract),
        "lastPrice": last.prices[3],
        "markPrice": last.prices[3],
        "indexPrice": last.prices[3],
        "prevPrice24h": last.prices[0],
        "price24hPcnt": "0.01",
        "highPrice24h": last.prices[1],
        "lowPrice24h": last.prices[2],
        "openInterest": "4321.5",
        "fundingRate": tape.next_settlement(contract)[1],
        "nextFundingTime": str(tape.next_settlement(contract)[0] * MS),
        "openInterestValue": "1",
        "turnover24h": coins if contract.inverse else money,
        "volume24h": money if contract.inverse else coins,
    }
