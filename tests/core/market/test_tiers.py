"""Margin tiers: the margin is one unbroken convex curve, and a table with a fault is refused by its row."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError
from core.market.tiers import COLUMNS, Tiers, tier

BITCOIN = [
    [0, 50_000, 0.004, 0, 125],
    [50_000, 250_000, 0.005, 50, 100],
    [250_000, 1_000_000, 0.01, 1_300, 50],
    [1_000_000, 5_000_000, 0.025, 16_300, 20],
]
"""Binance BTCUSDT as its help page prints it: the amount of level 3 is 250,000 (1 % - 0.5 %) + 50 = 1,300."""

NOTIONALS = st.floats(1e-6, 1e8)


@pytest.fixture
def bitcoin():
    return Tiers.from_rows(BITCOIN)


@st.composite
def tables(draw):
    """A table of one to six tiers, its amounts left to the formula."""
    count = draw(st.integers(1, 6))
    widths = draw(st.lists(st.floats(1, 1e6), min_size=count, max_size=count))
    edges = np.concatenate([[0], np.cumsum(widths)])
    rates = np.cumsum(draw(st.lists(st.floats(1e-4, 0.15), min_size=count, max_size=count)))
    return Tiers(edges[:-1], edges[1:], rates, np.full(count, np.nan), 1 / rates / 1.5)


def changed(row, column, value):
    rows = [list(each) for each in BITCOIN]
    rows[row][COLUMNS.index(column)] = value
    return rows


def test_the_amounts_follow_from_the_rates():
    blank = [[*row[:3], np.nan, row[4]] for row in BITCOIN]
    np.testing.assert_allclose(Tiers.from_rows(blank).maintenance_amount, [0, 50, 1_300, 16_300], rtol=1e-14)


def test_each_part_of_the_notional_is_charged_its_own_rate(bitcoin):
    # As an income tax: 50,000 at 0.4 %, 200,000 at 0.5 %, 250,000 at 1 %.
    assert bitcoin.maintenance(500_000) == pytest.approx(200 + 1_000 + 2_500, rel=1e-14)
    assert bitcoin.initial(-500_000) == 10_000


def test_an_edge_belongs_to_the_tier_below_it(bitcoin):
    rate, amount, leverage = bitcoin.at([[0, 50_000], [-50_001, np.nan]])
    np.testing.assert_array_equal(rate, [[0.004, 0.004], [0.005, np.nan]])
    np.testing.assert_array_equal(amount, [[0, 0], [50, np.nan]])
    np.testing.assert_array_equal(leverage, [[125, 125], [100, np.nan]])


def test_many_notionals_are_charged_as_one_by_one(bitcoin):
    values = np.geomspace(1, 1e8, 30_000).reshape(300, 100)
    rate, amount, _ = bitcoin.at(values)
    np.testing.assert_allclose(bitcoin.maintenance(-values), values * rate - amount, rtol=1e-12)
    assert bitcoin.maintenance(values)[123, 45] == bitcoin.maintenance(values[123, 45])
    assert np.isnan(bitcoin.maintenance([1.0, np.nan])[1])


def test_the_last_tier_may_have_no_end():
    for end in (np.nan, np.inf):
        assert Tiers.from_rows(changed(3, "max_notional", end)).maintenance(1e9) == 1e9 * 0.025 - 16_300


def test_a_notional_beyond_the_last_tier_is_said(bitcoin):
    with pytest.warns(
        DataWarning, match=r"notional -6000000 at position 2 is beyond the last tier, which ends at 5000"
    ):
        answer = tier([1, -6e6], bitcoin)
    np.testing.assert_array_equal(answer.maintenance_rate, [0.004, 0.025])
    np.testing.assert_array_equal(answer.maintenance_amount, [0, 16_300])
    np.testing.assert_array_equal(answer.max_leverage, [125, 20])


def test_a_table_does_not_change_once_made(bitcoin):
    with pytest.raises(ValueError, match="read-only"):
        bitcoin.maintenance_rate[0] = 0.5


@given(tables(), st.integers(0, 5))
def test_maintenance_is_unbroken_at_every_edge(table, which):
    edge = table.min_notional[which % len(table.min_notional)]
    below, above = np.nextafter(edge, 0), np.nextafter(edge, np.inf)
    assert table.maintenance(above) == pytest.approx(float(table.maintenance(below)), rel=1e-9, abs=1e-9)


@given(tables(), NOTIONALS, NOTIONALS)
def test_maintenance_is_that_of_the_tier_it_lies_in_and_convex(table, first, second):
    rate, amount, _ = table.at(first)
    assert table.maintenance(first) == pytest.approx(float(first * rate - amount), rel=1e-9, abs=1e-6)
    middle = table.maintenance((first + second) / 2)
    assert middle <= (table.maintenance(first) + table.maintenance(second)) / 2 + 1e-9 * (1 + middle)


@given(tables(), NOTIONALS)
def test_long_and_short_are_charged_alike_and_one_currency_is_as_good_as_another(table, notional):
    assert table.maintenance(notional) == table.maintenance(-notional)
    abroad = Tiers(
        table.min_notional * 8,
        table.max_notional * 8,
        table.maintenance_rate,
        table.maintenance_amount * 8,
        table.max_leverage,
    )
    assert abroad.maintenance(notional * 8) == table.maintenance(notional) * 8  # eight is exact in binary


@pytest.mark.parametrize(
    ("rows", "error", "words"),
    [
        ([[0, 1, 0.01, 0]], ArgumentError, "tiers has 4 columns where 5 are needed: min_notional"),
        (changed(0, "min_notional", 10), ArgumentError, "min_notional is 10 in tier row 1; the first tier must start"),
        (changed(0, "max_notional", -1), ArgumentError, "max_notional is -1 in tier row 1, not above its min_notional"),
        (changed(1, "min_notional", 60_000), ArgumentError, "tiers have a gap: row 1 ends at 50000 and row 2 starts"),
        (changed(1, "min_notional", 40_000), ArgumentError, "tiers have an overlap: row 1 ends at 50000 and row 2"),
        (
            BITCOIN[::2] + BITCOIN[1::2],
            ArgumentError,
            "tiers have a gap: row 1 ends at 50000 and row 2 starts at 250000",
        ),
        ([BITCOIN[0], BITCOIN[1], BITCOIN[0]], ArgumentError, "tiers are not sorted: row 3 starts at 0"),
        (
            changed(2, "maintenance_rate", 1),
            ArgumentError,
            "maintenance_rate is 1 in tier row 3; write it as a decimal",
        ),
        (changed(0, "maintenance_rate", 0), ArgumentError, "maintenance_rate is 0 in tier row 1"),
        (
            changed(0, "maintenance_rate", 0.4),
            ArgumentError,
            "maintenance_rate is 0.4 in tier row 1, above the initial",
        ),
        (changed(2, "maintenance_rate", 0.005 - 1e-4), ArgumentError, "maintenance_rate falls to 0.0049 in tier row 3"),
        (changed(1, "max_leverage", 0), ArgumentError, "max_leverage is 0 in tier row 2"),
        (changed(1, "max_leverage", 130), ArgumentError, "max_leverage rises to 130 in tier row 2"),
        (changed(2, "maintenance_amount", 1_250), ArgumentError, "is 1250 in tier row 3 where the rates make it 1300"),
        (changed(0, "maintenance_amount", 5), ArgumentError, "is 5 in tier row 1 where the rates make it 0"),
        (changed(1, "maintenance_amount", np.nan), MissingDataError, "maintenance_amount has no value at position 2"),
        (changed(1, "max_notional", np.nan), MissingDataError, "max_notional has no value at position 2"),
        (changed(1, "max_notional", np.inf), ArgumentError, "max_notional is infinite"),
        (changed(3, "max_leverage", np.inf), ArgumentError, "max_leverage is infinite"),
        (changed(3, "maintenance_rate", np.nan), MissingDataError, "maintenance_rate has no value at position 4"),
    ],
)
def test_a_faulty_table_is_refused_by_its_row(rows, error, words):
    with pytest.raises(error, match=words):
        Tiers.from_rows(rows)


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ArgumentError, match="max_notional has 2 rows where min_notional has 1"):
        Tiers([0], [1, 2], [0.01], [0], [20])


@pytest.fixture
def published(shared_data):
    """The tables of eight coins as Binance published them in October 2024, by symbol."""
    path = shared_data / "specs" / "binance_leverage_tiers_8coins.csv"
    names = ("min_notional", "max_notional", "mmr", "maint_amount", "max_leverage")
    rows = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["symbol"], []).append([float(row[name]) for name in names])
    return rows


def test_the_published_tables_are_sound_and_their_amounts_are_the_formula(published):
    assert len(published) == 8
    for rows in published.values():
        stated = np.array(rows)
        blank = stated.copy()
        blank[:, 3] = np.nan
        np.testing.assert_allclose(Tiers.from_rows(blank).maintenance_amount, stated[:, 3], rtol=1e-12, atol=1e-9)
        edges = stated[1:, 0]
        np.testing.assert_allclose(
            Tiers.from_rows(stated).maintenance(edges), edges * stated[1:, 2] - stated[1:, 3], rtol=1e-12
        )


def test_rows_without_any_number_are_left_out():
    rows = np.array([[0, 5, 0.01, 0, 50], [5, 9, 0.02, 0.05, 20]], dtype=float)
    framed = Tiers.from_rows(np.vstack([np.full((1, 5), np.nan), rows, np.full((2, 5), np.nan)]))
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(framed, name), getattr(Tiers.from_rows(rows), name))
    with pytest.raises(ArgumentError, match="is empty"):
        Tiers.from_rows(np.full((2, 5), np.nan))
