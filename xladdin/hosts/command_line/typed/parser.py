"""How typed words are read: argparse, with help that is never cut and refusals that name the nearest right word."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

from .declared import Command, Group

__all__ = ["Parser", "overview", "read", "refuse_usage"]

GAP = 2
"""Blanks before a name and between the longest name and its summary."""

NARROWEST = 30
"""Characters below which a line is not wrapped any more."""

OPTION = re.compile(r"--|-[A-Za-z]")
NUMBER = re.compile(r"-(\.?\d|inf\b|nan\b)", re.IGNORECASE)


class Parser(argparse.ArgumentParser):
    """Reads the words of one command; wrong usage ends in one sentence and exit code 2."""

    def __init__(self, command: Command, path: str) -> None:
        super().__init__(prog=path, description=f"{command.summary} {command.details}".strip(), allow_abbrev=False)
        # argparse takes -0.5 for a number but neither -1e-3 nor -0.5,0.2;0.1,1, which are cells here.
        self._negative_number_matcher = NUMBER
        exclusive = {name: self.add_mutually_exclusive_group() for name in _names_of_groups(command)}
        for each in command.arguments:
            exclusive.get(each.alone_in, self).add_argument(*each.names, **each.reads)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where the right words stand, and leave with 2."""
        self.print_usage(sys.stderr)
        refuse_usage(message, self.prog)

    def options(self) -> set[str]:
        """Every option, as it is typed."""
        return set(self.actions())

    def actions(self) -> Mapping[str, argparse.Action]:
        """What each option does, by the word that is typed for it."""
        return self._option_string_actions


def _names_of_groups(command: Command) -> set[str]:
    return {each.alone_in for each in command.arguments if each.alone_in}


def read(command: Command, path: str, words: Sequence[str]) -> argparse.Namespace:
    """What was typed after a command, words and options in any order; leaves with 2 where that is wrong."""
    parser = Parser(command, path)
    for word in _before_the_dashes(words):
        if wrong := _unknown(word, parser.options()):
            parser.error(f"there is no option {wrong}{_nearest(wrong, parser.options())}")
    given, left = parser.parse_known_intermixed_args(words)
    if left:
        parser.error(f"one word too many: {' '.join(left)}")
    return given


def overview(path: str, summary: str, sections: Iterable[tuple[str, Sequence[Command | Group]]]) -> str:
    """The page of `--help` above single commands: every name with all of its summary, as wide as the terminal."""
    import shutil
    import textwrap

    sections = list(sections)
    column = GAP + max(len(each.name) for _, entries in sections for each in entries) + GAP
    width = max(shutil.get_terminal_size().columns - 1, NARROWEST)
    lines = [f"usage: {path} [-h] COMMAND ...", "", *textwrap.wrap(summary, width)]
    for title, entries in sections:
        lines += ["", f"{title}:"]
        for each in entries:
            first = " " * GAP + each.name.ljust(column - GAP)
            lines += textwrap.wrap(each.summary, width, initial_indent=first, subsequent_indent=" " * column)
    return "\n".join([*lines, "", *textwrap.wrap(f"`{path} COMMAND --help` tells what a command takes.", width)]) + "\n"


def refuse_usage(message: str, path: str, known: Iterable[str] = (), wrong: str = "") -> NoReturn:
    """One sentence on the error stream, with the nearest of the words that are known, and exit code 2."""
    sys.stderr.write(f"perpdesk: {message}{_nearest(wrong, known)}; `{path} --help` tells what there is\n")
    sys.exit(2)


def _before_the_dashes(words: Sequence[str]) -> Sequence[str]:
    """The words in which options may stand: all before a lone `--`."""
    return words[: words.index("--")] if "--" in words else words


def _unknown(word: str, options: set[str]) -> str:
    """The option that a word asks for and that does not exist; nothing where all is well."""
    if not OPTION.match(word) or NUMBER.match(word):
        return ""
    name = word.partition("=")[0]
    together = not name.startswith("--") and all(f"-{letter}" in options for letter in name[1:])
    return "" if together or name in options else name


def _nearest(wrong: str, known: Iterable[str]) -> str:
    import difflib

    close = difflib.get_close_matches(wrong.lower(), sorted(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""
