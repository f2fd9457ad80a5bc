"""A live process: while the compiled loops are on their way numpy answers, and afterwards they do."""

from __future__ import annotations

import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

import xladdin
from core.numeric.compiled import loops, worth_compiling
from tests.source_tree import ROOT
from xladdin.hosts import background
from xladdin.hosts.background import Loader, rests_between_imports

RETURNS = tuple((0.01 * (k * k % 13 - 6),) for k in range(240))

LIVE_PROCESS = """
import sys, threading, time
import xladdin
from core.estimate.beta import rolling_loops
from core.numeric.compiled import compiled, loops
from xladdin.hosts import background

main_thread, too_early, in_time = threading.get_ident(), [], []
def watched(loop):
    if threading.get_ident() == main_thread:
        (in_time if loops.there else too_early).append(loop)
    return compiled(loop)
rolling_loops.compiled = watched
background.QUIET = 0.0

called_meanwhile, import_module = threading.Event(), background.import_module
def imported(name):
    found = import_module(name)
    called_meanwhile.wait()  # however long this process had to wait for the processor
    return found
background.import_module = imported
loader = background.Loader()
loader.start()

returns = tuple((0.01 * (k * k % 13 - 6),) for k in range(240))
by_numpy = xladdin.call("PERP_BETA_ROLLING", returns, returns, 60.0)
while loader.is_alive():  # the loops may get there within a call, which then has them in time
    xladdin.call("PERP_BETA_ROLLING", returns, returns, 60.0)
    if "numba" in sys.modules and not loops.there:
        called_meanwhile.set()
    loader.answered()
    time.sleep(0.02)
assert loops.there
assert called_meanwhile.is_set(), "some calls came while numba was on its way"
assert not too_early, "and none of them asked for a loop"
by_loop = xladdin.call("PERP_BETA_ROLLING", returns, returns, 60.0)
assert in_time, "now loops answer"
assert not any(isinstance(finder, background._Rests) for finder in sys.meta_path)
flat = lambda rows: [value for (value,) in rows]
assert all(a == b or abs(a - b) < 1e-12 for a, b in zip(flat(by_numpy), flat(by_loop)))
"""


def run(script: str) -> str:
    """What a process of its own prints."""
    process = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "there", False)
    monkeypatch.setattr(background, "QUIET", 0.0)


def test_a_live_process_answers_by_numpy_until_the_loops_are_there() -> None:
    process = subprocess.run(
        [sys.executable, "-c", LIVE_PROCESS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (process.returncode, process.stderr) == (0, "")


def test_no_call_waits_for_an_import_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    reached, end = threading.Event(), threading.Event()

    def import_module(name: str) -> None:
        reached.set()
        end.wait()

    monkeypatch.setattr(background, "_machine_code_on_disk", lambda: True)
    monkeypatch.setattr(background, "import_module", import_module)
    monkeypatch.setattr(background.compiled_loops, "meetings", lambda: iter(()))
    loader = Loader(seconds=0.0)
    loader.start()
    reached.wait()
    answer = xladdin.call("PERP_BETA_ROLLING", RETURNS, RETURNS, 60.0)
    assert answer[-1] == [pytest.approx(1.0)]
    assert not worth_compiling(1)
    end.set()
    loader.join()
    assert worth_compiling(1)


def test_loading_waits_for_three_answers_and_then_for_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    monkeypatch.setattr(background, "_machine_code_on_disk", lambda: order.append("on disk") or False)
    loader = Loader(seconds=3600.0)
    loader.start()
    for _ in range(3):
        order.append("answer")
        loader.answered()
    loader.join()
    assert order == ["answer", "answer", "answer", "on disk"]

    naps: list[float] = []
    clock = iter([10.0, 10.3, 11.0])
    monkeypatch.setattr(background, "QUIET", 0.5)
    monkeypatch.setattr(background, "time", SimpleNamespace(monotonic=lambda: next(clock), sleep=naps.append))
    loader.answered()
    loader._wait_for_quiet()
    assert naps == [pytest.approx(0.2)]


def test_where_loops_cannot_be_compiled_numpy_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = SimpleNamespace(run=lambda *command, **options: SimpleNamespace(returncode=1))
    monkeypatch.setattr(background, "subprocess", failed)
    loader = Loader(seconds=0.0)
    loader.start()
    loader.join()
    assert not worth_compiling(1)


def test_only_the_thread_that_imports_in_the_background_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[int] = []
    rests = SimpleNamespace(thread_time=lambda: 0.0, sleep=lambda _: naps.append(threading.get_ident()))
    monkeypatch.setattr(background, "time", rests)
    before = list(sys.meta_path)

    def look(name: str) -> None:
        with pytest.raises(ModuleNotFoundError):
            __import__(name)

    with rests_between_imports():
        look("no_such_module_of_mine")
        other = threading.Thread(target=look, args=["no_such_module_of_theirs"])
        other.start()
        other.join()
    assert naps == [threading.get_ident()]
    assert sys.meta_path == before


def test_the_command_line_never_loads_them() -> None:
    script = "import sys; from xladdin.hosts.command_line import cli; print('xladdin.hosts.background' in sys.modules)"
    assert run(script).strip() == "False"
