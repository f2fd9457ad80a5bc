"""`PerpFunctions.bas`: one worksheet function for every entry of the catalogue, and what Excel shows of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ....catalog import Argument, FunctionSpec
from ....kinds import Address
from ..names import vba_name

__all__ = ["MODULE_NAME", "wrappers"]

MODULE_NAME = "PerpFunctions"

HEAD = """\
Attribute VB_Name = "PerpFunctions"
Option Explicit

' Generated from the catalogue by `perpdesk build`; do not edit by hand.
"""


def wrappers(specs: Sequence[FunctionSpec]) -> str:
    """The text of the module."""
    categories = list(dict.fromkeys(spec.category for spec in specs))
    blocks = [_function(spec) for spec in specs]
    blocks.append(_procedure("Public", "PerpDescribeFunctions", [_describer(category) for category in categories]))
    for category in categories:
        described = [line for spec in specs if spec.category == category for line in _description(spec)]
        blocks.append(_procedure("Private", _describer(category), described))
    return HEAD + "".join(f"\n{block}" for block in blocks)


def _function(spec: FunctionSpec) -> str:
    """`Public Function PERP_VOL(returns As Variant, Optional method As Variant) As Variant` and its one line."""
    declared = ", ".join(
        f"{'Optional ' if each.optional else ''}{vba_name(each.name)} As Variant" for each in spec.args
    )
    passed = ", ".join([_quoted(spec.name), *(_passed(argument) for argument in spec.args)])
    head = f"Public Function {spec.name}({declared}) As Variant"
    return f"{head}\n    {spec.name} = PerpAnswer({passed})\nEnd Function\n"


def _passed(argument: Argument) -> str:
    """A cell that is asked about is passed on as its address; all others as they came."""
    name = vba_name(argument.name)
    return f"PerpAddress({name})" if isinstance(argument.kind, Address) else name


def _description(spec: FunctionSpec) -> Iterator[str]:
    yield f"PerpDescribe {_quoted(spec.name)}, {_quoted(spec.summary)}, {_quoted(spec.category)}, _"
    helps = [_quoted(argument.help) for argument in spec.args]
    yield "    Array(" + ", _\n          ".join(helps) + ")"


def _describer(category: str) -> str:
    return f"Describe{category.replace(' ', '')}"


def _procedure(scope: str, name: str, lines: Sequence[str]) -> str:
    body = "".join(f"    {row}\n" for line in lines for row in line.split("\n"))
    return f"{scope} Sub {name}()\n{body}End Sub\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
