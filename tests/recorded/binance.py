"""Binance USD-M (fapi) and COIN-M (dapi): oldest rows first from startTime; a klines row has twelve fields."""

from __future__ import annotations

from typing import Any

from .tape import HOUR, MS, Listed, Tape

HOURS = {"1h": 1, "2h": 2, "4h": 4, "8h": 8, "1d": 24}
DAYS_200 = 200 * 86_400 * MS


def answer(tape: Tape, path: str, query: dict[str, str]) -> Any:
    market, _, name = path.strip("/").partition("/")
    name = name.split("/", 1)[1]
    coin = market == "dapi"
    listed = [each for each in tape.contracts if each.inverse == coin]
    if name == "time":
        return {"serverTime": int(tape.now * MS)}
    if name == "exchangeInfo":
        return {"timezone": "UTC", "serverTime": int(tape.now * MS), "symbols": [_symbol(each) for each in listed]}
    if name == "ticker/24hr":
        return [_ticker(tape, each) for each in listed]
    if name == "premiumIndex":
        return [_premium(tape, each) for each in listed]
    wanted = query.get("symbol") or f"{query['pair']}{'_PERP' if coin else ''}"
    contract = next(each for each in listed if _id(each) == wanted)
    if name == "openInterest":
        return {"symbol": wanted, "openInterest": "12345.678", "time": int(tape.now * MS)}
    if name == "fundingRate":
        rows = [(at * MS + 3, rate) for at, rate in tape.settlements(contract)]
        rows = [row for row in rows if int(query.get("startTime", 0)) <= row[0] <= int(query.get("endTime", 1e15))]
        return [
            {"symbol": wanted, "fundingTime": at, "fundingRate": rate, "markPrice": "1"}
            for at, rate in rows[: int(query.get("limit", 100))]
        ]
    kinds = {"klines": "bars", "markPriceKlines": "mark", "indexPriceKlines": "index"}
    start, end = int(query.get("startTime", 0)), int(query.get("endTime", 1e15))
    if coin and end - start > DAYS_200:
        return {"code": -1128, "msg": "the time span is longer than 200 days"}
    hours = HOURS[query["interval"]]
    rows = [bar for bar in tape.bars(contract, hours, kinds[name]) if start <= bar.time * MS <= end]
    return [_row(bar, hours, _volumes(bar, contract)) for bar in rows[: min(int(query.get("limit", 500)), 1500)]]


def _row(bar: Any, hours: int, volumes: tuple[str, str]) -> list[Any]:
    closed = (bar.time + hours * HOUR) * MS - 1
    return [bar.time * MS, *bar.prices, volumes[0], closed, volumes[1], 9, "1", "1", "0"]


def _volumes(bar: Any, contract: Listed) -> tuple[str, str]:
    """volume and the field of quote volume, which COIN-M fills with contracts and coins."""
    if contract.inverse:
        return f"{float(bar.volume) * bar.close / contract.size:.0f}", bar.volume
    return bar.volume, f"{float(bar.volume) * bar.close:.4f}"


def _id(contract: Listed) -> str:
    return f"{contract.base}{contract.quote}" + ("_PERP" if contract.inverse else "")


def _symbol(contract: Listed) -> dict[str, Any]:
    own = {"contractSize": contract.size, "contractStatus": "TRADING"} if contract.inverse else {"status": "TRADING"}
    return {
        "symbol": _id(contract),
        "pair": f"{contract.base}{contract.quote}",
        "contractType": "PERPETUAL",
        "deliveryDate": 4133404800000,
        "onboardDate": contract.listed_at * MS or 1569398400000,
        "baseAsset": contract.base,
        "quoteAsset": contract.quote,
        "marginAsset": contract.settle,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000", "tickSize": str(contract.tick)},
            {"filterType": "LOT_SIZE", "minQty": str(contract.lot), "maxQty": "1000", "stepSize": str(contract.lot)},
        ],
        **own,
    }


def _premium(tape: Tape, contract: Listed) -> dict[str, Any]:
    at, rate = tape.next_settlement(contract)
    return {
        "symbol": _id(contract),
        "markPrice": tape.bars(contract)[-1].prices[3],
        "lastFundingRate": rate,
        "nextFundingTime": at * MS,
        "time": int(tape.now * MS),
    }


def _ticker(tape: Tape, contract: Listed) -> dict[str, Any]:
    last = tape.bars(contract)[-1]
    own = (
        {"volume": "900", "baseVolume": "450.5"}
        if contract.inverse
        else {"volume": "900.5", "quoteVolume": f"{900.5 * last.close:.2f}"}
    )
    return {
        "symbol": _id(contract),
        "lastPrice": last.prices[3],
        "weightedAvgPrice": last.prices[3],
        "openPrice": last.prices[0],
        "highPrice": last.prices[1],
        "lowPrice": last.prices[2],
        "openTime": 1,
        "closeTime": int(tape.now * MS),
        **own,
    }
