"""What the office and the worker say to each other: messages over a pipe, from either side, while either waits.

A message is a number, a kind and a body:

    office -> worker   call      name of a sheet function, its cells       answered by what the cell shows
                       job       name of a command, the document's path    answered by the sentence to show
    worker -> office   ask       a verb of `document`, what it needs       answered by what the document says
                       progress  what the job is doing                     answered by whether to go on
    both ways          answer    the result                                to the question of that number
                       refusal   why not, in one sentence                  to the question of that number

Who has asked waits, and serves meanwhile what the other side asks: writing into a document makes Calc compute cells,
which call functions, while the job still waits to hear that all is written. So questions are nested like calls of
functions, the last one asked is the first one answered, and neither side needs a second thread.

In the pipe a message is two lengths (4 bytes each, most significant first), a text in JSON and a tail of doubles. Cells
of a range travel in the tail, eight bytes each; those that are no numbers stand in the text by their position. A double
that is no number is an error cell, and its low bits say which, as in Calc itself.

Only the standard library is used, in words that Python 3.10 can read: LibreOffice's own Python runs this file too.
"""

from __future__ import annotations

import json
import math
import struct
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import IO, Any

__all__ = [
    "ERRORS",
    "Block",
    "BrokenError",
    "Link",
    "Message",
    "RefusedError",
    "error_of",
    "error_shown",
    "pack",
    "receive",
]

LENGTHS = struct.Struct("!II")
LONGEST = 2**31
"""Bytes that no part of a message reaches; a length beyond it says that something else wrote into the pipe."""

ANSWER, REFUSAL = "answer", "refusal"

Message = tuple[int, str, list[Any]]


class BrokenError(ConnectionError):
    """The other side is gone, or what comes from it is no message."""


class RefusedError(Exception):
    """The other side says no; the text is its reason."""


def _not_a_number(code: int) -> float:
    """The double by which Calc holds an error cell: a quiet NaN, and the error's number in its low bits."""
    value: float = struct.unpack("<d", struct.pack("<Q", 0x7FF8 << 48 | code))[0]
    return value


ERRORS: dict[str, float] = {
    "#N/A": _not_a_number(32767),
    "#VALUE!": _not_a_number(519),
    "#NUM!": _not_a_number(503),
    "#DIV/0!": _not_a_number(532),
    "#REF!": _not_a_number(524),
    "#NAME?": _not_a_number(525),
}
"""What an error cell shows, and the double that it is in Calc and in the tail of a message."""

ERROR_NUMBERS = {struct.pack("<d", value)[:4]: text for text, value in ERRORS.items()}


def error_of(value: float) -> str:
    """What a cell shows that holds this NaN; an error of another kind is "#VALUE!"."""
    return ERROR_NUMBERS.get(struct.pack("<d", value)[:4], "#VALUE!")


def error_shown(number: int) -> str:
    """What a cell shows in which Calc has an error of this number."""
    return error_of(_not_a_number(number))


class Block:
    """The cells of a range: its doubles, row by row, and by their position the cells that are none."""

    __slots__ = ("columns", "doubles", "others", "rows")

    def __init__(self, rows: int, columns: int, doubles: array[float], others: Mapping[int, Any]) -> None:
        self.rows, self.columns, self.doubles, self.others = rows, columns, doubles, others

    @classmethod
    def of(cls, rows: Sequence[Sequence[Any]]) -> Block:
        """The block of rows of equal length. Truth is a number, as in Calc; a text of an error is that error."""
        columns = len(rows[0]) if rows else 0
        if any(len(row) != columns for row in rows):
            raise ValueError("the rows of a block have unequal lengths")
        try:
            return cls(len(rows), columns, array("d", chain.from_iterable(rows)), {})
        except TypeError:
            flat = list(chain.from_iterable(rows))
        others: dict[int, Any] = {}
        for position, cell in enumerate(flat):
            if type(cell) is float:
                continue
            if cell is None or (isinstance(cell, str) and cell not in ERRORS):
                others[position], flat[position] = cell, 0.0
            elif isinstance(cell, str):
                flat[position] = ERRORS[cell]
        return cls(len(rows), columns, array("d", flat), others)

    def cells(self, shown: Callable[[float], Any] | None = None) -> list[tuple[Any, ...]]:
        """Its rows; `shown` says what stands for a double that is an error, which else stays as it is."""
        flat: list[Any] = self.doubles.tolist()
        if shown is not None:
            for position, value in enumerate(flat):
                if math.isnan(value):
                    flat[position] = shown(value)
        for position, cell in self.others.items():
            flat[position] = cell
        if not self.columns:
            return [()] * self.rows
        return list(zip(*[iter(flat)] * self.columns, strict=True))


