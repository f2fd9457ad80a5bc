"""The configurations of a sweep: every combination of the values that are tried, and those that a file lists.

    --try Window=360,720 --try Model=classical,hybrid      four of them
    --configurations FILE                                  .csv: a name a column, a configuration a row, no text = blank
                                                           .json: a list of objects, null = blank, and what is not
                                                           named is as on the desk

Two that come to the same desk are one. Commas stand between values, so a number is written without any.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from core.errors import ArgumentError
from core.records import dataclass

from ..desk.layout.sheets import SETTINGS
from ..desk.read.inputs import Desk
from .variables import Value, Variable, changed, variable

__all__ = ["Configuration", "combinations", "listed_in", "tried_values", "written"]

MOST = 5_000_000
"""Configurations of one sweep: more do not fit into the memory of most machines."""


@dataclass(frozen=True)
class Configuration:
    """Values by name in which a desk differs from its sheets; none: the desk as it is."""

    values: tuple[tuple[str, Value], ...] = ()

    @cached_property
    def key(self) -> str:
        """Sixteen hex digits, the same for the same values."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    @property
    def text(self) -> str:
        """As one line: `Model=hybrid; Window=720`, sorted by name."""
        return "; ".join(f"{name}={written(value)}" for name, value in self.values) or "as on Settings"

    def of(self, desk: Desk) -> Desk:
        """The desk in this configuration."""
        return changed(desk, dict(self.values))


def written(value: Value) -> str:
    """A value as it would be typed; nothing for a blank."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, str):
        return value
    short = f"{value:.15g}"
    return short if float(short) == value else repr(value)


def tried_values(tries: Iterable[str]) -> dict[str, list[Value]]:
    """`NAME=V1,V2` texts as the values to try, by name. Raises ArgumentError with the nearest right name."""
    found: dict[str, list[Value]] = {}
    for text in tries:
        said = f"--try {text}"
        name, sign, values = text.partition("=")
        varied = variable(name if sign else text, said)
        if not sign:
            raise ArgumentError(f"{said}: write the values to try, with commas between: {varied.name}=A,B")
        if varied.name in found:
            raise ArgumentError(f"{said}: {varied.name} is tried twice; write all of its values in one --try")
        found[varied.name] = [varied.typed(each, f"--try {varied.name}={each.strip()}") for each in values.split(",")]
    return found


def combinations(
    desk: Desk, tried: Mapping[str, Sequence[Value]], further: Iterable[Mapping[str, Value]] = ()
) -> list[Configuration]:
    """All combinations of the values, then the `further` ones, each once. Raises ArgumentError (none, too many)."""
    count = math.prod(len(values) for values in tried.values()) if tried else 0
    if count > MOST:
        raise ArgumentError(f"these are {count:,} configurations and at most {MOST:,} can be run; try fewer values")
    products = (dict(zip(tried, values, strict=True)) for values in itertools.product(*tried.values()) if tried)
    usual = {setting.name: getattr(desk.settings, setting.field) for setting in SETTINGS}
    found: dict[Configuration, None] = {}
    for values in itertools.chain(products, further):
        own = {name: value for name, value in values.items() if name not in usual or usual[name] != value}
        found[Configuration(tuple(sorted(own.items())))] = None
    if not found:
        raise ArgumentError("there is nothing to try; give --try NAME=V1,V2 or --configurations FILE")
    return list(found)


def listed_in(path: Path) -> list[dict[str, Value]]:
    """The configurations that a file lists, values by name. Raises ArgumentError that names the place in it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise ArgumentError(f"--configurations {path} cannot be read: {reason}") from None
    if path.suffix.lower() == ".json":
        return _of_json(path.name, text)
    if path.suffix.lower() == ".csv":
        return _of_csv(path.name, text)
    raise ArgumentError(f"--configurations {path.name}: name a .csv or .json file")


def _of_csv(file: str, text: str) -> list[dict[str, Value]]:
    rows = [row for row in csv.reader(text.splitlines()) if row]
    if len(rows) < 2:
        raise ArgumentError(f"{file} has no configuration; write names in its first row, and values in the others")
    names = [variable(name, f"{file}, column {place}") for place, name in enumerate(rows[0], start=1)]
    _refuse_twice(file, names)
    found = []
    for place, row in enumerate(rows[1:], start=2):
        if len(row) != len(names):
            raise ArgumentError(f"{file}, row {place} has {len(row)} values where {len(names)} are named in its first")
        found.append(
            {
                varied.name: varied.typed(cell, f"{file}, row {place}: {varied.name}={cell.strip()}")
                for varied, cell in zip(names, row, strict=True)
            }
        )
    return found


def _of_json(file: str, text: str) -> list[dict[str, Value]]:
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise ArgumentError(f"{file} is no JSON ({error}); write a list of objects") from None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise ArgumentError(f'{file} must hold a list of objects, one a configuration: [{{"Window": 720}}]')
    found = []
    for place, row in enumerate(rows, start=1):
        names = [variable(name, f"{file}, configuration {place}") for name in row]
        _refuse_twice(f"{file}, configuration {place}", names)
        found.append(
            {
                varied.name: _of_plain(varied, value, f"{file}, configuration {place}: {varied.name}={value}")
                for varied, value in zip(names, row.values(), strict=True)
            }
        )
    return found


def _of_plain(varied: Variable, value: Any, said: str) -> Value:
    """A value of JSON: a number as it is, a text as it would be typed, null for a blank. Raises ArgumentError."""
    if value is None:
        return varied.checked(None, said)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return varied.checked(float(value), said)
    if isinstance(value, str):
        return varied.typed(value, said)
    raise ArgumentError(f"{said}: write a number, a text or null")


def _refuse_twice(file: str, names: Sequence[Variable]) -> None:
    for place, varied in enumerate(names):
        if varied in names[:place]:
            raise ArgumentError(f"{file} names {varied.name} twice; keep one of them")
