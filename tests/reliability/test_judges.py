"""The judges of the campaigns see what they look for: planted losses, raw words, a worse portfolio, a lost addition."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.reliability import optima
from tests.reliability.campaign import Tally
from tests.reliability.comparer import losses
from tests.reliability.functions import faulty
from tests.reliability.hostile import REMEDIES, _names_place
from tests.reliability.injection import _hostile, _told
from tests.xladdin.books.conftest import build_desk, members

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return members(build_desk(tmp_path_factory.mktemp("desk") / "desk.xlsx"))


def _raw(parts: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return whole.getvalue()


@pytest.mark.parametrize(
    ("part", "old", "new", "told"),
    [
        (SHEET, b"<v>10</v>", b"<v>11</v>", "C7 was"),
        (SHEET, b'r="H30"', b'r="H31"', "H30 is gone"),
        (SHEET, b"<row ", b'<row ht="90" ', "row 3 looks another way"),
        (SHEET, b"<dataValidations", b"<!-- --><dataValidationz", "no XML any more"),
        (SHEET, b'type="list"', b'type="whole"', "beside its cells"),
        ("xl/styles.xml", b"FF0000", b"00FF00", "xl/styles.xml says something else"),
        ("xl/worksheets/sheet6.xml", b"SUM(", b"MIN(", "B2 was"),
        ("xl/workbook.xml", b"Settings!$C$7<", b"Settings!$C$8<", "xl/workbook.xml says something else"),
    ],
)
def test_the_comparer_sees_what_is_lost(parts: dict[str, bytes], part: str, old: bytes, new: bytes, told: str) -> None:
    assert old in parts[part]
    found = losses(_raw(parts), _raw({**parts, part: parts[part].replace(old, new, 1)}), {})
    assert len(found) >= 1
    assert any(told in each for each in found), found


def test_the_comparer_sees_parts_that_go_and_come_and_lets_written_cells_be(parts: dict[str, bytes]) -> None:
    without = {name: data for name, data in parts.items() if name != "xl/theme/theme1.xml"}
    assert losses(_raw(parts), _raw({**without, "xl/new.xml": b"<a/>"}), {}) == [
        "xl/new.xml is new",
        "xl/theme/theme1.xml is gone",
    ]
    other = {**parts, SHEET: parts[SHEET].replace(b"<v>10</v>", b"<v>11</v>", 1)}
    assert losses(_raw(parts), _raw(other), {SHEET: {"C7"}}) == []


def test_an_emptied_result_is_no_loss_and_another_one_is(parts: dict[str, bytes]) -> None:
    sheet, part = "xl/worksheets/sheet4.xml", parts["xl/worksheets/sheet4.xml"]
    assert b"<f>C7*2</f><v />" in part or b"<f>C7*2</f><v></v>" in part or b"<f>C7*2</f><v/>" in part, part
    stored = {
        **parts,
        sheet: part.replace(b"<f>C7*2</f><v />", b"<f>C7*2</f><v>9</v>")
        .replace(b"<f>C7*2</f><v/>", b"<f>C7*2</f><v>9</v>")
        .replace(b"<f>C7*2</f><v></v>", b"<f>C7*2</f><v>9</v>"),
    }
    emptied = {**parts, sheet: stored[sheet].replace(b"<f>C7*2</f><v>9</v>", b"<f>C7*2</f>")}
    another = {**parts, sheet: stored[sheet].replace(b"<f>C7*2</f><v>9</v>", b"<f>C7*2</f><v>8</v>")}
    assert losses(_raw(stored), _raw(emptied), {}) == []
    assert "C9 was" in losses(_raw(stored), _raw(another), {})[0]


def test_what_an_array_formula_filled_in_may_be_emptied_and_its_neighbour_may_not(parts: dict[str, bytes]) -> None:
    array = b'<c r="A90"><f t="array" ref="A90:B90">C1:D1</f><v>1</v></c><c r="B90"><v>2</v></c>'
    row = b'<row r="90">%s<c r="C90"><v>3</v></c></row></sheetData>' % array
    stored = parts[SHEET].replace(b"</sheetData>", row)
    emptied = stored.replace(b"</f><v>1</v></c>", b"</f></c>").replace(b'"B90"><v>2</v></c>', b'"B90"/>')
    assert losses(_raw({**parts, SHEET: stored}), _raw({**parts, SHEET: emptied}), {}) == []
    too_many = emptied.replace(b'"C90"><v>3</v></c>', b'"C90"/>')
    assert "C90 was" in losses(_raw({**parts, SHEET: stored}), _raw({**parts, SHEET: too_many}), {})[0]


@pytest.mark.parametrize(
    ("shown", "reason", "told"),
    [
        (float("nan"), "", "no cell"),
        ([[1.0, None]], "", "no cell"),
        (1, "", "no cell"),
        ("operands could not be broadcast", "", "raw words"),
        ("#VALUE!", "Singular matrix", "raw words"),
        ("#VALUE!", "No failure is known", "shows #VALUE!"),
        ("#REF!", "it is gone", "shows #REF!"),
    ],
)
def test_a_cell_that_is_none_and_raw_words_are_seen(shown: Any, reason: str, told: str) -> None:
    assert told in faulty(shown, reason)
    assert faulty([[1.0, "x", "#N/A"]], "a row has a gap") == ""


def test_a_worse_portfolio_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from core.decide.portfolio import optimize as module

    best = module.optimize

    def worse(*words: Any) -> Any:
        found = best(*words)
        moved = found.weights.copy()
        moved[[0, -1]] += 1e-3, -1e-3
        return replace(found, weights=moved)

    monkeypatch.setattr(module, "optimize", worse)
    tally = optima._run(12, 14)
    assert len(tally.faults) >= 0.7 * tally.counts["certified"]


def test_a_formula_that_came_with_a_text_is_seen(parts: dict[str, bytes], tmp_path: Path) -> None:
    spoiled = parts[SHEET].replace(
        b"</sheetData>", b'<row r="90"><c r="A90"><f>cmd|\'/c calc\'!A0</f></c></row></sheetData>'
    )
    (tmp_path / "desk.xlsx").write_bytes(_raw({**parts, SHEET: spoiled}))
    assert [each for each in _told((tmp_path / "desk.xlsx").read_bytes()).formulas if _hostile(each[2])] == [
        (SHEET, "A90", "cmd|'/c calc'!A0")
    ]


def test_a_refusal_without_place_or_remedy_is_seen() -> None:
    assert not _names_place("perpdesk: '7' is not the address of a cell; save it again", Path("desk.xlsx"))
    assert _names_place("perpdesk: desk.xlsx is damaged", Path("desk.xlsx"))
    assert not REMEDIES.search("the table has no such column")


def test_a_fault_or_no_case_at_all_misses_the_bar() -> None:
    tally = Tally()
    assert tally.verdict == "MISSED"
    tally.case(0.5, 80.0)
    assert tally.verdict == "held"
    tally.fault("seed 1, case 2", "lost")
    assert tally.verdict == "MISSED"
    assert "seed 1, case 2: lost" in tally.told()
    assert Tally(skipped="no index").verdict == "skipped"
