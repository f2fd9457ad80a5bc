"""What went wrong, and which version this is."""

from __future__ import annotations

from ..example import Asked, Example, Shown
from ..looks import WORD, Look

__all__ = ["EXAMPLES", "SLIPS"]

SENTENCE = Look("General", "")

EXAMPLES = (
    Example(
        "PERP_WHY",
        inputs={"cell": Asked("PERP_CAPM_RETURN", (1.0, 5.0, 0.12))},
        shows={
            "": Shown(
                SENTENCE,
                "What there is to say of the cell above; Calc knows the last call only: PERP_WHY().",
            )
        },
    ),
    Example("PERP_VERSION", inputs={}, shows={"": Shown(WORD, "Of the PerpDesk that answers this workbook.")}),
)

SLIPS = ()
