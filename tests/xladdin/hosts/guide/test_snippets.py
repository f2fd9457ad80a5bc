"""Every snippet of the guide runs: shell lines in a folder of their own, Python, formulas with what they show.

Lines that ask an exchange or a cluster, or take long and have tests of their own, are read as the command line reads
them, and not run.
"""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

import xladdin
from tests.command_line import perpdesk
from tests.guide_pages import DOCS, PAGES, page
from tests.source_tree import label
from xladdin.catalog import functions
from xladdin.cells import is_error
from xladdin.hosts.command_line.cli import COMMANDS
from xladdin.hosts.command_line.typed.declared import Command
from xladdin.hosts.command_line.typed.parser import read
from xladdin.hosts.guide.functions import shown_cell

LANGUAGES = {"sh", "python", "excel", "text", "math"}
"""What a block can be: to be run by the shell, by Python, in a cell; else output, or a formula."""

GUIDE = [path for path in PAGES if DOCS in path.parents]
APART = ("--venue", "tcp://", "perpdesk verify")
COMMENT = re.compile(r"\s+#.*$")
STRING, NUMBER = re.compile(r'"([^"]*)"'), re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
HOURS = 760


def snippets(language):
    return [
        pytest.param(path, text, id=f"{label(path)}-{number}")
        for path in PAGES
        for number, (tagged, text) in enumerate(page(path).blocks)
        if tagged == language and not text.startswith(">>>")  # those are held by tests/test_generated.py
    ]


@pytest.mark.parametrize("path", GUIDE, ids=label)
def test_every_block_says_what_it_is(path):
    odd = [text for language, text in page(path).blocks if language not in LANGUAGES]
    assert odd == [], f"write ```sh, python, excel, math or text above it: {', '.join(sorted(LANGUAGES))}"


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """A folder of files as an exchange publishes them: closes with funding, a contract each."""
    folder = tmp_path_factory.mktemp("history")
    begin = datetime(2024, 5, 1, tzinfo=UTC)
    for place, symbol in enumerate(SYMBOLS):
        lines = ["open_time,close,funding_rate"]
        price = 100.0 * (place + 1)
        for hour in range(HOURS):
            price *= 1 + 0.004 * (((hour * 7919 + place * 104729) % 1000) / 500 - 1)
            rate = f"{0.0001 + hour * 1e-8:.8f}" if hour % 8 == 0 else ""
            lines.append(f"{begin + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ},{price:.6f},{rate}")
        (folder / f"{symbol}_1h.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.mark.parametrize("path", [path for path in GUIDE if "sh" in dict(page(path).blocks)], ids=label)
def test_shell_lines_run_one_after_the_other(path, history, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "history").symlink_to(history, target_is_directory=True)
    lines = [line for language, text in page(path).blocks if language == "sh" for line in text.splitlines()]
    for line in lines:
        first, *words = shlex.split(COMMENT.sub("", line))
        assert first == "perpdesk", f"`{line}` is no line of perpdesk: make it a block of text"
        if any(mark in line for mark in APART):
            command = COMMANDS[words[0]]
            assert isinstance(command, Command)
            assert read(command, f"perpdesk {words[0]}", words[1:])
            continue
        said = perpdesk(*words)
        assert said.exit_code == 0, f"`{line}` said: {said.stderr or said.stdout[-500:]}"


@pytest.mark.parametrize(("path", "text"), snippets("python"))
def test_python_runs(path, text):
    exec(compile(text, str(path), "exec"), {})


def answer_of(formula):
    """What a cell shows for a formula whose arguments are numbers, words, blanks and arrays."""
    name, arguments = re.fullmatch(r"=(PERP_\w+)\((.*)\)", formula).groups()
    parts = re.findall(r'\s*((?:\{[^}]*\}|"[^"]*"|[^,{}"])*)(?:,|$)', arguments)[:-1] if arguments else []
    answer = xladdin.call(name, *map(argument, parts))
    return answer if isinstance(answer, list) else [[answer]]


def argument(text):
    if text.startswith("{"):
        return tuple(tuple(cell(each) for each in row.split(",")) for row in text[1:-1].split(";"))
    return cell(text) if text.strip() else None


def cell(text):
    text = text.strip()
    if found := STRING.fullmatch(text):
        return found[1]
    if text in ("TRUE", "FALSE"):
        return text == "TRUE"
    assert NUMBER.fullmatch(text), f"{text} is no cell that can stand in a formula"
    return float(text)


@pytest.mark.parametrize(
    ("text", "means"),
    [("1.5", 1.5), ('"a,b"', "a,b"), ("{1,2;3,4}", ((1.0, 2.0), (3.0, 4.0))), ("", None), ("TRUE", True)],
)
def test_arguments_are_read_as_a_sheet_reads_them(text, means):
    assert argument(text) == means


@pytest.mark.parametrize(("path", "text"), snippets("excel"))
def test_formulas_show_what_is_said(path, text):
    for line in text.splitlines():
        formula, _, said = line.partition("→")
        assert said, f"`{line}`: write what it shows behind it: → 1.2, 3"
        answer = answer_of(formula.strip())
        shown = [value for row in answer for value in row if isinstance(value, float | int)]
        rest = iter(shown)
        for figure in map(float, said.split(",")):
            assert any(value == pytest.approx(figure, rel=1e-5) for value in rest), f"`{formula}` shows {answer}"


def test_formulas_of_the_functions_show_what_stands_below_them():
    """Those that can be typed as they are, without cells of the workbook."""
    blocks = [text.strip() for language, text in page(DOCS / "functions.md").blocks if language == "text"]
    tried = set()
    for formula, below in pairwise(blocks):
        whole = re.fullmatch(r"=(PERP_\w+)\((.*)\)", formula)
        if not whole or re.search(r"(^|[,(\s])[a-z]", STRING.sub("", whole[2])) or below.startswith("="):
            continue
        answer = answer_of(formula)
        if is_error(answer[0][0]):
            continue
        told = [re.split(r"\s{2,}", line.strip()) for line in below.partition("\n...")[0].splitlines()]
        rows = [[shown for value in row if (shown := shown_cell(value))] for row in answer]
        assert told == rows[: len(told)], formula
        tried.add(whole[1])
    assert len(tried) > 10
    assert tried <= {spec.name for spec in functions()}
