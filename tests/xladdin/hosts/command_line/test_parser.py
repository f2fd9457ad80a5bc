"""How typed words are read: help is whole, words and options in any order, and a wrong word meets the right one."""

from __future__ import annotations

import inspect
from argparse import Namespace
from collections.abc import Iterator

import pytest

from tests.command_line import perpdesk
from xladdin.hosts.command_line.cli import COMMANDS
from xladdin.hosts.command_line.typed.arguments import BOOK, SET, count
from xladdin.hosts.command_line.typed.declared import Command, argument, command
from xladdin.hosts.command_line.typed.parser import Parser, read
from xladdin.version import __version__


def every_command() -> Iterator[tuple[str, Command]]:
    for word, entry in COMMANDS.items():
        if isinstance(entry, Command):
            yield word, entry
        else:
            yield from ((f"{word} {each.name}", each) for each in entry.commands)


EVERY = dict(every_command())


@pytest.mark.parametrize("path", EVERY)
@pytest.mark.parametrize("columns", [40, 80, 200])
def test_help_says_all_and_keeps_to_the_terminal(path, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    said = perpdesk(*path.split(), "--help")
    assert (said.exit_code, said.stderr) == (0, "")
    told = "".join(said.stdout.split())
    helps = [each.reads["help"].replace("%%", "%") for each in EVERY[path].arguments]
    assert all("".join(words.split()) in told for words in (EVERY[path].summary, *helps))
    assert all(option in told for option in Parser(EVERY[path], path).options())
    if columns >= 80:
        assert max(map(len, said.stdout.splitlines())) < columns
    assert said == perpdesk(*path.split(), "-h")


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_the_first_page_has_every_command_with_all_of_its_summary(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    page = perpdesk("-h").stdout
    words = " ".join(page.split())
    assert all(f"{name} {entry.summary}" in words for name, entry in COMMANDS.items())
    assert max(map(len, page.splitlines())) < columns


@pytest.mark.parametrize("path", EVERY)
def test_every_command_says_what_it_does_in_a_sentence(path):
    assert EVERY[path].summary.endswith(".")
    assert list(inspect.signature(EVERY[path].run).parameters) == ["given"]


def test_the_version_is_told():
    assert perpdesk("--version").stdout == f"perpdesk {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("rebalanse desk.xlsx", "there is no command rebalanse; did you mean rebalance?"),
        ("excel instal", "there is no command instal; did you mean install?; `perpdesk excel --help`"),
        ("--versoin", "there is no option --versoin; did you mean --version?"),
        ("rebalance desk.xlsx --ot x", "there is no option --ot; did you mean --out?"),
        ("refresh desk.xlsx --frm=x", "there is no option --frm; did you mean --from?"),
        ("rebalance desk.xlsx -x", "there is no option -x"),
        ("rebalance", "required: BOOK; `perpdesk rebalance --help`"),
        ("rebalance a.xlsx b.xlsx", "one word too many: b.xlsx"),
        ("refresh a.xlsx --from b --bars 0", "0 is no whole number from 1"),
        ("refresh a.xlsx --from b --bars ten", "ten is no whole number from 1"),
    ],
)
def test_wrong_usage_ends_with_2_and_names_the_right_word(words, said):
    ended = perpdesk(*words.split())
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert f"perpdesk: {said}" in ended.stderr or said in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize("words", ["", "excel", "calc"])
def test_without_a_command_the_page_of_commands_is_shown(words):
    ended = perpdesk(*words.split())
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith("usage: perpdesk")


@command(BOOK, SET, argument("rest", nargs="*", help="Cells."))
def sample(given: Namespace) -> bool:
    """A command with words and options."""
    return bool(given)


@pytest.mark.parametrize(
    "words",
    [
        ["desk.xlsx", "1", "-0.5,2;-1e-3,-.5", "-inf", "", "--set", "A=-1", "--set=B="],
        ["--set", "A=-1", "desk.xlsx", "1", "-0.5,2;-1e-3,-.5", "--set=B=", "-inf", ""],
    ],
)
def test_words_and_options_stand_in_any_order_and_a_negative_number_is_no_option(words):
    given = read(sample, "perpdesk sample", words)
    assert str(given.book) == "desk.xlsx"
    assert given.rest == ["1", "-0.5,2;-1e-3,-.5", "-inf", ""]
    assert given.settings == ["A=-1", "B="]


def test_what_follows_two_dashes_is_no_option():
    assert read(sample, "perpdesk sample", ["desk.xlsx", "--", "--set", "-x"]).rest == ["--set", "-x"]


def test_one_run_leaves_nothing_to_the_next():
    assert read(sample, "p", ["a", "--set", "A=1"]).settings == ["A=1"]
    assert read(sample, "p", ["a"]).settings == []


def test_a_count_is_a_whole_number_from_1():
    assert count("12") == 12
