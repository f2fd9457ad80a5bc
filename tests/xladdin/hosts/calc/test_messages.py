"""Messages between the office and the worker: what goes in comes out, questions nest, and rubbish is noticed."""

from __future__ import annotations

import io
import math
import os
import struct
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xladdin.hosts.calc.extension.messages import (
    ERRORS,
    Block,
    BrokenError,
    Link,
    RefusedError,
    error_of,
    pack,
    receive,
)

CELL = st.one_of(st.floats(allow_nan=False), st.text(max_size=8).filter(lambda text: text not in ERRORS), st.none())
ROWS = st.integers(1, 4).flatmap(lambda columns: st.lists(st.tuples(*[CELL] * columns), min_size=1, max_size=6))


@given(ROWS, st.text(max_size=20), st.integers(0, 2**31))
def test_what_goes_in_comes_out(rows: list[tuple[Any, ...]], kind: str, number: int) -> None:
    body = [Block.of(rows), {"deep": [Block.of(rows), None, 1.5]}, "text"]
    said, of, (first, deep, text) = receive(io.BytesIO(pack(number, kind, body)))
    assert (said, of, text) == (number, kind, "text")
    for block in (first, deep["deep"][0]):
        assert block.cells() == rows
        assert [list(map(type, row)) for row in block.cells()] == [list(map(type, row)) for row in rows]
    assert deep["deep"][1:] == [None, 1.5]


@pytest.mark.parametrize("text", ERRORS)
def test_an_error_is_a_double_of_its_own(text: str) -> None:
    block = receive(io.BytesIO(pack(1, "answer", [Block.of([[text, 1.0]])])))[2][0]
    value, one = block.cells()[0]
    assert math.isnan(value)
    assert struct.pack("<d", value) == struct.pack("<d", ERRORS[text])
    assert (error_of(value), one) == (text, 1.0)
    assert block.cells(error_of) == [(text, 1.0)]


def test_a_plain_nan_and_an_unknown_error_are_value() -> None:
    assert error_of(math.nan) == "#VALUE!"


def test_rows_of_unequal_length_are_no_block() -> None:
    with pytest.raises(ValueError, match="unequal lengths"):
        Block.of([(1.0,), (1.0, 2.0)])


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"\0\0",
        b"hello, this is printed by a library that should not\n",
        pack(1, "answer", [1.0])[:-1],
        struct.pack("!II", 4, 0) + b"[1,2",
    ],
)
def test_what_is_no_message_is_noticed(written: bytes) -> None:
    with pytest.raises(BrokenError):
        receive(io.BytesIO(written))


def _linked(left: dict[str, Any], right: dict[str, Any]) -> tuple[Link, Link, list[Any]]:
    """Two sides with a pipe each way, and the four ends to close."""
    there, back = os.pipe(), os.pipe()
    ends = [os.fdopen(there[0], "rb"), os.fdopen(there[1], "wb"), os.fdopen(back[0], "rb"), os.fdopen(back[1], "wb")]
    return (
        Link(lambda: receive(ends[2]), ends[1], left),
        Link(lambda: receive(ends[0]), ends[3], right),
        ends,
    )


def test_questions_nest() -> None:
    """The worker's job asks for a write, for which the office calls a function, while both still wait."""
    told: list[str] = []

    def write(rows: Block) -> str:
        told.append(f"cell shows {office.ask('call', rows)}")
        return "written"

    def job(name: str) -> str:
        return f"{name}: {worker.ask('write', Block.of([[1.0, 2.0]]))}"

    office, worker, ends = _linked({"write": write}, {"job": job, "call": lambda rows: sum(rows.cells()[0])})
    serving = threading.Thread(target=worker.serve)
    serving.start()
    assert office.ask("job", "rebalance") == "rebalance: written"
    assert told == ["cell shows 3.0"]
    with pytest.raises(RefusedError, match="'nobody'"):
        office.ask("nobody")
    assert office.ask("call", Block.of([[4.0]])) == 4.0
    ends[1].close()
    serving.join()
    for end in ends:
        end.close()


def test_the_reason_of_a_refusal_arrives_and_the_other_side_goes_on() -> None:
    def fails() -> None:
        raise ValueError("the sheet is locked")

    office, worker, ends = _linked({}, {"fails": fails, "well": lambda: 1})
    serving = threading.Thread(target=worker.serve)
    serving.start()
    with pytest.raises(RefusedError, match="the sheet is locked"):
        office.ask("fails")
    assert office.ask("well") == 1
    ends[1].close()
    serving.join()
    ends[3].close()
    with pytest.raises(BrokenError):
        receive(ends[2])
    for end in ends:
        end.close()


def test_truth_is_a_number() -> None:
    assert Block.of([[True, "x"]]).cells() == Block.of([[1.0, "x"]]).cells()
