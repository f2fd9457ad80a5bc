"""Hyperliquid: every question is posted to /info; the newest 5,000 candles only, 500 settlements an answer."""

from __future__ import annotations

from typing import Any

from .tape import HOUR, MS, Listed, Tape

HOURS = {"1h": 1, "2h": 2, "4h": 4, "8h": 8, "12h": 12, "1d": 24}
CANDLES, SETTLEMENTS = 5000, 500


def answer(tape: Tape, path: str, query: dict[str, Any]) -> Any:
    if path != "/info":
        raise KeyError(path)
    kind = query["type"]
    if kind == "exchangeStatus":
        return {"specialStatuses": None, "time": int(tape.now * MS)}
    listed = [each for each in tape.contracts if not each.inverse]
    if kind == "metaAndAssetCtxs":
        return [{"universe": [_asset(each) for each in listed]}, [_context(tape, each) for each in listed]]
    asked = query["req"] if kind == "candleSnapshot" else query
    contract = next(each for each in listed if each.base == asked["coin"])
    start, end = int(asked["startTime"]), int(asked.get("endTime", 1e15))
    if kind == "fundingHistory":
        rows = [(at * MS + 31, rate) for at, rate in tape.settlements(contract) if start <= at * MS + 31 <= end]
        return [
            {"coin": contract.base, "fundingRate": rate, "premium": "0.0", "time": at}
            for at, rate in rows[:SETTLEMENTS]
        ]
    if kind != "candleSnapshot":
        raise KeyError(kind)
    hours = HOURS[asked["interval"]]
    rows = [bar for bar in tape.bars(contract, hours)[-CANDLES:] if start <= bar.time * MS <= end]
    return [
        {
            "t": bar.time * MS,
            "T": (bar.time + hours * HOUR) * MS - 1,
            "s": contract.base,
            "i": asked["interval"],
            **dict(zip("ohlc", bar.prices, strict=True)),
            "v": bar.volume,
            "n": 46,
        }
        for bar in rows
    ]


def _asset(contract: Listed) -> dict[str, Any]:
    return {"name": contract.base, "szDecimals": 2, "maxLeverage": 50}


def _context(tape: Tape, contract: Listed) -> dict[str, Any]:
    last = tape.bars(contract)[-1]
    return {
        "dayNtlVlm": f"{900.5 * last.close:.4f}",
        "funding": tape.next_settlement(contract)[1],
        "impactPxs": [last.prices[2], last.prices[1]],
        "markPx": last.prices[3],
        "midPx": last.prices[3],
        "openInterest": "4321.5",
        "oraclePx": last.prices[3],
        "premium": "0.0",
        "prevDayPx": last.prices[0],
    }
