"""What people feel while they work: small programs, a frontier in a cell, limits that conflict, a machine that is busy.

Each line measures ours, its peer and the floor in one run, in seconds of CPU unless it says the wall clock, and tells
whether its goal is held; contenders take turns, so that whatever else the machine does falls on all.
"""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator

import daqp
import numpy as np

import xladdin
from core.decide.limits.conflict import explained
from core.decide.limits.declared import Group, Limits
from core.decide.limits.feasible_set import feasible_set
from core.decide.portfolio.optimize import optimize
from core.numeric.compiled import loaded, loops
from core.numeric.one_thread import SETTINGS
from tests.source_tree import ROOT

from .decide_frontier import problem
from .line import Line, show

__all__ = ["lines", "main"]

TURNS = 9


def main() -> None:
    """Print each line."""
    show(lines())


def lines() -> Iterator[Line]:
    """All of them; those without compiled loops first, as loops that are loaded stay."""
    before = loops.there
    try:
        for there in (False, True):
            loops.there = there
            yield from small_program()
        yield from least_cvar()
        yield from conflict()
        yield from frontier_in_a_cell()
    finally:
        loops.there = before
    yield from first_frontier()
    yield from beside_a_busy_processor()
    yield from while_loops_load()


def small_program() -> Iterator[Line]:
    """One quadratic program of 20 contracts, long only, by the loops that are there or not."""
    rng = np.random.default_rng(20)
    returns = 0.002 + 0.02 * rng.normal(size=(60, 20)) + 0.03 * rng.normal(size=(60, 1))
    covariance, mu, limits = np.cov(returns.T) * 365, rng.uniform(0, 0.5, 20), Limits(max_weight=0.2)
    ones, zeros = np.ones((1, 20)), np.zeros(20)
    upper, lower, kinds = np.append(zeros + 0.2, 1.0), np.append(zeros, 1.0), np.append(zeros, 5).astype(np.int32)
    contenders: dict[str, Callable[[], object]] = {
        "ours": lambda: optimize(mu, covariance, "min_variance", limits),
        "floor": lambda: daqp.solve(covariance, zeros, ones, upper, lower, kinds),
    }
    if importlib.util.find_spec("pypfopt") is not None:
        from pypfopt import EfficientFrontier

        contenders["peer"] = lambda: EfficientFrontier(mu, covariance, (0, 0.2)).min_volatility()
    by, goal = ("loops", 60) if loops.there else ("numpy", 45)
    yield _beside_peer(f"one program of 20 contracts, long only, by {by}", _medians(contenders, 20), "daqp alone", goal)


def least_cvar() -> Iterator[Line]:
    """The least CVaR of 20 contracts over a year of hours: with one market, and with nothing in common."""
    rng = np.random.default_rng(20)
    for words, market in (("one market", 1.0), ("independent", 0.0)):
        returns = 0.01 * (rng.standard_t(4, size=(8760, 20)) + market * rng.standard_t(3, size=(8760, 1)))
        covariance, limits, even = np.cov(returns.T), Limits(max_weight=0.3), np.full(20, 0.05)
        contenders: dict[str, Callable[[], object]] = {
            "ours": lambda r=returns, c=covariance, s=limits: optimize(np.zeros(20), c, "cvar", s, r),
            "floor": lambda r=returns, w=even: np.partition(r @ w, 438),
        }
        if importlib.util.find_spec("pypfopt") is not None:
            from pypfopt import EfficientCVaR

            contenders["peer"] = lambda r=returns: EfficientCVaR(np.zeros(20), r, weight_bounds=(0, 0.3)).min_cvar()
        yield _beside_peer(f"CVaR 20 x 8,760, {words}", _medians(contenders, 1), "one pass", 4)


def conflict() -> Iterator[Line]:
    """Why eleven limits on 100 contracts cannot hold together."""
    sectors = [np.arange(100) % 10 == sector for sector in range(10)]
    groups = tuple(Group(f"group_{k + 1}", members.astype(float), 0.05) for k, members in enumerate(sectors))
    limits, premium = Limits(groups=groups, max_weight=0.05), np.random.default_rng(0).normal(0.1, 0.1, 100)
    contenders: dict[str, Callable[[], object]] = {
        "ours": lambda: explained(limits, 100, premium),
        "floor": lambda: feasible_set(limits, 100, premium),
    }
    yield _within("a conflict of eleven limits, n = 100", _medians(contenders, 3), "stating them once", 5.0)


def frontier_in_a_cell() -> Iterator[Line]:
    """Fifty points of 100 contracts as a cell asks for them, once loops are loaded."""
    loaded()
    mu, covariance = problem(100)
    cells, row, limits = tuple(map(tuple, covariance.tolist())), (tuple(mu.tolist()),), (("max_weight", 1.0),)
    contenders: dict[str, Callable[[], object]] = {
        "ours": lambda: xladdin.call("PERP_FRONTIER", row, cells, 50, limits),
        "floor": lambda: np.linalg.cholesky(np.array(cells)),
    }
    yield _within("PERP_FRONTIER n = 100 in a cell", _medians(contenders, 10), "cells and one factor", 0.9)