def pack(number: int, kind: str, body: Sequence[Any]) -> bytes:
    """A message as it goes through the pipe. Its body is of texts, numbers, lists, dictionaries and blocks."""
    tail: list[bytes] = []

    def block(value: Any) -> dict[str, Any]:
        if not isinstance(value, Block):
            raise TypeError(f"{value!r} cannot travel in a message")
        tail.append(value.doubles.tobytes())
        return {"#": [value.rows, value.columns], "others": list(value.others.items())}

    text = json.dumps([number, kind, body], default=block).encode()
    doubles = b"".join(tail)
    return b"".join((LENGTHS.pack(len(text), len(doubles)), text, doubles))


def receive(pipe: IO[bytes]) -> Message:
    """The next message out of a pipe. Raises BrokenError where it ends, or where something else is in it."""
    lengths = LENGTHS.unpack(_read(pipe, LENGTHS.size))
    if max(lengths) >= LONGEST:
        raise BrokenError("what comes through the pipe is no message")
    text, doubles = (_read(pipe, length) for length in lengths)
    taken = 0

    def block(found: dict[str, Any]) -> Any:
        nonlocal taken
        if "#" not in found:
            return found
        rows, columns = found["#"]
        begin, taken = taken, taken + rows * columns * 8
        cells = array("d")
        cells.frombytes(doubles[begin:taken])
        return Block(rows, columns, cells, dict(found["others"]))

    try:
        number, kind, body = json.loads(text, object_hook=block)
    except ValueError as error:
        raise BrokenError("what comes through the pipe is no message") from error
    return number, kind, body


def _read(pipe: IO[bytes], length: int) -> bytes:
    found = pipe.read(length) if length else b""
    if len(found) < length:
        raise BrokenError("the other side has gone")
    return found


class Link:
    """One side of the pipe: it asks, and serves what is asked; `handlers` has a function for each kind it serves."""

    def __init__(
        self, incoming: Callable[[], Message], outgoing: IO[bytes], handlers: Mapping[str, Callable[..., Any]]
    ) -> None:
        self._incoming, self._outgoing, self._handlers = incoming, outgoing, handlers
        self._asked = 0

    def ask(self, kind: str, *body: Any) -> Any:
        """The other side's answer; what it asks meanwhile is served. Raises RefusedError, BrokenError."""
        self._asked += 1
        number = self._asked
        self._send(number, kind, body)
        while True:
            message = self._incoming()
            if message[1] not in (ANSWER, REFUSAL):
                self._serve(*message)
                continue
            if message[0] != number:
                raise BrokenError(f"question {number} got the answer to question {message[0]}")
            if message[1] == REFUSAL:
                raise RefusedError(*message[2])
            return message[2][0]

    def serve(self) -> None:
        """Serve what the other side asks, until it is gone."""
        while True:
            try:
                message = self._incoming()
            except BrokenError:
                return
            self._serve(*message)

    def _serve(self, number: int, kind: str, body: Iterable[Any]) -> None:
        try:
            answer = self._handlers[kind](*body)
        except BrokenError:
            raise
        except Exception as error:  # whoever asked gets the reason; this side goes on
            self._send(number, REFUSAL, [str(error) or type(error).__name__])
        else:
            self._send(number, ANSWER, [answer])

    def _send(self, number: int, kind: str, body: Sequence[Any]) -> None:
        try:
            self._outgoing.write(pack(number, kind, body))
            self._outgoing.flush()
        except OSError as error:
            raise BrokenError("the other side has gone") from error
