"""The command line: what it prints, what it writes, what it leaves alone, and its exit codes."""

from __future__ import annotations

import zipfile

import openpyxl
import pytest

import xladdin
from core.decide.limits.declared import Limits
from core.errors import ArgumentError
from core.numeric.compiled import loops
from tests.xladdin.desk.conftest import digest
from xladdin.books.file_book import FileBook
from xladdin.desk import jobs
from xladdin.hosts.command_line.typed.cells import cells_of
from xladdin.hosts.command_line.typed.settings import setting_values

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class TestJobs:
    def test_new_makes_a_desk_and_never_overwrites_one(self, run, tmp_path):
        code, out, _ = run("new", "desk.xlsx")
        assert (code, out) == (0, "wrote desk.xlsx\n")
        with FileBook.open(tmp_path / "desk.xlsx") as book:
            assert book.table("Stress").rows
        code, _, err = run("new", "desk.xlsx")
        assert code == 1
        assert "desk.xlsx exists already" in err

    def test_new_can_be_empty(self, run, tmp_path, history):
        assert run("new", "own.xlsx", "--empty")[0] == 0
        code, out, _ = run("refresh", "own.xlsx", "--from", history, "--symbols", "BTCUSDT,SOLUSDT", "--bars", 100)
        assert code == 0
        assert "sample" not in out
        code, out, _ = run("rebalance", "own.xlsx")
        assert code == 0
        assert "No contract has assumed terms" in out

    def test_results_land_beside_the_book_which_is_not_touched(self, run, desk):
        before = digest(desk)
        code, out, _ = run("rebalance", desk)
        assert code == 0
        assert out.endswith("wrote " + str(desk.with_name("desk.results.xlsx")) + "\n")
        assert "max_sharpe" in out
        assert " checks: 1 warning: Every bar has a price" in out
        assert digest(desk) == before

    def test_hedge_and_stress_go_on_in_the_results(self, run, desk):
        run("rebalance", desk)
        results = desk.with_name("desk.results.xlsx")
        assert run("hedge", results)[0] == 0
        code, out, _ = run("stress", results)
        assert code == 0
        assert "worst of the target book, hedged" in out
        assert not desk.with_name("desk.results.results.xlsx").exists()
        assert run("check", results)[0] == 0

    def test_what_numpy_does_in_a_job_is_added_up_and_not_beyond_it(self, run, desk, monkeypatch):
        counts = []
        check = jobs.check
        monkeypatch.setattr(jobs, "check", lambda book: [check(book), counts.append(loops.by_numpy)][0])
        run("check", desk)
        assert counts[0] >= 0 > loops.by_numpy

    def test_out_names_another_file(self, run, desk, tmp_path):
        assert run("rebalance", desk, "--out", tmp_path / "other.xlsx")[0] == 0
        assert (tmp_path / "other.xlsx").exists()
        assert not desk.with_name("desk.results.xlsx").exists()

    def test_settings_can_be_changed_for_what_is_written(self, run, desk):
        code, _, err = run("rebalance", desk, "--set", "NetTarget=", "--set", "portfoliobeta=0.7")
        assert code == 0, err
        with FileBook.open(desk.with_name("desk.results.xlsx")) as book:
            assert book.value("NetTarget").value is None
            assert book.value("PortfolioBeta").value == 0.7

    def test_refresh_updates_the_book_itself_and_keeps_the_old_one(self, run, desk, history):
        before = digest(desk)
        code, out, _ = run("refresh", desk, "--from", history, "--symbols", "BTCUSDT,ETHUSDT,SOLUSDT", "--bars", 100)
        assert code == 0
        assert "100 bars of 3 contracts" in out
        assert digest(desk.with_name("desk.xlsx.bak")) == before
        with FileBook.open(desk) as book:
            prices, universe = book.table("Prices"), book.table("Universe")
            assert prices.header == ("Time", "BTCUSDT", "ETHUSDT", "SOLUSDT")
            assert len(prices.rows) == 101
            assert universe.column("Include") == ["Y"] * 3
            assert universe.column("Price")[0] == prices.rows[-1][1]
            assert "history.csv" in book.value("DataSource").value

    def test_the_desk_says_how_carried_funding_is_read(self, run, desk, tmp_path):
        rows = "".join(f"2024-06-{1 + hour // 24:02} {hour % 24:02}:00,100,0.0001\n" for hour in range(72))
        (tmp_path / "BTCUSDT.csv").write_text("time,close,funding_rate\n" + rows)
        command = ("refresh", desk, "--from", tmp_path / "BTCUSDT.csv", "--symbols", "BTCUSDT")
        code, out, _ = run(*command)
        assert code == 0
        assert "87.6% a year if every row settled, 10.9% if one each 8 h did" in out
        code, out, _ = run(*command, "--funding", "carried")
        assert code == 0
        assert "one settlement each 8 h was taken" in out
        code, _, err = run(*command, "--funding", "smeared")
        assert (code, "choose one of: auto, settled, carried" in err) == (1, True)

    def test_a_refreshed_desk_rebalances(self, run, desk, history):
        run("refresh", desk, "--from", history, "--symbols", "BTCUSDT,ETHUSDT,SOLUSDT")
        code, _, err = run("rebalance", desk)
        assert code == 1
        assert "the window is 720 bars and Prices has 199 returns" in err
        assert run("rebalance", desk, "--set", "Window=150")[0] == 0

    def test_a_new_contract_gets_terms_that_the_run_calls_assumed(self, run, desk, history):
        history.write_text(history.read_text().replace("SOLUSDT", "AVAXUSDT"))
        code, out, _ = run("refresh", desk, "--from", history, "--symbols", "BTCUSDT,ETHUSDT,AVAXUSDT")
        assert code == 0
        assert "added to Universe with assumed terms, please correct them: AVAXUSDT" in out

    def test_check_fails_when_a_check_does(self, run, desk):
        run("rebalance", desk)
        results = desk.with_name("desk.results.xlsx")
        with FileBook.open(results) as book:
            book.write_value("GrossMax", 0.5)
            book.commit()
        code, out, _ = run("check", results)
        assert code == 1
        assert "3 failed: Weights belong to today's inputs; Gross exposure is within its limit" in out

    @pytest.mark.parametrize("job", ["stress", "check"])
    def test_every_job_ends_with_1_when_a_check_fails_and_writes_its_results(self, run, desk, job):
        thin = ("--set", "Equity=500000", "--set", "BookBasis=current")
        code, out, _ = run("stress", desk, *thin)
        results = desk.with_name("desk.results.xlsx")
        if job == "check":
            code, out, _ = run("check", results)
        assert code == 1
        assert "failed: " in out
        assert "What must be survived liquidates nothing" in out
        with FileBook.open(results) as book:
            assert "FAIL" in book.table("Checks").column("Status")

    def test_the_day_is_verified_and_a_changed_weight_ends_with_1(self, run, desk, tmp_path):
        for job, source in (("rebalance", desk), ("hedge", "desk.results.xlsx"), ("stress", "desk.results.xlsx")):
            assert run(job, source)[0] == 0
        code, out, _ = run("verify", "desk.results.xlsx")
        assert code == 0
        for words in ("none differs", "Weights.Final", "Estimates.Beta", "not covered"):
            assert words in out
        with FileBook.open(tmp_path / "desk.results.xlsx") as book:
            weights = book.table("Weights")
            rows = [list(row) for row in weights.rows]
            rows[0][weights.index("Final")] += 1e-3
            book.write_table("Weights", rows)
            book.commit(tmp_path / "changed.xlsx")
        code, out, _ = run("verify", "changed.xlsx")
        assert code == 1
        assert weights.address(0, "Final") in out

    def test_the_demo_runs_the_day(self, run, tmp_path):
        code, out, _ = run("demo")
        assert code == 0
        for words in ("... rebalance", "Weights", "Hedge", "Stress", "Checks", "wrote PerpDesk-demo.xlsx"):
            assert words in out
        with FileBook.open(tmp_path / "PerpDesk-demo.xlsx") as book:
            assert book.table("Runs").column("Job") == ["rebalance", "hedge", "stress", "check"]


