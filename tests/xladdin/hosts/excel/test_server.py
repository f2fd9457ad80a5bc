"""The process that answers Excel: under which class, how quickly, and what it does beside."""

from __future__ import annotations

import importlib
import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.source_tree import ROOT
from xladdin.hosts import background
from xladdin.hosts.excel.identity import CLASS_ID, SERVER_MODULE

OTHER_CLASS = "{00000000-0000-0000-0000-000000000001}"

FRESH_PROCESS = """
import sys
sys.path.insert(0, "tests/xladdin/hosts/excel")
import fake_win32
from xladdin.hosts.excel import server
with server.without_pandas(), fake_win32.windows() as found:
    from xladdin.hosts.excel import udfs
    found.com_server.XLPython().CallUDF(udfs.__name__, "answer", ("A1", "PERP_BETA_PORTFOLIO", 1.0, 1.0))
    loaded = {name.split(".")[0] for name, module in sys.modules.items() if module}
    print(*sorted(loaded & {"pandas", "scipy", "numba", "openpyxl", "lxml"}))
    print(*sorted(name for name in sys.modules if name.startswith("xladdin.functions.")))
import pandas
"""


@pytest.mark.parametrize(
    ("arguments", "served"),
    [((), CLASS_ID), (("-Embedding",), CLASS_ID), ((OTHER_CLASS, "#2"), OTHER_CLASS)],
    ids=["by hand", "by Windows", "by xlwings' library"],
)
def test_it_serves_under_our_class_or_the_one_it_is_given(
    arguments: tuple[str, ...], served: str, windows_xlwings: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(windows_xlwings.com_server, "serve", done.append)
    monkeypatch.setattr(background, "start", lambda: done.append("loops are on their way"))
    importlib.import_module(SERVER_MODULE).main(*arguments)
    assert done == ["loops are on their way", served]


def test_the_first_answer_loads_its_own_file_and_nothing_heavy() -> None:
    process = subprocess.run(
        [sys.executable, "-c", FRESH_PROCESS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
    heavy, files = process.stdout.splitlines()
    assert heavy == ""
    assert files.split() == ["xladdin.functions.arguments", "xladdin.functions.beta"]


def test_a_process_that_has_pandas_keeps_it(windows_xlwings: SimpleNamespace) -> None:
    import pandas as pd

    server = importlib.import_module(SERVER_MODULE)
    with server.without_pandas():
        assert sys.modules["pandas"] is pd
    assert sys.modules["pandas"] is pd
