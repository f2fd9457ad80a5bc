"""What is declared, as lists to look into."""

from __future__ import annotations

from argparse import Namespace

from ..declared import argument, command

__all__ = ["limits"]


@command(argument("--markdown", action="store_true", help="As the page of the guide, docs/limits.md."))
def limits(given: Namespace) -> bool:
    """List the names that a row of the limits block may have, and what each takes."""
    from ..console import show_limits

    show_limits(markdown=given.markdown)
    return True
