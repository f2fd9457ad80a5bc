"""The short form of each campaign, as CI runs it, in a process of its own; its line of the table is told at the end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.conftest import CI
from tests.reliability.__main__ import CAMPAIGNS
from tests.source_tree import ROOT

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the campaigns fork their process")


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_its_bar_is_held(name: str, record_property: Callable[[str, object], None]) -> None:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-m", "tests.reliability", name]
    run = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr[-2000:]}"
    line = run.stdout.splitlines()[1]
    record_property("campaign", line)
    if " skipped " in line:
        assert not CI, line
        pytest.skip(line)
    assert " held " in line, line
