"""The page of the guide on commands: each with its words and options, from its declaration."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from ..command_line.typed.declared import Argument, Command, Group
from .markdown import code, table

__all__ = ["Sections", "commands_page"]

Sections = Sequence[tuple[str, Sequence[Command | Group]]]
"""The commands under the headings of `perpdesk --help`."""

INTRODUCTION = """\
# Every command

`perpdesk COMMAND --help` prints the same. [The command line](command-line.md) tells what all of them have in common:
exit codes, what a job answers to `--json`, and how the shell completes words.
"""


def commands_page(sections: Sections) -> str:
    """The page, in Markdown."""
    return "\n".join([INTRODUCTION, *(part for title, entries in sections for part in _section(title, entries))])


def _section(title: str, entries: Sequence[Command | Group]) -> Iterator[str]:
    yield f"## {title}\n"
    for entry in entries:
        if isinstance(entry, Group):
            yield f"### perpdesk {entry.name}\n\n{entry.summary}\n"
            for command in entry.commands:
                yield from _command(command, f"{entry.name} {command.name}", "####")
        else:
            yield from _command(entry, entry.name, "###")


def _command(command: Command, words: str, level: str) -> Iterator[str]:
    yield f"{level} perpdesk {words}\n"
    yield f"{command.summary} {command.details}".strip() + "\n"
    if command.arguments:
        yield table(("word or option", "does"), map(_argument, command.arguments))


def _argument(argument: Argument) -> tuple[str, str]:
    value = argument.reads.get("metavar", "")
    positional = not argument.names[0].startswith("-")
    typed = value or argument.names[0] if positional else f"{', '.join(argument.names)} {value}".rstrip()
    if argument.reads.get("action") is argparse.BooleanOptionalAction:
        typed = f"{typed}, {argument.names[-1].replace('--', '--no-', 1)}"
    return code(typed), argument.reads["help"].replace("%%", "%")
