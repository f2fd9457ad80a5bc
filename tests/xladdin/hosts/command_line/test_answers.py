"""What programs and people are told of a job: JSON, CSV, all columns, little, and nothing written."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.xladdin.desk.conftest import digest
from xladdin.books.file_book import FileBook
from xladdin.desk.layout.sheets import TABLES


@pytest.fixture
def answer(run, desk):
    def asked(*words):
        code, out, err = run(*words, "--json")
        return code, json.loads(out), err

    return asked


JOB_KEYS = ["job", "headline", "passed", "verdict", "warnings", "tables"]
LANDED_KEYS = ["dry_run", "files", "settings", "seconds"]


def test_a_job_answers_in_one_document(answer, desk):
    code, said, err = answer("rebalance", desk, "--set", "GrossMax=150%")
    assert (code, err) == (0, "")
    assert list(said) == [*JOB_KEYS, *LANDED_KEYS]
    assert said["job"] == "rebalance"
    assert said["passed"] is True
    assert said["settings"] == {"GrossMax": 1.5}
    assert said["files"] == [str(desk.with_name("desk.results.xlsx"))]
    assert any("returns missing" in warning for warning in said["warnings"])
    with FileBook.open(desk.with_name("desk.results.xlsx")) as book:
        for name, rows in said["tables"].items():
            block = book.table(name)
            assert [list(row) for row in rows] == [list(TABLES[name].header)] * len(block.rows)
            if name == "Weights":
                assert [row["Final"] for row in rows] == block.column("Final")


def test_a_moment_is_told_in_utc_and_no_number_is_null(answer, desk):
    market = {row["Measure"]: row["Value"] for row in answer("rebalance", desk)[1]["tables"]["Market"]}
    assert market["Next due"] == "2025-04-01T00:00:00Z"
    assert market["Last trade"] is None


def test_a_refusal_is_told_to_programs_too(answer, desk):
    code, said, err = answer("rebalance", desk, "--set", "GrossMax=two")
    assert (code, list(said)) == (1, ["refused"])
    assert err == f"perpdesk: {said['refused'][0]}\n"


def test_a_table_as_csv_is_what_the_workbook_has_and_the_rest_goes_to_the_error_stream(run, desk):
    code, out, err = run("rebalance", desk, "--csv")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    with FileBook.open(desk.with_name("desk.results.xlsx")) as book:
        assert [float(row["Final"]) for row in rows] == book.table("Weights").column("Final")
        assert [row["Side"] for row in rows] == book.table("Weights").column("Side")
    assert err.splitlines()[0].startswith("note  Prices: returns missing")
    assert err.splitlines()[-1].startswith("wrote ")


@pytest.mark.parametrize(
    ("job", "heading"), [("hedge", "Hedge"), ("stress", "Scenario"), ("check", "Check"), ("verify", "Figure")]
)
def test_each_job_has_a_table_that_csv_tells(run, built_day, job, heading):
    assert run(job, built_day, "--csv", "-q", "--dry-run")[1].startswith(f"{heading},")


def test_any_table_can_be_asked_for_with_all_of_its_columns(run, built_day):
    _, out, _ = run("check", built_day, "--table", "frontier", "--table", "WeightsSummary", "--dry-run")
    assert "\nFrontier\n Point " in out
    assert " BTCUSDT " in out
    assert "\nWeightsSummary\n" in out
    assert "\nChecks\n" not in out
    code, out, err = run("check", built_day, "--table", "Wheights")
    assert (code, out) == (1, "")
    assert "did you mean 'Weights'" in err
    assert "give --table once" in run("check", built_day, "--csv", "--table", "Weights", "--table", "Hedge")[2]


def test_quiet_says_nothing_unless_something_is_wrong(run, desk):
    assert run("rebalance", desk, "-q") == (0, "", "")
    assert desk.with_name("desk.results.xlsx").exists()
    code, out, err = run("stress", desk, "-q", "--set", "Equity=500000", "--set", "BookBasis=current")
    assert (code, out) == (1, "")
    assert err.startswith("perpdesk: stress: ")
    assert " failed: " in err


def test_verbose_tells_all_columns_and_the_time_of_each_step(run, desk):
    _, out, err = run("rebalance", desk, "-v")
    assert all(f" {heading} " in out for heading in TABLES["Estimates"].header)
    assert [line.split()[2] for line in err.splitlines()] == ["rebalance", "writing"]


def test_words_for_people_and_for_programs_exclude_each_other(run, desk):
    assert run("rebalance", desk, "--json", "--csv")[0] == 2
    assert run("rebalance", desk, "-q", "-v")[0] == 2


class TestDryRun:
    def files(self, desk):
        return {path.name: digest(path) for path in desk.parent.iterdir() if path.suffix == ".xlsx"}

    def test_it_does_the_work_and_writes_nothing(self, run, desk):
        before = self.files(desk)
        code, out, _ = run("rebalance", desk, "--dry-run", "--set", "GrossMax=1.5", "--set", "NetTarget=")
        assert code == 0
        assert "max_sharpe" in out
        last = out.splitlines()[-1]
        assert last.startswith(
            f"would write {desk.with_name('desk.results.xlsx')}: GrossMax = 1.5, NetTarget = blank, "
        )
        assert "Weights (8 rows)" in last
        assert last.endswith("; nothing was written")
        assert self.files(desk) == before

    def test_it_says_what_changes_and_the_run_then_changes_that(self, run, desk, tmp_path):
        said = json.loads(run("rebalance", desk, "--dry-run", "--json")[1])
        assert said["dry_run"] is True
        with FileBook.open(desk) as book:
            before = {name: book.table(name).rows for name in TABLES if name not in ("Prices", "Funding", "Factors")}
        run("rebalance", desk)
        with FileBook.open(tmp_path / "desk.results.xlsx") as book:
            changed = {
                name: (len(rows), len(book.table(name).rows))
                for name, rows in before.items()
                if book.table(name).rows != rows
            }
        assert {each["table"]: (each["rows_before"], each["rows_after"]) for each in said["changes"]} == changed

    def test_a_refresh_names_the_history_it_would_load(self, run, desk, history):
        before = self.files(desk)
        code, out, _ = run("refresh", desk, "--from", history, "--symbols", "all", "--dry-run")
        assert code == 0
        assert "Prices (200 rows)" in out.splitlines()[-1]
        assert self.files(desk) == before

    def test_what_a_run_would_refuse_a_dry_run_refuses(self, run, desk, tmp_path):
        (tmp_path / "desk.results.xlsx").write_bytes(b"no workbook")
        assert run("rebalance", desk, "--dry-run")[0] == 1
        assert run("rebalance", desk, "--out", tmp_path / "no" / "where.xlsx", "--dry-run")[0] == 1

    def test_a_walk_is_named_and_not_written(self, run, desk, tmp_path):
        code, out, err = run("backtest", desk, "--dry-run", "--path", tmp_path / "walk.csv")
        assert code == 0, err
        assert str(tmp_path / "walk.csv") in out.splitlines()[-1]
        assert not (tmp_path / "walk.csv").exists()


class TestDay:
    def test_the_day_lands_once_with_all_of_its_jobs(self, run, desk):
        code, out, err = run("day", desk)
        assert code == 0, err
        assert [
            line.split()[0]
            for line in out.splitlines()
            if line.split()[:1] and line.split("  ")[0] in ("Rebalance", "Hedge", "Stress", "Check") and "  " in line
        ] == ["Rebalance", "Hedge", "Stress", "Check"]
        results = desk.with_name("desk.results.xlsx")
        assert not results.with_name("desk.results.xlsx.bak").exists()
        with FileBook.open(results) as book:
            assert book.table("Runs").column("Job") == ["rebalance", "hedge", "stress", "check"]

    def test_its_figures_are_those_of_the_jobs_one_by_one(self, run, desk, tmp_path):
        run("day", desk)
        one_by_one = tmp_path / "one.xlsx"
        one_by_one.write_bytes(desk.read_bytes())
        for job in ("rebalance", "hedge", "stress", "check"):
            run(job, one_by_one)
        with (
            FileBook.open(desk.with_name("desk.results.xlsx")) as day,
            FileBook.open(tmp_path / "one.results.xlsx") as one,
        ):
            for name in (
                "Weights",
                "WeightsSummary",
                "Frontier",
                "Hedge",
                "Stress",
                "StressSummary",
                "Ladder",
                "Checks",
            ):
                assert day.table(name).rows == one.table(name).rows

    def test_with_a_source_it_refreshes_first_and_writes_the_book_itself(self, run, desk, history):
        before = digest(desk)
        code, out, err = run("day", desk, "--from", history, "--symbols", "all", "--set", "Window=150")
        assert code in (0, 1), err
        assert "199 bars of 3 contracts" in out
        assert digest(desk.with_name("desk.xlsx.bak")) == before
        assert not desk.with_name("desk.results.xlsx").exists()
        with FileBook.open(desk) as book:
            assert book.table("Runs").column("Job")[:2] == ["refresh", "rebalance"]
            assert book.table("Prices").header == ("Time", "BTCUSDT", "ETHUSDT", "SOLUSDT")

    def test_a_refusal_in_the_middle_leaves_everything_as_it_was(self, run, desk, history):
        before = digest(desk)
        code, out, err = run("day", desk, "--from", history, "--symbols", "all")
        assert (code, out) == (1, "")
        assert "the window is 720 bars and Prices has 199 returns" in err
        assert digest(desk) == before
        assert not desk.with_name("desk.xlsx.bak").exists()

    def test_a_failed_check_ends_the_day_and_what_stands_is_written(self, run, desk):
        code, out, err = run("day", desk, "--set", "PortfolioBeta=3")
        assert code == 1
        assert "stopped after rebalance, as a check failed" in err
        assert "Hedge  " not in out
        with FileBook.open(desk.with_name("desk.results.xlsx")) as book:
            assert book.table("Runs").column("Job") == ["rebalance"]
        said = json.loads(run("day", desk, "--set", "PortfolioBeta=3", "--json")[1])
        assert list(said) == ["job", "passed", "stopped_after", "jobs", *LANDED_KEYS]
        assert (said["passed"], said["stopped_after"]) == (False, "rebalance")
        assert [job["job"] for job in said["jobs"]] == ["rebalance"]

    def test_a_desk_without_a_contract_to_hedge_with_goes_unhedged_and_says_so(self, run, tmp_path, history):
        run("new", "own.xlsx", "--empty")
        code, out, err = run("day", "own.xlsx", "--from", history, "--symbols", "all", "--bars", 150)
        assert code in (0, 1), err
        assert "Hedge  nothing is hedged: no contract on Universe is marked Hedge" in out
        with FileBook.open(tmp_path / "own.xlsx") as book:
            assert book.table("Runs").column("Job")[:3] == ["refresh", "rebalance", "stress"]

    def test_what_belongs_to_a_refresh_needs_a_source(self, run, desk):
        code, _, err = run("day", desk, "--symbols", "all", "--bars", "100")
        assert code == 1
        assert "--symbols, --bars: of a refresh, which this day has not; give --from or --venue too" in err
