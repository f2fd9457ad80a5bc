"""`perpdesk doctor`: what is here, and what is to mend."""

from __future__ import annotations

from argparse import Namespace

from ..typed.arguments import JSON
from ..typed.declared import command

__all__ = ["doctor"]


@command(JSON)
def doctor(given: Namespace) -> bool:
    """Look whether everything is here that PerpDesk needs; exit code 1 when something is to mend."""
    from ....doctor import examine
    from ...excel.examination import examine_excel
    from ..told.findings import show_findings

    return show_findings([*examine(), *examine_excel()], as_json=given.as_json)
