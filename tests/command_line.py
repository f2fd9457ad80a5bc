"""`perpdesk` run in this process, as any test may need it."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

from xladdin.hosts.command_line.cli import main


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""

    exit_code: int
    stdout: str
    stderr: str


def perpdesk(*words: object) -> Said:
    """Run one command; what is no refusal is raised."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        try:
            main([str(word) for word in words])
        except SystemExit as left:
            return Said(int(left.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("main leaves with an exit code")
