"""Files that are no workbooks, or dangerous ones, are refused in one line that says what to do."""

from __future__ import annotations

import io
import os
import random
import re
import struct
import warnings
import zipfile
from pathlib import Path

import pytest

from core.errors import BookError
from tests.xladdin.books.conftest import START, members, operate, pack, replaced
from xladdin.books.file_book import FileBook
from xladdin.books.xlsx import markup
from xladdin.books.xlsx.archive import limits
from xladdin.books.xlsx.markup import MAIN
from xladdin.books.xlsx.package import Package
from xladdin.books.xlsx.shared import Strings, strings_in

COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def refusal(path: Path) -> str:
    with pytest.raises(BookError) as caught:
        FileBook.open(path)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("absent.xlsx", "does not exist; check the path, or make a desk with `perpdesk new`"),
        ("prices.csv", "load market data into a desk with `perpdesk refresh"),
        ("prices.parquet", "load market data into a desk"),
        ("old.xls", "save it as Excel Workbook (*.xlsx)"),
        ("open.ods", "save it as Excel Workbook (*.xlsx)"),
        ("notes.txt", "name a file that ends with .xlsx or .xlsm"),
    ],
)
def test_an_absent_file_or_wrong_extension_is_named(tmp_path: Path, name: str, words: str) -> None:
    if not name.startswith("absent"):
        (tmp_path / name).write_text("something")
    message = refusal(tmp_path / name)
    assert name in message
    assert words in message


