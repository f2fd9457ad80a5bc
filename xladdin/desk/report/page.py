"""The report: what stands in a desk workbook as one page of HTML that needs nothing else, for screen, paper and file.

It reads the tables as they stand and works nothing out anew, so that each figure on it is the figure of the workbook.
"""

from __future__ import annotations

from datetime import UTC, datetime

from ...books.workbook import Workbook
from ...version import __version__
from ..layout.sheets import TABLES
from ..read.older import as_declared
from .markup import Element, as_page, element
from .sections import SECTIONS, section_of
from .shown import measure, worded
from .stamp import assumptions, log_of_runs, said_by_runs, settings_in_words, stamp
from .style import STYLE

__all__ = ["GENERATOR", "report_page"]

GENERATOR = "PerpDesk report"
"""How a report names itself in its head, so that no other page is ever replaced by one."""

POLICY = "http-equiv"
NOTHING_FROM_OUTSIDE = "default-src 'none'; style-src 'unsafe-inline'"

AT_A_GLANCE = (
    ("Total return", "Backtest", "Total return", "Policy"),
    ("Sharpe ratio", "Backtest", "Sharpe ratio", "Policy"),
    ("Maximum drawdown", "Backtest", "Maximum drawdown", "Policy"),
    ("Liquidations in it", "Backtest", "Liquidations", "Policy"),
    ("Identity error", "Backtest", "Identity", "Policy"),
    ("Beta of the book", "WeightsSummary", "Beta", "Value"),
    ("Margin used", "WeightsSummary", "Margin used", "Value"),
    ("Capital missing", "StressSummary", "Capital missing", "Value"),
    ("Fall that liquidates", "StressSummary", "Fall that liquidates", "Value"),
)
"""The figures that stand first: their words, and the table, the measure and the column that they are read from."""


def report_page(book: Workbook, now: datetime | None = None) -> bytes:
    """The page of a desk, as a file; `now` is UTC without a zone, by default the clock's. Raises BookError."""
    book = as_declared(book, quietly=True)
    made = now or datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    title = f"Desk report: {book.name}"
    body = element(
        "body",
        _header(book, title, made),
        assumptions(book),
        _glance(book),
        element("section", element("h2", "Stamp"), stamp(book)),
        element(
            "section",
            element("h2", "What was not answered, dropped or assumed"),
            element("p", "In the words of the last run of each job.", class_="lead"),
            said_by_runs(book),
        ),
        (section_of(book, section) for section in SECTIONS),
        element("section", element("h2", "Settings in words"), settings_in_words(book)),
        element("section", element("h2", "Run log"), log_of_runs(book)),
        _footer(book, made),
    )
    return as_page(element("html", _head(title), body, lang="en"))


def _head(title: str) -> Element:
    guard = element("meta", content=NOTHING_FROM_OUTSIDE)
    guard.set(POLICY, "Content-Security-Policy")
    return element(
        "head",
        element("meta", charset="utf-8"),
        guard,
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="generator", content=f"{GENERATOR} {__version__}"),
        element("title", title),
        element("style", STYLE),
    )


def _header(book: Workbook, title: str, made: datetime) -> Element:
    words, look = _checks(book)
    source = worded(book.value("DataSource").value) or "not stated"
    return element(
        "header",
        element("span", f"Checks: {words}", class_=f"master status {look}"),
        element("h1", title),
        element("p", f"Made {made:%Y-%m-%d %H:%M} UTC. Prices and funding: {source}.", class_="lead"),
    )


def _checks(book: Workbook) -> tuple[str, str]:
    """How the checks went, in words, and the look of it; a figure that verify finds to differ is one that failed."""
    verdicts = book.table("Checks").column("Status")
    if not verdicts:
        return "not run", "warn"
    failed, warn = verdicts.count("FAIL"), verdicts.count("WARN")
    failed += book.table("Verification").column("Verdict").count("differs")
    told = [f"{count} {words}" for count, words in ((failed, "failed"), (warn, "with a warning")) if count]
    return f"{len(verdicts)}, {' and '.join(told) or 'all OK'}", "bad" if failed else "warn" if warn else "good"


def _glance(book: Workbook) -> Element:
    shown = [(words, measure(book, TABLES[table], name, column)) for words, table, name, column in AT_A_GLANCE]
    return element(
        "ul",
        (element("li", element("strong", figure), element("span", words)) for words, figure in shown if figure),
        class_="tiles",
    )


def _footer(book: Workbook, made: datetime) -> Element:
    return element(
        "footer",
        f"PerpDesk {__version__}, made {made:%Y-%m-%d %H:%M} UTC from {book.name}. "
        "Every figure is that of the workbook. Funding of a result is positive where it was received.",
    )
