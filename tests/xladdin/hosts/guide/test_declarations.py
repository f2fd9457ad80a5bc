"""Everything that is declared stands in the guide; what is missing is named, with the place to write it."""

from __future__ import annotations

import ast

import pytest

from core.choices import OBJECTIVES
from core.decide.limits.declared import Limits
from core.verify.backtest.run_rows import RUN_ROWS
from tests.guide_pages import DOCS, page
from tests.source_tree import ROOT, parsed
from xladdin.catalog import functions
from xladdin.desk.layout.sheets import NAMED_RESULTS, SETTINGS, SHEETS, TABLES
from xladdin.feeds.venue.declared import VENUES
from xladdin.hosts.command_line.cli import COMMANDS
from xladdin.hosts.command_line.typed.declared import Group
from xladdin.hosts.guide.check_words import CHECKS
from xladdin.hosts.guide.markdown import slug
from xladdin.hosts.menu import JOBS

BUILD = "run `perpdesk build`"
WORDS = "xladdin/hosts/guide/check_words.py"
CHECKING = (
    *sorted((ROOT / "xladdin/desk/day/checks").glob("*.py")),
    ROOT / "xladdin/desk/day/ordering/checking.py",
)
WORST = {"rule": "fails", "caution": "warns"}


def anchors(name):
    return page(DOCS / name).anchors


def commands():
    for name, entry in COMMANDS.items():
        yield name
        if isinstance(entry, Group):
            yield from (f"{name} {command.name}" for command in entry.commands)


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("functions.md", [spec.name.lower() for spec in functions()]),
        ("settings.md", [setting.name for setting in SETTINGS]),
        ("limits.md", [*Limits.TERMS, *RUN_ROWS, *(f"objective-{name}" for name in OBJECTIVES)]),
        ("commands.md", [slug(f"perpdesk {words}") for words in commands()]),
        ("checks.md", [slug(check.name) for checks in CHECKS.values() for check in checks]),
        ("sheets.md", [slug(sheet.name) for sheet in SHEETS]),
        ("sheets.md", [f"table-{name}" for name in TABLES]),
        ("sheets.md", [f"{name}-{column.name}" for name, table in TABLES.items() for column in table.columns]),
        ("sheets.md", [result.name for result in NAMED_RESULTS]),
    ],
    ids=[*("functions", "settings", "limits", "commands", "checks", "sheets", "tables", "columns", "named cells")],
)
def test_every_declaration_has_its_place_on_its_page(name, declared):
    there = anchors(name)
    assert declared
    assert [each for each in declared if each not in there] == [], f"docs/{name} lacks it: {BUILD}"


def test_every_venue_is_in_the_page_on_live_data():
    there = page(DOCS / "data.md").spans
    assert [venue for venue in VENUES if venue not in there] == [], "docs/data.md needs a row for it"


def test_every_job_is_in_the_desk_s_day():
    there = page(DOCS / "day.md").spans
    assert [job for job in (*JOBS, "sweep", "day") if job not in there] == [], "docs/day.md needs a row for it"


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("beta", "BetaMethod"),
        ("covariance", "CovarianceMethod"),
        ("hedge", "HedgeMode"),
        ("stress", "SimulationMethod"),
    ],
)
def test_every_method_that_a_setting_chooses_is_on_its_page(name, setting):
    there = page(DOCS / "methods" / f"{name}.md").spans
    (choices,) = (each.choices for each in SETTINGS if each.name == setting)
    assert [choice for choice in choices if choice not in there] == [], f"docs/methods/{name}.md needs a line for it"


METHODS = sorted((DOCS / "methods").glob("*.md"))


def test_every_function_is_on_the_page_of_its_method():
    linked = {link.partition("#")[2] for path in METHODS for link in page(path).links}
    asked = [spec.name for spec in functions() if spec.category != "Perp Help"]
    missing = [name for name in asked if name.lower() not in linked]
    assert missing == [], "link it on a page of docs/methods"


@pytest.mark.parametrize("path", METHODS, ids=lambda path: path.stem)
def test_a_page_of_methods_says_where_it_is_and_from_where(path):
    told = page(path)
    assert "where-it-is" in told.anchors
    assert any(span.startswith("core/") and (ROOT / span).exists() for span in told.spans)
    assert "Sources: " in told.words


def checks_made():
    """Every check that the desk can make: its name, how bad it is, and the file that makes it."""
    for path in CHECKING:
        for node in ast.walk(parsed(path)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) >= 4):
                continue
            name, met = node.args[:2]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                never = isinstance(met, ast.Constant) and met.value is True
                yield name.value, "never" if never else WORST.get(node.func.id, "warns or fails"), path.name


def test_every_check_says_what_it_means_and_what_to_do():
    told = {check.name for checks in CHECKS.values() for check in checks}
    made = {name: file for name, _, file in checks_made()}
    assert len(made) > 40
    untold = [f"'{name}' of {file}" for name, file in made.items() if name not in told]
    assert untold == [], f"give each a line with meaning and remedy in CHECKS of {WORDS}, then {BUILD}"
    gone = sorted(told - set(made))
    assert gone == [], f"no check of that name is made; take it out of CHECKS of {WORDS}, then {BUILD}"


def test_every_check_says_how_bad_it_is():
    told = {check.name: check.severity for checks in CHECKS.values() for check in checks}
    wrong = [f"'{name}' {severity}" for name, severity, _ in checks_made() if told.get(name, severity) != severity]
    assert wrong == [], f"state it so in CHECKS of {WORDS}"


def test_no_check_has_a_name_that_is_put_together():
    """Else neither the guide nor a person can look it up."""
    odd = [
        f"{path.name}:{node.lineno}"
        for path in CHECKING
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in WORST
        and not isinstance(node.args[0], ast.Constant)
    ]
    assert odd == [], "write the whole name of the check there"
