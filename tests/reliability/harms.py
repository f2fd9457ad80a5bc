"""What can be wrong with a book of the desk's layout: too much in it, a strange archive, a layout that people changed.

Each harm draws its place and size by chance, and gives the parts of the spoiled book, or its bytes.
"""

from __future__ import annotations

import io
import os
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

__all__ = ["HARMS", "NAMES", "PLACES", "Parts"]

Parts = dict[str, bytes]
Harm = Callable[[random.Random, Parts], Parts | bytes]


def _part_of(parts: Parts, sheet: str) -> str:
    """The part of a sheet, by its name."""
    book, links = parts["xl/workbook.xml"].decode(), parts["xl/_rels/workbook.xml.rels"].decode()
    found = re.search(rf'<sheet\b[^>]*name="{sheet}"[^>]*r:id="([^"]+)"', book)
    relation = next(each for each in re.findall(r"<Relationship\b[^>]*>", links) if f'Id="{found[1]}"' in each)
    return "xl/" + re.search(r'Target="/?(?:xl/)?([^"]+)"', relation)[1]


def _table_of(parts: Parts, table: str) -> str:
    return next(name for name, data in parts.items() if f'displayName="{table}"'.encode() in data)


def _in(parts: Parts, part: str, old: bytes, new: bytes, count: int = 1) -> Parts:
    assert old in parts[part], (part, old)
    return {**parts, part: parts[part].replace(old, new, count)}


def _inside(parts: Parts, sheet: str, rows: bytes) -> Parts:
    return _in(parts, _part_of(parts, sheet), b"</sheetData>", rows + b"</sheetData>")


def _cell(parts: Parts, sheet: str, address: str, inner: bytes, kind: bytes = b"") -> Parts:
    """Another content for a cell that is there."""
    part = _part_of(parts, sheet)
    cell = re.compile(rb'<c r="%s"((?: s="\d+")?)[^>]*?(?:/>|>.*?</c>)' % address.encode(), re.DOTALL)
    assert cell.search(parts[part]), (sheet, address)
    spoiled = cell.sub(lambda m: b'<c r="%s"%s%s>%s</c>' % (address.encode(), m[1], kind, inner), parts[part], count=1)
    return {**parts, part: spoiled}


def _any_cell(chance: random.Random, parts: Parts, sheet: str) -> str:
    found = re.findall(rb'<c r="([A-Z]+\d+)"[^>]*>(?!<f)', parts[_part_of(parts, sheet)])
    return chance.choice([each.decode() for each in found if int(re.sub(rb"\D", b"", each)) > 6] or ["B7"])


# Too much


def media_bomb(chance: random.Random, parts: Parts) -> Parts:
    return {**parts, **{f"xl/media/i{k}.png": chance.randbytes(30_000) + bytes(60 << 20) for k in range(3)}}


def blanks_in_a_sheet(chance: random.Random, parts: Parts) -> Parts:
    return _inside(parts, chance.choice(("Universe", "Settings")), b" " * (chance.choice((12, 100)) << 20))


def blank_rows(chance: random.Random, parts: Parts) -> Parts:
    first = chance.randrange(200, 400)
    rows = b"".join(
        b'<row r="%d"><c r="A%d"/></row>' % (r, r) for r in range(first, first + chance.choice((9_999, 200_000)))
    )
    return _inside(parts, "Universe", rows)


def cells_in_a_row(chance: random.Random, parts: Parts) -> Parts:
    return _inside(
        parts, "Universe", b'<row r="500">' + b'<c r="A500"/>' * chance.choice((1_000, 3_000_000)) + b"</row>"
    )


def parentheses(chance: random.Random, parts: Parts) -> Parts:
    return _inside(
        parts, "Settings", b'<row r="500"><c r="A500"><f>%s</f></c></row>' % (b"(" * chance.choice((90, 2_000_000)))
    )


def many_styles(chance: random.Random, parts: Parts) -> Parts:
    return _in(parts, "xl/styles.xml", b"</cellXfs>", b"<xf/>" * chance.choice((5_000, 2_000_000)) + b"</cellXfs>")


