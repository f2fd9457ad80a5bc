"""Bad input on the desk: one sentence that names the sheet, the cell and the remedy."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from core.errors import BookError, DataWarning
from xladdin.desk.layout.settings import SETTINGS
from xladdin.desk.read.desk import read_desk
from xladdin.desk.template.sample import sample_desk
from xladdin.desk.template.scenarios import SCENARIOS


def test_the_sample_desk_reads_as_it_was_made(book):
    inputs, sample = read_desk(book), sample_desk()
    assert inputs.universe.symbols == sample.panel.symbols
    window = int(inputs.settings.window)
    np.testing.assert_array_equal(inputs.panel.times, sample.panel.times[-window - 1 :])
    np.testing.assert_array_equal(inputs.panel.prices, sample.panel.prices[-window - 1 :])
    np.testing.assert_array_equal(inputs.panel.funding, sample.panel.funding[-window - 1 :])


def test_rates_at_times_that_prices_does_not_have_are_counted_and_named(book):
    block = book.table("Funding")
    rows = [list(row) for row in block.rows]
    late = rows[8][0].replace(minute=30)
    rows.insert(9, [late, *([0.0001] * (len(block.header) - 1))])
    book.write_table("Funding", rows, block.header)
    with pytest.warns(DataWarning, match=rf"Funding!\w+: 1 row of Funding \({late:%Y-%m-%d %H:%M}\) at a time"):
        read_desk(book)


@pytest.mark.parametrize("written", ["BTCUSDT", " btcusdt ", "BtcUsdt", "\ufeffBTCUSDT"])
def test_the_benchmark_is_read_as_every_symbol_is(book, edit, written):
    plain = read_desk(book)
    desk = read_desk(edit("Benchmark", written))
    assert desk.settings.benchmark == "BTCUSDT"
    np.testing.assert_array_equal(desk.benchmark_returns, plain.benchmark_returns)


def test_every_declared_setting_is_read_desk(book):
    settings = read_desk(book).settings
    assert {setting.field for setting in SETTINGS} == set(vars(settings))


def test_the_fingerprint_changes_with_any_input_and_only_then(book, edit):
    before = read_desk(book)
    assert before.fingerprint("stress") == read_desk(book).fingerprint("stress")
    after = read_desk(edit("GrossMax", 1.5))
    assert after.fingerprint("stress") != before.fingerprint("stress")


def test_what_a_record_keeps_for_later_is_no_input(edit, book):
    """A panel that remembers its returns, say: the run log must still say that nothing changed."""
    book.write_table("Tiers", TIERS)
    jobs = ("rebalance", "hedge", "stress", "backtest", "train", "sweep")
    for model, betas in (("classical", "ols"), ("learned", "learned")):
        edit("BetaMethod", betas)
        desk = read_desk(edit("Model", model))
        before = [desk.fingerprint(job) for job in jobs]
        records = [
            *(desk.settings, desk.universe, desk.panel, desk.history, desk.factors, desk.past_factors),
            *(desk.scenarios, desk.instruments, *(tiers for tiers in desk.tiers if tiers is not None)),
        ]
        for record in records:
            object.__setattr__(record, "kept", np.arange(3.0))
        assert [desk.fingerprint(job) for job in jobs] == before


def test_a_hedge_setting_leaves_the_fingerprint_of_the_rebalance_alone(book, edit):
    before, after = read_desk(book), read_desk(edit("TargetBeta", 0.5))
    assert after.fingerprint("stress") != before.fingerprint("stress")
    assert after.fingerprint("rebalance") == before.fingerprint("rebalance")


@pytest.mark.parametrize(
    ("change", "address", "message"),
    [
        (("Equity", None), "Settings!", "Equity is needed"),
        (("Equity", "much"), "Settings!", "holds 'much' where Equity must be a number"),
        (("Equity", -5.0), "Settings!", "Equity must be at least 1"),
        (("Equity", 0.0), "Settings!", "Equity must be at least 1"),
        (("Window", 720.7), "Settings!", "holds 720.7; Window must be a whole number"),
        (("DecideEvery", 24.5), "Settings!", "holds 24.5; DecideEvery must be a whole number"),
        (("TradeDelay", 0.5), "Settings!", "TradeDelay must be a whole number"),
        (("Trials", 1.5), "Settings!", "Trials must be a whole number"),
        (("Seed", 7.5), "Settings!", "Seed must be a whole number"),
        (("MarginBuffer", 1.5), "Settings!", "MarginBuffer must lie between 0 and 1"),
        (("Objective", "max_profit"), "Settings!", "Objective is one of"),
        (("Benchmark", "BTCUSD"), "Settings!", "the benchmark BTCUSD (did you mean 'BTCUSDT'?)"),
        (("Benchmark", " btcusd "), "Settings!", "the benchmark BTCUSD (did you mean 'BTCUSDT'?)"),
        (("Benchmark", "=BTC"), "Settings!", "'=BTC' is no symbol"),
        (("Window", 5000.0), "Settings!", "the window is 5000 bars and Prices has 2160 returns"),
        (("BarHours", 8.0), "Settings!", "the bar length is 8 hours and the rows of Prices are 1 hours apart"),
        (("Universe", 2, "Price", None), "Universe!", "SOLUSDT has no price above zero"),
        (("Universe", 2, "Price", "n/a"), "Universe!", "holds 'n/a' where Price must be a number"),
        (("Universe", 2, "Price", 0.0), "Universe!", "has no price above zero"),
        (("Universe", 2, "Include", "maybe"), "Universe!", "Include is one of: Y, N"),
        (("Universe", 2, "Symbol", "ETHUSDT"), "Universe!", "ETHUSDT stands twice"),
        (("Universe", 2, "Symbol", "SOLUSD"), "Prices", "no price of SOLUSD, and it is held"),
        (("Universe", 4, "Symbol", "XRPUSD"), "Prices", "no column for XRPUSD (did you mean 'XRPUSDT'?)"),
        (("Universe", 2, "MinWeight", 0.9), "Universe!", "the least weight of SOLUSDT is above its largest"),
        (("Universe", 2, "MaxLeverage", 0.0), "Universe!", "MaxLeverage must lie between"),
        (("Prices", 5, "SOLUSDT", "abc"), "Prices!", "holds 'abc' where a number is needed"),
        (("Prices", 5, "SOLUSDT", -1.0), "Prices!", "holds -1; a price is above zero"),
        (("Prices", 5, "SOLUSDT", 0.0), "Prices!", "holds 0; a price is above zero"),
        (("Prices", 5, "Time", "yesterday"), "Prices!", "where a date and time is needed"),
        (("Prices", 5, "Time", None), "Prices!", "where a date and time is needed"),
        (("Prices", 5, "Time", datetime(2020, 1, 1)), "Prices!", "is earlier than the row above it"),
    ],
)
def test_what_is_wrong_is_named_by_its_cell(edit, change, address, message):
    book = edit(*change)
    with pytest.raises(BookError) as caught:
        read_desk(book)
    assert address in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_time_that_stands_twice_is_named(book, edit):
    third = book.table("Prices").rows[3][0]
    with pytest.raises(BookError, match=r"Prices!\w+ repeats the time above it"):
        read_desk(edit("Prices", 4, "Time", third))


def test_a_blank_price_column_is_named(book):
    block = book.table("Prices")
    column = block.index("BNBUSDT")
    book.write_table("Prices", [[*row[:column], None, *row[column + 1 :]] for row in block.rows], block.header)
    with pytest.raises(BookError, match=r"Prices!\w+: the column of BNBUSDT is blank"):
        read_desk(book)


def test_a_universe_of_one_is_a_universe(book):
    book.write_table("Universe", book.table("Universe").rows[:1])
    assert read_desk(book).universe.symbols == ("BTCUSDT",)


def test_a_contract_that_is_excluded_but_held_is_in_play(edit):
    universe = read_desk(edit("Universe", 2, "Include", "N")).universe
    assert universe.symbols[2] == "SOLUSDT"
    assert universe.included.tolist() == [True, True, False, *[True] * 5]
    assert universe.in_book.all()


def test_a_desk_with_nothing_in_play_is_told(book):
    block = book.table("Universe")
    changed = {"Include": "N", "Hedge": "N", "Position": None}
    rows = [[changed.get(name, cell) for name, cell in zip(block.header, row, strict=True)] for row in block.rows]
    book.write_table("Universe", rows)
    with pytest.raises(BookError, match=r"Universe!C7: no contract is included, held or a hedge"):
        read_desk(book)


@pytest.mark.parametrize("column", ["Position", "OverlayPosition"])
def test_what_is_held_without_history_stops_the_run_with_its_name_and_the_way_out(book, edit, column):
    edit("Universe", 3, column, -5.0)
    prices = book.table("Prices")
    place = prices.index("BNBUSDT")
    rows = [[*row[:place], *row[place + 1 :]] for row in prices.rows]
    book.write_table("Prices", rows, [*prices.header[:place], *prices.header[place + 1 :]])
    with pytest.raises(BookError, match="no price of BNBUSDT, and it is held; refresh with that symbol too, or clear"):
        read_desk(book)


def test_a_long_text_in_a_cell_leaves_room_for_the_remedy(edit):
    book = edit("Universe", 1, "Price", "x" * 30_000)
    with pytest.raises(
        BookError, match=r"^Universe!\w+ holds 'x+\.\.\.' where Price must be a number; correct it$"
    ) as caught:
        read_desk(book)
    assert len(str(caught.value)) < 150


def test_an_empty_universe_is_refused(book):
    book.write_table("Universe", [])
    with pytest.raises(BookError, match="table 'Universe' on sheet 'Universe' has no contract"):
        read_desk(book)


def test_an_error_cell_in_the_history_is_a_missing_price(book, edit):
    before = read_desk(book).panel.missing()["ETHUSDT"]
    assert read_desk(edit("Prices", 2000, "ETHUSDT", "#N/A")).panel.missing()["ETHUSDT"] == before + 2


@pytest.mark.parametrize("cell", ["0.0100%", "#N/A"])
def test_funding_that_is_no_number_is_missing_in_its_row_and_said(book, edit, cell):
    before, length = read_desk(book).panel, len(book.table("Prices").rows)
    with pytest.warns(DataWarning, match=r"Funding!\w+ holds .* missing, not zero; enter rates as numbers"):
        after = read_desk(edit("Funding", 2000, "ETHUSDT", cell)).panel
    row, column = len(before.times) - length + 2000, before.symbols.index("ETHUSDT")
    assert np.isnan(after.returns()[row - 1, column])
    assert np.isnan(after.returns()).sum() == np.isnan(before.returns()).sum() + 1


def test_blank_funding_before_the_first_print_is_not_zero(book):
    block = book.table("Funding")
    rows = [list(row) for row in block.rows]
    for row in rows[:-200]:
        row[block.index("SOLUSDT")] = None
    book.write_table("Funding", rows, block.header)
    with pytest.warns(DataWarning, match=r"Funding: known for SOLUSDT \d+ of \d+ days; a year's funding is that of"):
        panel = read_desk(book).panel
    position = panel.symbols.index("SOLUSDT")
    assert panel.funding_coverage()[position] < 0.3
    paid = panel.funding[-200:, position]
    assert panel.funding_annual()[position] == pytest.approx(np.nanmean(paid) * 1095, rel=0.05)


def test_funding_that_is_not_given_is_said(book):
    block = book.table("Funding")
    keep = [i for i, name in enumerate(block.header) if name != "SOLUSDT"]
    book.write_table("Funding", [[row[i] for i in keep] for row in block.rows], [block.header[i] for i in keep])
    with pytest.warns(UserWarning, match="Funding: none is given for SOLUSDT"):
        read_desk(book)


def test_an_excluded_contract_needs_no_history(book):
    universe, prices = book.table("Universe"), book.table("Prices")
    rows = [dict(zip(universe.header, row, strict=True)) for row in universe.rows]
    rows[-1].update({"Include": "N", "Hedge": "N"})
    book.write_table("Universe", [list(row.values()) for row in rows])
    book.write_table("Prices", [row[:-1] for row in prices.rows], prices.header[:-1])
    assert "LINKUSDT" not in read_desk(book).universe.symbols


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "Scenarios!C9 is blank and MarketShock is needed; fill it in; this scenario was left out"),
        (-1.5, "Scenarios!C9 holds -1.5; MarketShock must lie between -1 and 10; this scenario was left out"),
    ],
)
def test_a_scenario_that_cannot_be_run_is_left_out_and_said(edit, value, said):
    with pytest.warns(DataWarning) as caught:
        desk = read_desk(edit("Scenarios", 2, "MarketShock", value))
    assert said in [str(warning.message) for warning in caught]
    assert desk.scenarios.names == tuple(scenario.name for scenario in SCENARIOS if scenario != SCENARIOS[2])
    assert desk.scenarios.overrides.shape == (len(SCENARIOS) - 1, len(desk.universe.symbols))


TIERS = [
    ["SOLUSDT", 0.0, 50_000.0, 0.01, None, 50.0],
    ["SOLUSDT", 50_000.0, None, 0.02, None, 25.0],
]


def test_the_tiers_of_a_contract_are_read_desk(book):
    book.write_table("Tiers", TIERS)
    tiers = read_desk(book).tiers
    assert [table is None for table in tiers] == [True, True, False, *[True] * 5]
    assert tiers[2].maintenance(100_000.0) == pytest.approx(0.02 * 100_000 - 50_000 * 0.01)


@pytest.mark.parametrize(("model", "same"), [("classical", True), ("beta_neutral", False)])
def test_a_mark_of_hedge_counts_for_the_model_that_hedges(edit, model, same):
    before = read_desk(edit("Model", model))
    assert before.universe.hedges[0]
    after = read_desk(edit("Universe", 0, "Hedge", "N"))
    assert (after.fingerprint("rebalance") == before.fingerprint("rebalance")) == same


def test_the_fingerprint_knows_whose_tiers_they_are(book):
    found = set()
    for symbol in ("SOLUSDT", "ETHUSDT"):
        book.write_table("Tiers", [[symbol, *row[1:]] for row in TIERS])
        inputs = read_desk(book)
        found.add((inputs.fingerprint("stress"), inputs.fingerprint("rebalance")))
    assert len({whole for whole, _ in found}) == 2
    assert len({target for _, target in found}) == 1


def test_a_seed_leaves_the_fingerprint_of_the_rebalance_alone(book, edit):
    before, after = read_desk(book), read_desk(edit("Seed", 8.0))
    assert after.fingerprint("stress") != before.fingerprint("stress")
    assert after.fingerprint("rebalance") == before.fingerprint("rebalance")


def test_tiers_that_leave_a_gap_are_told(book):
    book.write_table("Tiers", [TIERS[0], ["SOLUSDT", 60_000.0, None, 0.02, None, 25.0]])
    with pytest.raises(BookError, match="sheet 'Tiers': SOLUSDT: "):
        read_desk(book)


def test_factor_returns_stand_beside_the_bars_they_belong_to(book):
    inputs, sample = read_desk(book), sample_desk()
    assert inputs.factors.names == sample.factor_names
    window = int(inputs.settings.window)
    np.testing.assert_array_equal(inputs.factors.returns, sample.factors[-window - 1 :])
    assert inputs.factors.rows.tolist() == list(range(window + 1))
