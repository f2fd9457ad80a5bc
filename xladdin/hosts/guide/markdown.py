"""How pages of the guide are written: tables, places that links lead to, and values in cells, in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

__all__ = ["code", "listed_codes", "place", "short", "slug", "table"]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; what stands in a cell stays in one line and in its cell."""
    lines = [_row(header), "|" + "---|" * len(header)]
    return "\n".join([*lines, *map(_row, rows)]) + "\n"


def code(text: str) -> str:
    """A name or a formula as it is typed; nothing for an empty one."""
    return f"`{text}`" if text else ""


def listed_codes(names: Iterable[str]) -> str:
    """Names with commas between."""
    return ", ".join(map(code, names))


def place(name: str, of: str = "") -> str:
    """A name that a link leads to, as `settings.md#MarginBuffer` does; `of` tells two of one name on a page apart."""
    return f'<a id="{f"{of}-" if of else ""}{name}"></a>{code(name)}'


def short(figure: str) -> str:
    """A figure as a sheet shows it, without the zeros at its end: 30% for 30.00%."""
    return re.sub(r"(\d)\.0+(?=%|x| bp)", r"\1", figure)


def slug(words: str) -> str:
    """The anchor that GitHub gives to a heading: small letters, a dash for each blank, no other signs."""
    return re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", r"\|").split()) for cell in cells) + " |"
