"""Looks at a desk, one after the other, until somebody ends them: when to look, what to tell, whom to call.

Time is measured by the machine's steady clock and by the calendar, whichever says first that it is time: a machine
that slept looks at once, a clock that was set back keeps nobody waiting, and both are said.
"""

from __future__ import annotations

import gc
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path

from core.errors import listed
from core.records import dataclass

from ....desk.watch.changes import Change, Watched
from ....desk.watch.look import Look
from ..told import console
from .alert import Alert

__all__ = ["Clock", "Watch", "ended_by_signals"]

SLICE = 1.0
"""Seconds of one wait: how long a signal, or a clock that jumped, goes unheard at most."""

JUMP = 60.0
"""Seconds by which the calendar may run off the steady clock between two looks without a word."""

MOST_KEPT = 50
"""Messages kept for a workbook that cannot be written now."""

NUMBERS = re.compile(r"\d+")
"""What differs between two messages of the same trouble: a time, an age, an address's moment."""

GONE = 2
"""Looks in a row without a file after which there is none: a program that saves takes it away for a moment."""


@dataclass(frozen=True)
class Clock:
    """What time it is: by the calendar (s since 1970), by a steady clock, and how to let some pass."""

    calendar: Callable[[], float]
    steady: Callable[[], float]
    wait: Callable[[float], None]


def _machine_clock() -> Clock:
    return Clock(time.time, time.monotonic, time.sleep)


