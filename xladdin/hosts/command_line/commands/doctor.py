"""`perpdesk doctor`: what is here, and what is to mend; or what a workbook is for."""

from __future__ import annotations

from argparse import Namespace

from ..typed.arguments import JSON, as_path
from ..typed.declared import argument, command

__all__ = ["doctor"]


@command(
    argument("book", metavar="BOOK", type=as_path, nargs="?", help="Instead: which door a workbook (.xlsx) is for."),
    JSON,
)
def doctor(given: Namespace) -> bool:
    """Look whether everything is here that PerpDesk needs; exit code 1 when something is to mend."""
    from ..told.findings import show_findings

    if given.book is not None:
        from ...lite.door import examine_workbook

        return show_findings(examine_workbook(given.book), as_json=given.as_json)
    from ....doctor import examine
    from ...excel.examination import examine_excel

    return show_findings([*examine(), *examine_excel()], as_json=given.as_json)