def chain_of_names(chance: random.Random, parts: Parts) -> Parts:
    names = b"".join(
        b'<definedName name="n%d">n%d</definedName>' % (n, n + 1) for n in range(chance.choice((500, 60_000)))
    )
    return _in(parts, "xl/workbook.xml", b"</definedNames>", names + b"</definedNames>")


def circle_of_names(chance: random.Random, parts: Parts) -> Parts:
    names = b'<definedName name="Round">Trip+1</definedName><definedName name="Trip">Round+Round</definedName>'
    used = b'<row r="500"><c r="A500"><f>Round*Trip</f><v>1</v></c></row>'
    return _inside(_in(parts, "xl/workbook.xml", b"</definedNames>", names + b"</definedNames>"), "Settings", used)


def wide_formulas(chance: random.Random, parts: Parts) -> Parts:
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><f>SUM(B%d:XFD1048576)</f><v>1</v></c></row>' % (r, r, r)
        for r in range(500, 500 + chance.choice((50, 9_000)))
    )
    return _inside(parts, "Settings", rows)


def table_to_the_end(chance: random.Random, parts: Parts) -> Parts:
    name = _table_of(parts, chance.choice(("Universe", "Prices", "Scenarios")))
    return {**parts, name: re.sub(rb'ref="([A-Z]+\d+:[A-Z]+)\d+"', rb'ref="\g<1>1048576"', parts[name])}


def deep_tags(chance: random.Random, parts: Parts) -> Parts:
    part, depth = chance.choice(("xl/styles.xml", "xl/workbook.xml")), chance.choice((300, 100_000))
    end = parts[part].rindex(b"</")
    return {**parts, part: parts[part][:end] + b"<x>" * depth + b"</x>" * depth + parts[part][end:]}


def long_text(chance: random.Random, parts: Parts) -> Parts:
    text = b"x" * chance.choice((32_768, 5_000_000))
    return _cell(
        parts, "Universe", _any_cell(chance, parts, "Universe"), b"<is><t>%s</t></is>" % text, b' t="inlineStr"'
    )


# The archive


def duplicate_member(chance: random.Random, parts: Parts) -> bytes:
    import warnings

    whole, twice = io.BytesIO(), chance.choice(list(parts))
    with warnings.catch_warnings(), zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # the name is there twice because it is meant
        for name, data in [*parts.items(), (chance.choice((twice, twice.upper())), b"other")]:
            archive.writestr(name, data)
    return whole.getvalue()


def strange_member(chance: random.Random, parts: Parts) -> Parts:
    name = chance.choice(
        ("../../etc/cron.d/x", "/etc/passwd", "xl\\..\\x", "x" * 300, "xl/\x01.xml", "Ω/ß.bin", "xl/CON.xml")
    )
    return {**parts, name: b"x"}


def dtd(chance: random.Random, parts: Parts) -> Parts:
    part = chance.choice([name for name in parts if name.endswith(("xml", "rels"))])
    laughs = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    return {**parts, part: re.sub(rb"^(<\?xml[^>]*\?>)?", lambda m: (m[0] or b"") + laughs, parts[part], count=1)}


def cut_short(chance: random.Random, parts: Parts) -> bytes:
    raw = _raw(parts)
    return raw[: chance.randrange(len(raw))]


def no_workbook(chance: random.Random, parts: Parts) -> bytes:
    return chance.choice(
        (
            b"",
            b"PK\x03\x04",
            b"Symbol,Price\nBTC,1\n",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            b"<html></html>",
        )
    )


def part_lost(chance: random.Random, parts: Parts) -> Parts:
    lost = chance.choice([name for name in parts if not name.startswith("docProps")])
    return {name: data for name, data in parts.items() if name != lost}


def relations_in_a_circle(chance: random.Random, parts: Parts) -> Parts:
    links = "xl/_rels/workbook.xml.rels"
    return {**parts, links: re.sub(rb'Target="[^"]*sheet\d+\.xml"', b'Target="workbook.xml"', parts[links])}


