"""The desk workbook as it ships: copied for whoever begins, so that nothing has to be drawn or computed."""

from __future__ import annotations

from pathlib import Path

from core.errors import BookError

from ...books.atomic import replace_file
from ...books.names import check_suffix, refuse_bad_name

__all__ = ["new_desk"]

NAME = "PerpDesk.xlsx"

PLACES = (Path(__file__).with_name(NAME), Path(__file__).resolve().parents[3] / "workbooks" / NAME)
"""Beside this file where the package is installed, in the folder of workbooks where the project itself stands."""


def new_desk(path: Path, *, empty: bool = False) -> None:
    """Write a desk to `path`, where no file may be: the shipped sample with the results of its day, or an empty one.

    Where no copy was shipped the sample is built, which takes seconds and gives the same. Raises BookError.
    """
    check_suffix(path)
    refuse_bad_name(path)
    if path.suffix.lower() != ".xlsx":
        raise BookError(f"{path.name} must end with .xlsx, as a desk without macros does")
    if path.exists():
        raise BookError(f"{path} exists already; give another name, or remove it first")
    if not path.parent.is_dir():
        raise BookError(f"the folder {path.parent} does not exist; make it first")
    shipped = next((place for place in PLACES if place.is_file()), None)
    if shipped is not None and not empty:
        replace_file(path, shipped.read_bytes(), before=None)
        return
    from .build import build_desk, build_empty_desk

    (build_empty_desk if empty else build_desk)(path)
