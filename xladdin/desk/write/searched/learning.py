"""What a training found, as the tables of the sheet Learning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.learn.allocation.state import FIGURES
from core.learn.study import Study

from ....books.workbook import CellValue, Workbook
from ...day.past.training import Trained
from ...layout.page_tables import LARGEST
from ..results import blank_where_nan, clear, write_columns

__all__ = ["TRAINED", "write_learning"]

TRAINED = "reinforced"
"""What the policy is called in the table: the word of Settings Model that follows it."""

MOST_ROWS = 400
"""Of the path that is drawn."""


def write_learning(book: Workbook, trained: Trained, studies: Sequence[Study]) -> None:
    """All tables of the sheet."""
    _write_verdicts(book, trained, studies)
    _write_weights(book, trained)
    _write_rule(book, trained)
    _write_path(book, trained)
    _write_importance(book, studies)
    _write_dependence(book, studies)


def _write_verdicts(book: Workbook, trained: Trained, studies: Sequence[Study]) -> None:
    judged = trained.policy.judgement
    figures = [judged.excess, judged.lower, judged.upper, judged.t, judged.least_t]
    rows: list[tuple[CellValue, ...]] = [
        (TRAINED, trained.verdict, "Y" if judged.kept else "N", *blank_where_nan(figures), None, judged.days)
    ]
    for each in studies:
        r2 = blank_where_nan([each.out_of_sample_r2])
        rows.append((f"{each.target}, {each.learner}", each.verdict, None, *[None] * 5, *r2, each.folds))
    book.write_table("Learning", rows)


def _write_weights(book: Workbook, trained: Trained) -> None:
    """The largest tilts one by one, all others in one row."""
    weights = np.column_stack([trained.training.base[-1], trained.training.tilted[-1]])
    order = np.argsort(-np.abs(weights[:, 1] - weights[:, 0]), kind="stable")
    shown, others = order[:LARGEST], order[LARGEST:]
    symbols = [trained.policy.provenance.symbols[place] for place in shown]
    rows = weights[shown]
    if others.size:
        symbols.append(f"{others.size} others")
        rows = np.vstack([rows, weights[others].sum(axis=0)])
    base, tilted = rows.T
    write_columns(book, "LearningWeights", {"Symbol": symbols, "Base": base, "Tilted": tilted, "Tilt": tilted - base})


def _write_rule(book: Workbook, trained: Trained) -> None:
    theta = trained.policy.rule.theta
    columns = {"Figure": [name.replace("_", " ") for name in FIGURES], "Always": theta[:, 0]}
    write_columns(book, "LearningRule", {**columns, "Regime": theta[:, 1], "Drawdown": theta[:, 2]})


def _write_path(book: Workbook, trained: Trained) -> None:
    """From 0 on, every so many decisions and the last one."""
    so_far = np.concatenate([[0.0], np.cumsum(trained.training.excess)[:-1]])
    rows = np.unique(np.append(np.arange(0, so_far.size, -(-so_far.size // MOST_ROWS)), so_far.size - 1))
    write_columns(book, "LearningPath", {"Time": [trained.times[row].item() for row in rows], "Excess": so_far[rows]})


def _write_importance(book: Workbook, studies: Sequence[Study]) -> None:
    rows = [(each.target, *found) for each in studies for found in each.by_importance]
    if not rows:
        clear(book, ["LearningImportance"])
        return
    book.write_table(
        "LearningImportance", [(target, name, *blank_where_nan([r2, spread])) for target, name, r2, spread in rows]
    )


def _write_dependence(book: Workbook, studies: Sequence[Study]) -> None:
    rows: list[tuple[CellValue, ...]] = []
    for each in studies:
        bends = each.dependence
        if bends is None:
            continue
        first, second = (each.names[place] for place in bends.features)
        rows += [
            (each.target, first, *blank_where_nan([x]), second, *blank_where_nan([y]), float(bends.answers[i, j]))
            for i, x in enumerate(bends.across)
            for j, y in enumerate(bends.along)
        ]
    if not rows:
        clear(book, ["LearningDependence"])
        return
    book.write_table("LearningDependence", rows)
