"""How a command is declared: its name, its summary and its arguments, once, in front of the function that runs it.

    @command(BOOK, argument("--out", type=Path, metavar="FILE", help="Where to write."))
    def report(given: Namespace) -> bool:
        \"\"\"Write what stands in BOOK as one page.\"\"\"

The name is the function's, the summary the first paragraph of its docstring; `--help` tells the rest too. The function
gets what was typed and answers whether all is well; what it needs beyond the standard library it imports itself, so
that no other command waits for that.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

__all__ = ["Argument", "Command", "Group", "argument", "command"]


Completes = Callable[[], Iterable[str]]


class Argument(NamedTuple):
    """A word or an option of a command, in the words of `argparse.ArgumentParser.add_argument`."""

    names: tuple[str, ...]
    reads: dict[str, Any]
    alone_in: str = ""
    """Of the options of a command that share this word, one may be given."""
    completes: Completes | None = None
    """Tells the words that may stand there, for the shell; None: files, or anything."""

    @property
    def dest(self) -> str:
        """The name under which a command finds it among what was given."""
        return str(self.reads.get("dest") or self.names[-1].lstrip("-").replace("-", "_"))


class Command(NamedTuple):
    """One command: what it is called, what it does, what it takes, and the function that runs it."""

    name: str
    summary: str
    details: str
    arguments: tuple[Argument, ...]
    run: Callable[[Namespace], bool]


class Group(NamedTuple):
    """Commands that share a first word, as `perpdesk excel install` and `perpdesk excel status` do."""

    name: str
    summary: str
    commands: tuple[Command, ...]


def argument(*names: str, help: str, alone_in: str = "", completes: Completes | None = None, **reads: Any) -> Argument:
    """An argument; its help is plain text, in which % means percent."""
    return Argument(names, {**reads, "help": help.replace("%", "%%")}, alone_in, completes)


def command(*arguments: Argument) -> Callable[[Callable[[Namespace], bool]], Command]:
    """Declare a function as a command that takes these arguments."""

    def declare(run: Callable[[Namespace], bool]) -> Command:
        summary, _, details = (run.__doc__ or "").partition("\n\n")
        return Command(run.__name__, " ".join(summary.split()), " ".join(details.split()), arguments, run)

    return declare
