"""The sheet functions: run one, list them, explain one."""

from __future__ import annotations

import sys
from argparse import Namespace

from ..told import console
from ..typed.arguments import CSV, JSON
from ..typed.declared import argument, command
from ..typed.known import function_names

__all__ = ["call", "functions"]


@command(
    argument("function", metavar="PERP_X", completes=function_names, help="The sheet function."),
    argument(
        "arguments",
        metavar="ARGS",
        nargs="*",
        help="1.5, TRUE, a word, '1,2;3,4' (; between rows), @block.csv, '' for blank.",
    ),
    JSON,
    CSV,
)
def call(given: Namespace) -> bool:
    """Run one sheet function and print what its cell would show."""
    from .... import catalog
    from ....cells import is_error
    from ....reasons import reasons
    from ..typed.cells import cells_of

    spec = catalog.function(given.function)
    result = catalog.call(spec.name, *map(cells_of, given.arguments))
    rows = result if isinstance(result, list) else [[result]]
    why, failed = reasons.latest(), is_error(result)
    if given.as_json:
        console.as_json({"function": spec.name, "rows": rows, "reason": why})
    elif given.as_csv:
        console.csv_rows(rows)
    else:
        for row in rows:
            console.say("\t".join(value if isinstance(value, str) else repr(value) for value in row))
    if failed:
        console.show_refusal(why)
    elif why:
        console.note(why, sys.stderr)
    return not failed


@command(
    argument(
        "name",
        metavar="PERP_X",
        nargs="?",
        completes=function_names,
        help="One function: its arguments, an example.",
    ),
    JSON,
    CSV,
    argument("--markdown", action="store_true", alone_in="form", help="As the table of the README."),
)
def functions(given: Namespace) -> bool:
    """List the sheet functions, or explain one of them."""
    if given.name is None:
        _list(given)
        return True
    from ....catalog import function
    from ....examples.collected import example_of
    from ..pages.function_page import function_document, function_page

    spec = function(given.name)
    if given.as_csv:
        heading = ("name", "help", "optional", "default")
        console.csv_rows([(each.name, each.help, each.optional, each.default) for each in spec.args], heading)
    elif given.as_json:
        console.as_json(function_document(spec, example_of(spec.name)))
    else:
        console.say(function_page(spec, example_of(spec.name)), end="")
    return True


def _list(given: Namespace) -> None:
    from ..pages.function_list import function_list, function_table

    entries = function_list()
    if given.as_json:
        console.as_json(entries)
    elif given.as_csv:
        heading = ("name", "category", "signature", "summary")
        console.csv_rows([[entry[key] for key in heading] for entry in entries], heading)
    elif given.markdown:
        console.say(function_table(), end="")
    else:
        _show(entries)


def _show(entries: list[dict[str, str]]) -> None:
    """Each with its signature and summary, by category."""
    category = ""
    for entry in entries:
        if entry["category"] != category:
            category = entry["category"]
            console.show()
            console.show((category, "bold"))
        console.show(f"  {entry['signature']}")
        console.show("      ", (entry["summary"], "dim"))