def test_a_folder_is_no_workbook(tmp_path: Path) -> None:
    (tmp_path / "desk.xlsx").mkdir()
    assert "is a folder" in refusal(tmp_path / "desk.xlsx")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not a workbook"),
        (b"Time,BTC\n1,2\n", "it is no zip archive"),
        (COMPOUND_FILE, "is an old .xls under a new name"),
        (COMPOUND_FILE + "EncryptedPackage".encode("utf-16-le"), "is protected by a password; take the password off"),
        (b"PK\x03\x04 and then nothing", "is cut short or damaged; restore it from the backup"),
    ],
)
def test_what_is_no_zip_archive_is_told_apart(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "desk.xlsx"
    path.write_bytes(content)
    assert words in refusal(path)


def test_a_file_cut_at_any_place_is_refused(desk: Path, tmp_path: Path) -> None:
    whole, path = desk.read_bytes(), tmp_path / "cut.xlsx"
    for kept in range(4, len(whole) - 1, len(whole) // 40):
        path.write_bytes(whole[:kept])
        assert "damaged" in refusal(path)


def test_a_wrong_checksum_is_found_on_opening(desk: Path) -> None:
    with zipfile.ZipFile(desk) as archive:
        info = archive.getinfo("xl/styles.xml")
    raw = bytearray(desk.read_bytes())
    central = raw.find(b"PK\x01\x02")
    while raw[central + 46 : central + 46 + len(info.filename)] != info.filename.encode():
        central = raw.find(b"PK\x01\x02", central + 4)
    raw[central + 16 : central + 20] = struct.pack("<I", info.CRC ^ 1)
    desk.write_bytes(raw)
    assert "desk.xlsx is damaged in its part xl/styles.xml" in refusal(desk)


def test_a_part_that_unpacks_to_far_more_than_it_weighs_is_refused_unread(tmp_path: Path) -> None:
    path = pack(tmp_path / "bomb.xlsx", {"[Content_Types].xml": b"<Types/>", "xl/bomb.xml": b"0" * (11 << 20)})
    assert "holds the part 'xl/bomb.xml' that unpacks to 11 MB" in refusal(path)


def test_a_book_too_large_for_memory_is_refused_unread(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LARGEST_BOOK", 10_000)
    assert "keep a shorter history" in refusal(desk)


def test_duplicate_parts_are_refused(desk: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(desk, "a") as archive:
            archive.writestr("xl/Workbook.xml", b"<other/>")
    assert "duplicate parts" in refusal(desk)


@pytest.mark.parametrize("name", ["/etc/passwd", "../outside.xml", "xl/../../outside.xml"])
def test_parts_that_point_outside_are_refused(desk: Path, name: str) -> None:
    operate(desk, lambda parts: parts.update({name: b"x"}))
    assert f"unsafe or encrypted part '{name}'" in refusal(desk)


@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_a_dtd_anywhere_is_refused(desk: Path, coding: str) -> None:
    bomb = f"<?xml version='1.0' encoding='{coding}'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>".encode(coding)
    operate(desk, lambda parts: parts.update({"customXml/item1.xml": bomb}))
    assert "has a DTD in its part customXml/item1.xml" in refusal(desk)


def test_strict_workbooks_are_refused_not_emptied(desk: Path) -> None:
    usual, strict = b"schemas.openxmlformats.org/spreadsheetml/2006/main", b"purl.oclc.org/ooxml/spreadsheetml/main"
    operate(desk, lambda parts: parts.update({"xl/workbook.xml": parts["xl/workbook.xml"].replace(usual, strict)}))
    assert "is a Strict Open XML workbook" in refusal(desk)


def test_a_document_of_another_program_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "letter.xlsx", {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"})
    assert "has no workbook in it" in refusal(path)
    assert "is a zip archive but no workbook" in refusal(pack(tmp_path / "photos.xlsx", {"photo.jpg": b"..."}))


@pytest.mark.parametrize(
    ("part", "old", "new", "words"),
    [
        ("xl/workbook.xml", b"<sheets>", b"<sheets", "damaged in its part xl/workbook.xml"),
        ("xl/worksheets/sheet1.xml", b'<row r="7"', b"<row", "rows without numbers"),
        ("xl/worksheets/sheet1.xml", b'<c r="B7"', b"<c", "row 7 of sheet 'Universe' has cells without addresses"),
        ("xl/worksheets/sheet1.xml", b'r="B7"', b'r="7B"', "desk.xlsx: '7B' is not the address of a cell"),
        (
            "xl/worksheets/sheet1.xml",
            b'<c r="C7" t="n"><v>10</v>',
            b'<c r="C7" t="n"><v>ten</v>',
            "Universe!C7 is damaged",
        ),
        (
            "xl/worksheets/sheet1.xml",
            b'<c r="C7" t="n"',
            b'<c r="C7" t="s"',
            "Universe!C7 is damaged; type its value again",
        ),
        ("xl/tables/table1.xml", b'ref="B6:E9"', b'ref="B6:D9"', "table 'Universe' on sheet 'Universe' is damaged"),
        ("xl/tables/table1.xml", b'ref="B6:E9"', b'ref="B6:ZZZZ9"', "desk.xlsx: 'ZZZZ9' is not the address of a cell"),
    ],
)
def test_damage_inside_is_named(desk: Path, part: str, old: bytes, new: bytes, words: str) -> None:
    operate(desk, replaced(part, old, new))
    with pytest.raises(BookError) as caught, FileBook.open(desk) as book:
        book.table("Universe")
    assert words in str(caught.value)


def test_a_formula_outside_a_cell_is_told_with_the_file(desk: Path) -> None:
    operate(desk, replaced("xl/worksheets/sheet6.xml", b'<c r="B2"><f>', b"<f>"))
    before = desk.read_bytes()
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        with pytest.raises(
            BookError, match=r"^desk\.xlsx is not written .*a formula outside a cell.*; open it in Excel"
        ):
            book.commit()
    assert desk.read_bytes() == before


def test_random_damage_inside_is_a_book_error_or_harmless(desk: Path, tmp_path: Path) -> None:
    """Whatever is wrong in the parts, the answer is a value or one line; never a traceback of another kind."""
    parts, random_source = members(desk), random.Random(7)
    names, several = [name for name in parts if name.endswith((".xml", ".rels"))], 0
    for attempt in range(250):
        name = random_source.choice(names)
        data = bytearray(parts[name])
        for _ in range(random_source.randint(1, 3)):
            start = random_source.randrange(len(data))
            data[start : start + random_source.randint(1, 12)] = random_source.choice([b"", b"9", b"x", b'"', b"-1"])
        path = pack(tmp_path / f"{attempt}.xlsx", {**parts, name: bytes(data)})
        try:
            with FileBook.open(path) as book:
                book.table("Universe")
                book.value("Equity")
                book.write_table("Prices", [[None, 1.0, 2.0, 3.0]])
                book.write_value("Equity", 1.0)
                book.commit()
        except BookError as error:
            several += "\n" in str(error)
    assert several == 0, "each refusal is one line"


def test_parts_are_found_whatever_the_case_of_their_names(desk: Path) -> None:
    operate(desk, lambda parts: parts.update({"xl/Styles.xml": parts.pop("xl/styles.xml")}))
    with FileBook.open(desk) as book:
        assert book.table("Prices").column("Time")[0] == START


def test_shared_strings_are_read_and_their_part_stays(desk: Path) -> None:
    text = "<si><r><t>B</t></r><r><rPr><b/></rPr><t>TC</t></r></si>"
    strings = f'<sst xmlns="{MAIN}" count="1" uniqueCount="1">{text}</sst>'.encode()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"

    def surgery(parts: dict[str, bytes]) -> None:
        parts["xl/sharedStrings.xml"] = strings
        parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
            b"</Relationships>",
            f'<Relationship Id="rS" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'.encode(),
        )
        inline, shared = b't="inlineStr"><is><t>BTC</t></is>', b't="s"><v>0</v>'
        parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(inline, shared)
        assert shared in parts["xl/worksheets/sheet1.xml"]

    operate(desk, surgery)
    with FileBook.open(desk) as book:
        assert book.table("Universe").column("Symbol") == ["BTC", "ETH", "SOL"]
        book.write_table("Universe", [["ADA", 1.0, 1.0, "Y"], ["BTC", 1.0, 1.0, "Y"]])
        book.commit()
        assert book.table("Universe").column("Symbol") == ["ADA", "BTC"]
    assert members(desk)["xl/sharedStrings.xml"] == strings


def test_an_unchanged_package_packs_to_the_same_parts(desk: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.xlsx"
    again.write_bytes(Package.read(desk).pack())
    assert members(again) == members(desk)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "desk.xlsx")
    assert "is no ordinary file" in refusal(tmp_path / "desk.xlsx")


def test_a_file_larger_than_a_workbook_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "desk.xlsx"
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(3 << 30)
    assert "has 3,072 MB and a workbook may have 256" in refusal(path)


def test_a_book_of_many_swollen_parts_is_refused_unread(desk: Path) -> None:
    with zipfile.ZipFile(desk, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"xl/media/{number}.png", random.Random(number).randbytes(300_000) + bytes(80 << 20))
    assert re.search(r"unpacks to 24\d MB; it is not opened", refusal(desk))


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_parts_with_names_that_no_program_gives_are_refused(desk: Path, name: str) -> None:
    raw = desk.read_bytes()
    with zipfile.ZipFile(desk, "a") as archive:
        archive.writestr("placeholder", b"x")
        archive.getinfo("placeholder").filename = name
    assert desk.read_bytes() != raw
    assert "holds the unsafe or encrypted part" in refusal(desk)


def test_a_wrong_checksum_of_a_sheet_is_found_before_anything_is_written(desk: Path) -> None:
    with zipfile.ZipFile(desk) as archive:
        info = archive.getinfo("xl/worksheets/sheet5.xml")
    raw = bytearray(desk.read_bytes())
    raw[info.header_offset + 30 + len(info.filename) + info.compress_size // 2] ^= 1
    desk.write_bytes(raw)
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        with pytest.raises(BookError, match=r"desk.xlsx is damaged in its part xl/worksheets/sheet5.xml"):
            book.commit()
    assert desk.read_bytes() == raw


def test_parts_are_unpacked_when_they_are_asked_for(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked: list[str] = []
    honest = zipfile.ZipFile.read
    monkeypatch.setattr(
        zipfile.ZipFile, "read", lambda self, info: (unpacked.append(info.filename), honest(self, info))[1]
    )
    with FileBook.open(desk) as book:
        book.value("Equity")
        assert "xl/worksheets/sheet4.xml" in unpacked
        assert "xl/worksheets/sheet2.xml" not in unpacked
        book.series("Prices")
        book.write_value("Equity", 1.0)
        before = unpacked.copy()
        book.commit(desk.with_name("out.xlsx"))
    assert len(set(before)) == len(before), "the original and what is written share what was unpacked"


def test_parts_that_did_not_change_keep_their_compressed_bytes(desk: Path) -> None:
    """Whatever packed them: here with another level, and sizes behind the data as programs that stream write them."""

    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.data += memoryview(data)  # type: ignore[arg-type]
            return len(memoryview(data))  # type: ignore[arg-type]

    parts, stream = members(desk), Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:  # type: ignore[call-overload]
        for name, data in parts.items():
            archive.writestr(name, data)
    desk.write_bytes(stream.data)
    before = Package.read(desk)
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        book.commit()
    after = Package.read(desk)
    with zipfile.ZipFile(desk) as archive:
        assert archive.testzip() is None
        assert {info.flag_bits & 0x08 for info in archive.infolist()} == {0}
    changed = {part for part in after.parts if not after.packed(part).same_as(before.packed(part))}
    assert changed == {"xl/workbook.xml", "xl/worksheets/sheet4.xml", "xl/worksheets/sheet6.xml"}


def test_names_of_parts_and_their_attributes_stay(desk: Path) -> None:
    operate(desk, lambda parts: parts.update({"xl/médias/Ünï.bin": b"own"}))
    with zipfile.ZipFile(desk, "a") as archive:
        info = zipfile.ZipInfo("xl/own.bin", (1999, 12, 31, 23, 58, 58))
        info.external_attr, info.create_system = 0o640 << 16, 3
        archive.writestr(info, b"stored as it is")
    with FileBook.open(desk) as book:
        book.write_value("Equity", 1.0)
        book.commit()
    with zipfile.ZipFile(desk) as archive:
        assert archive.read("xl/médias/Ünï.bin") == b"own"
        found = archive.getinfo("xl/own.bin")
        assert (found.date_time, found.external_attr >> 16, found.compress_type) == (info.date_time, 0o640, 0)


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_shared_strings_that_nobody_names_are_not_parsed(prefix: str) -> None:
    text = "<si><t>a</t></si><si/><si><r><t>b</t></r><r><t>&amp;c</t></r></si>"
    space = f'xmlns{":" if prefix else ""}{prefix.rstrip(":")}="{MAIN}"'
    inside = re.sub("<(/?)", rf"<\1{prefix}", text)
    plain = f"<{prefix}sst {space} count='3'>{inside}</{prefix}sst>"
    strings = strings_in(plain.encode())
    assert isinstance(strings, Strings)
    assert (len(strings), [strings[place] for place in (0, 1, 2)]) == (3, ["a", "", "b&c"])
    for beyond in (-1, 3):
        with pytest.raises(IndexError):
            strings[beyond]
    for odd in (plain.replace("<", "<!-- <si/> --><", 1).encode(), b"\xff\xfe" + plain.encode("utf-16-le")):
        assert list(strings_in(odd)) == ["a", "", "b&c"]


def test_a_part_of_too_many_tags_is_refused(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MOST_TAGS", 10)
    assert re.search(r"the part \S+ of desk.xlsx has more than 10 tags; tidy it", refusal(desk))
