"""What a command loads: no more than it needs, so that it starts at once (`python -m tests.benchmarks start`)."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.source_tree import ROOT
from xladdin import __version__
from xladdin.hosts.command_line.cli import YOUNG

SCRIPT = """
import io, sys
from contextlib import redirect_stdout
from xladdin.hosts.command_line.cli import main
try:
    with redirect_stdout(io.StringIO()):
        main(sys.argv[1:])
except SystemExit as left:
    assert not left.code, left.code
print(*sys.modules)
"""

ENDING = """
import atexit, gc, sys
atexit.register(lambda: print(gc.get_freeze_count() > 1000, gc.get_threshold()[0]))
from xladdin.hosts.command_line.cli import main
before = gc.get_threshold()
try:
    main(["--version"])
except SystemExit:
    print(gc.get_threshold() == before)
main()
"""

HEAVY = {
    *("numba", "openpyxl", "pandas", "pyarrow", "rich", "scipy", "cvxpy", "sklearn", "duckdb", "ccxt"),
    *("asyncio", "importlib.metadata", "numpy.ma", "xladdin.doctor"),
}


def loaded(*words: object) -> set[str]:
    command = [sys.executable, "-c", SCRIPT, *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "words", ["--help", "--version", "rebalance --help", "functions", "functions --json", "completion bash", "new"]
)
def test_what_needs_no_figures_loads_no_numpy(words, tmp_path):
    more = [tmp_path / "desk.xlsx"] if words == "new" else []
    modules = loaded(*words.split(), *more)
    assert not {"numpy", "lxml", "xladdin.catalog", "xladdin.desk.jobs", *HEAVY} & modules


def test_a_call_loads_its_function_and_no_desk():
    modules = loaded("call", "PERP_CAPM_RETURN", "1", "0.05", "0.12")
    assert "numpy" in modules
    assert not {"lxml", "xladdin.desk", "xladdin.functions.portfolio", *HEAVY} & modules


@pytest.mark.parametrize("job", ["rebalance", "hedge", "stress", "check"])
def test_a_job_of_the_day_loads_nothing_of_the_others(job, built_day):
    modules = loaded(job, built_day)
    others = {
        "xladdin.desk.day.backtesting",
        "xladdin.feeds.files",
        "xladdin.second_opinion.opinion",
        "core.verify.backtest.backtest",
        "core.verify.simulate.filtered_history",
        "core.verify.simulate.student_copula",
    }
    assert not {*others, *HEAVY} & modules


@pytest.mark.parametrize("job", ["hedge", "stress", "check"])
def test_who_makes_no_target_loads_no_policy(job, built_day):
    """Settings know policies, objectives and methods by name alone; what they stand for is loaded where it is used."""
    modules = loaded(job, built_day)
    policies = {"core.decide.policy.named", "core.decide.policy.models", "core.decide.portfolio.optimize"}
    estimators = {"core.decide.policy.outlook", "core.estimate.beta.methods", "core.learn.training"}
    assert not policies & modules
    assert job != "check" or not estimators & modules


def test_a_process_of_one_command_is_not_looked_through_at_its_end():
    """Only one that is its own: who calls `main` with words keeps the process as it was."""
    command = [sys.executable, "-c", ENDING, "--version"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    version = f"perpdesk {__version__}"
    assert done.stdout.split("\n") == [version, "True", version, f"True {YOUNG}", ""]
