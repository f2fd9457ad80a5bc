"""The sheet functions: run one, list them, explain one."""

from __future__ import annotations

from argparse import Namespace

from ..declared import argument, command

__all__ = ["call", "functions"]


@command(
    argument("function", metavar="PERP_X", help="The sheet function."),
    argument(
        "arguments",
        metavar="ARGS",
        nargs="*",
        help="1.5, TRUE, a word, '1,2;3,4' (; between rows), @block.csv, '' for blank.",
    ),
)
def call(given: Namespace) -> bool:
    """Run one sheet function and print what its cell would show."""
    from .... import catalog
    from ....cells import is_error
    from ....reasons import reasons
    from .. import console
    from ..values import cells_of

    spec = catalog.function(given.function)
    cells = [cells_of(each) for each in given.arguments]
    result = catalog.call(spec.name, *cells)
    console.show_cells(result)
    if is_error(result):
        console.show_refusal(reasons.why())
        return False
    return True


@command(
    argument("name", metavar="PERP_X", nargs="?", help="One function: its arguments, an example."),
    argument("--markdown", action="store_true", help="As the table of the README."),
)
def functions(given: Namespace) -> bool:
    """List the sheet functions, or explain one of them."""
    from .... import catalog
    from ....examples.collected import example_of
    from .. import console

    if given.name is None:
        console.show_functions(catalog.functions(), markdown=given.markdown)
        return True
    spec = catalog.function(given.name)
    console.show_function(spec, example_of(spec.name))
    return True
