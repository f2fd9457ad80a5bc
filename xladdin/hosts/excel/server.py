"""The process that answers Excel: xlwings' COM server under PerpDesk's own name.

Windows starts it (`pythonw.exe -m xladdin.hosts.excel.server`) when the add-in first asks for `PerpDesk.Server`, and
starts it anew should it ever die. Where the class is not registered, xlwings' DLL starts it with a class of its own
making as the one argument.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .. import background
from .identity import CLASS_ID

__all__ = ["main", "without_pandas"]


def main(*arguments: str) -> None:
    """Answer until Excel has gone. Of the arguments only a class counts; Windows itself says `-Embedding`."""
    with without_pandas():
        from xlwings import com_server

        from . import udfs  # noqa: F401  (what it needs is there before the first question)
    background.start()
    class_id = next((each for each in arguments if each.startswith("{")), CLASS_ID)
    com_server.serve(class_id)  # type: ignore[no-untyped-call]


@contextmanager
def without_pandas() -> Iterator[None]:
    """Inside it, whoever can do without pandas believes that it is not there: xlwings is three times quicker to import.

    It is importable again afterwards. A process that has loaded it keeps it.
    """
    if "pandas" in sys.modules:
        yield
        return
    sys.modules["pandas"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["pandas"]


if __name__ == "__main__":
    main(*sys.argv[1:])
