"""Every name in the guide exists: functions, commands, options, settings, sheets, tables, columns, limits, choices."""

from __future__ import annotations

import re
from functools import cache

import pytest

from core.choices import OBJECTIVES
from core.decide.limits.declared import Limits
from core.verify.backtest.run_rows import RUN_ROWS
from tests.guide_pages import DOCS, PAGES, page
from tests.source_tree import SOURCES, label
from xladdin.catalog import functions
from xladdin.desk.layout.sheets import NAMED_RESULTS, SETTINGS, SHEETS, TABLES
from xladdin.examples.collected import CATEGORIES, examples
from xladdin.feeds import headings, small_tables
from xladdin.feeds.venue.declared import VENUES
from xladdin.hosts.command_line.cli import COMMANDS
from xladdin.hosts.command_line.typed.declared import Command, Group

FUNCTION = re.compile(r"\bPERP_[A-Z_]*[A-Z]\b")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
RUN = re.compile(r"\bperpdesk ([a-z]+)")
CAMEL = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+")
SNAKE = re.compile(r"[a-z]+(?:_[a-z]+)+")

PLACEHOLDERS = {"PERP_X", "PERP_SOMETHING"}
OF_OTHERS = {"--numprocesses", "--nworkers", "--nthreads"}
"""Options of other programs."""

OF_FILES = {"JudgedSharpe", "DeflatedSharpe", "Chosen", "Reason"}
"""Columns of a sweep's results file."""

OF_CODE = {"sheet_function", "calc_office", "run_job", "learning_environment", *(path.stem for path in SOURCES)}
"""Names of the code: of files, which say where a formula comes from, and what pages for developers speak of."""

KEYS = DOCS / "command-line.md"
"""Its keys of JSON are held by tests/xladdin/hosts/command_line/test_documented_keys.py."""


@cache
def commands():
    """Every command by its words."""
    found = {}
    for name, entry in COMMANDS.items():
        found[name] = entry
        if isinstance(entry, Group):
            found.update({f"{name} {each.name}": each for each in entry.commands})
    return found


@cache
def options():
    taken = {"--help", "--version"}
    for each in commands().values():
        if isinstance(each, Command):
            for argument in each.arguments:
                taken.update(argument.names)
                taken.update(name.replace("--", "--no-", 1) for name in argument.names)
    return taken


@cache
def names():
    """Every name of the workbook, the limits block, the functions' arguments and what they take."""
    tables = TABLES.values()
    columns = {column.name for table in tables for column in table.columns}
    arguments = {argument for spec in functions() for argument in spec.args}
    choices = {choice for setting in SETTINGS for choice in setting.choices}
    choices |= {choice for argument in arguments for choice in getattr(argument.kind, "options", ())}
    return {
        *(setting.name for setting in SETTINGS),
        *(sheet.name for sheet in SHEETS),
        *TABLES,
        *columns,
        *(result.name for result in NAMED_RESULTS),
        *Limits.TERMS,
        *RUN_ROWS,
        *OBJECTIVES,
        *(argument.name for argument in arguments),
        *choices,
        *VENUES,
    }


def unknown(span):
    """The names in a piece of code that do not exist."""
    found = [name for name in FUNCTION.findall(span) if name not in known_functions() | PLACEHOLDERS]
    found += [name for name in OPTION.findall(span) if name not in options() | OF_OTHERS]
    found += [f"perpdesk {name}" for name in RUN.findall(span) if name not in COMMANDS]
    if CAMEL.fullmatch(span):
        found += [span] * (span not in names() | OF_FILES)
    if SNAKE.fullmatch(span):
        found += [span] * (span not in names() | labels() | OF_CODE and span.replace("_", "") not in file_headings())
    return found


@cache
def labels():
    """What answers of the examples name: `trade_notional`, `margin_ratio` ..."""
    return {label for sheet in CATEGORIES for example in examples(sheet) for label in example.shows}


@cache
def file_headings():
    """What columns of files may be called, without signs between the words."""
    declared = [value for module in (headings, small_tables) for value in vars(module).values()]
    return {word for value in declared if isinstance(value, str | tuple | set) for word in listed(value)}


def listed(value):
    return [value] if isinstance(value, str) else [word for word in value if isinstance(word, str)]


@cache
def known_functions():
    return {spec.name for spec in functions()}


@pytest.mark.parametrize("path", PAGES, ids=label)
def test_every_name_in_code_exists(path):
    shown = page(path)
    blocks = [text for language, text in shown.blocks if language not in ("python", "math")]
    wrong = [name for span in (*shown.spans, *blocks) for name in unknown(span)]
    assert [name for name in wrong if path != KEYS or not SNAKE.fullmatch(name)] == []


@pytest.mark.parametrize(
    "wrong", ["PERP_BETTA", "--dry-runn", "perpdesk rebalnce", "MargenBuffer", "max_turnovr", "=PERP_BETTA(A1)"]
)
def test_a_wrong_name_is_seen(wrong):
    assert unknown(wrong)
