"""The switch between numpy and compiled loops: when it turns, and that nothing stands in the way of an answer."""

import subprocess
import sys

import numba
import pytest

from core.numeric import compiled as switch
from tests.source_tree import ROOT


def squared(x):
    return x * x


def test_a_loop_gives_the_same_once_compiled():
    assert switch.compiled(squared)(7) == squared(7)
    assert switch.compiled(squared) is switch.compiled(squared)


def test_numba_answers_once_it_is_loaded_or_when_the_work_is_worth_its_import(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", numba)
    assert switch.worth_compiling(1)
    monkeypatch.delitem(sys.modules, "numba")
    assert not switch.worth_compiling(switch.WORTH_LOADING)
    assert switch.worth_compiling(switch.WORTH_LOADING + 1)


def test_without_a_folder_for_the_cache_it_compiles_in_memory(monkeypatch):
    real = numba.njit

    def no_folder(*loop, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return real(*loop, **options)

    def doubled(x):
        return 2 * x

    monkeypatch.setattr(numba, "njit", no_folder)
    assert switch.compiled(doubled)(4) == 8


@pytest.mark.parametrize(
    "first_answer",
    [
        "from core.estimate.garch import garch; garch([0.01, -0.02, 0.015, -0.01] * 100)",
        "from core.estimate.regime import variance_regimes; variance_regimes([0.01, -0.02, 0.015, -0.01] * 2190)",
        "import xladdin; xladdin.call('PERP_VOL', ((0.01,), (-0.02,)) * 100, 'garch')",
    ],
    ids=["garch", "regimes", "cell"],
)
def test_the_first_answer_of_a_fresh_process_waits_for_nothing(first_answer):
    script = f"{first_answer}\nimport sys; print(sorted({{'numba', 'scipy', 'pandas'}} & set(sys.modules)))"
    command = [sys.executable, "-W", "ignore", "-c", script]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stdout.strip()) == (0, "[]"), process.stderr
