"""Which page of the guide tells more of a refusal: the one place where that is known.

    gross_max 0.5 and net 1 cannot hold together; gross_max 1 would do (see docs/limits.md#gross_max)

A sentence is told apart by its kind, and by the limit, the setting or the sheet that it names; where no page tells more
than the sentence does, none is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from core.errors import AccountError, FeedError, InfeasibleError, NotConvergedError, UnreachableError

__all__ = ["PAGES_OF_KINDS", "Names", "desk_page", "limit_page", "with_page"]

LIMITS = "docs/limits.md"
SETTINGS = "docs/settings.md"
SHEETS = "docs/sheets.md"

PAGES_OF_KINDS: dict[type[Exception], str] = {
    InfeasibleError: f"{LIMITS}#when-limits-contradict-each-other",
    NotConvergedError: "docs/methods/optimum.md#when-there-is-no-answer",
    UnreachableError: "docs/data.md#limits-trouble-no-line",
    AccountError: "docs/positions.md",
    FeedError: "docs/files.md",
}
"""The page of each kind of error that has one, where the sentence names nothing that has a place of its own; the
particular kinds first."""

SHEET = re.compile(r"sheet '(\w+)'|\b(\w+)![$]?[A-Z]+[$]?\d|\bon ([A-Z]\w+)")
"""How a sentence names a sheet: sheet 'Limits', Settings!C12, Window on Settings."""

WORD = re.compile(r"\w+")

Names = Callable[[], Iterable[str]]
"""Tells all names of a kind, when it is asked."""


def with_page(sentence: str, page: str) -> str:
    """The sentence, and the page where one tells more."""
    return f"{sentence} (see {page})" if page else sentence


def limit_page(sentence: str, kind: type[Exception]) -> str:
    """The page for a refusal of a function that takes a block of limits: of the limit that it names first."""
    from core.decide.limits.declared import Limits
    from core.verify.backtest.run_rows import RUN_ROWS

    if sentence.startswith("objective '"):
        return f"{LIMITS}#objectives"
    name = _first(sentence, (*Limits.TERMS, *RUN_ROWS))
    if name and (kind is InfeasibleError or "_" in name or f"'{name}'" in sentence):
        return f"{LIMITS}#{name}"
    return LIMITS if "limits row" in sentence else PAGES_OF_KINDS.get(kind, "")


def desk_page(sentence: str, kind: type[Exception], sheets: Names, settings: Names) -> str:
    """The page for a refusal of a job: of the setting, the limit or the sheet that it names, else that of its kind.

    `sheets` and `settings` tell the names of all; they are asked only where a sentence speaks of a sheet.
    """
    named = ["".join(found) for found in SHEET.findall(sentence)]
    sheet = next((each for each in named if each in set(sheets())), "") if named else ""
    if sheet == "Settings":
        setting = _first(sentence, settings())
        return f"{SETTINGS}#{setting}" if setting else SETTINGS
    if sheet == "Limits" or issubclass(kind, InfeasibleError):
        return limit_page(sentence, kind) or LIMITS
    if sheet:
        return f"{SHEETS}#{sheet.lower()}"
    return next((page for each, page in PAGES_OF_KINDS.items() if issubclass(kind, each)), "")


def _first(sentence: str, names: Iterable[str]) -> str:
    """Of these names the one that a sentence has first."""
    known = set(names)
    return next((word for word in WORD.findall(sentence) if word in known), "")
