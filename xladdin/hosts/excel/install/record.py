"""The record of an installation, install.json: every file, key, value and folder it made, for whoever takes it out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from core.errors import PerpDeskError

from ...steps import Action, File
from .actions import Folder, Key, Value
from .programs import Programs
from .registry import Registry

__all__ = ["read_record", "recorded", "written_record"]


def written_record(version: str, actions: Iterable[Action]) -> bytes:
    """The record of what some actions leave; the same text for the same actions."""
    made = [entry for action in actions if (entry := _entry(action))]
    return (json.dumps({"version": version, "made": made}, indent=2, ensure_ascii=False) + "\n").encode()


def _entry(action: Action) -> dict[str, str]:
    match action:
        case File(path):
            return {"file": str(path)}
        case Key(registry, key):
            return {"hive": registry.hive, "key": key}
        case Value(registry, key, name, value):
            return {"hive": registry.hive, "key": key, "name": name, "value": value}
        case Folder(path):
            return {"folder": str(path)}
    return {}


def read_record(path: Path) -> dict[str, Any] | None:
    """The record; None where there is none. Raises PerpDeskError when it cannot be read."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        recorded(read, None)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise PerpDeskError(f"{path} is no record of an installation; remove it and install again") from error
    result: dict[str, Any] = read
    return result


def recorded(record: dict[str, Any], programs: Programs | None) -> Sequence[Action]:
    """The actions that a record tells of, in the order in which they were done."""
    return [_action(entry, programs) for entry in record["made"]]


def _action(entry: dict[str, str], programs: Any) -> Action:
    if "file" in entry:
        return File(Path(entry["file"]), b"")
    if "folder" in entry:
        return Folder(Path(entry["folder"]), programs)
    if "value" not in entry:
        return Key(Registry(entry["hive"]), entry["key"])
    return Value(Registry(entry["hive"]), entry["key"], entry["name"], entry["value"])
