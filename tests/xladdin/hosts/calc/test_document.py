"""A command of the menu in a real LibreOffice, with a worker of the test's own that asks for the open document."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.calc_office import Document, Office, office
from tests.source_tree import ROOT
from xladdin.hosts.menu import JOBS

pytestmark = pytest.mark.calc

WORKER = """
import json, os, sys
sys.path.insert(0, {project!r})
from xladdin.hosts.calc.extension.messages import Block, Link, receive
out = os.fdopen(os.dup(1), "wb")

def call(name, *cells):
    return Block.of([[42.0]])

def job(name, path):
    if name == "rebalance":
        place = link.ask("ask", "names")["Weights"][1]
        assert link.ask("progress", "reading Weights") is True
        before = link.ask("ask", "read", place)[0]
        after = [[2 * cell if isinstance(cell, float) else cell for cell in row] for row in before.cells()]
        link.ask("ask", "write", "PerpDesk", ["values", place, Block.of(after), []])
        return f"doubled what {{json.dumps(link.ask('ask', 'about')['sheets'])}} has in {{place}}", True
    if name == "hedge":
        return str(link.ask("ask", "formulas", ["Sheet1", 0, 3, 1, 3])), True
    if name == "stress":
        first, too_narrow = ["Sheet1", 0, 0, 0, 0], ["Sheet1", 5, 0, 5, 0]
        pieces = ["values", first, Block.of([[9.0]]), []], ["values", too_narrow, Block.of([[1.0, 2.0]]), []]
        link.ask("ask", "write", "PerpDesk", *pieces)
    if name == "check":
        return path, True
    if name == "verify":
        table, beside = ["Sheet1", 0, 0, 1, 1], ["Sheet1", 5, 0, 5, 1]
        after, done = Block.of([[2.0, "BTC"], [4.0, None]]), Block.of([["done"], [None]])
        link.ask("ask", "write", "PerpDesk", ["values", table, after, []], ["values", beside, done, []])
        return "", True
    return link.ask("ask", "sell")

link = Link(lambda: receive(sys.stdin.buffer), out, {{"call": call, "job": job}})
link.serve()
"""


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office whose worker is that of this test."""
    folder = tmp_path_factory.mktemp("asking")
    (folder / "worker.py").write_text(WORKER.format(project=str(ROOT)))
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{folder}/worker.py"\n')
    python.chmod(0o755)
    record = folder / "record.json"
    record.write_text(json.dumps({"python": str(python), "project": str(ROOT)}))
    with office(folder / "office", PERPDESK_CALC_RECORD=str(record)) as running:
        yield running


def desk_in(asking: Office, tmp_path: Path) -> Document:
    """A document with a named range, a formula over it that calls the worker, and a text."""
    document = asking.new()
    document.write("Sheet1", "A1", [[1.0, "BTC"], [2.0, None]])
    document.formula("Sheet1", "A4", "=PERP_BETA_PORTFOLIO(A1:A2;A1:A2)")
    document.formula("Sheet1", "B4", "=SUM(A1:A2)")
    document.name("Weights", "Sheet1", "A1:B2")
    document.save(tmp_path / "desk.ods")
    document.close()
    return asking.open(tmp_path / "desk.ods")


@pytest.fixture
def desk(asking: Office, tmp_path: Path) -> Iterator[Document]:
    document = desk_in(asking, tmp_path)
    yield document
    document.close()


def test_a_job_reads_and_writes_while_cells_ask_and_one_undo_takes_all_back(desk: Document) -> None:
    """Writing recalculates A4, whose function the worker answers while its own question waits."""
    assert desk.dispatch("org.perpdesk.calc:rebalance") == (
        1,
        "doubled what [\"Sheet1\"] has in ['Sheet1', 0, 0, 1, 1]",
    )
    assert desk.shown("Sheet1", "A1:B2") == [[2.0, "BTC"], [4.0, ""]]
    assert desk.shown("Sheet1", "A4:B4") == [[42.0, 6.0]]
    assert desk.undo_titles() == ["PerpDesk"]
    desk.undo()
    assert desk.shown("Sheet1", "A1:B2") == [[1.0, "BTC"], [2.0, ""]]
    assert desk.shown("Sheet1", "A4:B4") == [[42.0, 3.0]]


def test_what_was_written_beside_the_table_is_taken_back_and_done_again(desk: Document) -> None:
    """More than one range was blank before."""
    before, after = ([[1.0, "BTC"], [2.0, ""]], [[""], [""]]), ([[2.0, "BTC"], [4.0, ""]], [["done"], [""]])
    state, _ = desk.dispatch("org.perpdesk.calc:verify")
    assert state == 1
    assert (desk.shown("Sheet1", "A1:B2"), desk.shown("Sheet1", "F1:F2")) == after
    for step, expected in ((desk.undo, before), (desk.redo, after), (desk.undo, before)):
        step()
        assert (desk.shown("Sheet1", "A1:B2"), desk.shown("Sheet1", "F1:F2")) == expected
    assert desk.undo_titles() == []


def test_a_write_that_fails_in_the_middle_leaves_nothing(desk: Document) -> None:
    state, said = desk.dispatch("org.perpdesk.calc:stress")
    assert state == 0
    assert said.startswith("Stress stopped: LibreOffice refused to write (")
    assert desk.shown("Sheet1", "A1") == [[1.0]]
    assert desk.shown("Sheet1", "F1") == [[""]]
    assert desk.undo_titles() == []


def test_formulas_the_path_and_what_no_document_answers(desk: Document, tmp_path: Path) -> None:
    state, formulas = desk.dispatch("org.perpdesk.calc:hedge")
    assert (state, "=SUM(A1:A2)" in formulas) == (1, True)
    assert desk.dispatch("org.perpdesk.calc:check") == (1, str(tmp_path / "desk.ods"))
    state, said = desk.dispatch("org.perpdesk.calc:refresh")
    assert state == 0
    assert "a document does not answer 'sell'; it answers about, names, tables, read, formulas, obstacles" in said


def test_a_document_that_may_only_be_read_is_refused(asking: Office, desk: Document, tmp_path: Path) -> None:
    again = asking.open(tmp_path / "desk.ods", read_only=True)
    state, said = again.dispatch("org.perpdesk.calc:rebalance")
    assert state == 0
    assert "is open for reading only; save it under another name first" in said
    again.close()


def test_every_job_of_the_menu_has_a_command_and_a_picture(calc_office: Office) -> None:
    extension = calc_office.folder / "extensions" / "PerpDesk"
    menu = (extension / "Addons.xcu").read_text()
    for name, job in JOBS.items():
        assert menu.count(f"<value>org.perpdesk.calc:{name}</value>") == 3
        assert f">{job.label}<" in menu
        assert (extension / "icons" / f"{name}.svg").is_file()
