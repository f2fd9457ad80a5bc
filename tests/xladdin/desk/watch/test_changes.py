"""From look to look only what has changed is told: once beyond a line, once well back, and a regime that is another."""

from __future__ import annotations

from datetime import datetime

import pytest

from xladdin.desk.day.market_state import MarketState
from xladdin.desk.watch.changes import Watched
from xladdin.desk.watch.seen import Line, Seen

EARLY, LATE = datetime(2024, 6, 1), datetime(2024, 6, 20)


def seen(load: float | None, began: datetime = EARLY, swings: float = 0.5, *, by_itself: bool = False) -> Seen:
    lines = () if load is None else (Line("beta", load, f"beta beyond at {load}", f"beta inside at {load}"),)
    return Seen(lines, MarketState(began, 120, swings, 0.4, 24.0), by_itself, LATE, len(lines))


def told(watched: Watched, *loads: float | None) -> list[tuple[bool, str]]:
    return [(each.crossed, each.message) for load in loads for each in watched.changes(seen(load))]


def test_a_line_is_told_when_it_is_crossed_and_when_the_book_is_well_back() -> None:
    assert told(Watched(), 0.5, 1.2, 1.3, 0.97, 1.1, 0.96, 0.9, 0.5, 1.01) == [
        (True, "beta beyond at 1.2"),
        (False, "beta inside at 0.9"),
        (True, "beta beyond at 1.01"),
    ]


def test_a_book_on_its_line_does_not_call_at_every_look() -> None:
    assert len(told(Watched(), *([0.99, 1.01] * 50))) == 1


def test_a_line_that_is_crossed_at_the_first_look_is_told() -> None:
    watched = Watched()
    assert told(watched, 3.0) == [(True, "beta beyond at 3.0")]
    assert watched.beyond == ("beta",)


def test_a_line_on_its_edge_is_kept() -> None:
    assert told(Watched(), 1.0) == []


def test_a_line_is_over_when_nothing_is_held_any_more() -> None:
    watched = Watched()
    assert told(watched, 3.0, None) == [
        (True, "beta beyond at 3.0"),
        (False, "beta: nothing is held that could be beyond its line"),
    ]
    assert watched.beyond == ()


def test_a_regime_is_told_when_it_begins_later_and_swings_otherwise() -> None:
    watched = Watched()
    assert watched.changes(seen(0.1)) == []
    (change,) = watched.changes(seen(0.1, LATE, 0.9))
    assert (change.name, change.crossed) == ("regime", True)
    assert "swings otherwise since 2024-06-20 00:00 UTC: 90% a year, and 50% before; reset the window" in change.message
    assert "Window 120 on Settings, or RegimeWindow Y" in change.message
    assert watched.changes(seen(0.1, LATE, 0.9)) == []
    assert watched.beyond == (), "a regime is no line"


@pytest.mark.parametrize("swings", [0.45, 0.55])
def test_a_beginning_that_is_only_estimated_anew_is_no_change(swings: float) -> None:
    watched = Watched()
    watched.changes(seen(0.1))
    assert watched.changes(seen(0.1, LATE, swings)) == []


def test_a_window_that_begins_at_the_regime_is_not_asked_to_be_reset() -> None:
    watched = Watched()
    watched.changes(seen(0.1))
    (change,) = watched.changes(seen(0.1, LATE, 0.1, by_itself=True))
    assert "the window begins there by itself" in change.message
