"""Python's side of a call from Excel: through xlwings' own server object and converters, over a stand-in of pywin32.

What Windows adds, bringing cells from one process to the other, is not in it. Beside each stands xlwings' bare path:
the same cells to a function that does nothing and gives back as many.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from tests.source_tree import ROOT
from tests.xladdin.hosts.excel.fake_win32 import windows

UDFS = "xladdin.hosts.excel.udfs"
REPEATS, TURNS = 200, 7

FRESH = """
import json, sys, time
sys.path.insert(0, "tests/xladdin/hosts/excel")
from fake_win32 import windows
from xladdin.hosts.excel.server import without_pandas
with without_pandas(), windows() as found:
    import {module}
    found.com_server.XLPython().CallUDF({call})
    print(json.dumps([time.process_time(), time.time()]))
"""

BARE = "tests.benchmarks.excel_bare"

LIVE = """
import json, time
import numpy as np
from core.estimate.beta.rolling import rolling_beta
from core.estimate.volatility.garch import garch
from core.numeric.compiled import loops
from xladdin.hosts.background import Loader

rng = np.random.default_rng(1)
market = rng.normal(0, 0.01, 8760)
assets = market[:, None] + rng.normal(0, 0.01, (8760, 100))
work = {
    "rolling beta 100 x 8760, window 720": lambda: rolling_beta(assets, market, 720),
    "GARCH of one contract, 8760 rows": lambda: garch(assets[:, :1]),
}
def medians():
    found = {}
    for name, run in work.items():
        run()
        times = []
        for _ in range(5):
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
        found[name] = sorted(times)[2]
    return found

before = medians()
loader = Loader(seconds=0.0)
start = time.perf_counter()
loader.start()
loader.join()
took = time.perf_counter() - start
assert loops.there
print(json.dumps([before, medians(), took]))
"""


def main() -> None:
    """Print the tables."""
    print(f"\n{'excel, Python side of a call':44}{'ours':>12}{'bare xlwings':>16}{'ratio':>9}  bar")
    with windows() as found:
        server = found.com_server.XLPython()
        for name, bar, call, bare in _calls():
            asked = partial(server.CallUDF, UDFS, "answer", call), partial(server.CallUDF, BARE, "give_back", bare)
            ours, theirs = _least(*asked)
            _line(name, ours, theirs, bar)
    first = _fresh(UDFS, f'"{UDFS}", "answer", ("A1", "PERP_BETA_PORTFOLIO", ((0.5, 0.5),), ((1.0, 1.4),))')
    bare_first = _fresh(BARE, f'"{BARE}", "give_back", (1.0,)')
    for clock, ours, theirs in zip(("processor", "wall clock"), first, bare_first, strict=True):
        _line(f"fresh process to first answer, {clock}", ours, theirs, 0.35)
    before, after, took = json.loads(_run(LIVE))
    print(f"\n{'a live process':44}{'by numpy':>12}{'by loops':>16}{'ratio':>9}")
    for name, seconds in before.items():
        print(f"{name:44}{seconds * 1e3:>9.2f} ms{after[name] * 1e3:>13.2f} ms{seconds / after[name]:>8.1f}x")
    print(f"{'loading them in the background':44}{took:>9.2f} s")


def _calls() -> list[tuple[str, float, tuple[object, ...], tuple[object, ...]]]:
    """What is asked, its bar in seconds, the call of ours, and the cells for the bare one."""
    rng = np.random.default_rng(1)
    asset, market = (tuple((float(x),) for x in rng.normal(0, 0.01, 720)) for _ in range(2))
    prices = tuple(tuple(map(float, row)) for row in 100 * np.exp(rng.normal(0, 0.01, (2000, 10))))
    where = "[Book1]Sheet1!$A$1"
    weights = (((0.5, 0.5),), ((1.0, 1.4),))
    return [
        ("scalar: PERP_BETA_PORTFOLIO of two", 1e-4, (where, "PERP_BETA_PORTFOLIO", *weights), (1.0,)),
        ("PERP_BETA, 2 x 720 cells", 7e-4, (where, "PERP_BETA", asset, market), (1.0, asset, market)),
        ("PERP_RETURNS, 20,000 cells in and out", 50e-3, (where, "PERP_RETURNS", prices), (prices,)),
    ]


def _least(*contenders: Callable[[], object]) -> list[float]:
    """Seconds of each in its quickest turn; they take turns, so that whatever else the machine does falls on all."""
    times: list[list[float]] = [[] for _ in contenders]
    for _ in range(TURNS):
        for contender, taken in zip(contenders, times, strict=True):
            start = time.perf_counter()
            contender()
            repeats = max(1, min(REPEATS, int(0.05 / (time.perf_counter() - start))))
            start = time.perf_counter()
            for _ in range(repeats):
                contender()
            taken.append((time.perf_counter() - start) / repeats)
    return [min(taken) for taken in times]


def _fresh(module: str, call: str) -> list[float]:
    """Least seconds until the answer is there: those of a processor, and those on the wall from before the start."""
    script = FRESH.format(module=module, call=call)
    processor, wall = [], []
    for _ in range(TURNS):
        start = time.time()
        used, answered = json.loads(_run(script))
        processor.append(used)
        wall.append(answered - start)
    return [min(processor), min(wall)]


def _run(script: str) -> str:
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _line(name: str, ours: float, bare: float, bar: float) -> None:
    verdict = "within" if ours <= bar else "MISSES"
    print(f"{name:44}{ours * 1e3:>9.3f} ms{bare * 1e3:>13.3f} ms{ours / bare:>8.1f}x  {verdict} {bar * 1e3:g} ms")
