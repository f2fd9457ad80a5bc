"""The keys that docs/command-line.md promises to programs are those of the answers."""

from __future__ import annotations

import json
import re

from tests.command_line import perpdesk
from tests.source_tree import ROOT
from xladdin.hosts.command_line.cli import COMMANDS
from xladdin.hosts.command_line.typed.arguments import TOLD

PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")


def told(begins: str) -> list[str]:
    """The keys in the table below the line that begins so."""
    lines = iter(PAGE.splitlines())
    next(line for line in lines if line.startswith(begins))
    rows = []
    for line in lines:
        if line.startswith("| `"):
            rows.append(line.split("|")[1])
        elif rows:
            break
    return [key for row in rows for key in re.findall(r"`(\w+)`", row)]


def answer(*words):
    return json.loads(perpdesk(*words, "--json").stdout)


def test_the_keys_of_a_job(built_day):
    said = answer("check", built_day, "--dry-run")
    assert list(said) == told("A job (")
    assert list(said["changes"][0]) == ["table", "rows_before", "rows_after"]
    said = answer("check", built_day)
    assert list(said) == [key for key in told("A job (") if key != "changes"]


def test_the_keys_of_a_day(built_day):
    assert list(answer("day", built_day, "--dry-run")) == told("`day`:")


def test_the_keys_of_orders(built_day):
    assert list(answer("orders", built_day)) == told("`orders`:")


def test_the_keys_of_what_makes_files(built_day, tmp_path):
    keys = told("`new`, `report`, `build`;")
    assert list(answer("demo", tmp_path / "demo.xlsx")) == keys
    made = answer("new", tmp_path / "new.xlsx")
    assert list(made) == ["job", "files"]
    assert made["files"] == [str(tmp_path / "new.xlsx")]
    assert answer("report", built_day) == {"job": "report", "files": [str(built_day.with_suffix(".html"))]}


def test_the_keys_of_a_refusal():
    assert list(answer("check", "gone.xlsx")) == told("A refusal:")


def test_the_keys_of_a_call():
    assert list(answer("call", "PERP_VERSION")) == told("`call`:")


def test_the_keys_of_functions_and_limits():
    assert list(answer("functions")[0]) == told("`functions`, a list:")
    assert list(answer("functions", "PERP_BETA")) == [*told("`functions`, a list:"), *told("`functions PERP_X`")]
    assert list(answer("limits")[0]) == told("`limits`, a list:")


def test_the_keys_of_settings(built_day):
    keys = told("`settings`, a list;")
    assert list(answer("settings", "GrossMax", "--book", built_day)) == keys
    assert list(answer("settings")[0]) == [key for key in keys if key != "value"]


def test_every_option_of_all_jobs_is_told():
    assert {name for argument in TOLD for name in argument.names} <= set(
        re.findall(r"`(-[-\w]+)(?: \w+(?:=\w+)?)?`", PAGE)
    )
    every = {each.names for each in TOLD}
    taken = {name: {each.names for each in getattr(entry, "arguments", ())} for name, entry in COMMANDS.items()}
    jobs = [name for name, names in taken.items() if every <= names]
    assert set(jobs) == {*re.findall(r"`(\w+)`", PAGE.partition("A job (")[2].partition(")")[0]), "day"}
