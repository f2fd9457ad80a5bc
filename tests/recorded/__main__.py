"""An exchange to try things on: `python -m tests.recorded bybit` answers as that venue does until Ctrl-C.

Its market is invented and stands in the present; what to type is told.
"""

from __future__ import annotations

import importlib
import sys
import threading
import time

from .server import running
from .tape import HOUR, Listed, Tape

SCRIPTS = ("binance", "bybit", "deribit", "gate", "hyperliquid", "kraken", "okx")
COINS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "1000PEPE")
DAYS = 370


def main(words: list[str]) -> int:
    if len(words) != 1 or words[0] not in SCRIPTS:
        print(f"python -m tests.recorded VENUE, of: {', '.join(SCRIPTS)}", file=sys.stderr)
        return 2
    now = time.time()
    quote = {"deribit": "USDC", "hyperliquid": "USDC", "kraken": "USD"}.get(words[0], "USDT")
    hours = ((0, 1 if words[0] in ("deribit", "hyperliquid", "kraken") else 8),)
    first = int(now) // HOUR * HOUR - DAYS * 24 * HOUR
    tape = Tape(tuple(Listed(coin, quote, quote, intervals=hours) for coin in COINS), first, now)
    with running(importlib.import_module(f".{words[0]}", __package__).answer, tape) as exchange:
        symbols = ",".join(f"{coin}{quote}" for coin in COINS)
        print(f"perpdesk refresh BOOK --venue {words[0]} --symbols {symbols} --bars 1000 --base-url {exchange.url}")
        while True:
            threading.Event().wait(1.0)
            tape.now = time.time()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(0)
