"""The switch between numpy and compiled loops: when it turns, and what happens without a place for the cache."""

from __future__ import annotations

import subprocess
import sys
import threading

import numba
import numpy as np
import pytest

from core.numeric.compiled import WORTH_LOADING, compiled, counting, in_rows, loaded, loading, loops, worth_compiling
from tests.source_tree import ROOT

HEAVY = {"numba", "pandas", "scipy", "sklearn"}

FIRST_ANSWERS = {
    "rolling": "xladdin.call('PERP_BETA_ROLLING', assets, market, 60.0)",
    "kalman": "xladdin.call('PERP_BETA_KALMAN', assets, market)",
    "latest": "xladdin.call('PERP_BETA', assets, market, 'kalman')",
    "huber": "xladdin.call('PERP_BETA', assets, market, 'huber')",
    "factors": "xladdin.call('PERP_BETA_FACTORS', assets, market)",
}


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch):
    monkeypatch.setattr(loops, "there", False)


def test_loops_answer_where_they_are_loaded_and_elsewhere_only_for_great_work():
    assert not worth_compiling(WORTH_LOADING)
    assert worth_compiling(WORTH_LOADING + 1)
    loaded()
    assert worth_compiling(1)


def test_much_small_work_is_great_work_too():
    """A backtest with betas of a Kalman filter asks 2,000 times, each time for a little: two minutes of it."""
    with counting():
        answers = [worth_compiling(WORTH_LOADING // 10) for _ in range(12)]
    assert answers == [*[False] * 10, True, True]
    assert [worth_compiling(WORTH_LOADING) for _ in range(3)] == [False] * 3, (
        "cells answer alike however many there are"
    )


def test_who_loads_the_loops_works_by_them_and_nobody_else_does():
    beside = []
    with loading():
        assert worth_compiling(1)
        other = threading.Thread(target=lambda: beside.append(worth_compiling(1)))
        other.start()
        other.join()
        compiled(lambda x: x + 1)
    assert beside == [False]
    assert not worth_compiling(1), "numba is there, and the loops that were not asked for yet are not"


def test_once_great_work_has_waited_for_numba_every_work_has_its_speed():
    compiled(lambda x: x - 1)
    assert worth_compiling(1)


@pytest.mark.parametrize("call", FIRST_ANSWERS.values(), ids=FIRST_ANSWERS)
def test_the_first_answer_of_a_fresh_process_loads_nothing_heavy(call):
    script = (
        "import sys, xladdin\n"
        "assets = tuple((0.01 * (k * k % 7 - 3), 0.01 * (k * k % 11 - 5)) for k in range(240))\n"
        "market = tuple((0.01 * (k * k % 13 - 6),) for k in range(240))\n"
        f"shown = {call}\n"
        "assert not isinstance(shown, str), shown\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    process = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    assert set(process.stdout.split()) & HEAVY == set()


def test_a_loop_that_no_cache_can_hold_still_runs():
    # Code without a file has no folder beside it; numba says so just as for a folder that cannot be written.
    namespace = {}
    exec("def double(x):\n    return 2 * x", namespace)
    with pytest.raises(RuntimeError, match="cannot cache function"):
        numba.njit(cache=True)(namespace["double"])
    assert compiled(namespace["double"])(2.0) == 4


def test_a_loop_is_compiled_once_and_divides_as_numpy_does():
    def divide(x):
        return 1.0 / x

    assert compiled(divide) is compiled(divide)
    assert compiled(divide)(0.0) == float("inf")


def test_a_loop_is_compiled_anew_where_another_file_changes_what_it_does(tmp_path):
    """A number, a part, and a part of that part: numba itself looks at the file of the loop alone."""
    (tmp_path / "loop.py").write_text("from part import SHIFT, twice\n\ndef loop(x):\n    return twice(x) + SHIFT\n")
    script = "import loop; from core.numeric.compiled import compiled; run = compiled(loop.loop); print(run(3.0))"
    script = f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; {script}; print(sum(run.stats.cache_hits.values()))"

    def told(shift, inner):
        twice = "def twice(x):\n    return sum([each for each in (1, 3)]) * half(x)"
        (tmp_path / "part.py").write_text(f"from inner import half\n\nSHIFT = {shift}\n\n{twice}\n")
        (tmp_path / "inner.py").write_text(f"def half(x):\n    return {inner}\n")
        # -B: bytecode counts as fresh where a file of the same size was written again within the second
        process = subprocess.run(
            [sys.executable, "-B", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert process.returncode == 0, process.stderr
        return [float(line) for line in process.stdout.split()]

    assert told(1, "x / 2") == [7, 0]
    assert told(1, "x / 2") == [7, 1], "from the disk"
    assert told(1, "x / 3") == [5, 0]
    assert told(2, "x / 3") == [6, 0]


def test_a_loop_is_compiled_anew_where_a_part_has_moved_to_another_file(tmp_path):
    """As a release moves it: what is kept of the loop would look for the part in a file that is no longer there."""
    (tmp_path / "loop.py").write_text("from parts import twice\n\ndef loop(x):\n    return twice(x)\n")
    script = "import loop; from core.numeric.compiled import compiled; print(compiled(loop.loop)(1.0))"
    script = f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; {script}"
    for place in ("before", "after"):
        (tmp_path / f"{place}.py").write_text("def twice(x):\n    return x + x\n")
        (tmp_path / "parts.py").write_text(f"from {place} import twice\n")
        process = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
        assert process.stdout == "2.0\n", process.stderr
        (tmp_path / f"{place}.py").unlink()


def test_only_arrays_in_columns_or_read_only_are_copied_for_a_loop():
    rows, columns, frozen = np.ones((2, 3)), np.ones((3, 2)).T, np.ones(2)
    frozen.flags.writeable = False
    plain = in_rows(rows, columns, frozen)
    assert plain[0] is rows
    assert all(array.flags.c_contiguous and array.flags.writeable for array in plain)
    assert [array.tolist() for array in plain] == [rows.tolist(), columns.tolist(), frozen.tolist()]
