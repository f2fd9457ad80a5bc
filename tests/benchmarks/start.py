"""How long a command takes as a whole process, in seconds of CPU against `python -c "import numpy"` in the same run.

Each figure is the median of several processes, taken in turn with numpy's so that whatever else the machine does falls
on both; once with one BLAS thread and once as a person has it. Compiled sources are kept, as after any first start.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tests.source_tree import ROOT

from .line import Line, show

__all__ = ["lines", "main"]

ROUNDS, LONGER = 5, 3
PERPDESK = (sys.executable, "-m", "xladdin.hosts.command_line.cli")
NUMPY = (sys.executable, "-c", "import numpy")

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT", "XRPUSDT", "ADAUSDT", "DOGEUSDT", "LINKUSDT")


def main() -> None:
    """Print a line for each command: as it is usual, with one thread, and whether the goal is held."""
    show(lines())


def lines() -> Iterator[Line]:
    """Each command as it is usual, beside numpy's import in the same run, and with one thread."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _ready(folder)
        for what, words, goal in _cases(folder):
            usual, own, first = _ratio(words, folder, {})
            single, *_ = _ratio(words, folder, ONE_THREAD)
            measured = f"{own:.3f} s, {usual:.2f} x numpy ({first:.3f} s); {single:.2f} with one thread"
            yield Line(what, measured, usual, f"<= {goal:g}x", usual <= goal)
        for what, words, goal in _longer(folder):
            usual, own, first = _ratio(words, folder, {}, LONGER)
            measured = f"{own:.3f} s, {usual:.2f} x numpy ({first:.3f} s)"
            yield Line(what, measured, usual, f"<= {goal:g}x", usual <= goal)
        yield _day(folder)


def _cases(folder: Path) -> Iterator[tuple[str, Sequence[str], float]]:
    three, desk = str(folder / "three.xlsx"), str(folder / "desk.xlsx")
    yield "perpdesk --help", ["--help"], 0.5
    yield "perpdesk functions", ["functions"], 0.5
    yield "perpdesk call", ["call", "PERP_CAPM_RETURN", "1.2", "0.05", "0.12"], 1.7
    yield "perpdesk new", ["new", str(folder / "made.xlsx")], 2.0
    for job in ("rebalance", "hedge", "stress", "check"):
        yield f"{job} of 3 x 720", [job, three, "--out", str(folder / "out.xlsx"), "--force"], 3.0
    for job in ("rebalance", "hedge", "stress", "check"):
        yield f"{job} of the sample, 8 x 2,160", [job, desk, "--out", str(folder / "out.xlsx"), "--force"], 3.0


def _longer(folder: Path) -> Iterator[tuple[str, Sequence[str], float]]:
    """What stands beside the day, of the sample; and a year of hours, of which a model learns every thirty days."""
    desk, eight = str(folder / "desk.xlsx"), str(folder / "eight.csv")
    out = ["--out", str(folder / "out.xlsx"), "--force"]
    learned = ["--set", "Model=learned", "--set", "Window=720"]
    yield "orders", ["orders", desk], 2.5
    yield "report", ["report", desk, "--out", str(folder / "desk.html")], 2.75
    yield "refresh from a file of 8 x 2,160", ["refresh", desk, "--from", eight, "--symbols", "all", *out], 11.0
    yield "backtest of the sample", ["backtest", desk, *out], 11.0
    yield "verify of the sample", ["verify", desk, *out], 28.0
    yield "rebalance that learns, 8 x 8,760", ["rebalance", str(folder / "year.xlsx"), *learned, *out], 17.0


def _day(folder: Path) -> Line:
    """The whole day on 8 x 2,160, refresh included."""
    words = ["day", str(folder / "desk.xlsx"), "--from", str(folder / "eight.csv"), "--symbols", "all", "--force"]
    taken = statistics.median(_seconds([*PERPDESK, *words, "--out", str(folder / "day.xlsx")], {}) for _ in range(3))
    return Line("day of 8 x 2,160, refresh to check", f"{taken:.3f} s", taken, "<= 2 s", taken <= 2)


def _ratio(
    words: Sequence[str], folder: Path, environment: dict[str, str], rounds: int = ROUNDS
) -> tuple[float, float, float]:
    """Ratio of the medians, and both."""
    ours, numpys = [], []
    for _ in range(rounds):
        (folder / "made.xlsx").unlink(missing_ok=True)
        numpys.append(_seconds(NUMPY, environment))
        ours.append(_seconds([*PERPDESK, *words], environment))
    own, first = statistics.median(ours), statistics.median(numpys)
    return own / first, own, first


def _seconds(command: Sequence[str], environment: dict[str, str]) -> float:
    """CPU of one process; whether its job passes its checks is of no interest here, but it must run."""
    kept = {name: value for name, value in os.environ.items() if name not in {*ONE_THREAD, "PYTHONDONTWRITEBYTECODE"}}
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**kept, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    said = child.stderr.read() if child.stderr else b""
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1) or said.startswith(b"perpdesk: ") or b"Traceback" in said:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}: {said.decode()}")
    return used.ru_utime + used.ru_stime


def _ready(folder: Path) -> None:
    """The desks, and every source compiled."""
    shutil.copy(ROOT / "workbooks" / "PerpDesk.xlsx", folder / "desk.xlsx")
    for name, contracts, bars in (("three", 3, 720), ("eight", 8, 2160), ("year", 8, 8760)):
        _history(folder / f"{name}.csv", contracts, bars)
    three, year = str(folder / "three.xlsx"), str(folder / "year.xlsx")
    for words in (
        ["new", three],
        ["new", year],
        ["refresh", year, "--from", str(folder / "year.csv"), "--symbols", "all"],
        ["refresh", three, "--from", str(folder / "three.csv"), "--symbols", "all"],
        ["rebalance", three, "--out", three],
        ["hedge", three, "--out", three],
        ["stress", three, "--out", three],
        ["--help"],
        ["functions"],
        ["call", "PERP_CAPM_RETURN", "1", "0.05", "0.12"],
    ):
        _seconds([*PERPDESK, *words], {})


def _history(file: Path, contracts: int, bars: int) -> None:
    """Hours of contracts that follow one market."""
    rng = np.random.default_rng(7)
    market = rng.normal(0, 0.006, (bars + 1, 1))
    closes = 100 * np.exp(np.cumsum(market + rng.normal(0, 0.006, (bars + 1, contracts)), axis=0))
    times = np.datetime64("2024-06-01T00:00") + np.arange(bars + 1) * np.timedelta64(1, "h")
    lines = [",".join([str(time), *map(str, row)]) for time, row in zip(times, closes, strict=True)]
    file.write_text("\n".join([",".join(["time", *SYMBOLS[:contracts]]), *lines]) + "\n")
