"""The sections of the page: which sheets each tells of, and what it says first.

Every result table of these sheets is shown, unless a chart says it better or it fills pages that nobody reads on paper.
"""

from __future__ import annotations

from core.records import dataclass

from ...books.workbook import Block, Workbook
from ..layout.fields import Sheet, TableLayout
from ..layout.sheets import sheet, tables_on
from .charts import charts_of
from .markup import Element, element
from .shown import heading_of, shown_table, worded

__all__ = ["LEFT_OUT", "SECTIONS", "Section", "section_of"]

LEFT_OUT = {
    "BacktestPath": "drawn as charts",
    "BacktestDecisions": "every decision of the walk; the sheet has them",
    "Sweep": "the best configurations of many; the sheet has them, and its file all",
    "SweepMap": "a map of colours; the sheet has it",
    "Risk": "every contract; TopRisks has the largest",
    "HeldLosses": "what every contract brings of each loss; the sheet has it",
    "TargetLosses": "what every contract brings of each loss; the sheet has it",
    "Correlation": "a map of colours; the sheet has it",
    "PositionBars": "what a chart draws",
    "OrderBars": "what a chart draws",
    "LearningPath": "drawn as a chart",
    "LearningDependence": "a grid of two features; the sheet has it",
    "Waterfall": "drawn as a chart",
    "WaterfallBars": "what that chart draws",
    "AttributionBars": "what a chart draws",
    "StressMap": "a column a contract: as wide as no page",
    "FrontierPoints": "points of a chart of the sheet",
    "Frontier": "a curve of choices, not a result that was taken",
    "Verification": "told in one sentence, with what differs",
    "Runs": "told by the stamp and the log",
}
"""Result tables that are not shown row by row, and what stands in their place."""

WHERE_FILLED = ("HedgeChoice",)
"""Sheets that most desks never fill: nothing is said of them while they are empty."""

DIFFERS = "differs"

LARGEST = "Largest"
"""Ends the name of a table that says of a longer one what fits a page; an older desk has the longer one alone."""


@dataclass(frozen=True)
class Section:
    """One section: its title, the sheets it tells of, and one sentence on how to read it."""

    title: str
    sheets: tuple[str, ...]
    lead: str


SECTIONS = (
    Section(
        "Backtest",
        ("Backtest",),
        "The policy of Settings walked through the history, deciding at each close from what was known then. "
        "Hypothetical: nothing of it was traded.",
    ),
    Section(
        "Attribution",
        ("Attribution",),
        "Where the result of the backtest came from; the parts sum to the whole. Hypothetical.",
    ),
    Section(
        "Sweep",
        ("Sweep",),
        "What came of many configurations in the same history, and what choosing the best of them is worth. "
        "Hypothetical.",
    ),
    Section(
        "Learning",
        ("Learning",),
        "What was learned of the history, judged on rows that it had not learned from. Hypothetical.",
    ),
    Section(
        "The book",
        ("Weights", "Hedge", "HedgeChoice", "Orders", "Estimates"),
        "What the desk is to hold, the hedge of it, what is traded for both, and the estimates that it rests on.",
    ),
    Section(
        "Risk",
        ("Risk", "Correlation", "Positions"),
        "What may be lost of the book held now and of the target, who brings it, and what is open. A loss is positive.",
    ),
    Section(
        "Stress",
        ("Stress", "Liquidation"),
        "What the book loses in each scenario, and what the exchange would close.",
    ),
    Section("Checks", ("Checks", "Verification"), "Results held against inputs and limits, and a second opinion."),
)


def section_of(book: Workbook, section: Section) -> Element:
    """A section of the page; a sheet that is empty says which job has not run."""
    parts: list[Element] = [element("h2", section.title), element("p", section.lead, class_="lead")]
    for name in section.sheets:
        parts += _sheet_parts(book, sheet(name))
    return element("section", parts)


def _sheet_parts(book: Workbook, told: Sheet) -> list[Element]:
    tables = [(table, book.table(table.name)) for table in tables_on(told.name)]
    filled = [(table, block) for table, block in tables if _is_filled(block, table)]
    if not filled and told.name in WHERE_FILLED:
        return []
    if not filled:
        return [element("h3", told.title), _not_run(told)]
    parts = charts_of(book, told.name)
    largest = {table.name for table, _ in filled if table.name.endswith(LARGEST)}
    for table, block in filled:
        if f"{table.name}{LARGEST}" in largest:
            continue
        if table.name == "Verification":
            parts += _verified(block, table)
        elif table.name not in LEFT_OUT:
            parts += [element("h3", heading_of(table.name)), shown_table(block, table)]
    return parts


def _is_filled(block: Block, table: TableLayout) -> bool:
    """Whether a job has filled it; a list of figures has the names of its measures before that."""
    words = {table.header[0], "Note"} if table.measures else set()
    places = [position for position, name in enumerate(block.header) if name not in words]
    return any(row[position] is not None for row in block.rows for position in places)


def _not_run(told: Sheet) -> Element:
    """What stands in place of an empty section."""
    job, ran, rest = told.waiting.removeprefix("Empty until ").partition(" has run")
    words = f"Not run: {job} has not run on this desk." if ran and rest == "." else told.waiting
    return element("p", element("span", words, class_="status warn"))


def _verified(block: Block, table: TableLayout) -> list[Element]:
    """How many figures were worked out a second time, and those that differ."""
    verdicts = [worded(value) for value in block.column("Verdict")]
    counts = ", ".join(f"{verdicts.count(word)} {word}" for word in dict.fromkeys(verdicts))
    differ = [row for row in block.rows if row[block.index("Verdict")] == DIFFERS]
    parts = [
        element("h3", "Second opinion"),
        element("p", f"Figures worked out a second time by other means: {counts}."),
    ]
    return [*parts, shown_table(block, table, differ)] if differ else parts
