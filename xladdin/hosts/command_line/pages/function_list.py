"""The list of the sheet functions, told without loading one: it is generated (`perpdesk build`) and shipped."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from ....catalog import FunctionSpec

__all__ = ["LIST", "entry_of", "function_list", "function_table", "list_of", "write_function_list"]

LIST = "functions.json"
"""The file beside this one that has it."""

Entry = dict[str, Any]
"""A function: name, category, signature, summary, and its arguments."""


def function_list() -> list[Entry]:
    """Every sheet function in the order of the contract, as it was when the list was generated."""
    entries: list[Entry] = json.loads(pkgutil.get_data(__package__, LIST) or "[]")
    return entries


def function_table() -> str:
    """The list as the table of the README, in Markdown."""
    rows = (f"| `{entry['signature']}` | {entry['summary']} |\n" for entry in function_list())
    return "| function | what the cell shows |\n|---|---|\n" + "".join(rows)


def write_function_list() -> Path:
    """Generate the list anew from the catalogue."""
    from pathlib import Path

    from ....catalog import functions

    file = Path(__file__).with_name(LIST)
    file.write_text(list_of(functions()), encoding="utf-8")
    return file


def list_of(specs: Iterable[FunctionSpec]) -> str:
    """The text of the list, one function a line."""
    lines = ",\n".join(json.dumps(entry_of(spec), ensure_ascii=False) for spec in specs)
    return f"[\n{lines}\n]\n"


def entry_of(spec: FunctionSpec) -> Entry:
    """What the list says of a function; its keys stay (docs/command-line.md)."""
    return {
        "name": spec.name,
        "category": spec.category,
        "signature": spec.signature,
        "summary": spec.summary,
        "arguments": [
            {
                "name": argument.name,
                "help": argument.help,
                "optional": argument.optional,
                "default": argument.default,
            }
            for argument in spec.args
        ],
    }
