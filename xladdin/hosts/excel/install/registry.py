"""One hive of the Windows registry, as far as an installer needs it: read, write, and remove without a trace."""

from __future__ import annotations

import importlib
from typing import Any

from core.records import dataclass

__all__ = ["CLASSES", "MACHINE", "USER", "Registry"]

USER = "HKEY_CURRENT_USER"
MACHINE = "HKEY_LOCAL_MACHINE"

CLASSES = r"Software\Classes"
"""The key below which programs register what others may start."""


@dataclass(frozen=True)
class Registry:
    """Keys and values of a hive. A key that is not there has no values; the value of no name is the key's own."""

    hive: str = USER

    def read(self, key: str, name: str = "") -> str | int | bytes | None:
        """One value; None where it, or its key, is not there."""
        try:
            with self._open(key) as opened:
                value: str | int | bytes = self._api.QueryValueEx(opened, name)[0]
                return value
        except FileNotFoundError:
            return None

    def values(self, key: str) -> dict[str, Any]:
        """All values of a key, by name."""
        try:
            with self._open(key) as opened:
                count = self._api.QueryInfoKey(opened)[1]
                found = [self._api.EnumValue(opened, index) for index in range(count)]
        except FileNotFoundError:
            return {}
        return {name: value for name, value, _ in found}

    def has(self, key: str) -> bool:
        """Whether a key is there."""
        try:
            with self._open(key):
                return True
        except FileNotFoundError:
            return False

    def make(self, key: str) -> None:
        """Make a key, and those above it that are missing."""
        with self._api.CreateKeyEx(self._root, key, 0, self._api.KEY_WRITE):
            pass

    def write(self, key: str, name: str, value: str) -> None:
        """Set a value, and make its key where it is missing."""
        with self._api.CreateKeyEx(self._root, key, 0, self._api.KEY_WRITE) as opened:
            self._api.SetValueEx(opened, name, 0, self._api.REG_SZ, value)

    def remove(self, key: str, name: str) -> None:
        """Delete a value; its key stays."""
        with self._api.OpenKey(self._root, key, 0, self._api.KEY_SET_VALUE) as opened:
            self._api.DeleteValue(opened, name)

    def remove_empty(self, key: str) -> None:
        """Delete a key, unless something stands in it by now."""
        with self._open(key) as opened:
            keys, values, _ = self._api.QueryInfoKey(opened)
        if not keys and not values:
            self._api.DeleteKey(self._root, key)

    def _open(self, key: str) -> Any:
        return self._api.OpenKey(self._root, key, 0, self._api.KEY_READ)

    @property
    def _root(self) -> Any:
        return getattr(self._api, self.hive)

    @property
    def _api(self) -> Any:
        return importlib.import_module("winreg")  # Windows' own Python has it, no other
