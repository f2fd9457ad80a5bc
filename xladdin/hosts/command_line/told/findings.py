"""What a doctor found: a line each, with the remedy where it is not well."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import console

if TYPE_CHECKING:
    from ....doctor import Finding

__all__ = ["show_findings"]


def show_findings(findings: Sequence[Finding], *, as_json: bool) -> bool:
    """Whether all is well; the findings in lines, or as JSON for programs."""
    if as_json:
        console.as_json([dataclasses.asdict(finding) for finding in findings])
    else:
        for finding in findings:
            mark = ("ok     ", "green") if finding.well else ("mend   ", "red")
            remedy = "" if finding.well else f"  ->  {finding.remedy}"
            console.show(mark, f"{finding.subject}: {finding.found}{remedy}")
    return all(finding.well for finding in findings)
