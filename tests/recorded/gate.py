"""Gate version 4: times in seconds; a request for candles says from and to, and 2,000 of them at most."""

from __future__ import annotations

from typing import Any

from .tape import Listed, Tape

HOURS = {"1h": 1, "2h": 2, "4h": 4, "8h": 8, "1d": 24}


def answer(tape: Tape, path: str, query: dict[str, str]) -> Any:
    name = path.removeprefix("/api/v4/")
    if name == "spot/time":
        return {"server_time": int(tape.now * 1000)}
    market, settle, what = name.split("/", 2)
    if market != "futures":
        raise KeyError(path)
    listed = [each for each in tape.contracts if each.settle.lower() == settle]
    if what == "contracts":
        return [_contract(tape, each) for each in listed]
    if what == "tickers":
        return [_ticker(tape, each) for each in listed]
    wanted = query["contract"]
    kind = wanted.split("_")[0] if wanted.split("_")[0] in ("mark", "index") else "bars"
    contract = next(each for each in listed if _id(each) == wanted.removeprefix(f"{kind}_"))
    if what == "risk_limit_tiers":
        return [
            {
                "tier": 1,
                "risk_limit": "1000000",
                "initial_rate": "0.01",
                "maintenance_rate": "0.004",
                "leverage_max": "100",
            },
            {
                "tier": 2,
                "risk_limit": "2000000",
                "initial_rate": "0.02",
                "maintenance_rate": "0.01",
                "leverage_max": "50",
            },
        ]
    start, end = int(query.get("from", 0)), int(query.get("to", 1e12))
    if what == "funding_rate":
        rows = [row for row in tape.settlements(contract) if start <= row[0] <= end]
        return [{"t": at, "r": rate} for at, rate in rows[::-1][: int(query.get("limit", 100))]]
    if what != "candlesticks":
        raise KeyError(path)
    if (end - start) // (HOURS[query["interval"]] * 3600) > 2000:
        return {"label": "INVALID_PARAM_VALUE", "message": "too many points"}
    rows = [bar for bar in tape.bars(contract, HOURS[query["interval"]], kind) if start <= bar.time <= end]
    return [_row(bar, contract, kind) for bar in rows]


def _row(bar: Any, contract: Listed, kind: str) -> dict[str, Any]:
    row = {"t": bar.time, **dict(zip("ohlc", bar.prices, strict=True))}
    contracts = float(bar.volume) * (bar.close if contract.inverse else 1) / contract.size
    return {**row, "v": round(contracts), "sum": "1"} if kind == "bars" else row


def _id(contract: Listed) -> str:
    return f"{contract.base}_{contract.quote}"


def _contract(tape: Tape, contract: Listed) -> dict[str, Any]:
    return {
        "name": _id(contract),
        "type": "inverse" if contract.inverse else "direct",
        "quanto_multiplier": "0" if contract.inverse else str(contract.size),
        "maintenance_rate": "0.004",
        "mark_price": tape.bars(contract)[-1].prices[3],
        "order_price_round": str(contract.tick),
        "order_price_deviate": "0.5",
        "order_size_min": 1,
        "order_size_max": 1000000,
        "leverage_min": "1",
        "leverage_max": "100",
        "maker_fee_rate": "-0.00025",
        "taker_fee_rate": "0.00075",
        "funding_rate": tape.next_settlement(contract)[1],
        "funding_next_apply": tape.next_settlement(contract)[0],
        "funding_interval": contract.intervals[-1][1] * 3600,
        "create_time": contract.listed_at or 1577836800,
        "in_delisting": False,
        "status": "trading",
    }


def _ticker(tape: Tape, contract: Listed) -> dict[str, str]:
    last = tape.bars(contract)[-1]
    return {
        "contract": _id(contract),
        "last": last.prices[3],
        "mark_price": last.prices[3],
        "high_24h": last.prices[1],
        "low_24h": last.prices[2],
        "volume_24h": "90050",
        "volume_24h_base": "900",
        "volume_24h_quote": f"{900.5 * last.close:.2f}",
        "change_percentage": "1",
        "total_size": "4321",
    }
