"""Live data: a year of twenty contracts from an exchange on the loopback, again, and 539 contracts from the store.

Each line is a fresh process, the exchange runs in one of its own. Held to the bars are seconds of CPU and those waited
for the venue's pace, as others may be at work on the machine. DuckDB over the same files stands beside the store's own
reading.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.recorded.apart import running_apart
from tests.recorded.tape import HOUR, Listed, Tape
from tests.source_tree import ROOT

NOW = 1_719_792_000 + 1800
DAYS = 372
CONTRACTS, HOURS = 539, 8760
COINS = tuple(f"C{number:02d}" for number in range(20))

REFRESH = """
import resource, sys, time
began, cpu = time.perf_counter(), time.process_time()
from pathlib import Path
from xladdin.feeds.exchange import ExchangeFeed
from xladdin.feeds.panel import collect
from xladdin.feeds.store.store import Store
from xladdin.feeds.venue.client import Client, Line
from xladdin.feeds.venue.declared import venue_named
url, root, now, *symbols = sys.argv[1:]
waited = [0.0]
def wait(seconds):
    waited[0] += seconds
    time.sleep(seconds)
line = Line(url, clock=lambda: float(now), wait=wait)
feed = ExchangeFeed(Client(venue_named("bybit"), line), Store(Path(root)), 1.0, 8760)
panel, notes = collect(feed, feed.load(symbols), bars=8760)
assert panel.prices.shape == (8761, 20), panel.prices.shape
"""

READ = """
import resource, sys, time
began, cpu, waited = time.perf_counter(), time.process_time(), [0.0]
from pathlib import Path
from xladdin.feeds.store.store import Store
store = Store(Path(sys.argv[1]))
found = [store.read(key, columns=("close",) if key.kind == "bars" else None) for key in store.series()]
assert sum(len(rows.times) for rows in found) == 539 * (8760 + 1095)
"""

DUCKDB = """
import resource, sys, time
began, cpu, waited = time.perf_counter(), time.process_time(), [0.0]
import duckdb
base = duckdb.connect()
base.execute("set threads=1")
base.execute("set enable_progress_bar=false")
for kind, value in (("bars-1h", "close"), ("funding", "rate")):
    files = f"{sys.argv[1]}/*/*/{kind}/*.parquet"
    base.execute(f"select filename, time, {value}, seen from read_parquet('{files}', filename=true)").fetchnumpy()
"""

TOLD = """
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(time.perf_counter() - began, time.process_time() - cpu, waited[0], peak)
"""


def main() -> None:
    """Print a line for each: seconds of CPU, those waited for the venue's pace, all that passed, and MB at the peak."""
    with tempfile.TemporaryDirectory() as place:
        store = f"{place}/store"
        tape = Tape(tuple(Listed(coin) for coin in COINS), NOW - NOW % HOUR - DAYS * 24 * HOUR, NOW)
        with running_apart("bybit", tape) as url:
            words = [url, store, str(NOW), *(f"{coin}USDT" for coin in COINS)]
            _line("a year of 20 contracts from the exchange", REFRESH, words, 12.0)
            _line("the same again", REFRESH, words, 1.0)
        large = Path(place) / "large"
        _fill(large)
        _line("539 contracts x 1 year from the store", READ, [str(large)], 2.0, 600.0)
        if importlib.util.find_spec("duckdb") is not None:
            _line("DuckDB over the same files", DUCKDB, [str(large)])


def _fill(root: Path) -> None:
    from xladdin.feeds.store.key import SeriesKey
    from xladdin.feeds.store.store import Store

    store, chance = Store(root), np.random.default_rng(1)
    times = (NOW // HOUR * HOUR + HOUR * np.arange(-HOURS, 0)).astype("datetime64[s]")
    span = (NOW // HOUR * HOUR - HOURS * HOUR, NOW // HOUR * HOUR)
    for number in range(CONTRACTS):
        closes = 100 * np.exp(np.cumsum(chance.normal(0, 0.01, HOURS)))
        rows = np.column_stack([closes, closes * 1.01, closes * 0.99, closes, chance.uniform(1, 1000, HOURS)]).round(4)
        store.append(SeriesKey("bybit", f"C{number}USDT", "bars", 1.0), times, rows, span, 1)
        store.append(SeriesKey("bybit", f"C{number}USDT", "funding"), times[::8], rows[::8, :1] * 1e-6, span, 1)


def _line(what: str, code: str, words: list[str], seconds: float | None = None, megabytes: float | None = None) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code + TOLD, *words]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    passed, cpu, waited, peak = map(float, said.split())
    bar = ""
    if seconds is not None:
        held = cpu + waited <= seconds and (megabytes is None or peak <= megabytes)
        bar = f"   {seconds:g} s{f' / {megabytes:g} MB' if megabytes else ''} {'held' if held else 'MISSED'}"
    print(f"{what:42} {cpu:5.2f} s of CPU, {waited:5.2f} s waited, {passed:6.2f} s passed, {peak:5.0f} MB{bar}")


if __name__ == "__main__":
    main()