# The layout


def formula_in_an_input(chance: random.Random, parts: Parts) -> Parts:
    formula = chance.choice(
        (b"<f>1+1</f>", b"<f>1+1</f><v>2</v>", b"<f>NOW()</f><v>45000</v>", b"<f>#REF!</f><v>#REF!</v>")
    )
    sheet = chance.choice(("Settings", "Universe", "Prices"))
    return _cell(parts, sheet, _any_cell(chance, parts, sheet), formula, b' t="e"' if b"#REF" in formula else b"")


def error_in_an_input(chance: random.Random, parts: Parts) -> Parts:
    sheet = chance.choice(("Settings", "Universe", "Prices", "Funding"))
    return _cell(parts, sheet, _any_cell(chance, parts, sheet), b"<v>#N/A</v>", b' t="e"')


def strange_number(chance: random.Random, parts: Parts) -> Parts:
    sheet = chance.choice(("Settings", "Universe", "Prices", "Funding", "Scenarios"))
    number = chance.choice(
        (b"-1", b"0", b"1e308", b"-1e308", b"1E400", b"NaN", b"INF", b"0x1F", b"1,5", b"", b"1e-320", b"99999999")
    )
    return _cell(parts, sheet, _any_cell(chance, parts, sheet), b"<v>%s</v>" % number)


def strange_text(chance: random.Random, parts: Parts) -> Parts:
    texts = (
        "=1+1",
        "\u202egnp",
        "\u200bBTC",
        "_x0000_",
        "BTC\nETH",
        "é" * 300,
        "'",
        "yes",
        "TRUE",
        "1.5",
        "📈",
        "btc ",
        "$(id)",
    )
    sheet = chance.choice(("Settings", "Universe", "Scenarios"))
    text = f"<is><t>{chance.choice(texts)}</t></is>".encode()
    return _cell(parts, sheet, _any_cell(chance, parts, sheet), text, b' t="inlineStr"')


def bad_index(chance: random.Random, parts: Parts) -> Parts:
    sheet, index = chance.choice(("Settings", "Universe")), chance.choice((b"-1", b"999999999", b"x", b"1e9"))
    return _cell(parts, sheet, _any_cell(chance, parts, sheet), b"<v>%s</v>" % index, b' t="s"')


def renamed_heading(chance: random.Random, parts: Parts) -> Parts:
    name = _table_of(parts, chance.choice(("Universe", "Scenarios", "Prices", "Weights", "Checks", "Runs")))
    headings = re.findall(rb'<tableColumn\b[^>]*?name="([^"]+)"', parts[name])
    heading = chance.choice(headings)
    return _in(
        parts,
        name,
        b'name="%s"' % heading,
        b'name="%s"' % chance.choice((b"Other", heading.lower() + b" ", headings[0], b"", b"=1")),
    )


def renamed_table(chance: random.Random, parts: Parts) -> Parts:
    table = chance.choice(("Universe", "Prices", "Funding", "Weights", "Runs", "Checks"))
    return _in(parts, _table_of(parts, table), f'displayName="{table}"'.encode(), f'displayName="{table}1"'.encode())


def renamed_sheet(chance: random.Random, parts: Parts) -> Parts:
    sheet = chance.choice(("Settings", "Universe", "Prices")).encode()
    return _in(
        parts,
        "xl/workbook.xml",
        b'name="%s"' % sheet,
        b'name="%s"' % chance.choice((b"It&apos;s mine", b"a" * 31, b"\xce\xa9", b"History")),
    )


def name_lost(chance: random.Random, parts: Parts) -> Parts:
    names = re.findall(rb"<definedName\b[^>]*>[^<]*</definedName>", parts["xl/workbook.xml"])
    one = chance.choice(names)
    other = re.sub(
        rb">[^<]*<",
        chance.choice((b">#REF!<", b">Settings!$C$7:$C$9<", b">42<", b">Nowhere!$A$1<", b">INDIRECT(1)<")),
        one,
    )
    return _in(parts, "xl/workbook.xml", one, chance.choice((b"", other)))


