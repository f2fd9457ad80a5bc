"""The page of the guide on settings: every named cell of the sheet Settings, from its declaration."""

from __future__ import annotations

from itertools import groupby

from ...desk.layout.fields import Setting
from ...desk.layout.settings import SETTINGS
from ..command_line.pages.settings_page import shown_setting, takes
from .markdown import place, short, table

__all__ = ["settings_page"]

INTRODUCTION = """\
# Settings

Every choice of the desk is a named cell of the sheet Settings: its name is what formulas, `--set` and this page call
it. `perpdesk settings` prints the same in a terminal, `perpdesk settings --book desk.xlsx` with the values of a
workbook, and `--set NAME=VALUE` of any job changes one in what that job writes.

```sh
perpdesk new desk.xlsx
perpdesk settings HedgeMode
perpdesk hedge desk.xlsx --set TargetBeta=0.3 --dry-run
```

A blank cell means something only where this page says "or blank"; anywhere else a job refuses it and names the cell.
What the sheet [Limits](limits.md) states goes before the setting of the same meaning.
"""

HEADER = ("name", "label", "meaning", "takes", "default", "read by")


def settings_page() -> str:
    """The page, in Markdown."""
    parts = [INTRODUCTION]
    for heading, settings in groupby(SETTINGS, key=lambda each: each.group):
        parts += [f"## {heading}\n", table(HEADER, map(_row, settings))]
    return "\n".join(parts)


def _row(setting: Setting) -> tuple[str, ...]:
    unit = f" ({setting.unit})" if setting.unit and not setting.choices else ""
    default = short(shown_setting(setting, setting.default))
    readers = ", ".join(setting.read_by) or "refresh"
    return place(setting.name), setting.label, setting.note, short(takes(setting)) + unit, default, readers
