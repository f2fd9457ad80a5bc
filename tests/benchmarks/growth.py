"""How cost grows: seconds of CPU and peak memory of each job as a whole process, against contracts and against bars.

A desk of so many contracts is made and refreshed from a file as a person would, and each job is run on it once. Two
columns that stand for four times the work say by what power cost grows: 1 is straight, below 1 there is something that
every run pays.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tests.source_tree import ROOT

__all__ = ["Spent", "desk_of", "main", "spent"]

PERPDESK = (sys.executable, "-m", "xladdin.hosts.command_line.cli")

JOBS = ("refresh", "rebalance", "hedge", "stress", "check", "backtest")

BY_CONTRACTS = ((3, 720), (10, 720), (50, 720), (200, 720), (500, 720))
BY_BARS = ((8, 720), (8, 2_160), (8, 8_760), (8, 30_000))


SMALL = """
import json, os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(child.pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""
"""A small process that starts another: the peak of a process counts what it was forked from."""


class Spent(NamedTuple):
    """What one process took."""

    seconds: float
    megabytes: float


def main() -> None:
    """Print both tables as Markdown."""
    with tempfile.TemporaryDirectory() as place:
        floor = _run([sys.executable, "-c", "import numpy"])
        print(f"`import numpy`: {floor.seconds:.2f} s, {floor.megabytes:.0f} MB")
        for title, sizes in (("contracts, 720 hours each", BY_CONTRACTS), ("hours, 8 contracts", BY_BARS)):
            _table(title, sizes, Path(place))


def desk_of(folder: Path, contracts: int, bars: int, hours: int = 24) -> Path:
    """A desk of contracts that follow one market, refreshed from a file of bars that long, with a target."""
    desk, prices = folder / f"{contracts}x{bars}.xlsx", folder / f"{contracts}x{bars}.csv"
    if desk.exists():
        return desk
    rng = np.random.default_rng(7)
    market = rng.normal(0, 0.006, (bars + 1, 1))
    closes = 100 * np.exp(np.cumsum(market + rng.normal(0, 0.006, (bars + 1, contracts)), axis=0))
    times = np.datetime64("2024-06-01T00:00") - np.arange(bars, -1, -1) * np.timedelta64(hours, "h")
    names = ["BTCUSDT", *(f"C{k:03d}USDT" for k in range(1, contracts))]
    rows = (",".join([str(time), *(f"{close:.6f}" for close in row)]) for time, row in zip(times, closes, strict=True))
    prices.write_text("\n".join([",".join(["time", *names]), *rows]) + "\n")
    _run([*PERPDESK, "new", str(desk)])
    _run([*PERPDESK, *_words(desk, "refresh")])
    _run([*PERPDESK, "rebalance", str(desk), "--set", f"Window={bars}", "--out", str(desk), "--force"])
    return desk


def spent(desk: Path, job: str, *words: str) -> Spent:
    """CPU and memory of one job on a desk, which stays as it is."""
    return _run([*PERPDESK, *_words(desk, job), *words, "--out", str(desk.with_suffix(".out.xlsx")), "--force"])


def _words(desk: Path, job: str) -> list[str]:
    source = ["--from", str(desk.with_suffix(".csv")), "--symbols", "all"] if job == "refresh" else []
    return [job, str(desk), *source]


def _table(title: str, sizes: Sequence[tuple[int, int]], folder: Path) -> None:
    grown = [contracts if title.startswith("contracts") else bars for contracts, bars in sizes]
    print(f"\n| {title} | " + " | ".join(f"{size:,}" for size in grown) + " | power |")
    print("| --- |" + " ---: |" * (len(sizes) + 1))
    for job in JOBS:
        used = []
        for contracts, bars in sizes:  # a backtest walks through the half that its window leaves
            half = ("--set", f"Window={bars // 2}") if job == "backtest" else ()
            used.append(spent(desk_of(folder, contracts, bars, 1), job, *half))
        cells = [f"{each.seconds:.2f} s, {each.megabytes:.0f} MB" for each in used]
        growth = math.prod(sizes[-1]) / math.prod(sizes[-2])
        power = math.log(used[-1].seconds / used[-2].seconds) / math.log(growth)
        print(f"| {job} | " + " | ".join(cells) + f" | {power:.1f} |", flush=True)


def _run(command: Sequence[str]) -> Spent:
    """One process; whether its job passes its checks is of no interest here, but it must run."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", SMALL, *command],
        cwd=ROOT,
        env={**kept, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    code, seconds, kilobytes = json.loads(told.stdout)
    if code not in (0, 1) or "perpdesk: " in told.stderr or "Traceback" in told.stderr:
        raise RuntimeError(f"{' '.join(command)} ended with {code}: {told.stderr}")
    return Spent(seconds, kilobytes / 1024)
