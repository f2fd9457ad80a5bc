"""The page of the guide on checks: what each means when it is not met, and what to do."""

from __future__ import annotations

from .check_words import CHECKS
from .markdown import slug, table

__all__ = ["checks_page"]

INTRODUCTION = """\
# Checks

Every job ends with checks, and `perpdesk check` runs them alone. They read the workbook as an analyst would and know
nothing of the run that wrote it: figures that were edited by hand, or belong to older inputs, are found too. The
sheet [Checks](sheets.md#table-Checks) has the figure that was found, the one permitted, and the remedy with the names
of the contracts. The master check in the heading of every sheet says OK only where nothing warns. A failed check
makes a job end with exit code 1, and ends `perpdesk day`.

A check is made once the results that it is about are there. What no check finds: [limits of the
models](limits-of-the-models.md).
"""


def checks_page() -> str:
    """The page, in Markdown."""
    parts = [INTRODUCTION]
    for part, checks in CHECKS.items():
        rows = (
            (f'<a id="{slug(check.name)}"></a>{check.name}', check.severity, check.meaning, check.remedy)
            for check in checks
        )
        parts += [f"## {part}\n", table(("check", "when not met", "means", "remedy"), rows)]
    return "\n".join(parts)
