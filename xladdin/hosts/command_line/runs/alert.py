"""A command that is run when there is something to tell: named on the command line, and run without a shell.

The message is in its environment (PERPDESK_ALERT) and on its standard input, never among its words, so that nothing in
a workbook or in a venue's answer is ever read as a command. It gets no key.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence

from core.errors import ArgumentError
from core.records import dataclass

__all__ = ["Alert", "alert_of"]

VARIABLE, BOOK = "PERPDESK_ALERT", "PERPDESK_BOOK"
LONGEST = 30.0
"""Seconds that a command may take: the next look does not wait for it longer."""


@dataclass(frozen=True)
class Alert:
    """Words of a command, and the name of the workbook that it is about."""

    words: tuple[str, ...]
    book: str

    def call(self, messages: Sequence[str]) -> str:
        """Run the command with these messages; what went wrong, nothing where all went well."""
        from ....feeds.account.key import hidden_variables

        text = "\n".join(messages)
        hidden = set(hidden_variables())
        environment = {name: value for name, value in os.environ.items() if name not in hidden}
        try:
            done = subprocess.run(
                self.words,
                input=text + "\n",
                text=True,
                encoding="utf-8",
                errors="replace",
                env={**environment, VARIABLE: text.replace("\0", ""), BOOK: self.book},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=LONGEST,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"{self.words[0]} did not end within {LONGEST:g} s, and was stopped"
        except OSError as error:
            return f"{self.words[0]} cannot be run: {error.strerror or error}"
        return f"{self.words[0]} ended with exit code {done.returncode}" if done.returncode else ""


def alert_of(command: str, book: str) -> Alert:
    """The command as it was typed: words with spaces between, in quotes where they have some. Raises ArgumentError."""
    try:
        words = tuple(shlex.split(command, posix=os.name != "nt"))
    except ValueError as error:
        raise ArgumentError(f"--alert '{command}': {error}; close the quote") from None
    if os.name == "nt":
        words = tuple(word.strip('"') for word in words)
    if not words:
        raise ArgumentError("--alert is blank; name the command that is to run, or leave it out")
    return Alert(words, book)