def merged_table(chance: random.Random, parts: Parts) -> Parts:
    sheet = chance.choice(("Universe", "Prices", "Weights", "Settings"))
    first = _any_cell(chance, parts, sheet)
    row = int(re.sub(r"\D", "", first))
    merge = (
        f'<mergeCells count="1"><mergeCell ref="{first}:{re.sub("[0-9]", "", first)}{row + 2}"/></mergeCells>'.encode()
    )
    part = _part_of(parts, sheet)
    if b"<mergeCells" in parts[part]:
        return {**parts, part: re.sub(rb"<mergeCells.*?</mergeCells>", merge, parts[part], flags=re.DOTALL)}
    return _in(parts, part, b"</sheetData>", b"</sheetData>" + merge)


def protected_sheet(chance: random.Random, parts: Parts) -> Parts:
    part = _part_of(parts, chance.choice(("Weights", "Settings", "Checks", "Runs")))
    return _in(parts, part, b"</sheetData>", b'</sheetData><sheetProtection sheet="1" objects="1"/>')


def rows_moved(chance: random.Random, parts: Parts) -> Parts:
    part = _part_of(parts, chance.choice(("Universe", "Settings", "Prices")))
    rows = re.findall(rb"<row\b.*?</row>", parts[part], re.DOTALL)
    one, other = chance.sample(rows, 2)
    spoiled = parts[part].replace(one, b"@@").replace(other, one).replace(b"@@", other)
    return {**parts, part: chance.choice((spoiled, parts[part].replace(one, one + one)))}


def odd_xml(chance: random.Random, parts: Parts) -> Parts:
    part = _part_of(parts, chance.choice(("Universe", "Settings", "Prices", "Weights")))
    data = parts[part]
    match chance.randrange(5):
        case 0:
            data = data.replace(b"<sheetData>", b"<sheetData><!-- </sheetData> -->")
        case 1:
            data = re.sub(rb"^<\?xml[^>]*\?>", b"", data).decode().encode("utf-16")
        case 2:
            data = data.replace(b"<v>", b"<v><![CDATA[").replace(b"</v>", b"]]></v>")
        case 3:
            data = data.replace(b"</row>", b"<extLst/></row>", 3)
        case _:
            data = re.sub(rb' r="([A-Z]+\d+)"', b"", data, count=chance.choice((1, 0)))
    return {**parts, part: data}


def signed(chance: random.Random, parts: Parts) -> Parts:
    return {**parts, "_xmlsignatures/sig1.xml": b"<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/>"}


# What is no file, given by name


def _raw(parts: Parts) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return whole.getvalue()


def sparse_file(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(3 << 30)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def dangling_link(path: Path) -> None:
    path.symlink_to(path.with_name("gone.xlsx"))


def folder(path: Path) -> None:
    path.mkdir()


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


PLACES = (sparse_file, pipe, link_to_itself, dangling_link, folder, device)

HARMS: tuple[Harm, ...] = (
    *(
        media_bomb,
        blanks_in_a_sheet,
        blank_rows,
        cells_in_a_row,
        parentheses,
        many_styles,
        chain_of_names,
        circle_of_names,
    ),
    *(
        wide_formulas,
        table_to_the_end,
        deep_tags,
        long_text,
        duplicate_member,
        strange_member,
        dtd,
        cut_short,
        no_workbook,
    ),
    *(
        part_lost,
        relations_in_a_circle,
        formula_in_an_input,
        error_in_an_input,
        strange_number,
        strange_text,
        bad_index,
    ),
    *(
        renamed_heading,
        renamed_table,
        renamed_sheet,
        name_lost,
        merged_table,
        protected_sheet,
        rows_moved,
        odd_xml,
        signed,
    ),
)

NAMES = (
    "desk.xlsx",
    "DESK.XLSX",
    "büch €.xlsx",
    "=1+1.xlsx",
    "-desk.xlsx",
    "a b'c.xlsx",
    "[red]desk.xlsx",
    "{0}%s.xlsx",
    "d\nesk.xlsx",
)