class TestTheDeskSaysNo:
    """One line, exit code 1, the input untouched, nothing left behind."""

    def refused(self, run, desk, *arguments):
        before = sorted((path.name, digest(path)) for path in desk.parent.iterdir() if path.suffix == ".xlsx")
        code, out, err = run(*arguments)
        assert code == 1, out
        assert err.startswith("perpdesk: ")
        assert err.count("\n") == 1
        assert "Traceback" not in err + out
        assert "wrote" not in out
        after = sorted((path.name, digest(path)) for path in desk.parent.iterdir() if path.suffix == ".xlsx")
        assert after == before
        return err

    @pytest.mark.parametrize("job", ["rebalance", "hedge", "stress", "check"])
    def test_a_file_that_is_not_there(self, run, desk, job):
        assert "gone.xlsx does not exist" in self.refused(run, desk, job, desk.with_name("gone.xlsx"))

    @pytest.mark.parametrize("name", ["desk.csv", "desk.ods", "desk.xls"])
    def test_a_wrong_ending(self, run, desk, name):
        other = desk.with_name(name)
        other.write_bytes(desk.read_bytes())
        assert name in self.refused(run, desk, "rebalance", other)

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"not a zip at all", "is not a workbook (it is no zip archive)"),
            (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600), "password"),
            (OLE + bytes(600), "is an old .xls under a new name"),
            (b"", "is not a workbook (it is no zip archive)"),
        ],
    )
    def test_no_workbook_inside(self, run, desk, content, words):
        desk.write_bytes(content)
        assert words in self.refused(run, desk, "rebalance", desk)

    def test_a_workbook_cut_short(self, run, desk):
        desk.write_bytes(desk.read_bytes()[:20_000])
        assert "desk.xlsx" in self.refused(run, desk, "rebalance", desk)

    @pytest.mark.parametrize(
        ("part", "old", "new", "words"),
        [
            ("xl/tables/", b'"Universe"', b'"Universo"', "table 'Universe'"),
            ("xl/workbook.xml", b'name="Equity"', b'name="Equality"', "Equity"),
            ("xl/workbook.xml", b"$C$8", b"$C$8:$D$9", "Settings"),
        ],
    )
    def test_a_missing_table_or_name(self, run, desk, part, old, new, words):
        with zipfile.ZipFile(desk) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        changed = {name: data.replace(old, new) for name, data in parts.items() if name.startswith(part)}
        assert changed != {name: parts[name] for name in changed}
        with zipfile.ZipFile(desk, "w") as archive:
            for name, data in {**parts, **changed}.items():
                archive.writestr(name, data)
        assert words in self.refused(run, desk, "rebalance", desk)

    def test_a_missing_sheet(self, run, desk):
        book = openpyxl.load_workbook(desk)
        del book["Scenarios"]
        book.save(desk)
        assert "table 'Scenarios'" in self.refused(run, desk, "rebalance", desk)

    def test_infeasible_limits(self, run, desk):
        limits = ("--set", "PortfolioBeta=3", "--set", "FallbackAllowed=N")
        assert "target_beta 3" in self.refused(run, desk, "rebalance", desk, *limits)

    def test_where_no_model_answers_the_weights_held_are_written_with_the_reason(self, run, desk):
        code, out, _ = run("rebalance", desk, "--set", "PortfolioBeta=3")
        assert code == 1
        assert "target_beta 3 (betas" in out
        assert "1 failed: A model chose the weights" in out
        with FileBook.open(desk.with_name("desk.results.xlsx")) as book:
            assert book.table("Runs").column("Model") == ["current weights (fallback)"]

    def test_a_bad_setting(self, run, desk):
        assert "nearest: GrossMax, " in self.refused(run, desk, "rebalance", desk, "--set", "GrosMax=2")
        assert "write NAME=VALUE" in self.refused(run, desk, "rebalance", desk, "--set", "GrossMax")
        assert "GrossMax is a number" in self.refused(run, desk, "rebalance", desk, "--set", "GrossMax=two")
        assert "Settings!" in self.refused(run, desk, "rebalance", desk, "--set", "GrossMax=-1")

    def test_an_unknown_symbol(self, run, desk, history):
        err = self.refused(run, desk, "refresh", desk, "--from", history, "--symbols", "BTCUSDT,ETHUSD")
        assert "ETHUSD" in err
        assert "ETHUSDT" in err

    def test_a_source_that_is_not_there(self, run, desk):
        assert "nowhere" in self.refused(run, desk, "refresh", desk, "--from", "nowhere")

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("2024-06-01T05:00,", "2024-06-01T04:00,", "2024-06-01"),
            ("2024-06-01T05:00,", "2030-06-01T05:00,", "2030-06-01"),
            ("\n2024-06-01T05:00,", "\n2024-06-01T05:00,-", "SOLUSDT,ETHUSDT,BTCUSDT"),
            ("\n2024-06-01T05:00,", "\n2024-06-01T05:00,x", "x"),
        ],
    )
    def test_bad_history(self, run, desk, history, old, new, words):
        history.write_text(history.read_text().replace(old, new, 1))
        err = self.refused(run, desk, "refresh", desk, "--from", history, "--symbols", "BTCUSDT,ETHUSDT,SOLUSDT")
        assert any(word in err for word in words.split(","))


