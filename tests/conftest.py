"""What many tests share: real market data beside the project, LibreOffice Calc, and settings of hypothesis."""

from __future__ import annotations

import functools
import gc
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.calc_office import Office

ROOT = Path(__file__).resolve().parent.parent
CI = os.environ.get("CI", "").lower() in ("1", "true")
OLDEST_OFFICE = (25, 2)

# Linear algebra on one thread, set before numpy is loaded: several wait for each other where processors are shared,
# which took most of the time of the largest optima, and a sum in another order is another figure.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Tests of xlwings Lite run xlwings' own code for it, which is free for noncommercial use alone (see `lite_host`).
os.environ.setdefault("XLWINGS_LICENSE_KEY", "noncommercial")

# No test may depend on how busy the machine is, and CI must say the same twice.
settings.register_profile("desk", deadline=None, derandomize=CI, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("desk")


@pytest.fixture(autouse=True)
def _as_a_fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numpy answers at first, as in a fresh process: loops that another test has loaded give other last digits."""
    from core.numeric.compiled import loops

    monkeypatch.setattr(loops, "there", False)


@pytest.fixture(scope="module", autouse=True)
def _garbage_is_looked_for_among_what_is_new() -> None:
    """What was collected, loaded or kept before a file begins outlives it: nobody looks through that for garbage again.

    It was a fifth of the work of tests that hold workbooks, and most of that of those that look for it themselves.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture
def hearing_ctrl_c() -> Iterator[None]:
    """Ctrl-C is heard, here and in processes that are started, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@functools.cache
def office_problem() -> str | None:
    """Why LibreOffice cannot be used, or None."""
    program = shutil.which("soffice")
    if program is None:
        return "LibreOffice Calc is not installed (soffice is not on the PATH)"
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=60).stdout
    version = re.search(r"(\d+)\.(\d+)", answer)
    if version is None:
        return f"{program} --version gives no version: {answer.strip()!r}"
    if tuple(map(int, version.groups())) < OLDEST_OFFICE:
        return f"LibreOffice {version[0]} is too old; 25.2 or newer is needed"
    return None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two a processor: nearly half of the time a worker waits for an office, a command or a Windows that it started."""
    return 2 * (os.cpu_count() or 1)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked `calc` needs LibreOffice: under CI it must be there, elsewhere the test is skipped without it."""
    if item.get_closest_marker("calc") is None or (problem := office_problem()) is None:
        return
    if CI:
        pytest.fail(problem, pytrace=False)
    pytest.skip(problem)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What each campaign of `tests/reliability` counted."""
    reports = [
        report for kind in terminalreporter.stats.values() for report in kind if hasattr(report, "user_properties")
    ]
    lines = {str(said) for report in reports for name, said in report.user_properties if name == "campaign"}
    if lines:
        terminalreporter.section("campaigns")
        terminalreporter.write("\n".join(sorted(lines)) + "\n")


@pytest.fixture(scope="session")
def soffice() -> Path:
    """The LibreOffice program; for tests marked `calc`."""
    program = shutil.which("soffice")
    assert program is not None, "mark the test with @pytest.mark.calc"
    return Path(program)


@pytest.fixture(scope="session")
def calc_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A running LibreOffice with PerpDesk's extension from the tree, one for all; for tests marked `calc`."""
    from tests.calc_office import office

    with office(tmp_path_factory.mktemp("office")) as running:
        yield running


@pytest.fixture(scope="session")
def plain_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A running LibreOffice that knows nothing of PerpDesk, one for all; for tests marked `calc`."""
    from tests.calc_office import office

    with office(tmp_path_factory.mktemp("office"), tmp_path_factory.mktemp("no_extensions")) as running:
        yield running


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real market data: PERPDESK_SHARED_DATA, or ../shared/data beside the project."""
    chosen = os.environ.get("PERPDESK_SHARED_DATA")
    folder = Path(chosen) if chosen else ROOT.parent / "shared" / "data"
    if folder.is_dir():
        return folder
    if chosen:
        pytest.fail(f"PERPDESK_SHARED_DATA is {folder}, which is not a folder", pytrace=False)
    pytest.skip(f"no market data at {folder}; set PERPDESK_SHARED_DATA to a folder that has it")
