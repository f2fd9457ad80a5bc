"""The formula that holds a live answer to what it must be, cell by cell."""

from __future__ import annotations

from ...reasons import WHICH_CELL

__all__ = ["TOLERANCE", "TOLERANCE_OF_ZERO", "verdict", "verdict_of_reason"]

TOLERANCE = "ExampleTolerance"
"""Name of the cell with the relative difference that still passes."""

TOLERANCE_OF_ZERO = "ExampleToleranceOfZero"
"""Name of the cell with the difference that passes where nothing or next to nothing is expected."""


ERROR_NAMES = '"#NULL!","#DIV/0!","#VALUE!","#REF!","#NAME?","#NUM!","#N/A"'
"""By ERROR.TYPE."""


def verdict(live: str, expected: str, why: tuple[str, ...] = ()) -> str:
    """The formula: OK, differs, or that the add-in is not loaded; `why`: the cells of a reason and of what it must be.

    Numbers may differ by the tolerance, texts not at all; an error must be the one whose name is expected. EXACT and
    not `=`: Calc never finds a text in a block of an add-in equal to one that was typed.
    """
    corner = live.partition(":")[0]
    error = f'IFERROR(CHOOSE(ERROR.TYPE({corner}),{ERROR_NAMES}),"")'
    number, figure = f"IF(ISNUMBER({live}),{live},0)", f"IF(ISNUMBER({expected}),{expected},0)"
    near = f"IF(ABS({number}-{figure})<={TOLERANCE}*ABS({figure})+{TOLERANCE_OF_ZERO},0,1)"
    text = f"IF(ISTEXT({live}),IF(EXACT({live},{expected}),0,1),1)"
    if ":" in live:
        text = f'IF({expected}="#N/A",IF(ISNA({live}),0,1),{text})'
    wrong = f"SUM(IF(ISNUMBER({expected}),IF(ISNUMBER({live}),{near},1),{text}))"
    if ":" not in live:
        wrong = f"IF(ISERROR({live}),IF({error}={expected},0,1),{wrong})"
    if why:
        wrong += f"+{_other_reason(*why)}"
    return f'=IF({error}="#NAME?","add-in not loaded",IF({wrong}=0,"OK","differs"))'


def verdict_of_reason(live: str, expected: str) -> str:
    """The formula for a cell in which PERP_WHY tells of another, whose reason is expected."""
    missing = f"IF(ISERROR({live}),ERROR.TYPE({live}),0)=5"
    return f'=IF({missing},"add-in not loaded",IF({_other_reason(live, expected)}=0,"OK","differs"))'


def _other_reason(live: str, expected: str) -> str:
    """1 where a reason is told and is not the expected one, else 0."""
    return f'IF(ISERROR({live}),1,IF(EXACT({live},{expected}),0,IF(EXACT({live},"{WHICH_CELL}"),0,1)))'
