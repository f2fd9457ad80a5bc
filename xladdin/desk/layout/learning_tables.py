"""The tables of the sheet Learning: what was learned of the desk's history, and what that is worth.

A verdict stands beside everything that is shown: importance and weights of a model that was not kept tell what it has
mistaken for a signal.
"""

from __future__ import annotations

from .fields import COUNT, MIXED, PERCENT, RATIO, TIME, Column, TableLayout

__all__ = [
    "LEARNING",
    "LEARNING_DEPENDENCE",
    "LEARNING_IMPORTANCE",
    "LEARNING_PATH",
    "LEARNING_RULE",
    "LEARNING_WEIGHTS",
]

LEARNING = TableLayout(
    "Learning",
    "Learning",
    (
        Column("Model", "What was trained on the history", width=22),
        Column("Verdict", "On rows that it had not learned from", width=62, wrap=True),
        Column("Followed", "Y: Settings Model may follow it", "Y / N", width=10),
        Column("Excess", "Log growth over its base", "a year", PERCENT, 10),
        Column("Lower", "Of the 95 % interval", "a year", PERCENT, 10),
        Column("Upper", "0 between the two: it may be chance", "a year", PERCENT, 10),
        Column("T", "Of the mean excess", "t", RATIO, 8),
        Column("NeededT", "More than this is asked, for so many trials", "t", RATIO, 10),
        Column("R2", "Out of sample, against the simple rule", "share", "0.0000;[Red]-0.0000", 10),
        Column("Judged", "Days; of the others blocks of rows", "count", COUNT, 9),
    ),
    most_rows=3,
    later=True,
)

LEARNING_WEIGHTS = TableLayout(
    "LearningWeights",
    "Learning",
    (
        Column("Symbol", "Of the last decision it was judged on, the largest tilts first", width=16),
        Column("Base", "What the optimum wanted there", "of equity", PERCENT, 10),
        Column("Tilted", "What the trained policy wanted", "of equity", PERCENT, 10),
        Column("Tilt", "The one less the other", "of equity", PERCENT, 10),
    ),
    first_column=13,
    later=True,
)

LEARNING_RULE = TableLayout(
    "LearningRule",
    "Learning",
    (
        Column("Figure", "Of a contract, against the others'", width=18),
        Column("Always", "What one spread of it counts for", "tilt", RATIO, 9),
        Column("Regime", "More of it where volatility is up", "tilt", RATIO, 9),
        Column("Drawdown", "More of it below the peak", "tilt", RATIO, 11),
    ),
    first_column=18,
    later=True,
)

LEARNING_IMPORTANCE = TableLayout(
    "LearningImportance",
    "Learning",
    (
        Column("Target", "Premium or beta", width=10),
        Column("Feature", "Shuffled in turn, where the model had not learned", width=22),
        Column("Brings", "R2 that is lost without it; below 0 it misleads", "share", "0.0000;[Red]-0.0000", 10),
        Column("Spread", "Between the blocks", "share", "0.0000", 9),
    ),
    first_column=23,
    later=True,
)

LEARNING_DEPENDENCE = TableLayout(
    "LearningDependence",
    "Learning",
    (
        Column("Target", "Premium or beta", width=10),
        Column("First", "The feature that matters most", width=20),
        Column("At", "Its value", "see feature", MIXED, 10),
        Column("Second", "The next one", width=20),
        Column("AtSecond", "Its value", "see feature", MIXED, 10),
        Column("Correction", "What the model adds to the simple rule there", "see Target", MIXED, 12),
    ),
    first_column=28,
    later=True,
)

LEARNING_PATH = TableLayout(
    "LearningPath",
    "Learning",
    (
        Column("Time", "Close, of the rows it was judged on", "UTC", TIME, 17),
        Column("Excess", "Log growth over the base, so far", "share", PERCENT, 10),
    ),
    first_column=35,
    later=True,
)
