"""What a person waits for in LibreOffice Calc: the worker's side of a call, a formula from end to end, the menu's jobs.

Beside each formula stands one of Calc's own over the same cells, and beside the worker's answers the same functions
called in this process: what lies between them is the way there and back.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import xladdin
from tests.calc_office import Document, Office, office
from tests.conftest import office_problem
from tests.source_tree import ROOT
from xladdin.hosts.calc.extension.messages import Block, Link, receive
from xladdin.hosts.calc.extension.place import Serving

REPEATS, TURNS = 200, 7

WHOLE_COLUMNS = "=PERP_BETA(A:A;B:B)"


def main() -> None:
    """Print the tables."""
    _worker()
    problem = office_problem()
    if problem:
        print(f"\ncalc: {problem}")
        return
    with tempfile.TemporaryDirectory() as folder, office(Path(folder)) as running:
        _formulas(running.new())
        _desk(running)


def _worker() -> None:
    rng = np.random.default_rng(1)
    asset, market = (tuple((float(x),) for x in rng.normal(0, 0.01, 720)) for _ in range(2))
    wide = tuple(tuple(map(float, row)) for row in rng.normal(0, 0.01, (8760, 20)))
    calls: list[tuple[str, float, str, tuple[Any, ...]]] = [
        ("scalar: PERP_BETA_PORTFOLIO of two", 1e-4, "PERP_BETA_PORTFOLIO", (((0.5, 0.5),), ((1.0, 1.4),))),
        ("PERP_BETA, 2 x 720 cells", 1e-3, "PERP_BETA", (asset, market)),
        ("PERP_COV, 8760 x 20 cells", 60e-3, "PERP_COV", (wide, "sample")),
    ]
    serving = Serving(sys.executable, str(ROOT))
    process = subprocess.Popen(serving.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdin is not None
    assert process.stdout is not None
    link = Link(lambda: receive(process.stdout), process.stdin, {})  # type: ignore[arg-type]
    print(f"\n{'calc, the worker':44}{'there and back':>15}{'in this process':>17}{'ratio':>8}  bar")
    for name, bar, function, cells in calls:
        ours, here = _least(partial(_asked, link, function, cells)), _least(partial(xladdin.call, function, *cells))
        verdict = "within" if ours <= bar else "MISSES"
        print(f"{name:44}{ours * 1e3:>12.3f} ms{here * 1e3:>14.3f} ms{ours / here:>7.1f}x  {verdict} {bar * 1e3:g} ms")
    process.stdin.close()
    process.wait()
    process.stdout.close()


def _asked(link: Link, function: str, cells: tuple[Any, ...]) -> Any:
    """One call as the component makes it, packing included."""
    return link.ask("call", function, *(Block.of(each) if isinstance(each, tuple) else each for each in cells))


def _formulas(document: Document) -> None:
    rng = np.random.default_rng(1)
    for begin in range(0, 8760, 2190):
        document.write("Sheet1", f"A{begin + 1}", rng.normal(0, 0.01, (2190, 20)).tolist())
    document.write("Sheet1", "X1", [[0.5, 0.5], [1.0, 1.4]])
    document.formula("Sheet1", "Z1", "=PERP_VERSION()")
    formulas = [
        ("scalar: PERP_BETA_PORTFOLIO of two", 10e-3, "=PERP_BETA_PORTFOLIO(X1:Y1;X2:Y2)", "=SUMPRODUCT(X1:Y1;X2:Y2)"),
        ("PERP_BETA, 2 x 720 cells", 20e-3, "=PERP_BETA(A1:A720;B1:B720)", "=SLOPE(A1:A720;B1:B720)"),
        ("PERP_COV, 8760 x 20 cells", 0.25, '=PERP_COV(A1:T8760;"sample")', "=COVAR(A1:A8760;B1:B8760)"),
        ("PERP_BETA, two whole columns", 3.0, WHOLE_COLUMNS, "=SLOPE(A:A;B:B)"),
    ]
    print(f"\n{'calc, a formula from end to end':44}{'ours':>15}{'one of Calc':>17}{'ratio':>8}  bar")
    for name, bar, ours, theirs in formulas:
        taken = min(document.seconds("Sheet1", "Z2", ours) for _ in range(TURNS))
        other = min(document.seconds("Sheet1", "Z3", theirs) for _ in range(TURNS))
        verdict = "within" if taken <= bar else "MISSES"
        print(
            f"{name:44}{taken * 1e3:>12.2f} ms{other * 1e3:>14.2f} ms{taken / other:>7.1f}x  {verdict} {bar * 1e3:g} ms"
        )


def _desk(running: Office) -> None:
    """The desk workbook by the clock: opened, computed anew, and each job of the day twice, the worker being there."""
    print(f"\n{'calc, the desk workbook':44}{'first':>15}{'again':>17}  bar")
    desks: list[Document] = []
    jobs = ("rebalance", "hedge", "stress", "check", "backtest")
    waits: list[tuple[str, float, Callable[[], object]]] = [
        ("opened", 3.0, partial(_open, running, desks)),
        ("computed anew", 0.5, partial(_recalculate, desks)),
        *((job, 1.0, partial(_job, desks, job)) for job in jobs),
    ]
    for name, bar, wait in waits:
        first, again = _seconds(wait), _seconds(wait)
        verdict = "within" if max(first, again) <= bar else "MISSES"
        print(f"{name:44}{first:>13.2f} s{again:>15.2f} s  {verdict} {bar:g} s")


def _open(running: Office, desks: list[Document]) -> None:
    desks.append(running.open(ROOT / "workbooks" / "PerpDesk.xlsx"))


def _recalculate(desks: list[Document]) -> None:
    desks[-1].recalculate()


def _job(desks: list[Document], job: str) -> None:
    state, said = desks[-1].dispatch(f"org.perpdesk.calc:{job}")
    if not state:
        raise RuntimeError(said)


def _seconds(wait: Callable[[], object]) -> float:
    start = time.perf_counter()
    wait()
    return time.perf_counter() - start


def _least(contender: Callable[[], object]) -> float:
    """Seconds of a call in the quickest of TURNS turns."""
    contender()
    taken = []
    for _ in range(TURNS):
        start = time.perf_counter()
        contender()
        repeats = max(1, min(REPEATS, int(0.05 / (time.perf_counter() - start))))
        start = time.perf_counter()
        for _ in range(repeats):
            contender()
        taken.append((time.perf_counter() - start) / repeats)
    return min(taken)
