"""What a shell completes, and that bash takes its script."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys

import pytest

from tests.command_line import perpdesk
from tests.source_tree import ROOT
from xladdin.catalog import functions
from xladdin.desk.layout.sheets import SETTINGS, TABLES
from xladdin.hosts.command_line.cli import COMMANDS
from xladdin.hosts.command_line.completion import candidates

NAMES = [setting.name for setting in SETTINGS]


def offered(*words):
    return [word for word, _ in candidates(COMMANDS, words)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], list(COMMANDS)),
        ([""], list(COMMANDS)),
        (["reb"], ["rebalance"]),
        (["excel", ""], ["install", "uninstall", "status"]),
        (["excel", "st"], ["status"]),
        (["rebalance", ""], []),
        (["rebalance", "desk.xlsx", "--dr"], ["--dry-run"]),
        (["rebalance", "--out", ""], []),
        (["rebalance", "--out", "x.xlsx", "--ou"], ["--out"]),
        (["refresh", "desk.xlsx", "--funding", ""], ["auto", "settled", "carried"]),
        (["refresh", "desk.xlsx", "--no-hi"], ["--no-history-file"]),
        (["call", ""], [spec.name for spec in functions()]),
        (["call", "perp_beta_ro"], ["PERP_BETA_ROLLING"]),
        (["call", "PERP_BETA", ""], []),
        (["functions", "--json", "PERP_WH"], ["PERP_WHY"]),
        (["settings", "--book", "desk.xlsx", "Gross"], ["GrossMax"]),
        (["check", "--table", ""], list(TABLES)),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["nonsense", ""], []),
    ],
)
def test_what_may_follow(words, found):
    assert offered(*words) == found


def test_every_setting_is_completed_after_set_with_its_choices():
    assert [word.partition("=")[0] for word in dict.fromkeys(offered("day", "b.xlsx", "--set", ""))]
    assert {word.partition("=")[0] for word in offered("day", "b.xlsx", "--set", "")} == set(NAMES)
    assert "GrossMax=" in offered("rebalance", "b.xlsx", "--set", "gross")
    assert "Objective=max_sharpe" in offered("rebalance", "b.xlsx", "--set", "Objective=max")


def test_each_candidate_is_told_with_its_meaning_one_a_line():
    assert perpdesk("__complete", "reb").stdout == "rebalance\tEstimate, optimise and size the orders.\n"


def test_bash_completes_by_the_script(tmp_path):
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash on this system")
    command = tmp_path / "perpdesk"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m xladdin.hosts.command_line.cli "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    script = perpdesk("completion", "bash").stdout
    asked = script + (
        'COMP_WORDS=(perpdesk rebalance desk.xlsx --set GrossM); COMP_CWORD=4; _perpdesk; echo "${COMPREPLY[@]}"\n'
        'COMP_WORDS=(perpdesk ref); COMP_CWORD=1; _perpdesk; echo "${COMPREPLY[@]}"\n'
        'COMP_WORDS=(perpdesk rebalance ""); COMP_CWORD=2; _perpdesk; echo "${#COMPREPLY[@]}"\n'
    )
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    said = subprocess.run([bash, "-c", asked], env=environment, capture_output=True, text=True, check=False)
    assert said.stdout.splitlines() == ["GrossMax=", "refresh", "0"], said.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script_that_asks_perpdesk(shell):
    said = perpdesk("completion", shell)
    assert said.exit_code == 0
    assert "perpdesk __complete" in said.stdout


def test_another_shell_is_refused_with_those_there_are():
    said = perpdesk("completion", "csh")
    assert said.exit_code == 2
    assert "bash" in said.stderr
