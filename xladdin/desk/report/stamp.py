"""What the page rests on: the runs that filled the desk, the settings in words, and what was assumed.

A run is known by its time, version, and the hash of its inputs: the same inputs give the same hash, and the same hash,
version and seed give the same figures.
"""

from __future__ import annotations

from ...books.workbook import CellValue, Workbook
from ...cells import is_blank
from ..layout.settings import SETTINGS
from ..layout.sheets import TABLES
from ..write.display import shown_value
from .markup import Element, element
from .shown import worded

__all__ = ["assumptions", "log_of_runs", "said_by_runs", "settings_in_words", "stamp"]

LOGGED = 30
"""Runs that the log shows; the sheet Runs has all."""

STAMPED = ("Job", "Time", "Version", "InputsHash", "Model", "Certificate")


def stamp(book: Workbook) -> list[Element]:
    """The last run of each job, and the seed."""
    runs = TABLES["Runs"]
    rows = _last_runs(book)
    if not rows:
        return [element("p", element("span", "No job has run on this desk.", class_="status warn"))]
    head = element(
        "tr", (element("th", words) for words in ("Last run of", "UTC", "Version", "Inputs", "Answered by", "Residual"))
    )
    body = [
        element("tr", (element("td", shown_value(row[name], runs.column(name).format)) for name in STAMPED))
        for row in rows
    ]
    seed = f"Random numbers begin at seed {_number(book, 'Seed'):,.0f}. "
    hashes = "Inputs are told by a hash: the same hash, version and seed give the same figures."
    return [
        element("table", element("thead", head), element("tbody", body), class_="stamp"),
        element("p", seed, hashes, class_="quiet"),
    ]


def said_by_runs(book: Workbook) -> list[Element]:
    """What the last run of each job dropped, assumed or did not answer, in its own words."""
    parts: list[Element] = []
    for row in _last_runs(book):
        said = worded(row["Warnings"])
        if said:
            parts += [element("h3", worded(row["Job"]).capitalize()), element("p", said, class_="said")]
    return parts or [element("p", "Nothing: no run dropped, assumed or left anything unanswered.")]


def settings_in_words(book: Workbook) -> list[Element]:
    """Every setting by group: what it is, its value and its meaning."""
    parts: list[Element] = []
    for group in dict.fromkeys(item.group for item in SETTINGS):
        rows = [
            element(
                "tr",
                element("td", item.label, class_="word"),
                element("td", _value(book, item.name, item.format, item.unit), class_="figure"),
                element("td", item.note, class_="wide"),
            )
            for item in SETTINGS
            if item.group == group
        ]
        parts += [element("h3", group), element("table", element("tbody", rows), class_="settings")]
    return parts


def log_of_runs(book: Workbook) -> Element:
    """The run log, the latest first."""
    rows = _rows(book)
    shown = [
        element(
            "tr",
            (
                element("td", shown_value(row[name], TABLES["Runs"].column(name).format))
                for name in ("Time", "Job", "Version", "InputsHash", "Parameters")
            ),
        )
        for row in reversed(rows[-LOGGED:])
    ]
    head = element("tr", (element("th", words) for words in ("UTC", "Job", "Version", "Inputs", "Parameters")))
    table = element("table", element("thead", head), element("tbody", shown))
    more = f"The latest {LOGGED} of {len(rows)} runs; the sheet Runs has all." if len(rows) > LOGGED else None
    return element("div", table, element("p", more, class_="quiet") if more else None)


def assumptions(book: Workbook) -> Element:
    """That the backtest was not traded, how its orders are taken as filled, and what its history leaves out."""
    delay = _number(book, "TradeDelay")
    when = (
        "at the close at which they were decided"
        if not delay
        else f"{delay:,.0f} bars after they were decided, at the close"
    )
    costs = ", ".join(
        words for words in (_range(book, "TakerFeeBps", "fee"), _range(book, "SlippageBps", "slippage")) if words
    )
    filled = f"in full, {when}, in whole lots, at the costs of each contract on the sheet Universe"
    told = {
        "Hypothetical, not traded.": "Orders of the backtest are taken as filled "
        f"{filled}{f' ({costs})' if costs else ''}; they move no market. Whoever trades cannot do quite so.",
        "Survivors only.": "The contracts are those of today: what was delisted is not in the history, which flatters "
        "any past, and costs, lots and margin are those of today throughout.",
        "No forecast.": "Past results do not say what will be, and scenarios are suppositions.",
    }
    return element(
        "div", (element("p", element("strong", f"{head} "), words) for head, words in told.items()), class_="notice"
    )


def _last_runs(book: Workbook) -> list[dict[str, CellValue]]:
    """The latest row of each job, in the order in which jobs first ran."""
    return list({worded(row["Job"]): row for row in _rows(book)}.values())


def _rows(book: Workbook) -> list[dict[str, CellValue]]:
    block = book.table("Runs")
    return [dict.fromkeys(TABLES["Runs"].header) | dict(zip(block.header, row, strict=True)) for row in block.rows]


def _value(book: Workbook, name: str, number_format: str, unit: str) -> str:
    value = book.value(name).value
    if is_blank(value):
        return "blank"
    words = shown_value(value, number_format)
    return f"{words} {unit}" if unit and number_format != "@" else words


def _number(book: Workbook, name: str) -> float:
    """A setting that is a number; 0 where the desk has none of that name or it is blank."""
    if name not in {item.name for item in SETTINGS}:
        return 0.0
    value = book.value(name).value
    return value if isinstance(value, float) else 0.0


def _range(book: Workbook, column: str, words: str) -> str:
    values = [value for value in book.table("Universe").column(column) if isinstance(value, float)]
    if not values:
        return ""
    low, high = min(values), max(values)
    return f"{words} {low:g} bp" if low == high else f"{words} {low:g} to {high:g} bp"
