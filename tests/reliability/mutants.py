"""Books damaged by chance: bytes of the file, of its parts and of its XML changed, and the package's own order.

Each is read whole and edited as a job edits. It is refused with a reason, and then not a byte of it changed; or it is
written, and then an independent comparer finds nothing changed but what was written.
"""

from __future__ import annotations

import io
import random
import re
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from .books import sheet_parts
from .campaign import Campaign, Tally
from .comparer import losses
from .desks import made, members
from .forks import work

__all__ = ["CAMPAIGN"]

BATCH = 100
"""Mutants a fork: one that takes all memory or never ends is told from its neighbours by its seed."""

BARS = 12
SLOW = 5.0
MOST_MEMORY = 1 << 30
TABLES = ("Universe", "Weights", "Scenarios", "Runs")
VALUES = (
    *(
        b"",
        b"0",
        b"-1",
        b"1",
        b"7",
        b"1048577",
        b"99999999999",
        b"2147483648",
        b"NaN",
        b"inf",
        b"1e999",
        b"A0",
        b"ZZZZ1",
    ),
    *(
        b"XFE1",
        b"A1:B2:C3",
        b"B2:A1",
        b"#REF!",
        b"&#0;",
        b"&amp;",
        b"&x;",
        b"true",
        b"s",
        b"str",
        b"inlineStr",
        b"shared",
    ),
    *(b"array", b"\xff\xfe", "Ω".encode(), b" ", b"rId1", b"rId999", b"../x.xml", b"/", b"=1+1", b"x" * 40_000),
)
PIECES = (
    *(
        b"<!-- -->",
        b"<?x y?>",
        b"<![CDATA[7]]>",
        b"<row/>",
        b'<row r="3"/>',
        b'<c r="B8"/>',
        b"<c/>",
        b"<v>1</v>",
        b"<f>1+1</f>",
    ),
    *(
        b'<f t="shared" si="0"/>',
        b'<f t="array" ref="B7:D9">1</f>',
        b"</row>",
        b"</sheetData>",
        b"<sheetData/>",
        b"&#x0;",
    ),
    *(b'<mergeCell ref="B7:C8"/>', b"<x:row xmlns:x='urn:x'/>", b"<mc:AlternateContent/>", b"\x00", b"]]>", b"<"),
)
HEADS = (
    *(
        b'<?xml version="1.0" encoding="UTF-16"?>',
        b'<?xml version="1.1"?>',
        b'<?xml version="1.0" encoding="latin-1"?>',
    ),
    *(b"\xef\xbb\xbf", b"<!-- " + b"x" * 70_000 + b" -->", b"<!DOCTYPE a [<!ENTITY e 'e'>]>", b"\xff\xfe", b""),
)


def _flipped(chance: random.Random, data: bytes) -> bytes:
    spoiled = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 20))):
        spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
    return bytes(spoiled)


def _cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def _piece_lost(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.choice((1, 5, 60, 900)) :]


def _piece_twice(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data))
    end = start + chance.choice((1, 5, 60, 900))
    return data[:end] + data[start:]


def _attribute(chance: random.Random, data: bytes) -> bytes:
    found = list(re.finditer(rb'="([^"]*)"', data))
    if not found:
        return _flipped(chance, data)
    one = chance.choice(found)
    return data[: one.start(1)] + chance.choice(VALUES) + data[one.end(1) :]


def _text(chance: random.Random, data: bytes) -> bytes:
    found = list(re.finditer(rb">([^<]+)<", data))
    if not found:
        return _flipped(chance, data)
    one = chance.choice(found)
    return data[: one.start(1)] + chance.choice(VALUES) + data[one.end(1) :]


def _element(chance: random.Random, data: bytes) -> bytes:
    """An element lost, twice, in another place, or something foreign before it."""
    found = list(re.finditer(rb"<(\w[\w:]*)(?:\s[^<>]*)?(?:/>|>[^<]*</\1>)|<row\b.*?</row>", data, re.DOTALL))
    if not found:
        return _flipped(chance, data)
    one, other = chance.choice(found), chance.choice(found)
    match chance.randrange(4):
        case 0:
            return data[: one.start()] + data[one.end() :]
        case 1:
            return data[: one.end()] + data[one.start() :]
        case 2:
            return data[: other.start()] + one[0] + data[other.start() :]
        case _:
            return data[: one.start()] + chance.choice(PIECES) + data[one.start() :]


def _head(chance: random.Random, data: bytes) -> bytes:
    body = re.sub(rb"^<\?xml[^>]*\?>", b"", data)
    head = chance.choice(HEADS)
    return head + (body.decode(errors="replace").encode("utf-16-le") if head == b"\xff\xfe" else body)


IN_A_PART: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    *(_flipped, _cut, _piece_lost, _piece_twice, _attribute, _attribute, _text, _element, _element, _element, _head),
)


def mutant(chance: random.Random, raw: bytes, parts: dict[str, bytes]) -> tuple[bytes, str]:
    """A damaged file, and what was done to it: sheets most of all, for their rows are read by hand."""
    if chance.random() < 0.1:
        how = chance.choice((_flipped, _cut, _piece_lost, _piece_twice))
        return how(chance, raw), f"the file {how.__name__}"
    spoiled = dict(parts)
    if chance.random() < 0.15:
        return _repacked(chance, spoiled)
    told = []
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        sheets = [name for name in spoiled if name.startswith("xl/worksheets/sheet")]
        name = chance.choice(sheets) if chance.random() < 0.6 else chance.choice(list(spoiled))
        how = chance.choice(IN_A_PART)
        spoiled[name] = how(chance, spoiled[name] or b" ")
        told.append(f"{name} {how.__name__}")
    return _zipped(list(spoiled.items())), ", ".join(told)


