"""OKX version 5: newest rows first; `after` means older than, `before` newer than, neither with the time itself."""

from __future__ import annotations

from typing import Any

from .tape import HOUR, MS, Candle, Listed, Tape

HOURS = {"1H": 1, "2H": 2, "4H": 4, "6Hutc": 6, "12Hutc": 12, "1Dutc": 24}
RECENT = 1440
"""Bars that the interface of recent candles has."""

FUNDING_DAYS = 95


def answer(tape: Tape, path: str, query: dict[str, str]) -> Any:
    name = path.removeprefix("/api/v5/")
    if name == path:
        raise KeyError(path)
    return {"code": "0", "msg": "", "data": _data(tape, name, query)}


def _data(tape: Tape, name: str, query: dict[str, str]) -> list[Any]:
    if name == "public/time":
        return [{"ts": str(int(tape.now * MS))}]
    if name == "public/instruments":
        return [_instrument(each) for each in tape.contracts]
    if name == "market/tickers":
        return [_ticker(tape, each) for each in tape.contracts]
    if name == "public/open-interest":
        return [
            {"instId": _id(each), "instType": "SWAP", "oi": "4321", "oiCcy": "43.21", "ts": str(int(tape.now * MS))}
            for each in tape.contracts
        ]
    if name == "public/funding-rate":
        return [_next_funding(tape, each) for each in tape.contracts]
    if name == "public/position-tiers":
        contract = next(each for each in tape.contracts if f"{each.base}-{each.quote}" == query["uly"])
        return _tiers(contract)
    wanted = query["instId"]
    if name == "public/funding-rate-history":
        contract = next(each for each in tape.contracts if _id(each) == wanted)
        rows = [(at * MS, rate) for at, rate in tape.settlements(contract) if at > tape.now - FUNDING_DAYS * 24 * HOUR]
        return [
            {"instId": wanted, "instType": "SWAP", "fundingRate": "0.5", "realizedRate": rate, "fundingTime": str(at)}
            for at, rate in _cut(rows, query, 100)
        ]
    kind = "mark" if "mark-price" in name else "index" if "index" in name else "bars"
    ids = {f"{each.base}-{each.quote}" if kind == "index" else _id(each): each for each in tape.contracts}
    bars = tape.bars(ids[wanted], HOURS[query["bar"]], kind)
    if "history" not in name:
        bars = bars[-RECENT:]
    most = 300 if kind == "bars" else 100
    return [_row(bar, kind, ids[wanted], tape) for _, bar in _cut([(bar.time * MS, bar) for bar in bars], query, most)]


def _cut(rows: list[tuple[int, Any]], query: dict[str, str], most: int) -> list[tuple[int, Any]]:
    """The newest of the rows between before and after."""
    older, newer = int(query.get("after", 1e15)), int(query.get("before", 0))
    return [row for row in rows if newer < row[0] < older][::-1][: min(int(query.get("limit", 100)), most)]


def _row(bar: Candle, kind: str, contract: Listed, tape: Tape) -> list[str]:
    row = [str(bar.time * MS), *bar.prices]
    contracts = float(bar.volume) * (bar.close if contract.inverse else 1) / contract.size
    volumes = [f"{contracts:.0f}", bar.volume, f"{float(bar.volume) * bar.close:.4f}"] if kind == "bars" else []
    return [*row, *volumes, "1" if bar.time + HOUR <= tape.now else "0"]


def _id(contract: Listed) -> str:
    return f"{contract.base}-{contract.quote}-SWAP"


def _instrument(contract: Listed) -> dict[str, Any]:
    return {
        "instType": "SWAP",
        "instId": _id(contract),
        "instFamily": f"{contract.base}-{contract.quote}",
        "uly": f"{contract.base}-{contract.quote}",
        "baseCcy": "",
        "quoteCcy": "",
        "settleCcy": contract.settle,
        "ctVal": str(contract.size),
        "ctMult": "1",
        "ctValCcy": contract.quote if contract.inverse else contract.base,
        "ctType": "inverse" if contract.inverse else "linear",
        "listTime": str(contract.listed_at * MS or 1577836800000),
        "expTime": "",
        "lever": "100",
        "tickSz": str(contract.tick),
        "lotSz": str(contract.lot),
        "minSz": str(contract.lot),
        "state": "live",
    }


def _next_funding(tape: Tape, contract: Listed) -> dict[str, str]:
    at, rate = tape.next_settlement(contract)
    return {
        "instId": _id(contract),
        "instType": "SWAP",
        "fundingRate": rate,
        "fundingTime": str(at * MS),
        "nextFundingRate": "",
        "nextFundingTime": str((at + contract.intervals[-1][1] * HOUR) * MS),
    }


def _tiers(contract: Listed) -> list[dict[str, str]]:
    tiers = (("0", "5000", "0.004", "100"), ("5001", "10000", "0.006", "75"))
    names = ("minSz", "maxSz", "mmr", "maxLever")
    return [
        {
            "instId": "",
            "uly": f"{contract.base}-{contract.quote}",
            "tier": str(place),
            **dict(zip(names, tier, strict=True)),
        }
        for place, tier in enumerate(tiers, 1)
    ]


def _ticker(tape: Tape, contract: Listed) -> dict[str, str]:
    last = tape.bars(contract)[-1]
    return {
        "instType": "SWAP",
        "instId": _id(contract),
        "last": last.prices[3],
        "open24h": last.prices[0],
        "high24h": last.prices[1],
        "low24h": last.prices[2],
        "vol24h": "90050",
        "volCcy24h": "900.5",
        "ts": str(int(tape.now * MS)),
    }
