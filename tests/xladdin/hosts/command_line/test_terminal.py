"""On a terminal: colours, how far a run is, nothing cut; in a pipe the same words and no more."""

from __future__ import annotations

import io
import os
import threading

import pytest

from xladdin.books.workbook import Block
from xladdin.desk.layout.sheets import TABLES
from xladdin.hosts.command_line.cli import main
from xladdin.hosts.command_line.runs import progress
from xladdin.hosts.command_line.told import console
from xladdin.hosts.command_line.told.drawing import drawn_tables


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Awaited(Terminal):
    """A terminal that tells when it shows a text."""

    def __init__(self, text):
        super().__init__()
        self.text, self.shown = text, threading.Event()

    def write(self, text):
        written = super().write(text)
        if self.text in self.getvalue():
            self.shown.set()
        return written


class Tables:
    """A workbook with one table."""

    def __init__(self, block):
        self.block = block

    def table(self, _):
        return self.block


def lines_of(name, rows):
    block = Block(name, TABLES[name].sheet, TABLES[name].header, tuple(map(tuple, rows)), tuple(range(len(rows))), 2)
    whole = drawn_tables(Tables(block), [name], whole=True)
    return ["".join(part if isinstance(part, str) else part[0] for part in line) for line in whole]


REMEDY = "SOLUSDT lacks most; refresh again, or accept that it stands so. " * 3
CHECK = ["Every bar has a price", "WARN", 7.0, 0.0, REMEDY]


def test_long_texts_run_over_several_lines_and_nothing_is_cut(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = lines_of("Checks", [CHECK])
    assert max(map(len, lines)) <= 120
    start = next(line for line in lines if "Remedy" in line).index("Remedy")
    assert " ".join(" ".join(line[start:] for line in lines[3:]).split()) == " ".join(REMEDY.split())


def test_a_wide_terminal_is_used(monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    assert len(lines_of("Checks", [CHECK])) == 4


def test_ideographs_take_two_places():
    first, second = lines_of("Checks", [["検査", "OK", 1.0, 2.0, "-"], ["plain", "OK", 1.0, 2.0, "-"]])[3:]
    assert len(second) - len(first) == 2


def test_a_control_character_moves_no_cursor():
    assert "\x1b" not in "".join(lines_of("Checks", [["a\x1b[2J", "OK", 1.0, 2.0, "b\nc"]]))


def test_a_terminal_has_colours_and_the_same_words(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        console.show(("FAIL", "red"), " [bold]as it is[/bold] " + "wide " * 60, to=stream)
    assert "\x1b[31mFAIL" in terminal.getvalue()
    plain = terminal.getvalue().replace("\x1b[31m", "").replace("\x1b[0m", "")
    assert plain == pipe.getvalue()


def test_no_color_is_obeyed(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    console.show(("FAIL", "red"), to=terminal)
    assert "\x1b[31m" not in terminal.getvalue()


class TestProgress:
    def test_a_pipe_hears_nothing(self, monkeypatch):
        monkeypatch.setattr("sys.stderr", pipe := io.StringIO())
        with progress.progress("desk.xlsx") as moved:
            assert moved is None
        assert pipe.getvalue() == ""

    def test_a_short_run_says_nothing(self, monkeypatch):
        monkeypatch.setattr(progress, "PATIENCE", 3600.0)
        monkeypatch.setattr("sys.stderr", terminal := Terminal())
        with progress.progress("desk.xlsx") as moved:
            moved("walking", 1, 2)
        assert "walking" not in terminal.getvalue()

    def test_a_long_run_says_how_far_it_is(self, monkeypatch):
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(progress, "PATIENCE", 0.0)
        monkeypatch.setattr("sys.stderr", terminal := Awaited("120/365"))
        with progress.progress("desk.xlsx") as moved:
            moved("walking", 120, 365)
            assert terminal.shown.wait(60)
        assert "... walking" in terminal.getvalue()
        assert "120/365" in terminal.getvalue()

    def test_it_ends_where_the_run_is_refused(self, monkeypatch):
        monkeypatch.setattr(progress, "PATIENCE", 0.0)
        monkeypatch.setattr("sys.stderr", Terminal())
        with pytest.raises(OSError, match="full"), progress.progress("desk.xlsx"):
            raise OSError("full")


def test_who_stops_reading_gets_no_traceback(monkeypatch):
    class Closed(io.StringIO):
        def write(self, _):
            raise BrokenPipeError

        def fileno(self):
            return spare

    spare = os.open(os.devnull, os.O_WRONLY)
    monkeypatch.setattr("sys.stdout", Closed())
    with pytest.raises(SystemExit) as left:
        main(["limits"])
    assert left.value.code == 1
    os.close(spare)


def test_a_letter_that_the_pipe_does_not_know_is_spelt_out(monkeypatch):
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", pipe)
    with pytest.raises(SystemExit) as left:
        main(["call", "PERP_WHY", "Ü1"])
    assert left.value.code == 0
    pipe.flush()
    assert b"\\xdc1" in pipe.buffer.getvalue()


def test_who_interrupts_is_told_that_it_stopped(monkeypatch, capsys):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("xladdin.hosts.command_line.told.console.say", interrupted)
    with pytest.raises(SystemExit) as left:
        main(["call", "PERP_VERSION"])
    assert left.value.code == 1
    assert capsys.readouterr().err == "perpdesk: stopped\n"
