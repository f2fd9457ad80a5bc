"""The command line: the desk's day without a spreadsheet program, on any machine.

Exit code 0: done. 1: the desk said no and why, or a check failed. 2: wrong usage.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

from .commands.account import positions
from .commands.calc import calc
from .commands.completion import ASKED, completion
from .commands.doctor import doctor
from .commands.excel import excel
from .commands.functions import call, functions
from .commands.jobs import backtest, check, day, hedge, rebalance, refresh, stress, train, verify
from .commands.lists import limits, settings
from .commands.orders import orders
from .commands.store import store
from .commands.sweep import sweep
from .commands.watch import watch
from .commands.workbooks import build, demo, new, report
from .interrupts import interruptible
from .typed.declared import Command, Group
from .typed.parser import overview, read, refuse_usage

__all__ = ["COMMANDS", "SECTIONS", "main"]

NAME = "perpdesk"

SUMMARY = (
    "PerpDesk: beta, optimisation, hedging and stress tests for perpetual futures, on a desk workbook. "
    "Exit code 0: done. 1: the desk said no and why, or a check failed. 2: wrong usage."
)

SECTIONS: tuple[tuple[str, tuple[Command | Group, ...]], ...] = (
    ("A workbook", (new, report, demo)),
    ("The desk's day", (day, refresh, positions, rebalance, hedge, orders, stress, backtest, check, verify, watch)),
    ("What is learned, and what is chosen", (train, sweep)),
    ("Sheet functions and what is declared", (call, functions, limits, settings)),
    ("This computer", (doctor, store, excel, calc, completion, build)),
)
"""The commands under the headings of `--help`."""

COMMANDS: dict[str, Command | Group] = {each.name: each for _, entries in SECTIONS for each in entries}
"""Every command by the word that is typed for it."""

HELP = ("-h", "--help")
VERSION = "--version"

YOUNG = 10_000
"""Objects after which the collector looks for cycles among them; Python's 700 make it look a hundred times in a job."""


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Entry point of the `perpdesk` command: run the words typed, or these; leaves with the exit code."""
    if words is None:
        _own_the_process()
    typed = list(sys.argv[1:] if words is None else words)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # results have landed: a letter that a pipe lacks is no failure
    if typed == [VERSION]:
        from ...version import __version__

        sys.stdout.write(f"{NAME} {__version__}\n")
        sys.exit(0)
    if typed[:1] == [ASKED]:
        from .completion import candidates

        sys.stdout.writelines(f"{word}\t{meaning}\n" for word, meaning in candidates(COMMANDS, typed[1:]))
        sys.exit(0)
    sys.exit(0 if _run(*_chosen(typed)) else 1)


def _own_the_process() -> None:
    """What one command makes goes with its process: it is seldom looked through for cycles, and not at its end."""
    gc.set_threshold(YOUNG)
    atexit.register(gc.freeze)


def _run(command: Command, path: str, words: Sequence[str]) -> bool:
    """Whether all went well; what the desk or the system says no to is said in one line each."""
    given = read(command, path, words)
    given.sections = SECTIONS  # the guide that is built tells of every command
    try:
        with interruptible():
            well = command.run(given)
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("perpdesk: stopped\n")
        return False
    except BrokenPipeError:
        # Who reads the answer has read enough; what is left may not fail once more when Python leaves.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    except Exception as error:
        from .told import console

        reasons = console.refusals(error)
        if not reasons:
            raise
        for reason in reasons:
            console.show_refusal(reason)
        if getattr(given, "as_json", False):
            console.as_json({"refused": reasons})
        return False
    return well


def _chosen(typed: Sequence[str]) -> tuple[Command, str, Sequence[str]]:
    """The command that the first words name, how it is called, and the words after it; help and wrong words leave."""
    group = None
    for place, word in enumerate(typed):
        path = " ".join([NAME, *typed[:place]])
        if word in HELP:
            sys.stdout.write(_page(path, group))
            sys.exit(0)
        known = {each.name: each for each in group.commands} if group else COMMANDS
        if word not in known:
            what = "option" if word.startswith("-") else "command"
            refuse_usage(f"there is no {what} {word}", path, [*known, *HELP, VERSION], word)
        entry = known[word]
        if isinstance(entry, Command):
            return entry, f"{path} {word}", typed[place + 1 :]
        group = entry
    sys.stderr.write(_page(" ".join([NAME, *typed]), group))
    sys.exit(2)


def _page(path: str, group: Group | None) -> str:
    """What `--help` says of all commands, or of those of a group."""
    if group is None:
        return overview(path, SUMMARY, SECTIONS)
    return overview(path, group.summary, [("Commands", group.commands)])


if __name__ == "__main__":
    main()
