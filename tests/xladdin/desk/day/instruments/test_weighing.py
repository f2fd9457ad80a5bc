"""The hedge weighed among contracts and instruments: costs by hand, what may be traded, and the second opinion."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from core.errors import BookError, DataWarning, InfeasibleError
from tests.xladdin.desk.conftest import NOW
from tests.xladdin.desk.day.instruments.conftest import PERP, PUT, SPOT, USDC, of
from xladdin.desk import jobs
from xladdin.desk.day.estimates import estimate
from xladdin.desk.day.hedging import choose_hedge
from xladdin.desk.day.instruments.weighing import hedge_book
from xladdin.desk.read.desk import read_desk
from xladdin.desk.read.positions import read_positions
from xladdin.second_opinion.opinion import second_opinion

MONTH = 30 / 365
EQUITY = 10_000_000.0
BTC = 62_750.0


@pytest.fixture
def dear(edit):
    """Contracts that cost too much to trade."""
    for row in range(2):
        edit("Universe", row, "TakerFeeBps", 900.0)


def hedged(book):
    return jobs.hedge(book, NOW)


def test_without_rows_the_hedge_is_that_of_the_contracts(desk_with):
    book = desk_with()
    desk = read_desk(book)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # what is missing or small is no matter here
        estimates, positions = estimate(desk), read_positions(book, desk, hedged=False)
        ours, plain = hedge_book(desk, estimates, positions), choose_hedge(desk, estimates, positions)
    assert ours.trades.contracts.tobytes() == plain.trades.contracts.tobytes()
    assert ours.bought is None
    report = hedged(book)
    assert book.table("HedgeChoice").rows == book.table("HedgeOptions").rows == ()
    assert "HedgeChoice" not in report.tables


def test_what_a_tenth_of_beta_costs_is_fee_and_carry_until_the_horizon(desk_with):
    book = desk_with({**SPOT, "Position": 1.0}, {**PERP, "CarryAnnual": 0.50}, USDC, TargetBeta=0.1)
    hedged(book)
    a_tenth = 0.1 * EQUITY  # BTC is the benchmark: its beta is one
    assert of(book, "HedgeChoice", "BTC spot", "CostOfTenth") == pytest.approx(a_tenth * (0.001 - 0.05 * MONTH))
    assert of(book, "HedgeChoice", "BTC perp elsewhere", "CostOfTenth") == pytest.approx(
        a_tenth * (0.0006 - 0.50 * MONTH)
    )
    assert of(book, "HedgeChoice", "USDC", "CostOfTenth") is None
    # The perpetual elsewhere earns most when sold: 50 % a year.
    assert of(book, "HedgeChoice", "BTC perp elsewhere", "Trade") < 0
    assert of(book, "Hedge", "BTCUSDT", "BetaAfter") == pytest.approx(0.1, abs=1e-3)


def test_a_put_is_bought_where_contracts_cost_more(desk_with, dear):
    book = desk_with(PUT, HedgeHorizonDays=1.0)
    report = hedged(book)
    bought = of(book, "HedgeChoice", "BTC put", "Trade")
    before, delta = of(book, "Hedge", "BTCUSDT", "BetaBefore"), of(book, "HedgeOptions", "BTC put", "Delta")
    assert bought * delta * BTC / EQUITY == pytest.approx(0.3 - before)
    assert of(book, "HedgeChoice", "BTC put", "Cash") == pytest.approx(
        bought * of(book, "HedgeOptions", "BTC put", "ModelPrice")
    )
    # Theta a day, to the second order of the day that passes.
    assert of(book, "HedgeChoice", "BTC put", "Decay") == pytest.approx(
        -bought * of(book, "HedgeOptions", "BTC put", "Theta"), rel=0.03
    )
    assert f"buy {bought:,.6g} BTC put" in report.headline


def test_a_price_above_the_model_is_a_cost_until_the_horizon(desk_with):
    book = desk_with(PUT)
    hedged(book)
    model = of(book, "HedgeChoice", "BTC put", "Price")
    cheap = of(book, "HedgeChoice", "BTC put", "CostOfTenth")
    book = desk_with({**PUT, "Price": model * 1.1})
    hedged(book)
    assert of(book, "HedgeChoice", "BTC put", "CostOfTenth") > cheap
    assert of(book, "HedgeOptions", "BTC put", "ModelPrice") == pytest.approx(model)


def test_spot_that_is_not_held_is_not_sold_and_what_is_held_no_further(desk_with, dear):
    book = desk_with(SPOT, {**PERP, "FeeBps": 50.0, "CarryAnnual": 0.0})
    hedged(book)
    assert of(book, "HedgeChoice", "BTC spot", "Trade") == 0
    assert of(book, "HedgeChoice", "BTC spot", "CostOfTenth") is None
    book = desk_with({**SPOT, "Position": 2.0}, {**PERP, "FeeBps": 50.0, "CarryAnnual": 0.0})
    hedged(book)
    assert of(book, "HedgeChoice", "BTC spot", "Trade") == pytest.approx(-2.0)
    assert of(book, "HedgeChoice", "BTC perp elsewhere", "Trade") < 0


def test_spot_is_bought_with_the_cash_that_margin_leaves(desk_with, dear):
    dear_perp = {**PERP, "FeeBps": 100.0}
    book = desk_with({**SPOT, "CarryAnnual": 0.0}, dear_perp, Equity=8_000_000.0, TargetBeta=2.5)
    hedged(book)
    universe = book.table("Universe")
    margin = sum(
        amount * price / leverage
        for amount, price, leverage in zip(
            *(universe.column(name) for name in ("Position", "Price", "MaxLeverage")), strict=True
        )
    )
    choice = book.table("HedgeChoice")
    further = of(book, "HedgeChoice", "BTC perp elsewhere", "Margin") + sum(choice.column("Fee"))
    assert of(book, "HedgeChoice", "BTC spot", "Cash") == pytest.approx(8_000_000.0 - margin - further)
    assert of(book, "HedgeChoice", "BTC perp elsewhere", "Trade") > 0
    assert of(book, "HedgeChoice", "BTCUSDT", "Trade") == 0


def test_inside_the_band_nothing_is_traded_and_costs_are_told_all_the_same(desk_with):
    book = desk_with({**SPOT, "Position": 1.0}, PUT, HedgeBand=5.0)
    hedged(book)
    assert set(book.table("HedgeChoice").column("Trade")) == {0.0}
    assert of(book, "HedgeChoice", "BTC spot", "CostOfTenth") is not None
    assert of(book, "Hedge", "BTCUSDT", "Due") == "N"


def test_what_is_held_counts_in_beta_an_option_by_its_delta(desk_with):
    book = desk_with()
    hedged(book)
    alone = of(book, "Hedge", "BTCUSDT", "BetaBefore")
    book = desk_with({**SPOT, "Position": 10.0, "Hedge": "N"}, {**PUT, "Position": 20.0, "Hedge": "N"}, USDC)
    hedged(book)
    delta = of(book, "HedgeOptions", "BTC put", "Delta")
    found = of(book, "Hedge", "BTCUSDT", "BetaBefore")
    assert found - alone == pytest.approx((10 + 20 * delta) * BTC / EQUITY)
    assert of(book, "HedgeChoice", "BTC spot", "Trade") == 0, "it is marked N"


def test_an_option_that_is_worth_nothing_is_not_traded_and_that_is_said(desk_with):
    far = {**PUT, "Strike": 1.0, "Position": 5.0}
    report = hedged(desk_with(far))
    assert any(
        "Hedges!B7: BTC put costs 0, next to nothing beside what it moves with" in each for each in report.warnings
    )


def test_mean_variance_sells_what_the_book_is_long_of(desk_with):
    spot = {"Kind": "spot", "FeeBps": 10.0, "CarryAnnual": 0.0}
    rows = (
        {**spot, "Instrument": "SOL spot", "Underlying": "SOLUSDT", "Position": 12_000.0},
        {**spot, "Instrument": "BTC spot", "Underlying": "BTCUSDT", "Position": 30.0, "FeeBps": 9.0},
    )
    trades = {}
    for weighing in ("least_cost", "mean_variance"):
        book = desk_with(*rows, HedgeWeighing=weighing, RiskAversion=50.0, HedgeHorizonDays=90.0, TargetBeta=0.9)
        hedged(book)
        assert of(book, "Hedge", "BTCUSDT", "BetaAfter") == pytest.approx(0.9, abs=1e-3)
        desk = read_desk(book)
        with pytest.warns(DataWarning, match="returns missing"):
            covariance = estimate(desk).covariance
        after = (desk.universe.positions + np.append(of_contracts(book), np.zeros(6))) * desk.universe.prices
        after[2] += of(book, "HedgeChoice", "SOL spot", "TargetPosition") * desk.universe.prices[2]
        after[0] += of(book, "HedgeChoice", "BTC spot", "TargetPosition") * desk.universe.prices[0]
        trades[weighing] = after @ covariance @ after
    assert trades["mean_variance"] < 0.97 * trades["least_cost"]


def of_contracts(book):
    return [of(book, "HedgeChoice", symbol, "Trade") for symbol in ("BTCUSDT", "ETHUSDT")]


def test_where_nothing_moves_beta_the_way_it_has_to_go_it_says_so(desk_with, edit):
    book = desk_with(USDC, {**PUT, "Hedge": "N"}, GrossMax=0.0, HedgeMode="overlay")
    for row in range(2):
        edit("Universe", row, "Hedge", "N")
    with pytest.raises(BookError, match="no contract with a beta is marked Hedge"):
        hedged(book)
    edit("Universe", 0, "Hedge", "Y")
    with pytest.raises(InfeasibleError, match=r"none of the hedges .*: beta has to go down by 0\.\d+"):
        hedged(book)


@pytest.mark.parametrize(
    "settings",
    [
        {"HedgeWeighing": "mean_variance", "TargetBeta": 1.4},
        {"HedgeMode": "overlay", "HedgeAim": "edge"},
    ],
    ids=["mean_variance", "overlay"],
)
def test_the_second_opinion_agrees(desk_with, edit, settings):
    for row in range(2):  # without lots it finds the optimum too
        edit("Universe", row, "Lot", 0.0)
    call = {
        **PUT,
        "Instrument": "BTC call",
        "OptionType": "call",
        "Price": 4_500.0,
        "ImpliedVol": None,
        "Position": 3.0,
    }
    held = ({**SPOT, "Position": 2.0}, {**PERP, "Position": -1.5}, {**USDC, "Position": 1e5})
    book = desk_with(*held, PUT, call, **settings)
    edit("Scenarios", 3, "PegShock", -0.08)
    hedged(book)
    jobs.stress(book, NOW)
    figures = second_opinion(book)
    assert [(each.name, each.cell, each.desk, each.second) for each in figures if each.verdict == "differs"] == []
    told = {each.name: each.verdict for each in figures}
    assert told["HedgeChoice.Trade"] in ("agrees", "as good")
    assert told["HedgeOptions.Vega"] == told["Stress.EquityAfter"] == told["Replays.LowestEquity"] == "agrees"


def test_a_trade_that_is_not_the_cheapest_differs(desk_with, edit):
    for row in range(2):
        edit("Universe", row, "Lot", 0.0)
    book = desk_with({**SPOT, "Position": 2.0}, PUT)
    hedged(book)
    block = book.table("HedgeChoice")
    rows = [list(row) for row in block.rows]
    rows[3][block.index("Trade")] = 1.0
    book.write_table("HedgeChoice", rows)
    differs = {each.name for each in second_opinion(book) if each.verdict == "differs"}
    assert {"HedgeChoice.Trade", "HedgeChoice.Fee", "Hedge.BetaAfter"} <= differs


def taken(book):
    """What the trades on the sheets lead to: fully paid, initial margin of contracts and perps elsewhere, and fees."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # the fees are unusual
        choice, universe = book.table("HedgeChoice"), read_desk(book).universe
    traded = dict(zip(choice.column("Instrument"), choice.column("Trade"), strict=True))
    contracts = universe.positions + universe.overlay_positions
    for symbol in ("BTCUSDT", "ETHUSDT"):
        contracts[universe.symbols.index(symbol)] += traded[symbol]
    margin = np.abs(contracts * universe.prices) @ universe.initial_margin_rates
    own = [sum(choice.column(name)[2:]) for name in ("Cash", "Margin")]
    return margin + sum(own) + sum(choice.column("Fee"))


