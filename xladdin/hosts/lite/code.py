"""The `main.py` and the `requirements.txt` of the workbook, each in the ways that may be needed.

Where the code of PerpDesk comes from: inside `main.py`; from a wheel that the add-in installs; or from the zip that
lies in the add-in's file store. How functions are offered: put into the globals of `main.py`, or written out.
"""

from __future__ import annotations

import base64
from typing import Literal

from ...catalog import Argument, FunctionSpec, functions
from ...kinds import Choice
from ...version import __version__
from .bundle import bundle

__all__ = ["REQUIREMENTS", "STORED", "THREE_LINES", "Source", "Written", "main_text", "requirements_text"]

Source = Literal["inside", "store"] | str
"""Inside `main.py`, in the file store, or the wheel by what an installer takes: a name with its version, an address."""

Written = Literal["published", "stubs"]

STORED = "PerpDesk-Lite.zip"
"""The file of the file store."""

REQUIREMENTS = (
    "xlwings>=0.37.8,<0.38",
    "numpy>=2.0,<3",
    "scipy>=1.13,<2",
    "pandas>=2.2,<4",
    "clarabel>=0.10,<1",
    "threadpoolctl>=3.5,<4",
    "scikit-learn>=1.5,<2",
)
"""What the add-in fetches, which all comes with Pyodide; the next major release of each may move the ground."""

THREE_LINES = (
    f'import sys; sys.path.insert(0, "/data/{STORED}")',
    "from xladdin.hosts.lite.scripts import *",
    "from xladdin.hosts.lite.functions import publish; publish(globals())",
)
"""All of `main.py` where the zip lies in the file store."""

FROM_INSIDE = '''\
import base64, bz2, pathlib, sys

PERPDESK = """{packed}"""

place = pathlib.Path("/tmp/perpdesk-{version}.zip")
place.write_bytes(bz2.decompress(base64.b64decode(PERPDESK)))
sys.path.insert(0, str(place))
'''

PUBLISHED = """
from xladdin.hosts.lite.scripts import *
from xladdin.hosts.lite.functions import publish

publish(globals())
"""

STUBS = """
from typing import Literal

from xlwings.server import Caller, arg, func, ret

from xladdin.hosts.lite.scripts import *
from xladdin.hosts.lite.functions import answer
"""


def main_text(source: Source = "inside", written: Written = "published") -> str:
    """The `main.py`."""
    head = (
        f'"""PerpDesk {__version__} in xlwings Lite. `perpdesk build --lite` wrote this; changes here are lost."""\n\n'
    )
    if source == "inside":
        head += FROM_INSIDE.format(packed=base64.b64encode(bundle()).decode(), version=__version__)
    elif source == "store":
        head += THREE_LINES[0] + "\n"
    if written == "published":
        return head + PUBLISHED
    return head + STUBS + "".join(map(_stub, functions()))


def requirements_text(source: Source = "inside") -> str:
    """The `requirements.txt`."""
    wheel = () if source in ("inside", "store") else (source,)
    return "\n".join((*REQUIREMENTS, *wheel, ""))


def _stub(spec: FunctionSpec) -> str:
    """A function written out, for an add-in that reads the text of `main.py`."""
    names = [each.name for each in spec.args]
    arguments = ", ".join([*map(_argument, spec.args), "calling_cell: Caller | None = None"])
    kinds = "".join(f'@arg("{each.name}", "raw", err_to_str=True, doc={each.help!r})\n' for each in spec.args)
    return (
        f'\n\n@func\n{kinds}@ret("raw")\ndef {spec.name}({arguments}):\n    """{spec.summary}"""\n'
        f"    return answer({', '.join([repr(spec.name), 'calling_cell', *names])})\n"
    )


def _argument(argument: Argument) -> str:
    kind = f": Literal{list(argument.kind.options)!r}" if isinstance(argument.kind, Choice) else ""
    return f"{argument.name}{kind}{' = None' if argument.optional else ''}"
