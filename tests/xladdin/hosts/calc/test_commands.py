"""The commands of the menu as the worker carries them out, without an office."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from core.errors import BookError
from tests.memory_office import MemoryOffice
from tests.shipped_desk import shipped_desk
from xladdin import call
from xladdin.hosts.calc import commands
from xladdin.hosts.calc.commands import Commands
from xladdin.hosts.menu import BESIDE, JOBS


class Asked:
    """An office that is asked: it goes on for so many steps, and `selected` is a formula that computes `calls`."""

    def __init__(self, steps: int = 10_000) -> None:
        self.steps, self.said = steps, list[tuple[Any, ...]]()
        self.formula, self.calls = "=PERP_BETA(A1;B1)", list[tuple[Any, ...]]()
        self.call: Any = None

    def __call__(self, kind: str, *body: Any) -> Any:
        self.said.append((kind, *body))
        if kind == "progress":
            self.steps -= 1
            return self.steps >= 0
        if body == ("selected",):
            return ["Sheet1!D4", self.formula]
        if body == ("recompute",):
            for each in self.calls:
                self.call(*each)
            return "#VALUE!"
        return f"{body[0]} done"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> MemoryOffice:
    return MemoryOffice(shipped_desk(tmp_path_factory.mktemp("desk") / "PerpDesk.xlsx"))


@pytest.fixture
def office(desk: MemoryOffice, monkeypatch: pytest.MonkeyPatch) -> MemoryOffice:
    held = copy.deepcopy(desk)
    monkeypatch.setattr(commands, "PipedOffice", lambda ask, title: held)
    return held


@pytest.mark.parametrize("steps", [0, 3, 12])
def test_who_stops_a_job_has_nothing_written(office: MemoryOffice, steps: int) -> None:
    asked = Asked(steps)
    before = dict(office.cells)
    assert Commands(asked).run("rebalance", "") == [
        "Rebalance stopped, nothing was written: you pressed Esc",
        False,
    ]
    assert (office.written, office.cells) == (0, before)
    assert len(asked.said) == steps + 1


def test_a_job_says_at_what_it_is_and_writes_once(office: MemoryOffice) -> None:
    asked = Asked()
    said, well = Commands(asked).run("rebalance", "/somewhere/desk.xlsx")
    assert (well, said.split(":")[0], office.written) == (True, "Rebalance", 1), said
    assert ("progress", "rebalance, reading Universe") in asked.said
    assert asked.said[-1] == ("progress", "rebalance, writing the results")


def test_a_way_out_is_named_by_its_place_in_calc(office: MemoryOffice) -> None:
    office.protected.add("Weights")
    said, well = Commands(Asked()).run("rebalance", "")
    assert not well
    assert "is locked by sheet protection; take that off (Tools > Protect Sheet)" in said


def test_refresh_needs_a_folder(office: MemoryOffice, tmp_path: Path) -> None:
    for document, words in (("", "save it into a folder"), (str(tmp_path / "desk.ods"), f"in {tmp_path}")):
        said, well = Commands(Asked()).run("refresh", document)
        assert (well, words in said) == (False, True), said


def test_a_command_that_there_is_not() -> None:
    with pytest.raises(BookError, match="there is no command 'settle'; there are: refresh, rebalance"):
        Commands(Asked()).run("settle", "")


def test_what_stands_beside_the_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert not BESIDE.keys() & JOBS.keys()
    asked = Asked()
    for name, verb in {"new_desk": "open", "examples": "open", "help": "show"}.items():
        assert Commands(asked).run(name, "") == [f"{verb} done", True]
        assert Path(asked.said[-1][2]).is_file()
    assert Commands(asked).run("doctor", "")[1] is True


def why(asked: Asked) -> str:
    menu = Commands(asked)
    asked.call = menu.listening(call)
    asked.call("PERP_BETA", ((1.0,),), ((2.0,), (3.0,)))  # what was computed before is not meant
    said, well = menu.run("why", "")
    assert well
    assert asked.formula == "" or asked.said[-1] == ("ask", "settle")
    return str(said)


def test_why_tells_what_the_calls_of_the_selected_cell_said() -> None:
    asked = Asked()
    block = ((0.01, 0.02), (0.03, -0.01), (-0.02, 0.01))
    asked.calls = [("PERP_COV", block), ("PERP_COV", block, "nonsense"), ("PERP_WHY",), ("PERP_COV", block, "nonsense")]
    first, second = why(asked).split("\n")
    assert first == "Sheet1!D4 shows #VALUE!."
    assert second.startswith("PERP_COV: ")
    assert "nonsense" in second
    asked.calls = asked.calls[:1]
    assert why(asked).endswith("No failure or warning: PERP_COV went well.")
    asked.calls = []
    assert why(asked) == "Sheet1!D4 shows #VALUE!, and no PerpDesk function is in it"
    asked.formula = "=ORG.PERPDESK.CALC.FUNCTIONS.PERPBETA(A1;B1)"
    assert "LibreOffice did not compute it again, so its reason is not known" in why(asked)
    asked.formula = ""
    assert why(asked) == "Sheet1!D4 holds no formula; select a cell with a PerpDesk function"
