"""Cells as Excel sends them over COM: VARIANTs, and blocks of them as SAFEARRAYs that count from 1; and back again.

Automation's own functions make them, so nothing of a Python library stands between a test and what crosses the border.
Runs on Windows' Python only.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import decimal
from ctypes import byref, c_longlong
from typing import Any

strict, plain = ctypes.OleDLL("oleaut32"), ctypes.WinDLL("oleaut32")

EMPTY, DOUBLE, CURRENCY, DATE, TEXT, ERROR, BOOLEAN, LONG, ARRAY = 0, 5, 6, 7, 8, 10, 11, 3, 0x200C
FIRST_ERROR, ERRORS = -2146828288, 3000
"""Excel's error cells are integers from here on: #NULL! is the first."""


class Variant(ctypes.Structure):
    _fields_ = (
        ("kind", ctypes.c_ushort),
        ("reserved", ctypes.c_ushort * 3),
        ("content", c_longlong),
        ("more", c_longlong),
    )


class Bound(ctypes.Structure):
    _fields_ = (("count", ctypes.c_ulong), ("first", ctypes.c_long))


plain.SafeArrayCreate.restype = ctypes.c_void_p
plain.SafeArrayCreate.argtypes = [ctypes.c_ushort, ctypes.c_uint, ctypes.c_void_p]
plain.SafeArrayGetDim.argtypes = [ctypes.c_void_p]
plain.SysAllocStringLen.restype = ctypes.c_void_p
plain.SysAllocStringLen.argtypes = [ctypes.c_wchar_p, ctypes.c_uint]
plain.VariantClear.argtypes = [ctypes.c_void_p]
strict.SafeArrayPutElement.argtypes = strict.SafeArrayGetElement.argtypes = [ctypes.c_void_p] * 3
for bound in (strict.SafeArrayGetLBound, strict.SafeArrayGetUBound):
    bound.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p]


def variant(value: Any) -> Variant:
    """A cell, or rows of cells."""
    if isinstance(value, tuple):
        return block(value)
    made = Variant()
    made.kind, made.content = _kind_and_content(value)
    return made


def _kind_and_content(value: Any) -> tuple[int, int]:
    if value is None:
        return EMPTY, 0
    if isinstance(value, bool):
        return BOOLEAN, 0xFFFF if value else 0
    if isinstance(value, int) and 0 <= value - FIRST_ERROR < ERRORS:
        return ERROR, value & 0xFFFFFFFF
    if isinstance(value, (int, float)):
        return DOUBLE, _bits(value)
    if isinstance(value, decimal.Decimal):
        return CURRENCY, int(value * 10000)
    if isinstance(value, dt.datetime):
        return DATE, _bits((value - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1))
    if isinstance(value, str):
        return TEXT, plain.SysAllocStringLen(value, len(value.encode("utf-16-le")) // 2)
    raise TypeError(type(value))


def _bits(number: float) -> int:
    return c_longlong.from_buffer_copy(ctypes.c_double(number)).value


def block(rows: tuple[tuple[Any, ...], ...]) -> Variant:
    """A range."""
    bounds = (Bound * 2)(Bound(len(rows), 1), Bound(len(rows[0]), 1))
    array = plain.SafeArrayCreate(12, 2, byref(bounds))
    for i, row in enumerate(rows, start=1):
        for j, cell in enumerate(row, start=1):
            _put(array, (ctypes.c_long * 2)(i, j), cell)
    return Variant(kind=ARRAY, content=array)


def arguments(values: tuple[Any, ...]) -> Variant:
    """VBA's `Array(...)`."""
    bounds = (Bound * 1)(Bound(len(values), 0))
    array = plain.SafeArrayCreate(12, 1, byref(bounds))
    for i, value in enumerate(values):
        _put(array, (ctypes.c_long * 1)(i), value)
    return Variant(kind=ARRAY, content=array)


def _put(array: int, index: Any, value: Any) -> None:
    element = variant(value)
    strict.SafeArrayPutElement(array, byref(index), byref(element))
    plain.VariantClear(byref(element))


def value_of(received: Variant) -> Any:
    """What a VARIANT holds; a block of two dimensions as rows, of one as one row."""
    if received.kind == ARRAY:
        return _values(received.content)
    low = received.content & 0xFFFFFFFF
    return {
        EMPTY: lambda: None,
        DOUBLE: lambda: ctypes.c_double.from_buffer_copy(c_longlong(received.content)).value,
        LONG: lambda: ctypes.c_int32(low).value,
        TEXT: lambda: ctypes.wstring_at(received.content) if received.content else "",
        BOOLEAN: lambda: bool(low & 0xFFFF),
    }[received.kind]()


def _values(array: int) -> list[Any]:
    ranges = []
    for dimension in range(1, plain.SafeArrayGetDim(array) + 1):
        first, last = ctypes.c_long(), ctypes.c_long()
        strict.SafeArrayGetLBound(array, dimension, byref(first))
        strict.SafeArrayGetUBound(array, dimension, byref(last))
        ranges.append(range(first.value, last.value + 1))
    if len(ranges) == 1:
        return [_element(array, (ctypes.c_long * 1)(i)) for i in ranges[0]]
    return [[_element(array, (ctypes.c_long * 2)(i, j)) for j in ranges[1]] for i in ranges[0]]


def _element(array: int, index: Any) -> Any:
    element = Variant()
    strict.SafeArrayGetElement(array, byref(index), byref(element))
    found = value_of(element)
    plain.VariantClear(byref(element))
    return found
