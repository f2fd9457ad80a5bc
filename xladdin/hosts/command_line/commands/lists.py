"""What is declared, as lists to look into."""

from __future__ import annotations

from argparse import Namespace

from ..told import console
from ..typed.arguments import CSV, JSON, as_path
from ..typed.declared import argument, command
from ..typed.known import setting_names

__all__ = ["limits", "settings"]


@command(
    JSON,
    CSV,
    argument("--markdown", action="store_true", alone_in="form", help="As the page of the guide, docs/limits.md."),
)
def limits(given: Namespace) -> bool:
    """List the names that a row of the limits block may have, and what each takes."""
    from core.decide.limits.declared import Limits

    from ...guide.limits import limit_entry, limits_page, taken

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


@command(
    argument("name", metavar="NAME", nargs="?", completes=setting_names, help="One setting; by default all of them."),
    argument("--book", metavar="BOOK", type=as_path, help="Tell the values of this desk workbook too."),
    JSON,
    CSV,
)
def settings(given: Namespace) -> bool:
    """List the settings: value, unit, meaning, what each takes and how --set is given it."""
    from ..pages.settings_page import chosen_settings, setting_entry, setting_lines

    chosen = chosen_settings(given.name)
    values = None
    if given.book is not None:
        from ..runs.reading import values_in

        values = values_in(given.book, [setting.name for setting in chosen])
    entries = [setting_entry(setting, values) for setting in chosen]
    if given.as_json:
        console.as_json(entries if given.name is None else entries[0])
    elif given.as_csv:
        console.csv_rows((map(_in_a_field, entry.values()) for entry in entries), entries[0])
    else:
        group = ""
        for setting in chosen:
            if setting.group != group:
                group = setting.group
                console.show((f"{group}", "bold"))
            name, *rest = setting_lines(setting, values)
            console.show(name)
            for line in rest:
                console.show((line, "dim"))
    return True


def _in_a_field(value: object) -> object:
    """Several words in one field of a CSV file."""
    return "|".join(map(str, value)) if isinstance(value, list) else value
