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


def main(class_id: str = CLASS_ID) -> None:
    """Answer until Excel has gone."""
    with without_pandas():
        from xlwings import com_server

        from . import udfs  # noqa: F401  (what it needs is there before the first question)
    background.start()
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
    main(*(argument for argument in sys.argv[1:2] if argument.startswith("{")))  # Windows itself says -Embedding
