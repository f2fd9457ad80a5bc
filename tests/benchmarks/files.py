"""Whole commands on desks as large as desks are: seconds of CPU and memory at its peak, each in a fresh process.

The desks are made by the commands themselves; what stands beside their tables is put into the file's XML afterwards.
`python -m tests.benchmarks.files DESK ...` runs some of them only.
"""

from __future__ import annotations

import gzip
import os
import re
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.source_tree import ROOT

Case = tuple[str, list[str], float, float]
"""What is done, the words of the command, and what it may take: seconds of CPU and MB."""

COMMAND = """
import os, re
try:
    from xladdin.hosts.command_line.cli import main
    main()
finally:
    with open("/proc/self/status") as status:
        os.write(3, re.search(r"VmHWM:\\s*(\\d+)", status.read())[1].encode())
"""

HOURS = 8760
BESIDE = 1_000_000


def main(wanted: list[str] | None = None) -> None:
    """Print a line for each command."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, cases in DESKS.items():
            if wanted and name not in wanted:
                continue
            for what, words, seconds, megabytes in cases(folder):
                code, cpu, peak = run(words)
                held = "held" if cpu <= seconds and peak <= megabytes else "MISSED"
                print(f"{what:52} {cpu:6.2f} s {peak:6.0f} MB   {seconds:g} s / {megabytes:g} MB {held}  exit {code}")


def run(words: list[str]) -> tuple[int, float, float]:
    """Exit code, seconds of CPU and MB at the peak of one command of `perpdesk`, which tells the peak itself.

    What the system tells of a child's peak begins with that of its parent.
    """
    told, tells = os.pipe()
    silent = os.open(os.devnull, os.O_WRONLY)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", COMMAND, *words],
        environment,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, silent, 1),
            (os.POSIX_SPAWN_DUP2, silent, 2),
            (os.POSIX_SPAWN_DUP2, tells, 3),
        ],
    )
    os.close(silent)
    os.close(tells)
    with os.fdopen(told) as answer:
        peak = int(answer.read() or 0)
    _, status, used = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, peak / 1024


def _small(folder: Path) -> list[Case]:
    desk = _made(folder / "small.xlsx")
    return [
        ("small desk: check", ["check", desk, "--out", _out(folder)], 1, 110),
        ("small desk: rebalance", ["rebalance", desk, "--out", _out(folder)], 1.5, 120),
    ]


def _history(
    contracts: int, refresh: tuple[float, float], rebalance: tuple[float, float]
) -> Callable[[Path], list[Case]]:
    def cases(folder: Path) -> list[Case]:
        desk, size = _made(folder / f"history{contracts}.xlsx", empty=True), f"{contracts} x {HOURS:,}"
        source = str(_prices(folder / f"prices{contracts}", contracts))
        return [
            (f"{size}: refresh", ["refresh", desk, "--from", source, "--symbols", _symbols(contracts)], *refresh),
            (f"{size}: rebalance", ["rebalance", desk, "--set", "Benchmark=C000", "--out", _out(folder)], *rebalance),
        ]

    return cases


def _beside(folder: Path) -> list[Case]:
    desk, formulas, all_depend = (_made(folder / f"beside{n}.xlsx") for n in range(3))
    _with_sheet(desk, _numbers(0))
    _with_sheet(formulas, _numbers(10_000))
    _with_sheet(all_depend, _numbers(10_000, "Settings!$C$7+"))
    return [
        ("1,000,000 cells beside: rebalance", ["rebalance", desk, "--out", _out(folder)], 2, 200),
        ("and 10,000 formulas: rebalance", ["rebalance", formulas, "--out", _out(folder)], 2, 200),
        (
            "and all of them depend: rebalance",
            ["rebalance", all_depend, "--set", "Equity=2000000", "--out", _out(folder)],
            4,
            350,
        ),
    ]


def _texts(folder: Path) -> list[Case]:
    desk = _made(folder / "texts.xlsx")
    rows = [
        f'<row r="{r}"><c r="A{r}" t="s"><v>{r - 100}</v></c><c r="B{r}" t="s"><v>{r - 99}</v></c></row>'
        for r in range(100, 500_099)
    ]
    strings = "".join(f"<si><t>text number {n} of them</t></si>" for n in range(500_000))
    _with_sheet(desk, "".join(rows), strings)
    return [("500,000 shared strings: rebalance", ["rebalance", desk, "--out", _out(folder)], 2, 300)]


def _names(folder: Path) -> list[Case]:
    desk = _made(folder / "names.xlsx")
    names = "".join(f'<definedName name="n{n}">n{n + 1}</definedName>' for n in range(300_000))
    _operate(
        desk, {"xl/workbook.xml": lambda part: part.replace(b"</definedNames>", names.encode() + b"</definedNames>")}
    )
    return [("300,000 defined names: rebalance", ["rebalance", desk, "--out", _out(folder)], 2, 300)]


def _long_table(folder: Path) -> list[Case]:
    desk = _made(folder / "long.xlsx")
    _operate(
        desk,
        {"xl/tables/table1.xml": lambda part: re.sub(rb'ref="B(\d+):([A-Z]+)\d+"', rb'ref="B\1:\g<2>1048576"', part)},
    )
    return [("a table to the last row: check", ["check", desk, "--out", _out(folder)], 1, 100)]


def _refused(folder: Path) -> list[Case]:
    bomb = _made(folder / "media.xlsx")
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        for k in range(9):
            archive.writestr(f"xl/media/i{k}.png", np.random.default_rng(k).bytes(300_000) + bytes(100 << 20))
    blanks = _made(folder / "blanks.xlsx")
    _operate(
        blanks,
        {"xl/worksheets/sheet2.xml": lambda part: part.replace(b"</sheetData>", b" " * (200 << 20) + b"</sheetData>")},
    )
    sparse, fifo = folder / "sparse.xlsx", folder / "fifo.xlsx"
    with sparse.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(3 << 30)
    os.mkfifo(fifo)
    packed = folder / "lines.csv.gz"
    with gzip.open(packed, "wb") as file:
        file.write(b"time,BTC\n2024-01-01T00:00,1\n")
        for _ in range(460):
            file.write(b"\n" * (1 << 20))
    desk = _made(folder / "plain.xlsx")
    return [
        ("9 pictures of 100 MB in 3.75 MB", ["check", bomb], 1, 150),
        ("200 MB of blanks in a sheet", ["check", blanks], 1, 150),
        ("a sparse file of 3 GB", ["check", str(sparse)], 1, 150),
        ("a FIFO", ["check", str(fifo)], 1, 150),
        ("460 MB of blank lines in 0.46 MB csv.gz", ["refresh", desk, "--from", str(packed)], 1, 150),
    ]


DESKS: dict[str, Callable[[Path], list[Case]]] = {
    "small": _small,
    "refused": _refused,
    "long": _long_table,
    "beside": _beside,
    "texts": _texts,
    "names": _names,
    "history50": _history(50, (4, 300), (4, 200)),
    "history200": _history(200, (12, 600), (10, 700)),
}


def _made(path: Path, *, empty: bool = False) -> str:
    code, *_ = run(["new", str(path), *(["--empty"] if empty else [])])
    assert code == 0, path
    return str(path)


def _out(folder: Path) -> str:
    return str(folder / "out.xlsx")


def _symbols(contracts: int) -> str:
    return ",".join(f"C{k:03}" for k in range(contracts))


def _prices(folder: Path, contracts: int) -> Path:
    """One file a contract: half of the closes with 17 digits, half with 4 decimals; funding every 8 hours."""
    folder.mkdir()
    rng = np.random.default_rng(5)
    times = np.datetime64("2024-01-01T00", "s") + np.arange(HOURS + 1) * np.timedelta64(3600, "s")
    market = rng.normal(0, 0.004, HOURS + 1)
    for k, symbol in enumerate(_symbols(contracts).split(",")):
        own = rng.normal(0, 0.006, HOURS + 1)
        prices = 100 * np.exp(np.cumsum(rng.uniform(0.5, 1.5) * market + own))
        closes = map(repr, prices.tolist()) if k % 2 else (f"{price:.4f}" for price in prices)
        rates = ("" if n % 8 else repr(rate) for n, rate in enumerate(rng.normal(1e-4, 1e-4, HOURS + 1).tolist()))
        lines = [f"{time},{close},{rate}" for time, close, rate in zip(times, closes, rates, strict=True)]
        (folder / f"{symbol}_1h.csv").write_text("\n".join(["time,close,funding", *lines]) + "\n")
    return folder


def _numbers(formulas: int, reads: str = "") -> str:
    """Rows of ten numbers from row 100 on, the last of the first rows being formulas."""
    letters = "ABCDEFGHIJ"
    rng = np.random.default_rng(1)
    rows = []
    for r, values in enumerate(rng.uniform(1, 99, (BESIDE // 10, 10)).tolist(), 100):
        cells = [f'<c r="{a}{r}"><v>{value!r}</v></c>' for a, value in zip(letters, values, strict=True)]
        if r - 100 < formulas:
            cells[-1] = f'<c r="J{r}"><f>{reads}A{r}+B{r}</f><v>{values[0] + values[1]!r}</v></c>'
        rows.append(f'<row r="{r}">{"".join(cells)}</row>')
    return "".join(rows)


def _with_sheet(desk: str, rows: str, strings: str = "") -> None:
    """Add a sheet of the analyst's own, and shared strings where there are any."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    new = {"xl/worksheets/own.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'}
    relations = f'<Relationship Id="rOwn" Type="{office}/worksheet" Target="worksheets/own.xml"/>'
    types = f'<Override PartName="/xl/worksheets/own.xml" ContentType="{kind}.worksheet+xml"/>'
    if strings:
        new["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{strings}</sst>'
        relations += f'<Relationship Id="rTexts" Type="{office}/sharedStrings" Target="sharedStrings.xml"/>'
        types += f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/>'
    sheet = f'<sheet xmlns:r="{office}" name="Own" sheetId="99" r:id="rOwn"/></sheets>'
    _operate(
        desk,
        {
            "xl/workbook.xml": lambda part: part.replace(b"</sheets>", sheet.encode()),
            "xl/_rels/workbook.xml.rels": lambda part: part.replace(b"</Rel", relations.encode() + b"</Rel"),
            "[Content_Types].xml": lambda part: part.replace(b"</Types>", types.encode() + b"</Types>"),
        },
        new,
    )


def _operate(desk: str, changes: dict[str, Callable[[bytes], bytes]], new: dict[str, str] | None = None) -> None:
    with zipfile.ZipFile(desk) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, change in changes.items():
        parts[name] = change(parts[name])
    with zipfile.ZipFile(desk, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**parts, **(new or {})}.items():
            archive.writestr(name, data)


if __name__ == "__main__":
    main(sys.argv[1:])
