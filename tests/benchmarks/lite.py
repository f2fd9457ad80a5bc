"""xlwings Lite: calls through xlwings' own code for custom functions, jobs on what it sends, optima without daqp.

In CPython; Pyodide takes two to three times as long in plain loops. All without compiled loops and native solvers, as
`tests.block_native` has it. Beside each call stands `xladdin.call` with the same cells.
"""

from __future__ import annotations

import subprocess
import sys

from tests.source_tree import ROOT

__all__ = ["main"]

MEASURED = """
import tests.block_native
import asyncio, copy, shutil, tempfile, time
from pathlib import Path
import numpy as np
from tests.lite_host import main_module, remote_book, script, server, CALLER
import xlwings as xw
import xladdin
from tests.lite_payload import payload
from core.numeric.quadratic.program import QuadraticProgram
from core.numeric.quadratic.solve import solve

def least(run, turns=7, repeats=1):
    run()
    times = []
    for _ in range(turns):
        start = time.process_time()
        for _ in range(repeats):
            run()
        times.append((time.process_time() - start) / repeats)
    return min(times)

def line(name, ours, bar, theirs=None):
    ratio = f"{1e3 * theirs:12.3f}{ours / theirs:9.1f}" if theirs else " " * 21
    print(f"{name:44}{1e3 * ours:12.3f}{ratio}{1e3 * bar:9.2f}{'' if ours <= bar else '  MISSED'}")

import xladdin.hosts.lite.functions
start = time.process_time()
module = main_module()
line("publish all functions, for the first time", time.process_time() - start, 0.3)

def through(name, args):
    count = len(getattr(module, name).__xlfunc__["args"])
    where = server.caller_from_address(CALLER)
    async def once():
        data = dict(func_name=name, args=[*args, *[None] * (count - len(args))], caller_address=CALLER,
            version=xw.__version__, client="Office.js", runtime="1.4", date_format=None, culture_info_name="en-US",
            session_id="one")
        return await server.custom_functions_call(data, module, typehint_to_value={server.Caller: where})
    return once

loop = asyncio.new_event_loop()
block = [[float(100 + i % 7 + j) for j in range(10)] for i in range(2000)]
for label, name, args, repeats, bar in (
    ("a scalar call", "PERP_SIZE_VOL", ([[0.5]], [[0.4]], [[0.2]]), 300, 0.00015),
    ("20,000 cells in and out", "PERP_RETURNS", (block,), 3, 0.015),
):
    once = through(name, args)
    async def many():
        for _ in range(repeats):
            await once()
    line(label, least(lambda: loop.run_until_complete(many())) / repeats, bar,
        least(lambda: xladdin.call(name, *args), repeats=repeats))

sent = payload(Path("workbooks/PerpDesk.xlsx"))
from xladdin.hosts.lite import scripts
def job(name):
    def run():
        script(scripts, name, remote_book(copies.pop()))
    copies = [copy.deepcopy(sent) for _ in range(4)]
    return least(run, turns=3)
line("Rebalance on the demo", job("rebalance"), 0.8)

rng = np.random.default_rng(0)
def program(n):
    F = rng.normal(size=(n, max(3, n // 5)))
    return QuadraticProgram(P=F @ F.T / n + np.diag(rng.uniform(0.05, 0.2, n)), q=-rng.uniform(0, 0.2, n),
        rows=np.vstack([np.ones(n), rng.normal(size=(2, n))]), row_lower=np.r_[1.0, -3.0, -3.0],
        row_upper=np.r_[1.0, 3.0, 3.0], lower=np.full(n, -0.2), upper=np.full(n, 0.3))
for n, bar in ((10, 0.0004), (30, 0.0006), (60, 0.001)):
    programs = [program(n) for _ in range(10)]
    line(f"an optimum of {n} contracts", least(lambda: [solve(each) for each in programs]) / 10, bar)
"""


def main() -> None:
    """Print the table."""
    print(f"\n{'xlwings Lite, milliseconds of processor':44}{'ours':>12}{'xladdin.call':>12}{'ratio':>9}{'bar':>9}")
    subprocess.run([sys.executable, "-c", MEASURED], cwd=ROOT, check=True)
    size = (ROOT / "workbooks" / "PerpDesk-Lite.xlsx").stat().st_size
    print(f"{'PerpDesk-Lite.xlsx, bytes':44}{size:12,}{'':21}{900_000:>9,}")
