"""Words that may stand in an argument, for the shell that completes them."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["function_names", "setting_assignments", "setting_names", "table_names"]


def function_names() -> Iterator[str]:
    """Every sheet function."""
    from ..pages.function_list import function_list

    yield from (entry["name"] for entry in function_list())


def setting_names() -> Iterator[str]:
    """Every setting."""
    from ....desk.layout.settings import SETTINGS

    yield from (setting.name for setting in SETTINGS)


def setting_assignments() -> Iterator[str]:
    """`NAME=` of every setting, and `NAME=WORD` where words are to choose from."""
    from ....desk.layout.settings import SETTINGS

    for setting in SETTINGS:
        if setting.choices:
            yield from (f"{setting.name}={choice}" for choice in setting.choices)
        else:
            yield f"{setting.name}="


def table_names() -> Iterator[str]:
    """Every table of the workbook."""
    from ....desk.layout.tables import TABLES

    yield from TABLES