@pytest.mark.parametrize("lot", [0.0, 1.0])
def test_what_is_fully_paid_fees_and_margin_take_no_more_than_equity(desk_with, dear, lot):
    spot, perp = {**SPOT, "Lot": lot}, {**PERP, "FeeBps": 100.0, "Lot": lot}
    for rows, target in ((spot,), 3.0), ((spot, perp), 2.5):
        report = hedged(book := desk_with(*rows, TargetBeta=target))
        assert 0.93 * EQUITY < taken(book) <= EQUITY * (1 + 1e-9)
        assert of(book, "HedgeChoice", "BTC spot", "Trade") > 0
        assert not any("more than Equity" in each for each in report.warnings)
        left = target - of(book, "Hedge", "BTCUSDT", "BetaAfter")
        assert any(f"leave an exposure of {-left:+.3f}" in each for each in report.warnings) == (left > 0.05)


def test_a_contract_that_closes_what_is_held_needs_no_cash(desk_with, edit):
    """Margin takes more than Equity already: what sets margin free is traded, and nothing else."""
    book = desk_with(SPOT, PERP, TargetBeta=0.1, Equity=1_000_000.0, GrossMax=50.0)
    for row in range(2):
        edit("Universe", row, "MaxLeverage", 1.0)
    held = book.table("Universe").column("Position")[0]
    assert held > 0
    report = hedged(book)
    assert any("more than Equity, so nothing is traded that takes more" in each for each in report.warnings)
    assert -held <= of(book, "HedgeChoice", "BTCUSDT", "Trade") < 0
    assert of(book, "HedgeChoice", "BTC spot", "Trade") == 0
