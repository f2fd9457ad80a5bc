"""Edits as jobs make them, in workbooks of other programs; what they lost tells a comparer that shares nothing with us.

Two cells are written in each, one over a constant and one below all others, and every table that can be is written
again. A book that cannot be edited is refused with the reason and stays as it was; reasons that lie in the book
(damage, protection, a signature) are good ones, and of the others there may be one in twenty.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections import Counter
from pathlib import Path

from .books import edited, with_named_cells
from .campaign import Campaign, Tally
from .corpus import LONG, SHORT, MissingArchiveError, books
from .forks import work

__all__ = ["CAMPAIGN"]

ENOUGH = 150
"""Cases up to which the archives of the short form do."""

MOST_REFUSED = 0.05
GOOD_REASONS = {
    "protected": r"password|locked by sheet protection|digitally signed",
    "no workbook": r"no zip archive|old \.xls|is not a spreadsheet|has no workbook|no workbook; save",
    "damaged": r"damaged|cut short|lacks its part|rows twice|without (number|address)|not written as|not the address",
    "dangerous": r"DTD|unpacks to|duplicate parts|unsafe|outside a sheet",
    "Strict": r"Strict Open XML",
    "in a merge, array or pivot": r"lies in the (merged|array|pivot|data)|which results would cut|holds a formula",
    "no cells": r"not a worksheet with cells",
}


def _reason(words: str) -> str:
    return next((kind for kind, pattern in GOOD_REASONS.items() if re.search(pattern, words)), "")


def _run(cases: int, seed: int) -> Tally:
    tally, others = Tally(), Counter[str]()
    try:
        every = list(books(SHORT if cases <= ENOUGH else LONG))
    except MissingArchiveError as error:
        tally.skipped = str(error)
        return tally
    random.Random(seed).shuffle(every)
    import openpyxl.formula.tokenizer  # noqa: F401  (what an edit needs is there before the first fork)

    import xladdin.books.file_book  # noqa: F401

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "book.xlsx"
        for name, raw in every:
            if tally.cases == cases:
                break
            path.write_bytes(raw)
            named = with_named_cells(path)
            if named is None:
                tally.counts["unreadable by the harness"] += 1
                continue
            ended = work(lambda named=named: edited(path, *named))
            tally.case(ended.seconds, ended.megabytes)
            if ended.answer is None:
                tally.fault(name, ended.words[-300:] or f"ended with {ended.code}")
                continue
            for lost in ended.answer.lost:
                tally.fault(name, lost)
            if not ended.answer.refused:
                tally.counts["written"] += 1
                tally.counts["tables too"] += ended.answer.tables
                continue
            kind = _reason(ended.answer.refused)
            tally.counts[f"refused: {kind or 'other'}"] += 1
            if not kind:
                others[ended.answer.refused] += 1
    if sum(others.values()) > MOST_REFUSED * tally.cases:
        for reason, times in others.most_common():
            tally.fault(f"{times} books", f"refused without a good reason: {reason}")
    return tally


CAMPAIGN = Campaign(_run, 120, 1_500, "0 losses, at most 5 % refused without a good reason")
