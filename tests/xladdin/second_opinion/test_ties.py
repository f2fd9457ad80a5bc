"""Equal sizes are no difference, whichever is named or stands first; any other order, and any other name, is one."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.synthetic_desk import synthetic_desk
from tests.xladdin.desk.test_strange_desks import strange
from xladdin.books.file_book import FileBook
from xladdin.books.workbook import Block, CellValue
from xladdin.desk import jobs
from xladdin.desk.template.workbook import build
from xladdin.second_opinion.compare import compared
from xladdin.second_opinion.opinion import second_opinion
from xladdin.second_opinion.ties import as_shown, largest_of
from xladdin.second_opinion.tolerances import SAME

LAST = 1 + 1e-15
"""The same sum in another order."""


def test_each_of_the_largest_is_right() -> None:
    assert largest_of({"A": 0.5, "B": 0.5 * LAST, "C": 0.49, "D": math.nan}) == {"A", "B"}
    assert largest_of({"A": -0.5, "B": -0.5 * LAST, "C": -0.51}) == {"A", "B"}
    assert largest_of({"A": 0.0, "B": 0.0}) == {"A", "B"}
    assert largest_of({"A": math.nan}) == largest_of({}) == set()


@pytest.mark.parametrize(
    ("shown", "order"),
    [
        ("BAC", [1, 0, 2]),
        ("ABC", [0, 1, 2]),
        ("ACB", [1, 0, 2]),  # C is smaller
        ("ABX", [1, 0, 2]),
        ("AB", [1, 0, 2]),
        ("AABC", [1, 0, 2]),
    ],
)
def test_only_equal_sizes_stand_as_they_are_shown(shown: str, order: list[int]) -> None:
    assert as_shown("ABC", shown, [0.5, 0.5 * LAST, 0.49]) == order


def test_of_no_size_the_next_one_decides_and_what_is_infinitely_far_stands_last() -> None:
    assert as_shown("ABC", "ABC", [0.0, 0.0, 1.0], [1.0, 2.0, 0.0]) == [2, 1, 0]
    assert as_shown("ABC", "CAB", [0.0, 0.0, 1.0], [2.0, 2.0, 0.0]) == [2, 0, 1]
    assert as_shown("ABC", "BCA", [-math.inf, -1.0, -math.inf]) == [1, 2, 0]
    assert as_shown("ABC", "CBA", [-math.inf, -1.0, -math.inf]) == [1, 0, 2]


def test_a_name_that_is_none_of_the_right_ones_differs() -> None:
    def verdicts(*names: CellValue) -> list[tuple[CellValue, CellValue, str]]:
        rows = tuple((name,) for name in names)
        block = Block("T", "S", ("Name",), rows, tuple(range(2, 2 + len(rows))), 1)
        right = frozenset({"A", "B"})
        return [(each.desk, each.second, each.verdict) for each in compared(block, "Name", [right] * len(rows), SAME)]

    assert verdicts("A", "B") == [("B", "B", "agrees")]
    assert verdicts("C") == [("C", "A", "differs")]
    assert verdicts(None) == [(None, "A", "differs")]


@pytest.mark.parametrize("seed", [4, 14])
def test_a_book_of_equal_positions_is_no_difference(tmp_path: Path, seed: int) -> None:
    """Each is worth half, one or two times 100,000, in contracts of odd prices; some contracts move as one."""
    random = np.random.default_rng(seed)
    count = int(random.integers(3, 9))
    panel = synthetic_desk(count, seed).panel
    moves_as = random.integers(0, count, count)
    moves_as[0] = 0
    given = panel.prices[:, moves_as]
    prices = np.round(given[-1], 4) if seed % 3 == 1 else np.round(10 ** random.uniform(-2, 4, count), 3)

    def equal(cells: dict[str, CellValue], number: int) -> None:
        worth = 1e5 * random.choice([1, 2, 0.5])
        cells |= {"Price": prices[number], "Lot": 0.001, "Tick": 0, "MinWeight": -1.0}
        cells |= {"Hedge": "Y" if number < 3 else "N", "Position": worth / prices[number] * random.choice([1, 1, -1])}
        if random.random() < 0.3:
            cells["OverlayPosition"] = -cells["Position"]

    desk = strange(equal, count, prices=given / given[-1] * prices, funding=panel.funding[:, moves_as])
    path = tmp_path / "desk.xlsx"
    build(path, desk)
    with FileBook.open(path) as book:
        for job in (jobs.rebalance, jobs.hedge, jobs.stress):
            job(book)
        assert [each for each in second_opinion(book) if each.verdict == "differs"] == []