def _repacked(chance: random.Random, parts: dict[str, bytes]) -> tuple[bytes, str]:
    """The package in another order, with a part lost, renamed, twice, empty, or in another's place."""
    items, one = list(parts.items()), chance.randrange(len(parts))
    name, data = items[one]
    match chance.randrange(6):
        case 0:
            del items[one]
        case 1:
            items[one] = (
                chance.choice((name.upper(), f"/{name}", f"../{name}", name.replace("/", "\\"), "x" * 300)),
                data,
            )
        case 2:
            items.append((chance.choice((name, name.upper())), data))
        case 3:
            items[one] = (name, b"")
        case 4:
            items[one] = (name, chance.choice(items)[1])
        case _:
            chance.shuffle(items)
    return _zipped(items), f"package: {name}"


def _zipped(items: list[tuple[str, bytes]]) -> bytes:
    import warnings

    whole = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        warnings.simplefilter("ignore")  # a name that is there twice is meant
        for name, data in items:
            archive.writestr(name, data)
    return whole.getvalue()


def _edit(path: Path) -> dict[str, set[str]]:
    """Read all, write as a job does; the cells written, by sheet."""
    from xladdin.books.file_book import FileBook
    from xladdin.books.workbook import column_letters

    written: dict[str, set[str]] = {}
    with FileBook.open(path) as book:
        for name in TABLES:
            book.table(name)
        past = [book.series(name) for name in ("Prices", "Funding")]
        book.value("Window")
        block = book.table("Universe")
        if len(block.rows) == block.row_numbers[-1] - block.row_numbers[0] + 1:
            book.write_table("Universe", block.rows)
            written.setdefault(block.sheet, set()).update(
                f"{column_letters(block.first_column + k)}{r}"
                for k in range(len(block.header))
                for r in block.row_numbers
            )
        prices = past[0]
        if not prices.odd and len(prices.times) == BARS:
            book.write_series("Prices", prices.times, prices.numbers * 1.5, prices.header)
            written.setdefault(prices.sheet, set()).update(
                f"{column_letters(prices.first_column + k)}{r}"
                for k in range(len(prices.header))
                for r in prices.row_numbers
            )
        book.write_value("Equity", 123_456.0)
        sheet, _, cell = book.value("Equity").address.rpartition("!")
        written.setdefault(sheet.strip("'"), set()).add(cell)
        book.commit()
    return written


def _try(
    number: int, seed: int, path: Path, raw: bytes, parts: dict[str, bytes], sheets: dict[str, str]
) -> tuple[str, str]:
    """What came of one mutant: refused, written, or a fault in words."""
    from core.errors import PerpDeskError

    spoiled, what = mutant(random.Random(f"{seed} {number}"), raw, parts)
    path.write_bytes(spoiled)
    path.with_name("desk.xlsx.bak").unlink(missing_ok=True)
    clock = time.process_time()
    try:
        written = _edit(path)
    except PerpDeskError as error:
        if path.read_bytes() != spoiled:
            return "fault", f"refused and yet changed: {what}"
        words = str(error)
        if "desk.xlsx" not in words and "!" not in words and "sheet '" not in words and "name '" not in words:
            return "fault", f"names neither file nor cell: {words} ({what})"
        return _slow(clock, "refused", what)
    except Exception as error:
        return "fault", f"{type(error).__name__}: {error} ({what})"
    slow = _slow(clock, "written", what)
    if slow[0] == "fault" or not _sheets_alone(what):
        return slow
    lost = losses(spoiled, path.read_bytes(), {sheets[name]: cells for name, cells in written.items()})
    return ("fault", f"lost: {lost[:2]} ({what})") if lost else ("written and compared", "")


def _sheets_alone(what: str) -> bool:
    """Whether only sheets were damaged, so that it is known where the written cells stand."""
    return all(each.startswith("xl/worksheets/sheet") for each in what.split(", "))


def _slow(clock: float, verdict: str, what: str) -> tuple[str, str]:
    took = time.process_time() - clock
    return ("fault", f"took {took:.1f} s ({what})") if took > SLOW else (verdict, "")


def _run(cases: int, seed: int) -> Tally:
    tally = Tally()
    with tempfile.TemporaryDirectory() as place:
        begun = made(Path(place) / "begun.xlsx", bars=BARS)
        raw, parts, path = begun.read_bytes(), members(begun), Path(place) / "desk.xlsx"
        sheets = sheet_parts(parts)
        path.write_bytes(raw)
        _edit(path)  # loads what the forks need

        def batch(first: int, last: int) -> list[tuple[str, str]]:
            import resource

            resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
            return [_try(number, seed, path, raw, parts, sheets) for number in range(first, last)]

        for first in range(0, cases, BATCH):
            last = min(first + BATCH, cases)
            ended = work(lambda span=(first, last): batch(*span), patience=SLOW * BATCH)
            if ended.answer is None:
                tally.fault(f"seed {seed}, mutants {first} to {last}", ended.words[-300:] or f"ended by {ended.code}")
                continue
            for number, (verdict, what) in enumerate(ended.answer, first):
                tally.case(ended.seconds / BATCH, ended.megabytes)
                if verdict == "fault":
                    tally.fault(f"seed {seed}, mutant {number}", what)
                else:
                    tally.counts[verdict] += 1
    return tally


CAMPAIGN = Campaign(_run, 750, 20_000, "0 uncaught, 0 changed on an error, 0 lost")
