"""What `--set` is given, as the settings of a workbook."""

from __future__ import annotations

from collections.abc import Iterable

from core.errors import ArgumentError

from ....books.workbook import CellValue
from ....desk.layout.sheets import SETTINGS
from ....desk.read.typed import nearest_names, typed_value

__all__ = ["setting_values"]


def setting_values(assignments: Iterable[str]) -> dict[str, CellValue]:
    """`NAME=VALUE` texts as values of settings by name; an empty value is a blank cell.

    A number may be written as the tool prints it: 150%, 10,000,000 or 1.5x. Raises ArgumentError.
    """
    known = {setting.name.lower(): setting for setting in SETTINGS}
    values: dict[str, CellValue] = {}
    for assignment in assignments:
        name, sign, value = assignment.partition("=")
        setting = known.get(name.strip().lower())
        if setting is None or not sign:
            nearest = nearest_names(name, (each.name for each in SETTINGS))
            raise ArgumentError(f"--set {assignment}: write NAME=VALUE with the name of a setting; nearest: {nearest}")
        values[setting.name] = typed_value(value, setting.kind, setting.name, f"--set {assignment}")
    return values
