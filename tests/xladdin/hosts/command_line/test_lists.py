"""Functions, limits and settings, listed for people and for programs."""

from __future__ import annotations

import csv
import io
import json

import pytest

from core.decide.limits.declared import Limits
from tests.command_line import perpdesk
from xladdin.catalog import functions
from xladdin.desk.layout.sheets import SETTINGS
from xladdin.hosts.command_line.typed.settings import setting_values


def as_json(*words):
    return json.loads(perpdesk(*words, "--json").stdout)


def as_csv(*words):
    return list(csv.DictReader(io.StringIO(perpdesk(*words, "--csv").stdout)))


class TestFunctions:
    def test_the_list_is_for_programs_too(self):
        said = as_json("functions")
        assert [each["name"] for each in said] == [spec.name for spec in functions()]
        assert [len(each["arguments"]) for each in said] == [len(spec.args) for spec in functions()]
        assert [row["signature"] for row in as_csv("functions")] == [spec.signature for spec in functions()]

    def test_one_is_explained_with_its_arguments_and_its_example(self):
        said = as_json("functions", "PERP_LEVERAGE")
        assert [each["name"] for each in said["arguments"]] == ["volatility", "target_volatility", "max_leverage"]
        assert said["arguments"][2] == {
            "name": "max_leverage",
            "help": "Largest leverage allowed.",
            "optional": True,
            "default": 3.0,
        }
        assert said["example"]["answer"] == [[0.5, 3.0]]
        assert said["example"]["inputs"]["volatility"] == "0.6,0.05"

    def test_a_call_is_a_document_or_rows(self):
        assert as_json("call", "PERP_BETA_PORTFOLIO", "0.5,0.5", "1,1.4") == {
            "function": "PERP_BETA_PORTFOLIO",
            "rows": [[1.2]],
            "reason": "",
        }
        assert perpdesk("call", "PERP_RETURNS", "100,50;110,55", "--csv").stdout.count("\n") == 1

    def test_what_was_dropped_for_an_answer_is_told_beside_it(self):
        said = perpdesk("call", "PERP_VOL", "0.01;-0.02;x;0.03;0.01")
        assert (said.exit_code, said.stderr[:6]) == (0, "note  ")

    def test_a_failed_call_tells_programs_the_reason(self):
        said = perpdesk("call", "--json", "PERP_LEVERAGE", "0", "0.5")
        assert said.exit_code == 1
        assert json.loads(said.stdout)["rows"] == [["#VALUE!"]]
        assert "volatility is 0" in json.loads(said.stdout)["reason"]


class TestLimits:
    def test_the_list_is_for_programs_too(self):
        assert [each["name"] for each in as_json("limits")] == [term.name for term in Limits.TERMS.values()]
        assert [row["meaning"] for row in as_csv("limits")] == [term.meaning for term in Limits.TERMS.values()]


class TestSettings:
    def test_every_setting_says_what_it_means_and_how_it_is_set(self):
        said = perpdesk("settings").stdout
        for setting in SETTINGS:
            assert f"  {setting.name} = " in said
            assert f"      {setting.note}\n" in said

    def test_what_is_told_for_set_is_taken_by_set_and_is_the_default(self):
        for each, setting in zip(as_json("settings"), SETTINGS, strict=True):
            assert setting_values([each["set"]]) == {setting.name: setting.default}

    def test_the_values_of_a_workbook_stand_beside_the_defaults(self, run, desk):
        run("rebalance", desk, "--out", desk, "--set", "GrossMax=1.5", "--set", "NetTarget=")
        _, out, _ = run("settings", "grossmax", "--book", desk)
        assert out.splitlines()[1] == "  GrossMax = 1.50x equity   (default 2.00x)"
        said = json.loads(run("settings", "--book", desk, "--json")[1])
        values = {each["name"]: each["value"] for each in said}
        assert (values["GrossMax"], values["NetTarget"], values["Benchmark"]) == (1.5, None, "BTCUSDT")

    def test_an_unknown_one_names_the_nearest(self):
        said = perpdesk("settings", "GrosMax")
        assert (said.exit_code, said.stdout) == (1, "")
        assert "there is no setting GrosMax (did you mean 'GrossMax'?)" in said.stderr

    def test_a_workbook_that_is_not_there_is_refused(self):
        said = perpdesk("settings", "--book", "gone.xlsx")
        assert (said.exit_code, "gone.xlsx does not exist" in said.stderr) == (1, True)

    @pytest.mark.parametrize("words", [("settings", "GrossMax"), ("limits",), ("functions",)])
    def test_a_field_of_a_csv_file_is_one_word(self, words):
        assert all("[" not in row.get("choices", "") for row in as_csv(*words))
