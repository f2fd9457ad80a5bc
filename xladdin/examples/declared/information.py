"""What went wrong, and which version this is."""

from __future__ import annotations

from ..example import Asked, Example, Shown
from ..looks import WORD, Look

__all__ = ["EXAMPLES", "SLIPS"]

SENTENCE = Look("General", "")

EXAMPLES = (
    Example(
        "PERP_WHY",
        inputs={"cell": Asked("PERP_LEVERAGE", (-0.6, 0.3))},
        shows={"": Shown(SENTENCE, "The reason of the cell above: which argument, what is wrong, the way out.")},
    ),
    Example("PERP_VERSION", inputs={}, shows={"": Shown(WORD, "Of the PerpDesk that answers this workbook.")}),
)

SLIPS = ()
