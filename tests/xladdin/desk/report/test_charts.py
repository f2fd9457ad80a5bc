"""The drawings: bars as long as their figures, waterfalls that end at the whole, lines between their ticks, dates."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xladdin.books.workbook import Block
from xladdin.desk.report.charts import attribution_chart, drawdown_chart, equity_chart, liquidation_chart, stress_chart
from xladdin.desk.report.drawing import NAVY, RED, TEAL, Bar, Line, bars, lines
from xladdin.desk.report.scale import date_ticks, power_ticks, round_ticks

START = datetime(2022, 1, 1)


def table(header, *rows):
    return Block("Any", "Any", header, rows, tuple(range(7, 7 + len(rows))), 2)


def rectangles(figure):
    return [
        (float(each.get("x")), float(each.get("width")), each.get("fill"))
        for each in figure.iter("rect")
        if each.get("height") != "3"
    ]


def words(figure):
    return [each.text for each in figure.iter("text")]


def test_bars_are_as_long_as_their_figures():
    drawn = rectangles(stress_chart(table(("Scenario", "TotalPnL"), ("a", -300.0), ("b", 100.0), ("c", None))))
    (left, long, red), (zero, short, teal) = drawn
    assert (red, teal) == (RED, TEAL)
    assert long == pytest.approx(3 * short, abs=0.2)
    assert left + long == pytest.approx(zero, abs=0.11)


def test_a_waterfall_goes_on_where_it_was_and_ends_with_the_whole():
    block = table(("Part", "PnL"), ("Market", 500.0), ("Alpha", -200.0), ("Fees", -100.0), ("In all", 200.0))
    figure = attribution_chart(block)
    (market, alpha, fees, whole) = rectangles(figure)
    assert [each[2] for each in (market, alpha, fees, whole)] == [TEAL, RED, RED, NAVY]
    assert alpha[0] + alpha[1] == pytest.approx(market[0] + market[1], abs=0.11)
    assert fees[0] + fees[1] == pytest.approx(alpha[0], abs=0.11)
    assert whole[0] + whole[1] == pytest.approx(fees[0], abs=0.11)
    assert whole[1] == pytest.approx(market[1] * 0.4, abs=0.2)
    assert words(figure) == ["Market", "500", "Alpha", "-200", "Fees", "-100", "In all", "200"]
    assert rectangles(liquidation_chart(table(("Step", "PnL"), *block.rows))) == [market, alpha, fees, whole]


def test_lines_end_where_a_value_is_missing():
    times = [START + timedelta(days=day) for day in range(5)]
    rows = [(moment, float(day), None if day == 2 else 10.0 - day, None) for day, moment in enumerate(times)]
    figure = equity_chart(table(("Time", "Policy", "EqualWeight", "Unhedged"), *rows))
    drawn = [each.get("points").split() for each in figure.iter("polyline")]
    assert sorted(map(len, drawn)) == [2, 2, 5]
    assert {"Policy", "Equal weight"} <= set(words(figure))
    assert "Unhedged" not in words(figure)


def test_what_grows_beyond_tenfold_is_on_a_logarithmic_scale_and_says_so():
    times = [START + timedelta(days=day) for day in range(3)]
    figure = lines("Equity", times, [Line("a", NAVY, [1.0, 10.0, 100.0])], "{:g}".format, 230)
    heights = [float(point.split(",")[1]) for point in figure.find(".//polyline").get("points").split()]
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.2)
    assert figure.find("figcaption").text == "Equity, logarithmic scale"
    assert words(figure)[:7] == ["1", "2", "5", "10", "20", "50", "100"]
    flat = lines("Equity", times, [Line("a", NAVY, [1.0, 9.0, 0.0])], "{:g}".format, 230)
    assert flat.find("figcaption").text == "Equity"


@given(st.floats(1e-6, 1e9), st.floats(1, 1e6))
def test_powers_reach_around(low, times):
    ticks = power_ticks(low, low * times)
    assert ticks[0] <= low
    assert ticks[-1] >= low * times
    assert ticks == sorted(ticks)


def test_a_fall_is_filled_from_zero():
    rows = [(START + timedelta(days=day), fall) for day, fall in enumerate((0.0, -0.1, -0.3, -0.2))]
    figure = drawdown_chart(table(("Time", "Drawdown"), *rows))
    outline = [point.split(",") for point in figure.find(".//polygon").get("points").split()]
    assert outline[0][1] == outline[1][1] == outline[-1][1]  # begins and ends at zero, where the first value is
    assert max(float(y) for _, y in outline) == float(outline[3][1])


@pytest.mark.parametrize("draw", [equity_chart, drawdown_chart, attribution_chart, stress_chart, liquidation_chart])
@pytest.mark.parametrize(
    "block",
    [
        table(("Other",), (1.0,)),
        table(("Time", "Policy", "Drawdown"), (START, 1.0, 0.0)),
        table(("Time", "Policy", "Drawdown"), ("#N/A", 1.0, 0.0), (START, 1.0, 0.0)),
        table(("Part", "PnL"), ("In all", 1.0)),
        table(("Scenario", "TotalPnL"), ("a", "#N/A")),
    ],
)
def test_what_cannot_be_drawn_is_left_out(draw, block):
    assert draw(block) is None


def test_a_flat_line_and_bars_of_nothing_are_drawn_all_the_same():
    times = [START, START + timedelta(hours=8)]
    assert lines("flat", times, [Line("a", NAVY, [5.0, 5.0])], str, 200).find(".//polyline") is not None
    assert rectangles(bars("none", [Bar("a", 0.0, 0.0, "0", NAVY)]))[0][1] == 0.8


def test_a_long_name_is_cut():
    assert words(bars("t", [Bar("x" * 60, 0.0, 1.0, "1", NAVY)]))[0] == "x" * 37 + "…"


@example(0.0, 5e-324)
@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_ticks_are_round_and_reach_around(low, width):
    ticks = round_ticks(low, low + width)
    assert ticks[0] <= low + 1e-6 * (1 + abs(low) + width)
    assert ticks[-1] >= low + width - 1e-6 * (1 + abs(low) + width)
    assert 2 <= len(ticks) <= 9


@given(st.datetimes(datetime(2017, 1, 1), datetime(2030, 1, 1)), st.integers(1, 6000))
def test_dates_lie_between_and_are_few(first, days):
    last = first + timedelta(days=days)
    ticks = date_ticks(first, last)
    assert len(ticks) <= 9
    moments = [moment for moment, _ in ticks]
    assert moments == sorted(set(moments))
    assert all(first - timedelta(days=1) < moment <= last for moment in moments)
    assert len({label for _, label in ticks}) == len(ticks)


def test_dates_are_those_that_people_name():
    half_years = ["Jul 2022", "Jan 2023", "Jul 2023", "Jan 2024"]
    assert [label for _, label in date_ticks(datetime(2022, 1, 10), datetime(2024, 6, 1))] == half_years
    years = ["2020", "2021", "2022", "2023", "2024"]
    assert [label for _, label in date_ticks(datetime(2019, 12, 2), datetime(2024, 1, 1))] == years
    assert date_ticks(datetime(2024, 3, 1, 4), datetime(2024, 3, 4))[0] == (datetime(2024, 3, 2), "2 Mar")
