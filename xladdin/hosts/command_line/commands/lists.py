"""What is declared, as lists to look into."""

from __future__ import annotations

from argparse import Namespace

from ..told import console
from ..typed.arguments import CSV, JSON
from ..typed.declared import argument, command

__all__ = ["limits"]


@command(
    JSON,
    CSV,
    argument("--markdown", action="store_true", alone_in="form", help="As the page of the guide, docs/limits.md."),
)
def limits(given: Namespace) -> bool:
    """List the names that a row of the limits block may have, and what each takes."""
    from core.decide.limits.declared import Limits

    from ..pages.limits_page import limit_entry, limits_page, taken

    terms = Limits.TERMS.values()
    if given.markdown:
        console.say(limits_page(), end="")
    elif given.as_json:
        console.as_json([limit_entry(term) for term in terms])
    elif given.as_csv:
        entries = [limit_entry(term) for term in terms]
        console.csv_rows([entry.values() for entry in entries], entries[0])
    else:
        for term in terms:
            console.show(f"  {term.name}: {term.meaning}")
            console.show("      ", (taken(term), "dim"))
    return True
