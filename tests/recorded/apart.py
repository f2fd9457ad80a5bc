"""An exchange in a process of its own, for whoever measures or kills what asks it."""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection

from .server import running
from .tape import Tape

__all__ = ["running_apart"]


@contextlib.contextmanager
def running_apart(venue: str, tape: Tape) -> Iterator[str]:
    """The address of the exchange of this venue's script while the block runs."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(venue, tape, there), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        here.send("done")
        process.join()


def _serve(venue: str, tape: Tape, tells: Connection) -> None:
    for contract in tape.contracts:  # drawn before anybody waits for it
        tape.bars(contract)
        tape.settlements(contract)
    with running(importlib.import_module(f"tests.recorded.{venue}").answer, tape) as exchange:
        tells.send(exchange.url)
        tells.recv()
