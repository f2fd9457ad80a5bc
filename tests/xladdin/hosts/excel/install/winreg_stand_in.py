"""A registry in memory that answers like the module `winreg` of Windows' own Python, as far as PerpDesk asks it.

The same questions are put to the real one on Windows' Python under Wine (tests/wine).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

KEY_READ, KEY_WRITE, KEY_SET_VALUE, REG_SZ = 0x20019, 0x20006, 0x2, 1


class WinregStandIn(ModuleType):
    HKEY_CURRENT_USER = "HKCU"
    HKEY_LOCAL_MACHINE = "HKLM"
    KEY_READ, KEY_WRITE, KEY_SET_VALUE, REG_SZ = KEY_READ, KEY_WRITE, KEY_SET_VALUE, REG_SZ

    def __init__(self) -> None:
        super().__init__("winreg")
        self.keys: dict[tuple[str, ...], dict[str, object]] = {}

    def snapshot(self) -> dict[str, object]:
        """Every value by its full name; a key without values as well."""
        values = {"\\".join((*key, name)): value for key, held in self.keys.items() for name, value in held.items()}
        return {**{"\\".join(key): "" for key in self.keys}, **values}

    def put(self, hive: str, key: str, name: str, value: object) -> None:
        with self.CreateKeyEx(hive, key, 0, KEY_WRITE) as opened:
            self.keys[opened][name] = value

    @contextmanager
    def CreateKeyEx(self, hive: str, key: str, reserved: int, access: int) -> Iterator[tuple[str, ...]]:
        parts = (hive, *key.split("\\"))
        for length in range(2, len(parts) + 1):
            self.keys.setdefault(parts[:length], {})
        yield parts

    @contextmanager
    def OpenKey(self, hive: str, key: str, reserved: int, access: int) -> Iterator[tuple[str, ...]]:
        parts = (hive, *key.split("\\"))
        if parts not in self.keys:
            raise FileNotFoundError(2, "The system cannot find the file specified", key)
        yield parts

    def SetValueEx(self, key: tuple[str, ...], name: str, reserved: int, kind: int, value: object) -> None:
        self.keys[key][name] = value

    def QueryValueEx(self, key: tuple[str, ...], name: str) -> tuple[object, int]:
        if name not in self.keys[key]:
            raise FileNotFoundError(2, "The system cannot find the file specified", name)
        return self.keys[key][name], REG_SZ

    def EnumValue(self, key: tuple[str, ...], index: int) -> tuple[str, object, int]:
        name, value = list(self.keys[key].items())[index]
        return name, value, REG_SZ

    def QueryInfoKey(self, key: tuple[str, ...]) -> tuple[int, int, int]:
        children = [other for other in self.keys if other[:-1] == key]
        return len(children), len(self.keys[key]), 0

    def DeleteValue(self, key: tuple[str, ...], name: str) -> None:
        del self.keys[key][name]

    def DeleteKey(self, hive: str, key: str) -> None:
        parts = (hive, *key.split("\\"))
        if any(other[:-1] == parts for other in self.keys):
            raise PermissionError(13, "Access is denied", key)
        del self.keys[parts]
