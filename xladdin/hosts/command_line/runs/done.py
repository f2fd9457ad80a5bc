"""What came of jobs on a workbook, kept until it may be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path

from core.records import dataclass

from ....books.workbook import Block, CellValue
from ....desk.jobs import Report
from ..told.console import Line
from .changes import Change

__all__ = ["Done"]


@dataclass
class Done:
    """What came of jobs on a workbook: told once it has landed.

    `lines` are for a person, `documents` and `table` for a program; `changed` is known of a dry run. `files` hold the
    results, or would; `seconds` are those of each step.
    """

    settings: Mapping[str, CellValue]
    reports: list[Report] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    documents: list[dict[str, object]] = field(default_factory=list)
    table: Block | None = None
    changed: Sequence[Change] = ()
    files: Sequence[Path] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether no check failed and no figure differed."""
        return self.reports[-1].passed
