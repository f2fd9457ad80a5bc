"""Ctrl-C stops a command in one line, in whatever form it comes out of a library."""

from __future__ import annotations

import signal
from contextlib import suppress

import pytest

from core.errors import BookError
from xladdin.hosts.command_line.interrupts import interruptible


def swallowed() -> None:
    """A Ctrl-C in the middle of code that cannot let an exception through."""
    with suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def fail_after_one(error: Exception) -> None:
    """What comes out of such code a while later."""
    swallowed()
    raise error


def go_on_after_one() -> None:
    signal.raise_signal(signal.SIGINT)
    pytest.fail("it went on")


@pytest.mark.usefixtures("hearing_ctrl_c")
def test_one_that_a_library_swallowed_is_an_interrupt_when_the_library_fails() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt) as raised, interruptible(), interruptible():
        fail_after_one(RuntimeError("no compiled object yet"))
    assert isinstance(raised.value.__cause__, RuntimeError)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.usefixtures("hearing_ctrl_c")
def test_one_that_nobody_swallowed_comes_at_once() -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        go_on_after_one()


def test_an_error_without_ctrl_c_comes_through_as_it_is() -> None:
    error = SystemError("bad call")
    with pytest.raises(SystemError) as raised, interruptible():
        raise error
    assert raised.value is error


@pytest.mark.usefixtures("hearing_ctrl_c")
def test_a_sentence_of_ours_says_more_and_stays() -> None:
    with pytest.raises(BookError, match="stopped: 3 of 120"), interruptible():
        fail_after_one(BookError("stopped: 3 of 120"))


def test_who_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(RuntimeError), interruptible():
            fail_after_one(RuntimeError("no compiled object yet"))
    finally:
        signal.signal(signal.SIGINT, before)
