"""PerpDesk's spreadsheet side: sheet functions, desk workbook, files, feeds and hosts over one shared `core`.

>>> import xladdin
>>> xladdin.call("PERP_BETA_PORTFOLIO", ((0.5, 0.5),), ((1.0, 1.4),))
1.2
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import core

if core.__path__[0].rpartition("core")[0] != __path__[0].rpartition("xladdin")[0]:
    raise ImportError(
        f"the package `core` was found at {core.__path__[0]}, which is not PerpDesk's; "
        "rename that folder or take it off the Python path (`perpdesk doctor` tells whose it is)"
    )

from .version import __version__

if TYPE_CHECKING:
    from . import catalog, functions
    from .catalog import call

__all__ = ["__version__", "call", "catalog", "functions"]


def __getattr__(name: str) -> object:
    """`call`, the catalogue and the functions come when they are asked for: `perpdesk --help` needs none of them."""
    if name == "call":
        from .catalog import call

        return call
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
