"""A sweep: what a configuration costs by the quick route and by the general one, and what a second process brings."""

from __future__ import annotations

import itertools
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.market.panel import Panel
from xladdin.desk.read.desk import read_desk
from xladdin.desk.read.inputs import Desk, Universe
from xladdin.desk.template.build import sample_book
from xladdin.sweep.grid import Configuration
from xladdin.sweep.packed_desk import PackedDesk
from xladdin.sweep.places import Here, Place, Processes
from xladdin.sweep.plan import Plan
from xladdin.sweep.store import opened_store
from xladdin.sweep.sweep import sweep
from xladdin.sweep.task import Sweeping, versions

from .backtest import CONTRACTS, HOURS, _market

QUICK = {
    "Window": (240.0, 480.0, 720.0),
    "RiskAversion": (2.0, 5.0, 10.0, 20.0),
    "DecideEvery": (24.0, 48.0, 168.0),
    "TurnoverCost": tuple(float(cost) for cost in np.linspace(2e-4, 1e-3, 10)),
    "MaxWeight": (0.1, 0.2, 0.3),
}
"""1,080 of them: utility in a book of weights from 0 that sum to 1, as most desks have it."""

GENERAL = {"Model": ("hybrid",), "Window": (240.0, 480.0), "OverlayCap": (0.1, 0.15, 0.2, 0.25, 0.3, 0.35)}


def main() -> None:
    print(f"\nSweep, {HOURS:,} hours x {CONTRACTS} contracts")
    desk = _desk()
    quick = _configurations(QUICK)
    _run(desk, quick[:20], Here())  # loops and imports
    cpu, wall, _ = _run(desk, quick, Here())
    each = 1000 * cpu / len(quick)
    print(f"{len(quick):,} quick configurations, one process: {each:.2f} ms CPU each ({wall:.1f} s), bar 3.0 ms")
    general = _configurations(GENERAL)
    cpu, alone, first = _run(desk, general, Here())
    print(f"{len(general)} general configurations, one process: {cpu / len(general):.2f} s CPU each ({alone:.1f} s)")
    _, both, second = _run(desk, general, Processes(2))
    same = "the same table" if first.equals(second) else "ANOTHER TABLE"
    print(f"   two processes: {both:.1f} s, {alone / both:.2f} times as fast, bar 1.7 on two idle cores; {same}")


def _run(desk: Desk, configurations: list[Configuration], place: Place):
    """CPU and wall seconds of this process, and the table."""
    packed = PackedDesk.of(desk)
    sweeping = Sweeping(packed.digest, 720, versions())
    plan = Plan(desk, configurations, sweeping.first, "", "benchmark", "")
    with tempfile.TemporaryDirectory() as folder, opened_store(Path(folder) / "a.parquet", plan.header) as store:
        cpu, wall = time.process_time(), time.perf_counter()
        sweep(plan, store, place)
        return time.process_time() - cpu, time.perf_counter() - wall, store.table().sort_by("Key")


def _configurations(tried: dict[str, tuple]) -> list[Configuration]:
    names = sorted(tried)
    return [
        Configuration(tuple(zip(names, values, strict=True)))
        for values in itertools.product(*(tried[name] for name in names))
    ]


def _desk() -> Desk:
    """The sample desk with 20 contracts of 9,480 hours."""
    with sample_book() as book:
        sample = read_desk(book)
    prices, rates, _ = _market()
    rates = np.where(rates == 0, np.nan, rates)
    names = tuple(f"C{number}USDT" for number in range(CONTRACTS))
    first = np.zeros(len(sample.universe.symbols), dtype=np.bool_)
    first[0] = True
    one = vars(sample.universe.select(first))
    universe = Universe(
        **{name: np.repeat(values, CONTRACTS) for name, values in one.items() if name != "symbols"}, symbols=names
    )
    times = np.datetime64("2023-01-01", "s") + np.arange(HOURS) * np.timedelta64(3600, "s")
    history = Panel(times, names, prices, rates, 1.0)
    settings = replace(sample.settings, benchmark=names[0], objective="utility", covariance_method="ledoit_wolf")
    return replace(
        sample,
        settings=settings,
        universe=replace(universe, included=np.ones(CONTRACTS, dtype=np.bool_), positions=np.zeros(CONTRACTS)),
        history=history,
        panel=history.last(720),
        benchmark_returns=history.returns()[-720:, 0],
        limits={},
        tiers=(None,) * CONTRACTS,
    )
