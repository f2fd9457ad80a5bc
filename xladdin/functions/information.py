"""What went wrong, and which version this is."""

from __future__ import annotations

from typing import Annotated

from ..catalog import sheet_function
from ..kinds import Address
from ..reasons import reasons
from ..results import Single
from ..version import __version__

__all__ = ["PERP_VERSION", "PERP_WHY"]

CATEGORY = "Perp Help"


@sheet_function(CATEGORY, returns=Single(), keeps_reason=True)
def PERP_WHY(
    cell: Annotated[str | None, Address("The cell to explain; blank = the last call of all.")] = None,
) -> str:
    """Why a cell shows an error or a warning, in one sentence."""
    return reasons.why(cell)


@sheet_function(CATEGORY, returns=Single(), keeps_reason=True)
def PERP_VERSION() -> str:
    """The version of PerpDesk."""
    return __version__
