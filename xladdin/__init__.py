"""PerpDesk's spreadsheet side: sheet functions, desk workbook, files, feeds and hosts over one shared `core`.

>>> import xladdin
>>> xladdin.call("PERP_BETA_PORTFOLIO", ((0.5, 0.5),), ((1.0, 1.4),))
1.2
"""

from __future__ import annotations

from pathlib import Path

import core

if Path(core.__file__).parents[1] != Path(__file__).parents[1]:
    raise ImportError(
        f"the package `core` was found at {Path(core.__file__).parent}, which is not PerpDesk's; "
        "rename that folder or take it off the Python path (`perpdesk doctor` tells whose it is)"
    )

from . import functions  # tells where every sheet function is declared
from .catalog import call
from .version import __version__

__all__ = ["__version__", "call", "functions"]
