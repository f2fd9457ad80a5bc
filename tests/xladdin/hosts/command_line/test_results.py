"""Where results go: nobody's file is lost, a results book is gone on in, and an error changes nothing."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from tests.xladdin.books.conftest import digest, members, operate, replaced
from xladdin.books.file_book import FileBook
from xladdin.hosts.command_line.runs.results import results_beside

NOTE = b'<row r="900"><c r="B900" t="inlineStr"><is><t>sold by hand at 14:05</t></is></c></row></sheetData>'
JOBS = ("rebalance", "hedge", "stress", "backtest", "check", "verify")


def sheet_part(path: Path, name: str) -> str:
    names = re.findall(rb'<sheet [^>]*name="(\w+)"', members(path)["xl/workbook.xml"])
    return f"xl/worksheets/sheet{names.index(name.encode()) + 1}.xml"


def with_note(path: Path) -> None:
    operate(path, replaced(sheet_part(path, "About"), b"</sheetData>", NOTE))


def has_note(path: Path) -> bool:
    return b"sold by hand" in members(path)[sheet_part(path, "About")]


def renamed(path: Path, sheet: str, old: str, new: str) -> None:
    """Give a heading another name, in its cell and in its table."""

    def surgery(parts: dict[str, bytes]) -> None:
        cells = sheet_part(path, sheet)
        parts[cells] = parts[cells].replace(f"<t>{old}</t>".encode(), f"<t>{new}</t>".encode(), 1)
        for part in [part for part in parts if part.startswith("xl/tables/")]:
            if f'displayName="{sheet}"'.encode() in parts[part]:
                assert f'name="{old}"'.encode() in parts[part]
                parts[part] = parts[part].replace(f'name="{old}"'.encode(), f'name="{new}"'.encode(), 1)

    operate(path, surgery)


def files(folder: Path) -> dict[str, str]:
    return {path.name: digest(path) for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def results(run, desk):
    """The desk rebalanced, with a remark typed into its results."""
    assert run("rebalance", desk)[0] == 0
    path = desk.with_name("desk.results.xlsx")
    with_note(path)
    return path


class TestGoingOn:
    def test_remarks_in_the_results_outlive_the_next_run_and_its_weights_are_hedged(self, run, desk, results):
        before = digest(results)
        code, out, err = run("hedge", desk)
        assert code == 0, err
        assert has_note(results)
        assert digest(results.with_name("desk.results.xlsx.bak")) == before
        assert "beta of the target book" in out
        with FileBook.open(results) as book:
            assert book.table("Runs").column("Job") == ["rebalance", "hedge"]

    def test_inputs_are_those_of_the_desk_and_what_differed_is_told(self, run, desk, results):
        with FileBook.open(desk) as book:
            book.write_value("GrossMax", 1.5)
            universe = book.table("Universe")
            rows = [list(row) for row in universe.rows]
            rows[0][universe.index("MaxWeight")] = 0.3
            book.write_table("Universe", rows)
            book.commit()
        code, out, err = run("rebalance", desk)
        assert code == 0, err
        assert "went on in desk.results.xlsx; taken from desk.xlsx where they differed: Universe, GrossMax" in out
        with FileBook.open(results) as book, FileBook.open(desk) as source:
            assert book.value("GrossMax").value == 1.5
            assert book.table("Universe").rows == source.table("Universe").rows
            assert book.table("Weights").column("Final")[0] <= 0.3 + 1e-9
        assert has_note(results)

    def test_another_history_empties_the_results_that_rest_on_the_old_one(self, run, desk, results, history):
        run("refresh", desk, "--from", history, "--symbols", "BTCUSDT,ETHUSDT,SOLUSDT", "--bars", 150)
        code, _, err = run("check", desk)
        assert code == 0, err
        with FileBook.open(results) as book, FileBook.open(desk) as source:
            assert not book.table("Weights").rows
            assert book.table("Prices").rows == source.table("Prices").rows
            assert book.value("DataSource").value == source.value("DataSource").value
            assert book.table("Runs").column("Job") == ["rebalance", "refresh", "check"]
        assert has_note(results)

    def test_results_that_only_the_source_knows_come_along(self, run, desk, tmp_path):
        other = tmp_path / "other.xlsx"
        assert run("rebalance", desk, "--out", other)[0] == 0
        with_note(other)
        assert run("rebalance", desk, "--set", "GrossMax=1.8")[0] == 0
        source = tmp_path / "desk.results.xlsx"
        code, _, err = run("hedge", source, "--out", other)
        assert code == 1
        assert "other.xlsx exists and is no results book of desk.results.xlsx" in err
        assert run("hedge", source)[0] == 0
        with FileBook.open(source) as book:
            weights = book.table("Weights").rows
        code, _, err = run("stress", source, "--out", tmp_path / "third.xlsx")
        assert code == 0, err
        assert run("rebalance", source, "--set", "NetTarget=0.8")[0] == 0
        with FileBook.open(source) as book:
            assert book.table("Weights").rows != weights
            weights = book.table("Weights").rows
        assert run("check", source, "--out", tmp_path / "third.xlsx")[0] == 0
        with FileBook.open(tmp_path / "third.xlsx") as book:
            assert book.table("Weights").rows == weights

    def test_what_cannot_take_the_inputs_is_refused_with_both_ways_out(self, run, desk, results):
        operate(results, replaced("xl/workbook.xml", b'name="GrossMax"', b'name="GrosMax"'))
        before = files(desk.parent)
        code, _, err = run("rebalance", desk)
        assert code == 1
        assert "desk.results.xlsx cannot go on with the inputs of desk.xlsx" in err
        assert "--force" in err
        assert files(desk.parent) == before
        assert run("rebalance", desk, "--force")[0] == 0
        assert digest(results.with_name("desk.results.xlsx.bak")) == before["desk.results.xlsx"]


class TestOtherFiles:
    @pytest.mark.parametrize("content", [b"", b"my own notes", "another desk"])
    def test_a_file_that_is_none_of_the_desks_needs_force_and_is_kept(self, run, desk, tmp_path, content):
        other = tmp_path / "other.xlsx"
        if content == "another desk":
            assert run("new", other, "--empty")[0] == 0
        else:
            other.write_bytes(content)
        before = digest(other)
        code, _, err = run("rebalance", desk, "--out", other)
        assert code == 1
        assert "other.xlsx exists and" in err
        assert "replace it with --force (it is kept as other.xlsx.bak)" in err
        assert digest(other) == before
        assert run("rebalance", desk, "--out", other, "--force")[0] == 0
        assert digest(tmp_path / "other.xlsx.bak") == before

    @pytest.mark.skipif(os.name != "posix", reason="symbolic links need rights on Windows")
    def test_a_link_guards_the_file_that_it_points_at(self, run, desk, tmp_path):
        precious = tmp_path / "precious.txt"
        precious.write_text("precious")
        link = tmp_path / "link.xlsx"
        link.symlink_to(precious)
        assert run("rebalance", desk, "--out", link)[0] == 1
        assert precious.read_text() == "precious"

    def test_the_results_name_of_something_else_is_refused_too(self, run, desk):
        desk.with_name("desk.results.xlsx").write_text("mine")
        assert run("rebalance", desk)[0] == 1
        assert desk.with_name("desk.results.xlsx").read_text() == "mine"

    def test_the_demo_replaces_a_demo_only(self, run, tmp_path):
        (tmp_path / "PerpDesk-demo.xlsx").write_text("mine")
        code, _, err = run("demo")
        assert code == 1
        assert "PerpDesk-demo.xlsx exists and" in err
        assert (tmp_path / "PerpDesk-demo.xlsx").read_text() == "mine"

    def test_a_report_and_a_walk_that_are_replaced_leave_a_backup(self, run, desk, tmp_path):
        for _ in range(2):
            assert run("report", desk, "--out", "a.html")[0] == 0
        assert (tmp_path / "a.html.bak").exists()
        (tmp_path / "walk.csv").write_text("my own table")
        code, _, err = run("backtest", desk, "--path", tmp_path / "walk.csv")
        assert code == 1
        assert "walk.csv exists and is no walk of PerpDesk" in err
        assert (tmp_path / "walk.csv").read_text() == "my own table"

    @pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
    def test_a_private_desk_has_private_results(self, run, desk):
        desk.chmod(0o600)
        assert run("check", desk)[0] == 0
        assert stat.S_IMODE(desk.with_name("desk.results.xlsx").stat().st_mode) == 0o600

    def test_a_backup_can_be_read_by_name_and_stays_as_it_is(self, run, desk, history):
        backup = desk.rename(desk.with_name("desk.xlsx.bak"))
        before = digest(backup)
        assert run("check", backup)[0] == 0
        assert desk.with_name("desk.bak.results.xlsx").exists()
        code, _, err = run("refresh", backup, "--from", history, "--symbols", "BTCUSDT,ETHUSDT,SOLUSDT")
        assert code == 1
        assert "desk.xlsx.bak is a backup and stays as it is; write elsewhere with --out" in err
        assert digest(backup) == before

    @pytest.mark.parametrize(
        ("name", "results"),
        [
            ("a.xlsx", "a.results.xlsx"),
            ("a.results.xlsx", "a.results.xlsx"),
            ("a.xlsm", "a.results.xlsm"),
            ("a.xlsx.bak", "a.bak.results.xlsx"),
        ],
    )
    def test_the_name_of_the_results(self, name, results):
        assert results_beside(Path("x") / name) == Path("x") / results


class TestNothingChangesOnAnError:
    def test_a_renamed_heading_stops_refresh_before_anything_is_written(self, run, desk, history):
        renamed(desk, "Universe", "MaxWeight", "MaxWgt")
        before = files(desk.parent)
        code, out, err = run("refresh", desk, "--from", history, "--symbols", "BTCUSDT,ETHUSDT,SOLUSDT")
        assert code == 1
        assert "desk.xlsx: table 'Universe' on sheet 'Universe' has no column 'MaxWeight'" in err
        assert "MaxWgt" in err
        assert "wrote" not in out
        assert files(desk.parent) == before

    @pytest.mark.parametrize(
        ("job", "sheet", "old", "new"),
        [
            ("rebalance", "Weights", "Final", "Target"),
            ("rebalance", "Estimates", "Beta", "b"),
            ("hedge", "Hedge", "Due", "Due?"),
            ("stress", "Stress", "Verdict", "Verdikt"),
            ("check", "Checks", "Status", "State"),
            ("check", "Runs", "Job", "Task"),
            ("backtest", "BacktestDecisions", "Time", "When"),
            ("verify", "Verification", "Verdict", "Says"),
        ],
    )
    def test_no_job_writes_under_a_renamed_heading(self, run, desk, job, sheet, old, new):
        renamed(desk, sheet, old, new)
        before = files(desk.parent)
        code, _, err = run(job, desk)
        assert code == 1
        assert f"table '{sheet}' on sheet" in err
        assert f"'{old}'" in err
        assert files(desk.parent) == before

    def test_columns_in_another_order_are_never_filled_with_each_others_results(self, run, desk):
        for old, new in (("Baseline", "swap"), ("Overlay", "Baseline"), ("swap", "Overlay")):
            renamed(desk, "Weights", old, new)
        code, _, err = run("rebalance", desk)
        assert code == 1
        assert "has 'Overlay' where 'Baseline' belongs; put its columns back in their order" in err

    @pytest.mark.parametrize("length", [231, 250, 300])
    @pytest.mark.parametrize("job", ["rebalance", "check"])
    def test_a_name_that_is_too_long_is_told(self, run, desk, job, length):
        name = "x" * (length - 5) + ".xlsx"
        assert "shorten it" in run(job, name)[2]
        code, _, err = run(job, desk, "--out", name)
        assert code == 1
        assert "shorten it" in err


class TestCheckTellsAll:
    def test_every_problem_at_once(self, run, desk):
        with FileBook.open(desk) as book:
            book.write_value("GrossMax", -1.0)
            book.write_value("Model", "magic")
            universe = book.table("Universe")
            rows = [list(row) for row in universe.rows]
            rows[0][universe.index("Lot")] = "small"
            rows[1][universe.index("MaxLeverage")] = None
            rows[2][universe.index("MaintenanceRate")] = 7.0
            book.write_table("Universe", rows)
            prices = book.table("Prices")
            cells = [list(row) for row in prices.rows]
            cells[3][1], cells[5][1] = -5.0, "n/a?"
            book.write_table("Prices", cells, prices.header)
            places = [
                *(book.value(name).address for name in ("GrossMax", "Model")),
                universe.address(0, "Lot"),
                universe.address(1, "MaxLeverage"),
                universe.address(2, "MaintenanceRate"),
                prices.address(3, 1),
                prices.address(5, 1),
            ]
            book.commit()
        renamed(desk, "Weights", "Final", "Target")
        before = files(desk.parent)
        code, _, err = run("check", desk)
        lines = err.splitlines()
        assert code == 1
        assert len(lines) == len(places) + 1
        assert all(line.startswith("perpdesk: desk.xlsx: ") for line in lines)
        for place in places:
            assert any(f"{place} holds" in line or f"{place} is blank" in line for line in lines), place
        assert any("table 'Weights'" in line for line in lines)
        assert files(desk.parent) == before

    def test_the_window_is_told_when_all_cells_are_right(self, run, desk):
        code, _, err = run("rebalance", desk, "--set", "Window=90000")
        assert code == 1
        assert re.search(r"^perpdesk: desk\.xlsx: Settings!C\d+: the window is 90000 bars", err)


class TestWhatIsNotSeen:
    def test_merged_cells_of_a_table_are_refused(self, run, desk):
        merge = b'</sheetData><mergeCells count="1"><mergeCell ref="B7:B8"/></mergeCells>'
        operate(desk, replaced(sheet_part(desk, "Universe"), b"</sheetData>", merge))
        before = files(desk.parent)
        for job in ("rebalance", "check"):
            code, _, err = run(job, desk)
            assert code == 1
            assert "desk.xlsx: the cells Universe!B7:B8 of table 'Universe' are merged" in err
        assert files(desk.parent) == before

    def test_a_merge_over_the_history_too(self, run, desk):
        merge = b'</sheetData><mergeCells count="1"><mergeCell ref="C9:D9"/></mergeCells>'
        operate(desk, replaced(sheet_part(desk, "Prices"), b"</sheetData>", merge))
        assert "the cells Prices!C9:D9 of table 'Prices' are merged" in run("rebalance", desk)[2]

    def test_hidden_rows_and_sheets_and_links_are_told(self, run, desk):
        def surgery(parts: dict[str, bytes]) -> None:
            universe = sheet_part(desk, "Universe")
            parts[universe] = parts[universe].replace(b'<row r="8">', b'<row r="8" hidden="1">', 1)
            book, rels = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
            parts[book] = re.sub(
                rb'(<sheet [^>]*name="Tiers"[^>]*)state="visible"', rb'\1state="veryHidden"', parts[book]
            )
            link = b'<Relationship Id="rId999" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
            link += b'relationships/externalLink" Target="externalLinks/externalLink1.xml"/></Relationships>'
            parts[rels] = parts[rels].replace(b"</Relationships>", link)
            parts["xl/externalLinks/externalLink1.xml"] = (
                b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
            )
            parts["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
                b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
                b'Id="rId1" Type="x/externalLinkPath" Target="file:///C:%5Cbooks%5Chouse%20view.xlsx" '
                b'TargetMode="External"/></Relationships>'
            )

        operate(desk, surgery)
        code, out, err = run("check", desk)
        assert code == 0, err
        assert "read although hidden: 1 row of table 'Universe', first Universe!8" in out
        assert "read although hidden: sheet Tiers" in out
        assert "links to other workbooks are taken as they were last saved: house view.xlsx" in out


class TestFolders:
    @pytest.mark.parametrize("folder", [".", "..", "/"])
    @pytest.mark.parametrize(
        "words", [("doctor",), ("refresh", "--from", "x.csv"), *((job,) for job in JOBS), ("sweep",)]
    )
    def test_a_folder_in_the_place_of_a_workbook_is_named(self, run, tmp_path, words, folder):
        code, out, err = run(words[0], folder, *words[1:])
        named = tmp_path.name if folder == "." else folder
        assert (code, out) == (1, "")
        assert err == f"perpdesk: {named} is not an .xlsx or .xlsm workbook; name a workbook in that folder\n"

    def test_a_folder_in_the_place_of_an_export_is_named(self, run, tmp_path, desk):
        assert run("positions", desk, "--file", ".")[2].startswith(f"perpdesk: {tmp_path.name} is no ordinary file")
