"""What the command line prints: the same words in a pipe, plain, and on a terminal, where some have a colour.

rich draws on terminals; in a pipe, where programs wait, nothing loads it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from core.errors import PerpDeskError

from ....symbols import printable
from ...refusal import refusal

__all__ = [
    "LONGEST",
    "Line",
    "Part",
    "as_json",
    "csv_rows",
    "note",
    "refusals",
    "say",
    "show",
    "show_refusal",
    "step",
    "tell_files",
    "wrote",
]

Part = str | tuple[str, str]
"""A piece of a line: its text, or its text and a style that rich knows, as "green"."""

Line = Sequence[Part]

LONGEST = 4000
"""Characters of one sentence; none of them moves the cursor, wherever the sentence quotes from."""


def say(text: str, end: str = "\n") -> None:
    """A text as it stands, for whoever reads it or pipes it on."""
    sys.stdout.write(text + end)


def show(*parts: Part, to: TextIO | None = None) -> None:
    """One line, by default on the standard stream."""
    stream = to or sys.stdout
    if not stream.isatty():
        stream.write("".join(part if isinstance(part, str) else part[0] for part in parts) + "\n")
        return
    from rich.console import Console
    from rich.text import Text

    Console(file=stream, highlight=False, soft_wrap=True).print(Text.assemble(*parts))


def as_json(answer: object) -> None:
    """One document on the standard stream; names and words in any script stay readable."""
    import json

    say(json.dumps(answer, ensure_ascii=False, allow_nan=False))


def csv_rows(rows: Iterable[Iterable[object]], heading: Iterable[str] | None = None) -> None:
    """Rows, under a line of headings where they have one; None is an empty field."""
    import csv

    lines = csv.writer(sys.stdout, lineterminator="\n")
    if heading is not None:
        lines.writerow(heading)
    lines.writerows(rows)


def step(name: str) -> None:
    """That a step of a longer run begins."""
    show((f"... {name}", "dim"))


def note(warning: str, to: TextIO | None = None) -> None:
    """What is to know of an answer that stands."""
    show(("note", "yellow"), f"  {printable(warning, LONGEST)}", to=to)


def wrote(path: Path, to: TextIO | None = None) -> None:
    """The file that now holds the results."""
    show(f"wrote {path}", to=to)


def tell_files(command: str, files: Sequence[Path], *, for_program: bool, **more: object) -> None:
    """What a command that makes files has made: a line each, or for a program one document, with `more` in it."""
    if for_program:
        as_json({"job": command, **more, "files": [str(file) for file in files]})
        return
    for file in files:
        wrote(file)


def show_refusal(reason: str) -> None:
    """Why the desk said no, in one line on the error stream."""
    show(("perpdesk:", "red"), f" {printable(reason, LONGEST)}", to=sys.stderr)


def refusals(error: Exception) -> list[str]:
    """What the desk or the system says no to, a sentence each; nothing for an error of another kind."""
    if isinstance(error, PerpDeskError):
        # A desk with several problems tells them all; its class is not asked for, as that would load the desk.
        problems = getattr(error, "problems", None) or [str(error)]
        return [refusal(each, type(error)) for each in problems]
    if isinstance(error, OSError):
        return [f"{error.filename or 'a file'}: {error.strerror or error}; mend that, then run again"]
    if isinstance(error, MemoryError):
        return [
            "memory has run out (a book is written whole or not at all); close other programs, or shorten the history"
        ]
    return []
