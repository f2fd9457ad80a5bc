"""`perpdesk doctor BOOK`: which door a workbook is for, what it carries, and how its formulas are spelled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import perpdesk
from tests.source_tree import ROOT
from tests.xladdin.books.conftest import Surgery, members, operate, pack, replaced
from xladdin.hosts.lite.part import EXTENSION

DESK, LITE = ROOT / "workbooks" / "PerpDesk.xlsx", ROOT / "workbooks" / "PerpDesk-Lite.xlsx"


def told(book: Path) -> dict[str, tuple[str, bool]]:
    findings = json.loads(perpdesk("doctor", str(book), "--json").stdout)
    return {each["subject"]: (each["found"], each["well"]) for each in findings}


def copied(source: Path, folder: Path, surgery: Surgery) -> Path:
    return operate(pack(folder / "book.xlsx", members(source)), surgery)


def test_each_workbook_is_told_by_its_door() -> None:
    assert told(DESK)["door"] == ("PerpDesk.xlam in Excel, or LibreOffice Calc; it carries no code", True)
    found = told(LITE)
    assert found["door"] == ("xlwings Lite, whose files it carries", True)
    assert found["code inside"] in (("PerpDesk 0.1.0", True), ("PerpDesk 0.1.0, other modules than here", True))
    assert found["formulas"][1]


def test_a_workbook_that_is_built_now_carries_the_modules_that_are_here(tmp_path: Path) -> None:
    pack(tmp_path / "PerpDesk.xlsx", members(DESK))
    perpdesk("build", str(tmp_path / "PerpDesk.xlsx"), "--lite")
    assert told(tmp_path / "PerpDesk-Lite.xlsx")["code inside"] == ("PerpDesk 0.1.0", True)


def test_formulas_of_the_other_door_are_to_mend(tmp_path: Path) -> None:
    def mixed(parts: dict[str, bytes]) -> None:
        for name, data in parts.items():
            parts[name] = data.replace(b"_xldudf_PERP_BETA(", b"PERP_BETA(")

    run = perpdesk("doctor", str(copied(LITE, tmp_path, mixed)))
    assert run.exit_code == 1
    assert "in the spelling of the other door" in run.stdout
    assert "Connect formulas" in run.stdout


def test_an_older_perpdesk_inside_is_named(tmp_path: Path) -> None:
    old = copied(LITE, tmp_path, replaced(EXTENSION, b"PerpDesk 0.1.0 in xlwings", b"PerpDesk 0.0.9 in xlwings"))
    assert told(old)["code inside"] == ("PerpDesk 0.0.9, and this is 0.1.0", False)


def test_a_main_that_somebody_wrote_and_files_that_are_no_json_are_taken_as_they_are(tmp_path: Path) -> None:
    def written(parts: dict[str, bytes]) -> None:
        parts[EXTENSION] = (
            parts[EXTENSION].split(b"<we:properties>")[0]
            + b'<we:properties><we:property name="main.py" value="print(1)"/><we:property name="n" value="3"/>'
            + b"</we:properties></we:webextension>"
        )

    assert told(copied(LITE, tmp_path, written))["code inside"] == ("a main.py that PerpDesk did not write", True)


def test_the_part_of_another_add_in_is_not_taken_for_this_one(tmp_path: Path) -> None:
    def other(parts: dict[str, bytes]) -> None:
        parts[EXTENSION] = parts[EXTENSION].replace(b"wa200008175", b"wa1").replace(b"WA200008175", b"WA1")

    assert "code inside" not in told(copied(LITE, tmp_path, other))


@pytest.mark.parametrize(("name", "content"), [("none.xlsx", None), ("text.xlsx", b"no zip")])
def test_what_is_no_workbook_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    run = perpdesk("doctor", str(tmp_path / name))
    assert run.exit_code == 1
    assert name in run.stderr