class TestWrongUsage:
    @pytest.mark.parametrize(
        "arguments",
        [
            ("rebalance",),
            ("nonsense",),
            ("refresh",),
            ("refresh", "desk.xlsx", "--from", "x", "--bars", "0"),
        ],
    )
    def test_exit_code_two(self, run, arguments):
        assert run(*arguments)[0] == 2


class TestFunctions:
    def test_a_call_prints_what_the_cell_shows(self, run):
        code, out, _ = run("call", "perp_capm_return", "1", "0.05", "0.12")
        assert (code, float(out)) == (0, pytest.approx(0.12))

    def test_a_block_is_printed_ready_to_paste(self, run):
        code, out, _ = run("call", "PERP_RETURNS", "100;110;99")
        assert code == 0
        assert [float(line) for line in out.split()] == pytest.approx([0.1, -0.1])

    def test_negative_numbers_and_blanks_are_arguments(self, run):
        code, out, err = run("call", "PERP_HEDGE", "100e6", "1.4", "-0.5", "0.9", "", "60000")
        assert code == 0, err
        assert float(out.splitlines()[1].split("\t")[1]) == pytest.approx(-1.9 * 100e6 / 0.9)

    def test_a_failed_call_tells_why(self, run):
        code, out, err = run("call", "PERP_LEVERAGE", "0", "0.5")
        assert (code, out) == (1, "#VALUE!\n")
        assert "volatility is 0" in err

    def test_an_unknown_function_offers_the_nearest(self, run):
        code, _, err = run("call", "PERP_BETTA")
        assert code == 1
        assert "did you mean 'PERP_BETA'" in err

    def test_the_list_has_every_function(self, run):
        _, out, _ = run("functions")
        assert all(spec.signature in out for spec in xladdin.catalog.functions())

    def test_one_function_is_explained_with_its_example(self, run):
        _, out, _ = run("functions", "perp_leverage")
        assert out.splitlines()[0] == xladdin.catalog.function("PERP_LEVERAGE").signature
        assert "  target_volatility: Annualised volatility to hold, one for all or one each." in out.splitlines()
        assert "  volatility = 0.6,0.05" in out.splitlines()
        assert "  0.5\t3" in out.splitlines()
        code, out, err = run("functions", "PERP_LEVRAGE")
        assert (code, out) == (1, "")
        assert "PERP_LEVERAGE" in err

    def test_a_long_example_is_cut_with_a_count_and_a_cell_that_is_asked_about_is_told(self, run):
        assert "  ... and 14 more rows" in run("functions", "PERP_BACKTEST_PATH")[1].splitlines()
        assert "  cell = a cell with =PERP_CAPM_RETURN(1,5,0.12)" in run("functions", "PERP_WHY")[1].splitlines()
        assert "  bands = TRUE" in run("functions", "PERP_BETA_KALMAN")[1].splitlines()

    def test_the_list_has_every_limit_with_what_it_takes(self, run):
        _, out, _ = run("limits")
        assert all(f"  {term.name}: {term.meaning}" in out for term in Limits.TERMS.values())
        assert "one value (of equity), at least 0 and below 1" in out

    def test_a_csv_file_is_a_block(self, tmp_path):
        (tmp_path / "block.csv").write_text("1,2\n3\n")
        assert cells_of(f"@{tmp_path / 'block.csv'}") == ((1.0, 2.0), (3.0, None))

    @pytest.mark.parametrize(
        ("text", "cells"),
        [
            ("1.5", 1.5),
            ("TRUE", True),
            ("ols", "ols"),
            ("", None),
            ("1,2;3,4", ((1.0, 2.0), (3.0, 4.0))),
            ("1;", ((1.0,), (None,))),
        ],
    )
    def test_what_is_typed_becomes_cells(self, text, cells):
        assert cells_of(text) == cells

    def test_settings_are_typed_by_their_declaration(self):
        assert setting_values(["Window=100", "Objective = min_variance", "MaxStep="]) == {
            "Window": 100.0,
            "Objective": "min_variance",
            "MaxStep": None,
        }

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("150%", 1.5),
            ("4.5%", 0.045),
            ("-4.5 %", -0.045),
            ("10,000,000", 10_000_000.0),
            ("1,234.5", 1234.5),
            ("1.5x", 1.5),
            ("1e7", 1e7),
            (".3", 0.3),
            (" 0.30 ", 0.3),
        ],
    )
    def test_a_number_may_be_written_as_the_tool_prints_it(self, text, value):
        assert setting_values([f"Equity={text}"]) == {"Equity": value}

    @pytest.mark.parametrize("text", ["0,3", "1,00", "many", "1.2.3", "inf", "nan", "5%%", "10 000", "TRUE"])
    def test_what_is_no_number_is_refused_with_the_ways_to_write_one(self, text):
        with pytest.raises(ArgumentError, match=r"Equity is a number; write it as 0\.3, 30%, 1\.5x or 10,000,000"):
            setting_values([f"Equity={text}"])

    @pytest.mark.parametrize(("name", "near"), [("VolTarge", "VolTarget"), ("gross", "GrossMax"), ("", "")])
    def test_an_unknown_name_lists_the_nearest(self, name, near):
        with pytest.raises(ArgumentError, match="with the name of a setting; nearest: ") as refused:
            setting_values([f"{name}=1"])
        offered = str(refused.value).split("nearest: ")[1].split(", ")
        assert len(offered) == 3
        assert any(known.startswith(near) for known in offered)


