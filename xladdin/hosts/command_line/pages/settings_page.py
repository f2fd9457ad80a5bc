"""The settings of a desk: what each is called, holds, means and takes, and how `--set` is given it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.checks import nearest
from core.errors import ArgumentError

from ....books.workbook import CellValue
from ....desk.layout.fields import Setting
from ....desk.layout.settings import SETTINGS
from ....desk.write.display import shown_value
from ..told.answers import plain

__all__ = ["chosen_settings", "setting_entry", "setting_lines", "shown_setting", "takes"]


def chosen_settings(name: str | None) -> list[Setting]:
    """The setting of that name, in any case, or all of them. Raises ArgumentError that gives the nearest."""
    if name is None:
        return list(SETTINGS)
    found = [setting for setting in SETTINGS if setting.name.lower() == name.lower()]
    if not found:
        near = nearest(name, [setting.name for setting in SETTINGS])
        raise ArgumentError(f"there is no setting {name}{near}; `perpdesk settings` lists all")
    return found


def setting_entry(setting: Setting, values: dict[str, CellValue] | None) -> dict[str, Any]:
    """A setting for a program; the keys stay (docs/command-line.md). `value` is there where a workbook was read."""
    return {
        "name": setting.name,
        "group": setting.group,
        "label": setting.label,
        **({} if values is None else {"value": plain(values[setting.name])}),
        "default": plain(setting.default),
        "unit": setting.unit,
        "kind": setting.kind,
        "meaning": setting.note,
        "choices": list(setting.choices),
        "minimum": setting.minimum,
        "maximum": setting.maximum,
        "optional": setting.optional,
        "read_by": list(setting.read_by),
        "set": _assignment(setting),
    }


def setting_lines(setting: Setting, values: dict[str, CellValue] | None) -> Iterator[str]:
    """A setting for a person: name and value, what it means, what it takes, who reads it."""
    default = shown_setting(setting, setting.default)
    value = default if values is None else shown_setting(setting, values[setting.name])
    unit = f" {setting.unit.removeprefix('x ')}" if setting.unit else ""
    told = "" if values is None or value == default else f"   (default {default})"
    yield f"  {setting.name} = {value}{unit}{told}"
    yield f"      {setting.note}"
    readers = f"; read by {', '.join(setting.read_by)}" if setting.read_by else ""
    yield f"      takes {takes(setting)}; --set {_assignment(setting)}{readers}"


def shown_setting(setting: Setting, value: CellValue) -> str:
    """A value of a setting as the sheet shows it."""
    return "blank" if value is None else shown_value(value, setting.format)


def takes(setting: Setting) -> str:
    """What may stand in its cell."""
    if setting.choices:
        takes = " | ".join(setting.choices)
    else:
        bounds = [("from", setting.minimum), ("to", setting.maximum)]
        within = "".join(f" {word} {shown_value(bound, setting.format)}" for word, bound in bounds if bound is not None)
        takes = {"number": "a number", "time": "a date in UTC", "text": "a text"}[setting.kind] + within
    return f"{takes}, or blank" if setting.optional else takes


def _assignment(setting: Setting) -> str:
    """The default as `--set` takes it."""
    default = plain(setting.default)
    return f"{setting.name}={'' if default is None else f'{default:.15g}' if isinstance(default, float) else default}"