FIRST = """
import xladdin.hosts, time, numpy as np
from tests.benchmarks.decide_frontier import problem
from core.decide.portfolio.frontier import efficient_frontier
mu, covariance = problem(100)
start = time.process_time()
efficient_frontier(mu, covariance)
print(time.process_time() - start)
"""


def first_frontier() -> Iterator[Line]:
    """The same in the core, as the first thing that a process does; no loops are there."""
    taken = statistics.median(float(_child(FIRST)) for _ in range(5))
    yield Line(
        "the first frontier of a process, n = 100", f"ours {taken * 1e3:.2f} ms", taken, "<= 2 ms", taken <= 2e-3
    )


BUSY = "while True: pass"

OPTIMA = """
import json, sys, time, numpy as np
from core.decide.limits.declared import Limits
from core.decide.portfolio.optimize import optimize
from core.numeric import one_thread
from tests.benchmarks.decide_frontier import problem
if sys.argv[1] == "not held": one_thread.alone()
mu, covariance = problem(100)
taken = []
for _ in range(int(sys.argv[2])):
    start = time.perf_counter()
    optimize(mu, covariance, "min_variance", Limits(max_weight=0.2))
    taken.append(time.perf_counter() - start)
print(json.dumps(taken[2:]))
"""


def beside_a_busy_processor() -> Iterator[Line]:
    """One optimum of 100 contracts by the wall clock, in a process with the usual threads, beside one that is busy."""
    busy = subprocess.Popen([sys.executable, "-c", BUSY])
    try:
        held = json.loads(_child(OPTIMA, "held", "200"))
        free = json.loads(_child(OPTIMA, "not held", "20"))
    finally:
        busy.kill()
        busy.wait()
    median, late = float(np.median(held)), float(np.percentile(held, 90))
    words = f"median {median * 1e3:.2f} ms, p90 {late * 1e3:.2f} ms; not held {np.median(free) * 1e3:.1f} ms"
    yield Line("an optimum, n = 100, beside a busy processor", words, late / median, "p90 <= 3x", late <= 3 * median)


LIVE = """
import json, threading, time, numpy as np, xladdin
from xladdin.hosts import background
rng = np.random.default_rng(1)
asset, market = (tuple((float(x),) for x in rng.normal(0, 0.01, 720)) for _ in range(2))
xladdin.call("PERP_BETA", asset, market)
taken, loader = [], background.Loader(seconds=0.0)
def ask(times):
    for _ in range(times):
        due = time.perf_counter() + 0.01
        time.sleep(0.01)
        xladdin.call("PERP_BETA", asset, market)
        taken.append(time.perf_counter() - due)
        loader.answered()
ask(150)
quiet = list(taken)
taken.clear()
loader.start()
while loader.is_alive():
    ask(8)
    time.sleep(0.2)
print(json.dumps([quiet, taken]))
"""


def while_loops_load() -> Iterator[Line]:
    """`xladdin.call` by the wall clock, from when it is due, while the loops load in the same process."""
    quiet, during = ([each * 1e3 for each in taken] for taken in json.loads(_child(LIVE)))
    usual, middle = float(np.median(quiet)), float(np.median(during))
    late, last = float(np.percentile(during, 90)), max(during)
    words = f"p50 {middle:.2f} ms ({middle / usual:.2f}x quiet), p90 {late:.2f}, max {last:.0f} of {len(during)} calls"
    held = middle <= 1.5 * usual and late <= 5 and last <= 100
    yield Line("xladdin.call while compiled loops load", words, middle / usual, "1.5x, 5, 100", held)


def _beside_peer(work: str, medians: dict[str, float], floor: str, goal: float) -> Line:
    ours, peer = medians["ours"], medians.get("peer", float("nan"))
    words = f"ours {ours * 1e3:.3f} ms, PyPortfolioOpt {peer * 1e3:.2f} ms, {floor} {medians['floor'] * 1e3:.3f} ms"
    return Line(work, f"{peer / ours:.0f}x: {words}", peer / ours, f">= {goal:g}x", peer >= goal * ours)


def _within(work: str, medians: dict[str, float], floor: str, goal: float) -> Line:
    ours = medians["ours"] * 1e3
    words = f"ours {ours:.2f} ms, {floor} {medians['floor'] * 1e3:.2f} ms"
    return Line(work, words, ours, f"<= {goal:g} ms", ours <= goal)


def _medians(contenders: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of CPU of one call of each; they take turns."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, work in [*contenders.items()] * TURNS:
            work()  # not timed: imports, and what the contender before has left
            start = time.process_time()
            for _ in range(repeats):
                work()
            taken[name].append((time.process_time() - start) / repeats)
    return {name: statistics.median(times) for name, times in taken.items()}


def _child(program: str, *words: str) -> str:
    """What a process of its own prints, with the threads that a person's has."""
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, cwd=ROOT, env=kept, check=True, capture_output=True, text=True).stdout
