"""Records: the standard library's `dataclass`, whose methods wait until somebody uses them.

    from ..records import dataclass

The standard library writes six methods for a frozen dataclass as text and compiles each as the module loads: 0.6 ms of
the 0.8 that a class costs, for some two hundred classes in every job, most of which no job makes one of. Here it still
reads the fields (so `fields`, `replace`, `asdict`, `field` and `KW_ONLY` are its own, and mypy sees nothing else), but
`__init__` is compiled when the first record of a class is made, and what a record is compared, hashed, shown and frozen
by is not compiled at all. A record behaves as a dataclass does, to the words of its errors.

There is no `order`, `slots`, `unsafe_hash` or `InitVar`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from reprlib import recursive_repr
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]


def _record(
    cls: type[Any] | None = None, /, *, frozen: bool = False, eq: bool = True, kw_only: bool = False
) -> type[Any] | Callable[[type[Any]], Any]:
    """The class with the methods of a dataclass; those that it has itself stay."""
    if cls is None:
        return partial(_record, frozen=frozen, eq=eq, kw_only=kw_only)
    own = set(vars(cls))
    cls = dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls)
    methods = {"__init__": _Unwritten(cls, frozen), "__repr__": _shown(cls)}
    if eq:
        values = _compared(cls)
        methods |= {"__eq__": _equal(values), "__hash__": _hashed(values) if frozen else None}
    if frozen:
        methods |= {"__setattr__": _refuse_to_assign, "__delattr__": _refuse_to_delete}
    for name, method in methods.items():
        if name not in own:
            setattr(cls, name, method)
    return cls


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _record


class _Unwritten:
    """An `__init__` that is written when it is first looked up, and then stands in its own place."""

    def __init__(self, cls: type[Any], frozen: bool) -> None:
        self.cls = cls
        self.frozen = frozen

    def __get__(self, record: object, owner: type[Any] | None = None) -> Any:
        written = _init(self.cls, self.frozen)
        type.__setattr__(self.cls, "__init__", written)
        return written if record is None else MethodType(written, record)


def _init(cls: type[Any], frozen: bool) -> FunctionType:
    """The `__init__` that the fields ask for: each assigned, in their order, then `__post_init__`.

    Defaults are given to it as it stands, and the values of a frozen record in one piece: half as much to compile.
    """
    taken: dict[str, Any] = {}
    by_name: dict[str, Any] = {}
    values: dict[str, str] = {}
    fields = dataclasses.fields(cls)
    for each in fields:
        name = each.name
        made = each.default_factory is not dataclasses.MISSING
        if each.init:
            (by_name if each.kw_only else taken)[name] = (made or each.default is not dataclasses.MISSING, each.default)
            values[name] = f"_fields[{name!r}].default_factory() if {name} is _missing else {name}" if made else name
        elif made:
            values[name] = f"_fields[{name!r}].default_factory()"
    if frozen:
        lines = [f"self.__dict__.update({', '.join(f'{name}={value}' for name, value in values.items())})"]
    else:
        lines = [f"self.{name} = {value}" for name, value in values.items()]
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    parameters = ", ".join(["self", *taken, *(["*", *by_name] if by_name else [])])
    body = "\n ".join(lines or ["pass"])
    names = {
        "__name__": cls.__module__,
        "_fields": {each.name: each for each in fields},
        "_missing": dataclasses.MISSING,
    }
    exec(f"def __init__({parameters}):\n {body}", names)
    written = names["__init__"]
    assert isinstance(written, FunctionType)
    written.__qualname__ = f"{cls.__qualname__}.__init__"
    written.__defaults__ = tuple(default for has_one, default in taken.values() if has_one)
    written.__kwdefaults__ = {name: default for name, (has_one, default) in by_name.items() if has_one}
    return written


def _shown(cls: type[Any]) -> Callable[[Any], str]:
    names = [each.name for each in dataclasses.fields(cls) if each.repr]

    @recursive_repr()
    def shown(record: Any) -> str:
        told = ", ".join(f"{name}={getattr(record, name)!r}" for name in names)
        return f"{type(record).__qualname__}({told})"

    return shown


def _compared(cls: type[Any]) -> Callable[[Any], tuple[object, ...]]:
    """What two records of a class are compared by."""
    names = [each.name for each in dataclasses.fields(cls) if each.compare]
    return lambda record: tuple([getattr(record, name) for name in names])


def _equal(values: Callable[[Any], tuple[object, ...]]) -> Callable[[Any, object], bool]:
    def equal(record: Any, other: object) -> bool:
        return values(record) == values(other) if type(other) is type(record) else NotImplemented

    return equal


def _hashed(values: Callable[[Any], tuple[object, ...]]) -> Callable[[Any], int]:
    return lambda record: hash(values(record))


def _refuse_to_assign(self: object, name: str, value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