def test_the_doctor_finds_this_place_well(run):
    code, out, _ = run("doctor")
    assert code == 0, out
    assert "PerpDesk's core" in out


def test_every_command_has_help(run):
    code, out, _ = run("--help")
    assert code == 0
    for command in (
        "new",
        "refresh",
        "rebalance",
        "hedge",
        "stress",
        "check",
        "verify",
        "demo",
        "call",
        "functions",
        "limits",
        "doctor",
    ):
        assert f"\n  {command} " in out


def test_report_writes_one_page_beside_the_book_and_leaves_it_alone(run, desk):
    before = digest(desk)
    code, out, _ = run("report", desk)
    assert (code, desk.with_suffix(".html").is_file()) == (0, True)
    assert "wrote" in out
    assert digest(desk) == before
    code, _, err = run("report", desk, "--out", desk)
    assert (code, digest(desk)) == (1, before)
    assert "is no name for a page" in err


def test_a_job_without_memory_ends_in_one_line(run, desk, monkeypatch):
    def exhausted(*_):
        raise MemoryError

    before = digest(desk)
    monkeypatch.setattr(FileBook, "table", exhausted)
    code, _, err = run("check", desk)
    assert (code, digest(desk)) == (1, before)
    assert err.startswith("perpdesk: memory has run out (a book is written whole or not at all); close other programs")
    assert len(err.splitlines()) == 1
