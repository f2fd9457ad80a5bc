"""`perpdesk doctor`: what is here, and what is to mend."""

from __future__ import annotations

from argparse import Namespace

from ..arguments import JSON
from ..declared import command

__all__ = ["doctor"]


@command(JSON)
def doctor(given: Namespace) -> bool:
    """Look whether everything is here that PerpDesk needs; exit code 1 when something is to mend."""
    from ....doctor import examine
    from ...excel.examination import examine_excel
    from ..console import show_findings

    findings = [*examine(), *examine_excel()]
    show_findings(findings, as_json=given.as_json)
    return all(finding.well for finding in findings)