@dataclass
class Watch:
    """A desk that is looked at.

    book     the desk
    look     looks at it once; raises what the desk or the system says no to
    keep     writes a row of Runs with these messages; raises where the file cannot be written
    every    seconds from one look to the next
    looks    how many at most; None: no end
    until    when the last look is, s since 1970; None: no end
    alert    who is called; None: nobody
    how      quiet, said, verbose or json
    ended    whether somebody has asked for the end
    """

    book: Path
    look: Callable[[], Look]
    keep: Callable[[Sequence[str]], None]
    every: float
    looks: int | None = None
    until: float | None = None
    alert: Alert | None = None
    how: str = "said"
    ended: Callable[[], bool] = lambda: False
    clock: Clock = field(default_factory=_machine_clock)
    watched: Watched = field(default_factory=Watched)
    done: int = 0
    well: bool = True
    _trouble: str = ""
    _notes: tuple[str, ...] = ()
    _down: bool = False
    _outdated: str = ""
    _unpriced: tuple[str, ...] = ()
    _unkept: list[str] = field(default_factory=list)
    _keep_trouble: str = ""
    _gone: int = 0

    def run(self) -> bool:
        """Look until the end; whether the last look went well and found no line crossed. Ctrl-C and SIGTERM end it."""
        self._say(f"watching {self.book.name} every {self.every:g} s; Ctrl-C ends it")
        try:
            while True:
                self._once()
                if self._is_last() or not self._wait():
                    break
        except KeyboardInterrupt:
            self.well = False  # stopped in the middle of a look
        if self.ended():
            self._say(f"stopped after {self.done} look{'s' * (self.done != 1)}")
        if self._unkept:
            self._say(f"not in Runs, as the workbook could not be written: {listed(self._unkept, MOST_KEPT, '; ')}")
        return self.well and not self.watched.beyond

    def _once(self) -> None:
        """One look, what it changed, and what could not be written before."""
        self.done += 1
        changes: list[Change] = []
        looked: Look | None = None
        try:
            looked = self.look()
        except Exception as error:
            reasons = console.refusals(error)
            if not reasons:
                raise
            changes += self._failed("; ".join(reasons))
        else:
            changes += self._went_well(looked)
            changes += self.watched.changes(looked.seen)
        caveats = [] if looked is None else _caveats(looked)
        crossed = [each.message for each in changes if each.name != "look"]
        self._keep([*crossed, *caveats] if crossed else [])  # first: who stops it now has the row
        self._tell(looked, changes)
        if changes and self.alert is not None:
            self._call(self.alert, [*(each.message for each in changes), *caveats])
        sys.stdout.flush()
        gc.collect()  # clients of a venue refer to themselves, and their sockets wait for that

    def _failed(self, reason: str) -> list[Change]:
        """A look that did not come about; the same reason is told once."""
        self.well = False
        self._gone = 0 if self.book.exists() else self._gone + 1
        known, self._trouble = self._trouble, reason
        same = NUMBERS.sub("", reason) == NUMBERS.sub("", known)
        return [] if same else [Change("look", f"no look at the desk: {reason}", True)]

    def _went_well(self, looked: Look) -> list[Change]:
        self._gone, self.well = 0, True
        known, self._trouble = self._trouble, ""
        found = [Change("look", "the desk can be looked at again", False)] if known else []
        was_down, self._down = self._down, bool(looked.line_down)
        if self._down and not was_down:
            said = f"the venue does not answer, prices are those of the last bar: {looked.line_down}"
            found.append(Change("look", said, True))
        elif was_down and not self._down:
            found.append(Change("look", "the venue answers again", False))
        return found if self._down else [*found, *self._priced(looked.unpriced)]

    def _priced(self, unpriced: tuple[str, ...]) -> list[Change]:
        """Of which contracts the venue has begun, and has ceased, to say no price."""
        known, self._unpriced = self._unpriced, unpriced
        found = []
        if silent := tuple(symbol for symbol in unpriced if symbol not in known):
            found.append(Change("look", _silence(silent), True))
        if heard := [symbol for symbol in known if symbol not in unpriced]:
            found.append(Change("look", f"{listed(heard)} no longer without a price at the venue", False))
        return found

    def _keep(self, messages: Sequence[str]) -> None:
        """Into Runs, with what waits for that since the file could not be written."""
        self._unkept = [*self._unkept, *messages][-MOST_KEPT:]
        if not self._unkept:
            return
        try:
            self.keep(self._unkept)
        except Exception as error:
            reasons = console.refusals(error)
            if not reasons:
                raise
            if reasons[0] != self._keep_trouble:
                self._say(f"not in Runs yet: {reasons[0]}; it is written when that is possible")
            self._keep_trouble = reasons[0]
            return
        if self._keep_trouble:
            self._say("what waited for it is in Runs now")
        self._keep_trouble = ""
        self._unkept.clear()

    def _call(self, alert: Alert, messages: Sequence[str]) -> None:
        trouble = alert.call(messages)
        if trouble:
            self._say(f"the alert did not go out: {trouble}")

    def _is_last(self) -> bool:
        if self.ended():
            return True
        over = self.until is not None and self.clock.calendar() >= self.until
        if self._gone >= GONE:
            self._say(f"{self.book} is gone; there is nothing to watch any more")
            return True
        return over or (self.looks is not None and self.done >= self.looks)

    def _wait(self) -> bool:
        """Let time pass until the next look; False where the end comes before it."""
        calendar, steady = self.clock.calendar(), self.clock.steady()
        while True:
            if self.ended():
                return False
            passed, shown = self.clock.steady() - steady, self.clock.calendar() - calendar
            if abs(shown - passed) > JUMP:
                self._say(_jump(shown - passed))
                return True
            left = self.every - passed
            if left <= 0:
                return True
            if self.until is not None:
                to_end = self.until - self.clock.calendar()
                if to_end <= 0:
                    return False
                left = min(left, to_end)
            self.clock.wait(min(SLICE, left))

    def _tell(self, looked: Look | None, changes: Sequence[Change]) -> None:
        """What changed; all figures of the first look, and of each where more is asked for.

        The end of a trouble is told in however few words, as no line means much then.
        """
        if self.how == "json":
            console.as_json(self._document(looked, changes))
            return
        for change in changes:
            if change.crossed or change.name == "look" or self.how != "quiet":
                self._line(change.message, "red" if change.crossed else "green")
        if looked is None:
            return
        self._tell_age(looked.outdated)
        if self.how == "quiet":
            return
        if self.done == 1 or self.how == "verbose":
            told = {change.name for change in changes}
            for line in looked.seen.lines:
                if line.name in told:
                    continue
                if self.watched.crossed.get(line.name):
                    self._line(line.crossed, "red")
                else:
                    self._line(line.back.partition(": back ")[0])
            if not looked.seen.held:
                self._line("nothing is held; only the market is watched")
        if looked.notes != self._notes and (self.how == "verbose" or self.done == 1):
            for note in looked.notes:
                console.note(note)
        for note in looked.refreshed if self.how == "verbose" else ():
            console.note(note)
        self._notes = looked.notes

    def _tell_age(self, outdated: str) -> None:
        """Once, that what is seen is of before; in however few words, as no line means much then. And the end of it."""
        known, self._outdated = self._outdated, outdated
        if outdated and outdated != known:
            console.note(outdated, sys.stderr if self.how == "quiet" else sys.stdout)
        elif known and not outdated:
            self._say("the files are up to date again")

    def _document(self, looked: Look | None, changes: Sequence[Change]) -> dict[str, object]:
        """One look as a program reads it."""
        lines = looked.seen.lines if looked else ()
        return {
            "time": f"{self._time():%Y-%m-%dT%H:%M:%SZ}",
            "look": self.done,
            "changes": [{"line": each.name, "crossed": each.crossed, "message": each.message} for each in changes],
            "lines": [
                {"line": each.name, "load": None if each.load == float("inf") else round(each.load, 6)}
                | {"crossed": self.watched.crossed.get(each.name, False)}
                for each in lines
            ],
            "warnings": [*looked.notes, *_caveats(looked), *looked.refreshed] if looked else [self._trouble],
        }

    def _say(self, text: str) -> None:
        """A word about the watching itself; where programs read, on the error stream."""
        if self.how == "json":
            console.show(text, to=sys.stderr)
        elif self.how != "quiet":
            self._line(text, "dim")

    def _line(self, text: str, style: str = "") -> None:
        stamp = f"{self._time():%Y-%m-%d %H:%M:%S}  "
        console.show(stamp, (text, style) if style else text)

    def _time(self) -> datetime:
        return datetime.fromtimestamp(self.clock.calendar(), UTC)


def _caveats(looked: Look) -> list[str]:
    """What stands beside all that a look says: that its prices, or some of them, are of before."""
    return [*filter(None, [looked.outdated, _silence(looked.unpriced)])]


def _silence(symbols: Sequence[str]) -> str:
    """That these have no price of this moment; empty where all have one."""
    if not symbols:
        return ""
    return f"the venue answers, and says no price of {listed(symbols)}, counted at the last bar's"


def _jump(seconds: float) -> str:
    hours, minutes = divmod(round(abs(seconds) / 60), 60)
    if seconds < 0:
        return f"the clock was set back by {hours} h {minutes} min; looking now"
    return f"{hours} h {minutes} min went by without a look (the machine slept, or its clock was set); looking now"


@contextmanager
def ended_by_signals() -> Iterator[Callable[[], bool]]:
    """What is yielded says whether Ctrl-C or SIGTERM asked for the end; a second one is a KeyboardInterrupt.

    So the look that is under way comes to its end, its row and its alert with it.
    """
    heard = False

    def end(number: int, frame: object) -> None:
        nonlocal heard
        if heard:
            raise KeyboardInterrupt
        heard = True

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
