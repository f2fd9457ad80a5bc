"""The desk's day on the sample desk: what each job writes, what it leaves alone, and what it says no to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.choices import BETA_METHODS, COVARIANCE_METHODS, OBJECTIVES
from core.decide.limits.declared import Limits
from core.decide.portfolio.optimize import optimize
from core.errors import ArgumentError, BookError, InfeasibleError, UndefinedError
from tests.xladdin.desk.conftest import NOW, digest, on_a_file
from xladdin import call
from xladdin.books.file_book import FileBook
from xladdin.desk import jobs
from xladdin.desk.day.estimates import estimate
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.read.desk import read_desk
from xladdin.desk.write.runlog import heard_warnings

RESULTS = ("Estimates", "Weights", "Frontier", "Hedge", "Stress", "Checks", "Runs")


def numbers(block, column):
    return np.array(block.column(column), dtype=np.float64)


def measure(book, name):
    block = book.table("WeightsSummary")
    return block.column("Value")[block.column("Measure").index(name)]


class TestBacktest:
    def test_the_sheets_say_what_the_run_was(self, book):
        report = jobs.backtest(book, NOW)
        figures = dict(
            zip(book.table("Backtest").column("Measure"), book.table("Backtest").column("Policy"), strict=True)
        )
        path, decisions = book.table("BacktestPath"), book.table("BacktestDecisions")
        assert report.headline.startswith("classical -20.6%")
        assert path.column("Policy")[-1] == figures["Equity at the end"]
        assert path.column("Time")[0] == decisions.column("Time")[0]
        assert len(path.rows) <= 400
        assert min(numbers(path, "Drawdown")) == pytest.approx(-figures["Maximum drawdown"], rel=1e-12)
        assert len(decisions.rows) == figures["Decisions"] == sum(numbers(book.table("BacktestAnswers"), "Decisions"))
        assert numbers(book.table("Attribution"), "Contribution")[-1] == pytest.approx(
            figures["Total return"], rel=1e-12
        )
        run = dict(zip(book.table("Runs").header, book.table("Runs").rows[-1], strict=True))
        assert (run["Job"], run["Model"]) == ("backtest", "mean-variance, max_sharpe 100%")
        assert "decide_every=24; trade_delay=0" in run["Parameters"]
        assert "began in cash" in run["Warnings"]

    def test_it_stands_beside_a_new_target_until_what_it_rests_on_changes(self, book, edit):
        jobs.backtest(book, NOW)
        before = book.table("BacktestPath").rows
        jobs.rebalance(book, NOW)
        assert book.table("BacktestPath").rows == before
        assert status(book, "Backtest belongs to today's inputs") == "OK"
        edit("Universe", 0, "Position", 3.0)
        edit("TargetBeta", 0.7)
        jobs.check(book, NOW)
        assert status(book, "Backtest belongs to today's inputs") == "OK", "it rests on neither"
        edit("DecideEvery", 12.0)
        jobs.check(book, NOW)
        assert status(book, "Backtest belongs to today's inputs") == "WARN"

    def test_one_that_hedges_rests_on_the_settings_of_hedge_too(self, book, edit):
        edit("HedgeInPast", "Y")
        jobs.backtest(book, NOW)
        assert status(book, "Backtest belongs to today's inputs") == "OK"
        edit("TargetBeta", 0.7)
        jobs.check(book, NOW)
        assert status(book, "Backtest belongs to today's inputs") == "WARN"

    def test_a_liquidated_policy_fails_and_its_sheet_says_when_and_who(self, book, edit):
        for name, value in (("NetTarget", 6.0), ("GrossMax", 6.0), ("MarginBuffer", 0.0)):
            edit(name, value)
        for row in range(len(book.table("Universe").rows)):
            edit("Universe", row, "MaxWeight", 1.0)
            edit("Universe", row, "MaintenanceRate", 0.03)
        report = jobs.backtest(book, NOW)
        assert not report.passed
        assert status(book, "The backtest liquidates nothing") == "FAIL"
        block = book.table("BacktestLiquidations")
        times = block.column("Time")
        assert times == sorted(times)
        assert all(symbol in book.table("Universe").column("Symbol") for symbol in block.column("Symbol"))
        assert (numbers(block, "EquityAfter") < numbers(block, "EquityBefore")).all()

    @pytest.mark.parametrize("kind", ["csv", "parquet"])
    def test_every_row_goes_to_a_file_that_is_asked_for(self, book, tmp_path, kind):
        file = tmp_path / f"walk.{kind}"
        report = jobs.backtest(book, NOW, path=file)
        assert report.walk is not None
        assert not file.exists(), "it lands after the book"
        report.walk.write()
        table = pd.read_csv(file, parse_dates=["time"]) if kind == "csv" else pd.read_parquet(file)
        assert len(table) == 1441
        assert table["equity"].iloc[-1] == pytest.approx(book.table("BacktestPath").column("Policy")[-1], rel=1e-12)
        parts = ("pnl", "funding", "fees", "slippage", "liquidation")
        sums = {part: table.filter(regex=f"^{part}_").to_numpy().sum() for part in parts}
        made = sums["pnl"] + sums["funding"] - sums["fees"] - sums["slippage"] - sums["liquidation"]
        assert 10e6 + made == pytest.approx(table["equity"].iloc[-1], rel=1e-12)
        assert [each.name for each in tmp_path.iterdir()] == [file.name]

    def test_a_file_of_no_kind_is_refused_before_anything_is_walked(self, book, tmp_path):
        with pytest.raises(ArgumentError, match=r"end its name in \.csv or \.parquet"):
            jobs.backtest(book, NOW, path=tmp_path / "walk.xls")
        with pytest.raises(ArgumentError, match="there is no folder"):
            jobs.backtest(book, NOW, path=tmp_path / "none" / "walk.csv")
        assert book.table("BacktestPath").rows == ()


def status(book, check):
    block = book.table("Checks")
    return block.column("Status")[block.column("Check").index(check)]


class TestRebalance:
    def test_weights_are_those_of_the_core_on_the_same_inputs(self, book):
        jobs.rebalance(book, NOW)
        with heard_warnings():
            desk = read_desk(book)
            estimates = estimate(desk)
        universe = desk.universe
        optimum = optimize(
            estimates.expected_returns,
            estimates.covariance,
            "max_sharpe",
            Limits(
                net=1,
                gross_max=2,
                min_weight=universe.min_weights,
                max_weight=universe.max_weights,
                current_weights=universe.positions * universe.prices / desk.settings.equity,
                turnover_cost=universe.cost_rates,
                risk_free=0.05,
                initial_margin_rates=universe.initial_margin_rates,
                margin_buffer=0.3,
            ),
        )
        np.testing.assert_allclose(numbers(book.table("Weights"), "Final"), optimum.weights, atol=1e-12)

    def test_weights_of_sum_one_sum_to_one(self, book):
        jobs.rebalance(book, NOW)
        assert numbers(book.table("Weights"), "Final").sum() == pytest.approx(1, abs=1e-9)

    @on_a_file
    def test_orders_lead_from_the_position_held_to_the_target_in_whole_lots(self, book):
        jobs.rebalance(book, NOW)
        universe, weights = book.table("Universe"), book.table("Weights")
        held, lots, prices = (numbers(universe, name) for name in ("Position", "Lot", "Price"))
        target = numbers(weights, "TargetPosition")
        np.testing.assert_allclose(held + numbers(weights, "Contracts"), target, rtol=1e-12)
        np.testing.assert_allclose(np.rint(target / lots) * lots, target, rtol=1e-12)
        assert (np.abs(target * prices) <= np.abs(numbers(weights, "Final")) * 10e6 + 1e-6).all()
        cost_rates = (numbers(universe, "TakerFeeBps") + numbers(universe, "SlippageBps")) * 1e-4
        np.testing.assert_allclose(numbers(weights, "Cost"), np.abs(target - held) * prices * cost_rates, rtol=1e-12)

    def test_the_estimates_are_what_a_cell_shows(self, book):
        jobs.rebalance(book, NOW)
        prices, funding = book.table("Prices"), book.table("Funding")
        window = slice(-721, None)
        returns = call(
            "PERP_RETURNS", [row[1:] for row in prices.rows[window]], [row[1:] for row in funding.rows[window]]
        )
        betas = call("PERP_BETA", returns, [row[:1] for row in returns])
        np.testing.assert_allclose(numbers(book.table("Estimates"), "Beta"), betas[0], rtol=1e-12)
        estimated = numbers(book.table("Estimates"), "Volatility")
        np.testing.assert_allclose(
            estimated**2, np.diag(call("PERP_COV", returns, "shrunk_correlation", 8760.0)), rtol=1e-12
        )

    def test_expected_return_is_premium_or_view_less_funding(self, book, edit):
        estimates = self._estimates(book)
        np.testing.assert_allclose(
            numbers(estimates, "ExpectedReturn"),
            0.05 + numbers(estimates, "Beta") * (0.30 - 0.05) - numbers(estimates, "FundingAnnual"),
            rtol=1e-12,
        )

    def test_a_view_replaces_the_premium(self, book):
        block = book.table("Universe")
        rows = [list(row) for row in block.rows]
        rows[1][block.index("View")] = 0.40
        book.write_table("Universe", rows)
        estimates = self._estimates(book)
        expected = 0.40 - numbers(estimates, "FundingAnnual")[1]
        assert numbers(estimates, "ExpectedReturn")[1] == pytest.approx(expected, rel=1e-12)
        assert "own view" in estimates.column("Note")[1]

    @staticmethod
    def _estimates(book):
        jobs.rebalance(book, NOW)
        return book.table("Estimates")

    def test_a_volatility_target_holds_less_of_the_same_book(self, book):
        jobs.rebalance(book, NOW)
        full, volatility = numbers(book.table("Weights"), "Final"), measure(book, "Volatility")
        book.write_value("VolTarget", volatility * 0.7)
        jobs.rebalance(book, NOW)
        np.testing.assert_allclose(numbers(book.table("Weights"), "Final"), 0.7 * full, rtol=1e-4, atol=1e-9)
        np.testing.assert_allclose(numbers(book.table("Weights"), "Baseline"), full, rtol=1e-12)

    def test_a_beta_target_is_met_when_net_is_free(self, book):
        book.write_value("NetTarget", None)
        book.write_value("PortfolioBeta", 0.7)
        jobs.rebalance(book, NOW)
        betas = numbers(book.table("Estimates"), "Beta")
        assert numbers(book.table("Weights"), "Final") @ betas == pytest.approx(0.7, abs=1e-9)

    def test_what_was_dropped_is_said(self, book):
        report = jobs.rebalance(book, NOW)
        assert any("SOLUSDT 7, ADAUSDT 4" in warning for warning in report.warnings)
        assert "SOLUSDT 7" in str(book.table("Runs").column("Warnings")[-1])

    @on_a_file
    def test_infeasible_limits_say_which_conflict_and_leave_no_result(self, book):
        book.write_value("PortfolioBeta", 3.0)
        book.write_value("FallbackAllowed", "N")
        with pytest.raises(InfeasibleError, match=r"target_beta 3 .*; see .*Settings PortfolioBeta"):
            jobs.rebalance(book, NOW)
        assert book.table("Weights").rows == ()

    def test_where_no_model_answers_the_weights_held_stay_and_the_reasons_are_told(self, book):
        book.write_value("PortfolioBeta", 3.0)
        report = jobs.rebalance(book, NOW)
        weights = book.table("Weights")
        assert book.table("Runs").column("Model")[-1] == "current weights (fallback)"
        np.testing.assert_allclose(numbers(weights, "Final"), numbers(weights, "Current"), rtol=1e-12)
        assert set(weights.column("Side")) == {"HOLD"}
        for objective in ("max_sharpe", "min_variance"):
            assert any(
                f"mean-variance, {objective} has no answer" in said
                and "target_beta 3" in said
                and "see Settings PortfolioBeta" in said
                for said in report.warnings
            )
        assert not report.passed
        assert "A model chose the weights" in report.verdict

    def test_without_a_positive_premium_minimum_variance_answers_and_says_so(self, book):
        book.write_value("MarketReturn", 0.0)
        report = jobs.rebalance(book, NOW)
        assert "min_variance (fallback)" in str(book.table("Runs").column("Model")[-1])
        assert any("no positive premium" in warning for warning in report.warnings)

    def test_without_a_fallback_the_desk_says_no(self, book):
        book.write_value("MarketReturn", 0.0)
        book.write_value("FallbackAllowed", "N")
        with pytest.raises(UndefinedError, match="no positive premium"):
            jobs.rebalance(book, NOW)

    @staticmethod
    def _cut(book, symbol, keep):
        """Leave only the last prices of one contract."""
        block = book.table("Prices")
        column = block.index(symbol)
        rows = [list(row) for row in block.rows]
        for row in rows[:-keep]:
            row[column] = None
        book.write_table("Prices", rows, block.header)

    def test_a_contract_that_cannot_be_estimated_says_why_and_the_rest_goes_on(self, book):
        self._cut(book, "LINKUSDT", keep=20)
        report = jobs.rebalance(book, NOW)
        estimates = book.table("Estimates")
        row = estimates.column("Symbol").index("LINKUSDT")
        assert estimates.column("Beta")[row] == "#N/A"
        assert estimates.column("ExpectedReturn")[row] == "#N/A"
        assert estimates.column("Note")[row] == "not estimated: 19 of 720 returns, 30 are needed"
        assert "LINKUSDT" not in book.table("Weights").column("Symbol")
        assert numbers(book.table("Weights"), "Final").sum() == pytest.approx(1, abs=1e-9)
        assert any("too few returns to estimate LINKUSDT" in warning for warning in report.warnings)
        assert report.passed
        jobs.hedge(book, NOW)
        jobs.stress(book, NOW)
        assert book.table("Stress").rows

    def test_a_contract_that_is_held_must_be_estimated(self, book):
        self._cut(book, "SOLUSDT", keep=20)
        with pytest.raises(
            BookError, match="SOLUSDT is held but has 19 of 720 returns in the window and 30 are needed"
        ):
            jobs.rebalance(book, NOW)


class TestWhatIsHeldAndNotIncluded:
    """It is held: it counts in every figure, and it is not traded."""

    @pytest.fixture
    def held(self, book, edit):
        """SOL, of which 12,000 are held, leaves the optimised book."""
        return edit("Universe", 2, "Include", "N")

    @staticmethod
    def row(book, symbol="SOLUSDT"):
        block = book.table("Weights")
        row = block.rows[block.column("Symbol").index(symbol)]
        return dict(zip(block.header, row, strict=True))

    def test_its_weight_stays_and_nothing_of_it_is_traded(self, held):
        report = jobs.rebalance(held, NOW)
        row = self.row(held)
        assert row["Final"] == pytest.approx(12_000 * 146.5 / 10e6, rel=1e-12)
        assert (row["TargetPosition"], row["Contracts"], row["Cost"], row["Side"]) == (12_000.0, 0.0, 0.0, "HOLD")
        assert any("SOLUSDT is excluded but held" in warning for warning in report.warnings)
        notes = held.table("Estimates").column("Note")
        assert "excluded but held" in notes[2]
        assert report.passed, report.verdict

    def test_it_counts_in_net_beta_margin_and_funding(self, held):
        jobs.rebalance(held, NOW)
        weights, estimates = held.table("Weights"), held.table("Estimates")
        final, notional = numbers(weights, "Final"), numbers(weights, "Notional") / 10e6
        assert final.sum() == pytest.approx(1, abs=1e-9)
        assert measure(held, "Beta") == pytest.approx(notional @ numbers(estimates, "Beta"))
        assert measure(held, "Funding") == pytest.approx(notional @ numbers(estimates, "FundingAnnual"))
        rates = 1 / numbers(held.table("Universe"), "MaxLeverage")
        assert measure(held, "Initial margin") == pytest.approx(10e6 * np.abs(notional) @ rates)

    def test_the_rest_is_the_optimum_beside_it(self, held):
        jobs.rebalance(held, NOW)
        beside = numbers(held.table("Weights"), "Final")
        block = held.table("Universe")
        rows = [list(row) for row in block.rows]
        rows[2][block.index("Include")] = "Y"
        rows[2][block.index("MinWeight")] = rows[2][block.index("MaxWeight")] = beside[2]
        held.write_table("Universe", rows)
        jobs.rebalance(held, NOW)
        np.testing.assert_allclose(numbers(held.table("Weights"), "Final"), beside, atol=1e-9)

    def test_hedge_and_stress_count_it(self, held):
        for job in (jobs.rebalance, jobs.hedge, jobs.stress):
            assert job(held, NOW).passed
        assert "SOLUSDT" in held.table("Ladder").column("Symbol")
        assert held.table("Hedge").column("BetaBefore")[0] == pytest.approx(measure(held, "Beta"))

    @pytest.mark.parametrize("model", ["hybrid", "min_variance", "volatility_target", "equal_weight", "beta_neutral"])
    def test_no_model_trades_it(self, held, model):
        held.write_value("Model", model)
        held.write_value("VolTarget", 0.30)
        report = jobs.rebalance(held, NOW)
        assert self.row(held)["Contracts"] == 0.0
        assert report.passed, report.verdict

    def test_one_included_contract_is_a_valid_universe(self, book):
        book.write_table("Universe", book.table("Universe").rows[:1])
        book.write_value("NetTarget", 0.5)
        for job in (jobs.rebalance, jobs.hedge, jobs.stress):
            assert job(book, NOW).job
        assert numbers(book.table("Weights"), "Final").tolist() == pytest.approx([0.5])

    def test_with_nothing_to_trade_rebalance_says_no_and_stress_works(self, book):
        block = book.table("Universe")
        place = block.index("Include")
        book.write_table("Universe", [[*row[:place], "N", *row[place + 1 :]] for row in block.rows])
        with pytest.raises(BookError, match="no contract with estimates is included"):
            jobs.rebalance(book, NOW)
        assert jobs.stress(book, NOW).passed


class TestModelsAndLimits:
    """What Settings and Limits can ask of the optimiser beyond their defaults."""

    @pytest.mark.parametrize("objective", OBJECTIVES)
    def test_every_objective_works_on_the_desk(self, book, objective):
        book.write_value("Objective", objective)
        book.write_value("TurnoverCost", 0.0)
        if objective == "target_volatility":
            book.write_value("VolTarget", 0.60)
        if objective == "robust":
            book.write_table("Limits", [["uncertainty", 0.3]], TABLES["Limits"].header)
        report = jobs.rebalance(book, NOW)
        assert report.passed, report.verdict
        assert book.table("Runs").column("Model")[-1] == f"mean-variance, {objective}"
        assert numbers(book.table("Weights"), "Final").sum() == pytest.approx(1, abs=1e-8)

    def test_the_hybrid_model_shifts_no_more_than_its_cap(self, book):
        book.write_value("Model", "hybrid")
        report = jobs.rebalance(book, NOW)
        weights = book.table("Weights")
        shift = numbers(weights, "Overlay")
        assert report.passed
        assert book.table("Runs").column("Model")[-1] == "hybrid, max_sharpe"
        assert 0 < np.abs(shift).sum() <= 0.2 * np.abs(numbers(weights, "Baseline")).sum() + 1e-9
        np.testing.assert_allclose(numbers(weights, "Final"), numbers(weights, "Baseline") + shift, atol=1e-12)
        assert numbers(weights, "Final").max() <= 0.5 + 1e-9

    @on_a_file
    def test_a_limit_of_the_limits_sheet_goes_before_that_of_settings(self, book):
        header = (*TABLES["Limits"].header, "SOLUSDT", "BTCUSDT")
        book.write_table(
            "Limits",
            [
                ["gross_max", 0.9, None, None],
                ["net", 0.9, None, None],
                ["group_1", None, 1.0, 1.0],
                ["group_1_max", 0.3, None, None],
                ["max_volume_share", 0.001, None, None],
            ],
            header,
        )
        report = jobs.rebalance(book, NOW)
        weights = dict(
            zip(book.table("Weights").column("Symbol"), numbers(book.table("Weights"), "Final"), strict=True)
        )
        assert report.passed, report.verdict
        assert sum(weights.values()) == pytest.approx(0.9, abs=1e-9)
        assert weights["SOLUSDT"] + weights["BTCUSDT"] <= 0.3 + 1e-9
        universe = book.table("Universe")
        trades = np.abs(numbers(book.table("Weights"), "Final") - numbers(book.table("Weights"), "Current"))
        assert (trades <= 0.001 * numbers(universe, "DailyVolume") / 10e6 + 1e-9).all()

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            (["max_turnovr", 1.0], "limits row 'max_turnovr' is not known .did you mean 'max_turnover'"),
            ([None, 1.0], "Limits!B7 is blank beside a value"),
            (["gross_max", -1.0], "Limits row 'gross_max': gross_max is -1"),
        ],
    )
    def test_a_limit_that_cannot_be_read_is_told(self, book, row, said):
        book.write_table("Limits", [row], TABLES["Limits"].header)
        with pytest.raises(BookError, match=said):
            jobs.rebalance(book, NOW)

    @pytest.mark.parametrize(
        ("objective", "said"),
        [
            ("target_volatility", "sheet 'Settings': objective target_volatility needs VolTarget"),
            ("target_return", "sheet 'Settings': objective target_return needs TargetReturn"),
            ("robust", "sheet 'Limits': objective robust needs a row 'uncertainty'"),
        ],
    )
    def test_an_objective_names_the_cell_it_needs(self, book, objective, said):
        book.write_value("Objective", objective)
        book.write_value("TargetReturn", None)
        with pytest.raises(BookError, match=said):
            jobs.rebalance(book, NOW)

    def test_a_limit_with_a_value_for_all_and_one_a_contract_is_refused(self, book):
        book.write_table("Limits", [["max_weight", 0.4, 0.2]], (*TABLES["Limits"].header, "BTCUSDT"))
        with pytest.raises(BookError, match="max_weight has a value for all and one a contract"):
            jobs.rebalance(book, NOW)


class TestMarketAndMethods:
    """What Settings can ask of the estimates beyond their defaults."""

    def market(self, book, name):
        block = book.table("Market")
        return block.column("Value")[block.column("Measure").index(name)]

    def test_the_regime_of_the_benchmark_is_that_of_its_returns(self, book):
        jobs.rebalance(book, NOW)
        prices = book.table("Prices")
        closes = np.array(prices.column("BTCUSDT")[-721:], dtype=np.float64)
        funding = [value or 0.0 for value in book.table("Funding").column("BTCUSDT")[-720:]]
        returns = closes[1:] / closes[:-1] - 1 - np.array(funding)
        bars = int(self.market(book, "Regime bars"))
        assert self.market(book, "Regime began") == prices.column("Time")[-bars - 1]
        assert self.market(book, "Regime volatility") == pytest.approx(np.sqrt(np.mean(returns[-bars:] ** 2) * 8760))
        assert self.market(book, "Usual volatility") == pytest.approx(returns.std(ddof=1) * np.sqrt(8760))
        assert self.market(book, "Rebalance every") == 24
        drift = (self.market(book, "Usual volatility") / self.market(book, "Regime volatility")) ** 2
        for clock, factor in (("drift", drift), ("calm", 1 / drift)):
            book.write_value("Clock", clock)
            jobs.rebalance(book, NOW)
            assert self.market(book, "Rebalance every") == pytest.approx(24 * factor)

    def test_the_window_can_start_where_the_regime_does(self, book):
        jobs.rebalance(book, NOW)
        bars, before = self.market(book, "Regime bars"), numbers(book.table("Estimates"), "Beta")
        book.write_value("RegimeWindow", "Y")
        jobs.rebalance(book, NOW)
        assert self.market(book, "Bars used") == bars
        assert max(numbers(book.table("Estimates"), "Observations")) == bars
        assert not np.allclose(numbers(book.table("Estimates"), "Beta")[1:], before[1:])

    def test_expected_funding_can_be_the_forecast(self, book):
        jobs.rebalance(book, NOW)
        mean = numbers(book.table("Estimates"), "FundingAnnual")
        book.write_value("FundingMethod", "forecast")
        jobs.rebalance(book, NOW)
        settled = [row[1:] for row in book.table("Funding").rows[-720:]]
        forecast = np.array(call("PERP_FUNDING_FORECAST", settled, 3.0))[0] / 3 * 3 * 365
        shown = numbers(book.table("Estimates"), "FundingAnnual")
        np.testing.assert_allclose(shown, forecast, rtol=1e-9)
        assert not np.allclose(shown, mean)

    def test_a_variance_premium_tilts_the_expected_return_where_it_is_known(self, book):
        jobs.rebalance(book, NOW)
        estimates = book.table("Estimates")
        plain, premium = numbers(estimates, "ExpectedReturn"), estimates.column("VariancePremium")
        book.write_value("VrpCoefficient", 0.1)
        jobs.rebalance(book, NOW)
        tilted = numbers(book.table("Estimates"), "ExpectedReturn")
        assert [value is None for value in premium] == [False, False, *[True] * 6]
        np.testing.assert_allclose(tilted - plain, [0.1 * (value or 0.0) for value in premium], atol=1e-12)

    def test_the_volatility_now_is_what_a_cell_shows(self, book):
        jobs.rebalance(book, NOW)
        column = book.table("Prices").header.index("ETHUSDT")
        window = slice(-721, None)
        prices, funding = ([[row[column]] for row in book.table(name).rows[window]] for name in ("Prices", "Funding"))
        live = call("PERP_VOL", call("PERP_RETURNS", prices, funding), "garch", 8760.0)
        assert numbers(book.table("Estimates"), "VolatilityNow")[1] == pytest.approx(live, rel=1e-9)

    @pytest.mark.parametrize("method", BETA_METHODS)
    def test_every_beta_method_works_on_the_desk(self, book, method):
        book.write_value("BetaMethod", method)
        jobs.rebalance(book, NOW)
        betas = numbers(book.table("Estimates"), "Beta")
        assert np.isfinite(betas).all()
        assert betas[2] == pytest.approx(1.5, abs=0.5)

    @pytest.mark.parametrize("method", COVARIANCE_METHODS)
    def test_every_covariance_method_works_on_the_desk(self, book, method):
        book.write_value("CovarianceMethod", method)
        jobs.rebalance(book, NOW)
        assert (numbers(book.table("Estimates"), "Volatility") > 0.1).all()


class TestHedge:
    def test_beta_of_the_target_book_lands_on_its_target(self, book):
        jobs.rebalance(book, NOW)
        jobs.hedge(book, NOW)
        hedge = book.table("Hedge")
        betas = dict(
            zip(book.table("Estimates").column("Symbol"), numbers(book.table("Estimates"), "Beta"), strict=True)
        )
        weights = book.table("Weights")
        beta = sum(
            betas[symbol] * notional
            for symbol, notional in zip(weights.column("Symbol"), weights.column("Notional"), strict=True)
        )
        beta += sum(
            betas[symbol] * trade
            for symbol, trade in zip(hedge.column("Hedge"), hedge.column("TradeNotional"), strict=True)
        )
        assert beta / 10e6 == pytest.approx(hedge.column("BetaAfter")[0], abs=1e-12)
        assert hedge.column("BetaAfter")[0] == pytest.approx(0.3, abs=1e-5)

    def test_inside_the_band_nothing_is_traded(self, book):
        jobs.rebalance(book, NOW)
        book.write_value("TargetBeta", measure(book, "Beta") + 0.01)
        report = jobs.hedge(book, NOW)
        assert book.table("Hedge").column("Due") == ["N", "N"]
        assert not numbers(book.table("Hedge"), "TradeContracts").any()
        assert "no trade is due" in report.headline

    def test_the_positions_held_now_are_hedged_when_settings_ask_for_it(self, book):
        jobs.rebalance(book, NOW)
        book.write_value("BookBasis", "current")
        assert "the positions held now" in jobs.hedge(book, NOW).headline

    def test_without_a_target_the_positions_held_now_answer_and_it_is_said(self, book):
        report = jobs.hedge(book, NOW)
        assert any("no Rebalance stands in this book" in warning for warning in report.warnings)

    def _hold_an_overlay(self, book):
        """Short 10 BTC at 60,000, apart from the book."""
        block = book.table("Universe")
        rows = [list(row) for row in block.rows]
        rows[0][block.index("OverlayPosition")] = -10.0
        rows[0][block.index("OverlayEntry")] = 60_000.0
        book.write_table("Universe", rows)

    def _profit_of_a_fall(self, book):
        stress = book.table("Stress")
        return stress.column("PnL")[stress.column("Scenario").index("Market -10 % in one hour")]

    @on_a_file
    def test_the_overlay_book_is_kept_apart_with_its_own_profit(self, book):
        self._hold_an_overlay(book)
        book.write_value("HedgeMode", "overlay")
        jobs.rebalance(book, NOW)
        jobs.hedge(book, NOW)
        hedge, price = book.table("Hedge"), book.table("Universe").column("Price")[0]
        assert hedge.column("Held") == [-10.0, 0.0]
        assert hedge.column("HeldPnL")[0] == pytest.approx(-10.0 * (price - 60_000.0))
        assert hedge.column("BetaBefore")[0] == pytest.approx(measure(book, "Beta") - 10 * price / 10e6, abs=1e-9)
        assert hedge.column("BetaAfter")[0] == pytest.approx(0.3, abs=1e-5)
        assert hedge.column("TargetPosition")[0] == pytest.approx(-10.0 + hedge.column("TradeContracts")[0])

    def test_an_overlay_counts_in_every_stress(self, book):
        jobs.rebalance(book, NOW)
        jobs.stress(book, NOW)
        before = self._profit_of_a_fall(book)
        self._hold_an_overlay(book)
        jobs.stress(book, NOW)
        price = book.table("Universe").column("Price")[0]
        after = self._profit_of_a_fall(book)
        assert after - before == pytest.approx(10 * price * 0.10, rel=1e-9)

    @on_a_file
    def test_factor_mode_brings_beta_and_factors_near_their_targets(self, book):
        book.write_value("HedgeMode", "factor")
        jobs.rebalance(book, NOW)
        jobs.hedge(book, NOW)
        factors = book.table("HedgeFactors")
        before, after, target = (numbers(factors, column) for column in ("Before", "After", "Target"))
        assert factors.column("Factor") == ["BTCUSDT", "EquitySynthetic", "DollarSynthetic"]
        assert target.tolist() == [0.3, 0.0, 0.0]
        assert np.linalg.norm(after - target) < 0.01 < np.linalg.norm(before - target)

    def test_an_exposure_that_the_hedges_cannot_clear_is_told(self, book):
        book.write_value("HedgeMode", "factor")
        block = book.table("Universe")
        rows = [list(row) for row in block.rows]
        rows[1][block.index("Hedge")] = "N"
        book.write_table("Universe", rows)
        jobs.rebalance(book, NOW)
        report = jobs.hedge(book, NOW)
        assert any("the hedges leave an exposure of -0.1" in warning for warning in report.warnings)

    def test_factor_mode_without_factors_is_told(self, book):
        book.write_value("HedgeMode", "factor")
        book.write_table("Factors", [], ("Time",))
        with pytest.raises(BookError, match="sheet 'Factors' has no return in the window"):
            jobs.hedge(book, NOW)

    def test_a_desk_without_a_hedge_contract_is_told(self, book):
        block = book.table("Universe")
        hedge = block.index("Hedge")
        book.write_table("Universe", [[*row[:hedge], "N", *row[hedge + 1 :]] for row in block.rows])
        with pytest.raises(BookError, match="no contract with a beta is marked Hedge"):
            jobs.hedge(book, NOW)


class TestStress:
    def test_profit_is_a_revaluation_by_hand(self, book):
        for job in (jobs.rebalance, jobs.hedge, jobs.stress):
            job(book, NOW)
        weights, hedge, scenarios = book.table("Weights"), book.table("Hedge"), book.table("Scenarios")
        symbols = weights.column("Symbol")
        held = dict(zip(symbols, weights.column("TargetPosition"), strict=True))
        for symbol, contracts in zip(hedge.column("Hedge"), hedge.column("TradeContracts"), strict=True):
            held[symbol] += contracts
        prices = dict(zip(book.table("Universe").column("Symbol"), book.table("Universe").column("Price"), strict=True))
        betas = dict(zip(symbols, book.table("Estimates").column("Beta"), strict=True))
        swings = dict(zip(symbols, book.table("Estimates").column("Volatility"), strict=True))
        ratios = {symbol: swing / swings["BTCUSDT"] for symbol, swing in swings.items()}
        for row in scenarios.rows:
            scenario = dict(zip(scenarios.header, row, strict=True))
            profit = 0.0
            for symbol in symbols:
                move = scenario.get(symbol)
                if move is None:
                    towards = scenario["CorrelationToOne"] * (ratios[symbol] - betas[symbol])
                    move = (betas[symbol] + towards + (scenario["BetaShift"] or 0.0)) * scenario["MarketShock"]
                profit += held[symbol] * prices[symbol] * move
            place = book.table("Stress").column("Scenario").index(scenario["Name"])
            assert book.table("Stress").column("PnL")[place] == pytest.approx(profit, abs=1e-4)

    @on_a_file
    def test_a_levered_book_shows_who_is_liquidated_first(self, book):
        book.write_value("Equity", 500_000.0)
        book.write_value("BookBasis", "current")
        report = jobs.stress(book, NOW)
        stress = book.table("Stress")
        worst = stress.column("Scenario").index("2020-03-12 Covid crash")
        assert stress.column("Verdict")[worst] == "liquidated"
        assert stress.column("FirstLiquidated")[worst] in ("BTCUSDT", "ETHUSDT", "SOLUSDT")
        assert stress.column("Shortfall")[worst] > 0
        assert "worst of the positions held now" in report.headline

    def test_the_order_of_liquidation_and_the_capital_that_would_do_are_shown(self, book):
        book.write_value("Equity", 500_000.0)
        book.write_value("BookBasis", "current")
        jobs.stress(book, NOW)
        stress, summary = book.table("Stress"), book.table("StressSummary")
        worst = stress.column("Scenario").index("2020-03-12 Covid crash")
        order = str(stress.column("Order")[worst]).split(", ")
        assert order[0] == stress.column("FirstLiquidated")[worst]
        assert len(order) == stress.column("Liquidated")[worst]
        figures = dict(zip(summary.column("Measure"), summary.column("Value"), strict=True))
        needed = max(numbers(stress, "CapitalNeeded"))
        assert figures["Capital needed"] == needed > 500_000
        assert figures["Capital missing"] == pytest.approx(needed - 500_000)
        book.write_value("Equity", needed * (1 + 1e-9))
        jobs.stress(book, NOW)
        assert set(book.table("Stress").column("Verdict")) <= {"survives", "margin call"}

    def test_a_funding_spike_shows_its_loss_in_the_profit_and_loss(self, book):
        report = jobs.stress(book, NOW)
        stress = book.table("Stress")
        spike = next(i for i, name in enumerate(stress.column("Scenario")) if str(name).startswith("Funding spike"))
        total, equity = numbers(stress, "TotalPnL"), numbers(stress, "EquityAfter")
        assert numbers(stress, "PnL")[spike] == 0
        assert total[spike] == numbers(stress, "Funding")[spike] != 0
        np.testing.assert_allclose(total, equity - 10e6, atol=1e-6)
        assert f"P&L {total.min():,.0f}" in report.headline

    def test_the_margin_ratio_of_every_scenario_sorts(self, book):
        book.write_value("Equity", 500_000.0)
        book.write_value("BookBasis", "current")
        jobs.stress(book, NOW)
        stress = book.table("Stress")
        ratios, equity = numbers(stress, "MarginRatio"), numbers(stress, "EquityAfter")
        assert np.isfinite(ratios).all()
        assert (ratios[equity <= 0] == ratios.max()).all()
        assert 0 < (equity <= 0).sum() < len(equity)

    def test_at_the_fall_that_liquidates_equity_is_the_maintenance_margin(self, book):
        book.write_value("Equity", 2_000_000.0)
        book.write_value("BookBasis", "current")
        jobs.stress(book, NOW)
        summary, universe = book.table("StressSummary"), book.table("Universe")
        fall = dict(zip(summary.column("Measure"), summary.column("Value"), strict=True))["Fall that liquidates"]
        with heard_warnings():
            betas = estimate(read_desk(book)).betas
        held, price, rate = (
            np.nan_to_num(numbers(universe, name)) for name in ("Position", "Price", "MaintenanceRate")
        )
        after = price * (1 + betas * fall)
        assert fall < 0
        assert 2e6 + held @ (after - price) == pytest.approx(np.abs(held) @ (after * rate), rel=1e-9)

    def test_the_ladder_is_what_a_cell_shows_and_the_nearest_comes_first(self, book):
        book.write_value("Equity", 2_000_000.0)
        book.write_value("BookBasis", "current")
        jobs.stress(book, NOW)
        ladder, universe = book.table("Ladder"), book.table("Universe")
        held, price, rate = (
            np.nan_to_num(numbers(universe, name)) for name in ("Position", "Price", "MaintenanceRate")
        )
        live = call("PERP_LIQUIDATION_CROSS", held[:3], price[:3], price[:3], 2e6, rate[:3])
        shown = dict(zip(ladder.column("Symbol"), numbers(ladder, "LiquidationPrice"), strict=True))
        prices = zip(universe.column("Symbol")[:3], live[0], strict=True)
        reached = {symbol: value for symbol, value in prices if isinstance(value, float)}
        assert reached
        for symbol, value in reached.items():
            assert shown[symbol] == pytest.approx(value, rel=1e-9)
        distances = np.abs(numbers(ladder, "Distance"))
        assert (np.diff(distances[~np.isnan(distances)]) >= 0).all()

    def test_the_waterfall_adds_up_to_the_worst_scenario(self, book):
        for job in (jobs.rebalance, jobs.hedge, jobs.stress):
            job(book, NOW)
        stress, waterfall = book.table("Stress"), book.table("Waterfall")
        worst = int(np.argmin(numbers(stress, "EquityAfter")))
        steps = numbers(waterfall, "PnL")
        total = numbers(stress, "PnL")[worst] + numbers(stress, "Funding")[worst]
        assert waterfall.column("Step")[-2:] == ["Funding", "In all"]
        assert steps[:-1].sum() == pytest.approx(steps[-1]) == pytest.approx(total)
        start, bars = np.append(0.0, numbers(waterfall, "Total")[:-2]), book.table("WaterfallBars")
        drawn = numbers(bars, "Loss") + numbers(bars, "Gain")
        assert bars.column("Step") == waterfall.column("Step")
        np.testing.assert_allclose(np.abs(drawn[:-1]), np.abs(steps[:-1]), rtol=1e-9)
        np.testing.assert_allclose(
            np.abs(numbers(bars, "Base")[:-1]), np.minimum(np.abs(start), np.abs(start + steps[:-1])), atol=1e-6
        )

    def test_simulated_and_past_days_are_those_of_a_cell(self, book):
        book.write_value("BookBasis", "current")
        jobs.stress(book, NOW)
        universe, window = book.table("Universe"), slice(-721, None)
        held, price, rate = (
            np.nan_to_num(numbers(universe, name)) for name in ("Position", "Price", "MaintenanceRate")
        )
        history = [row[1:] for row in book.table("Prices").rows[window]]
        live = call("PERP_STRESS_HISTORY", held, price, 10e6, history, 24.0, 10.0, rate)
        np.testing.assert_allclose(numbers(book.table("Replays"), "PnL"), [row[3] for row in live[1:]], rtol=1e-9)
        returns = call("PERP_RETURNS", history, [row[1:] for row in book.table("Funding").rows[window]])
        risk = dict(row for row in call("PERP_STRESS_MONTE_CARLO", held, price, 10e6, returns, 10_000, 24, 7, rate)[1:])
        summary = book.table("StressSummary")
        shown = dict(zip(summary.column("Measure"), summary.column("Value"), strict=True))
        assert shown["Loss in a day, 99 %"] == pytest.approx(risk["var_99"], rel=1e-9)
        assert shown["Capital for 99 %"] == pytest.approx(risk["capital_for_99"], rel=1e-9)

    def test_an_account_below_its_maintenance_is_told_and_the_job_goes_on(self, book):
        book.write_value("Equity", 10_000.0)
        book.write_value("BookBasis", "current")
        report = jobs.stress(book, NOW)
        assert any("lacks" in warning and "maintenance margin" in warning for warning in report.warnings)
        assert set(book.table("Stress").column("Verdict")) == {"liquidated"}
        assert book.table("Ladder").rows == ()

    def test_a_scenario_that_cannot_be_run_does_not_stop_the_others(self, book):
        block = book.table("Scenarios")
        rows = [list(row) for row in block.rows]
        rows[0][block.index("MarketShock")] = -1.5
        book.write_table("Scenarios", rows, block.header)
        report = jobs.stress(book, NOW)
        assert len(book.table("Stress").rows) == len(rows) - 1
        assert any("this scenario was left out" in warning for warning in report.warnings)
        checks = book.table("Checks")
        assert checks.column("Status")[checks.column("Check").index("Every scenario could be run")] == "WARN"

    def test_with_tiers_a_position_is_liquidated_in_steps(self, book):
        book.write_value("Equity", 1_000_000.0)
        book.write_value("BookBasis", "current")
        jobs.stress(book, NOW)
        whole = numbers(book.table("Stress"), "CapitalNeeded")
        book.write_table(
            "Tiers",
            [["BTCUSDT", 0.0, 1e6, 0.005, None, 50.0], ["BTCUSDT", 1e6, None, 0.10, None, 10.0]],
        )
        jobs.stress(book, NOW)
        assert (numbers(book.table("Stress"), "CapitalNeeded") > whole).any()

    @pytest.fixture
    def empty(self, book):
        block = book.table("Universe")
        position = block.index("Position")
        book.write_table("Universe", [[*row[:position], None, *row[position + 1 :]] for row in block.rows])
        return book

    def test_an_empty_book_is_told(self, empty):
        with pytest.raises(BookError, match="no position is held and no target is written; enter Position, or run Reb"):
            jobs.stress(empty, NOW)

    def test_an_empty_book_held_now_is_told_where_the_target_is(self, empty):
        empty.write_value("BookBasis", "current")
        with pytest.raises(BookError, match=r"no position is held and .* or set BookBasis to target"):
            jobs.stress(empty, NOW)

    def test_an_empty_target_is_told_without_asking_for_the_run_that_was(self, empty):
        empty.write_value("PortfolioBeta", 3.0)
        jobs.rebalance(empty, NOW)
        assert empty.table("Runs").column("Model")[-1] == "current weights (fallback)"
        with pytest.raises(BookError, match="the target of the last Rebalance is an empty book; its row on sheet"):
            jobs.stress(empty, NOW)

    def test_an_empty_list_of_scenarios_is_told(self, book):
        book.write_table("Scenarios", [])
        with pytest.raises(BookError, match="table 'Scenarios' on sheet 'Scenarios' is empty"):
            jobs.stress(book, NOW)


class TestTheDay:
    @on_a_file
    def test_a_job_empties_what_follows_from_it(self, book):
        for job in (jobs.rebalance, jobs.hedge, jobs.stress):
            job(book, NOW)
        jobs.hedge(book, NOW)
        assert book.table("Stress").rows == ()
        jobs.stress(book, NOW)
        jobs.rebalance(book, NOW)
        assert book.table("Hedge").rows == ()
        assert book.table("Stress").rows == ()

    @on_a_file
    def test_every_run_is_added_to_the_log(self, book):
        for job in (jobs.rebalance, jobs.hedge, jobs.stress, jobs.check):
            job(book, NOW)
        runs = book.table("Runs")
        assert runs.column("Job") == ["rebalance", "hedge", "stress", "check"]
        assert set(runs.column("Time")) == {NOW}
        assert runs.column("Certificate")[0] <= 1e-8
        assert "objective=max_sharpe" in runs.column("Parameters")[0]
        assert len(set(runs.column("InputsHash")[1:])) == 1

    def test_results_have_the_declared_columns(self, book):
        for job in (jobs.rebalance, jobs.hedge, jobs.stress):
            job(book, NOW)
        for name in RESULTS:
            block = book.table(name)
            assert block.rows
            assert block.header[: len(TABLES[name].columns)] == TABLES[name].header

    def test_a_job_that_fails_leaves_the_file_alone(self, desk_file):
        before = digest(desk_file)
        with FileBook.open(desk_file) as book:
            book.write_value("PortfolioBeta", 3.0)
            book.write_value("FallbackAllowed", "N")
            with pytest.raises(InfeasibleError):
                jobs.rebalance(book, NOW)
        assert digest(desk_file) == before

    def test_a_day_on_a_file_gives_what_a_day_in_memory_gives_to_the_last_bit(self, desk_file, book):
        with FileBook.open(desk_file) as on_file:
            for job in (jobs.rebalance, jobs.hedge, jobs.stress, jobs.check):
                assert job(on_file, NOW).headline == job(book, NOW).headline
            on_file.commit()
        with FileBook.open(desk_file) as landed:
            for name in TABLES:
                assert landed.table(name) == book.table(name)


class TestChecks:
    def status(self, book, name):
        block = book.table("Checks")
        return block.column("Status")[block.column("Check").index(name)]

    def test_a_fresh_day_passes(self, book):
        for job in (jobs.rebalance, jobs.hedge, jobs.stress):
            report = job(book, NOW)
            assert report.passed
        assert self.status(book, "Every bar has a price") == "WARN"

    def test_changed_inputs_are_found(self, book):
        jobs.rebalance(book, NOW)
        book.write_value("GrossMax", 1.5)
        assert not jobs.check(book, NOW).passed
        assert self.status(book, "Weights belong to today's inputs") == "FAIL"

    def test_a_new_hedge_target_does_not_make_the_weights_stale(self, book):
        jobs.rebalance(book, NOW)
        book.write_value("TargetBeta", 0.5)
        jobs.check(book, NOW)
        assert self.status(book, "Weights belong to today's inputs") == "OK"

    @pytest.mark.parametrize(
        ("column", "factor", "check"),
        [
            ("Final", 1.01, "Net exposure meets its target"),
            ("Final", 3.0, "Gross exposure is within its limit"),
            ("Final", 3.0, "Each weight is within its limits"),
            ("InitialMargin", 100.0, "Initial margin leaves the buffer free"),
        ],
    )
    def test_figures_edited_by_hand_are_found(self, book, column, factor, check):
        jobs.rebalance(book, NOW)
        block = book.table("Weights")
        position = block.index(column)
        book.write_table(
            "Weights", [[*row[:position], row[position] * factor, *row[position + 1 :]] for row in block.rows]
        )
        jobs.check(book, NOW)
        assert self.status(book, check) == "FAIL"

    def test_a_beta_off_its_target_is_found(self, book):
        jobs.rebalance(book, NOW)
        jobs.hedge(book, NOW)
        book.write_value("TargetBeta", 0.9)
        jobs.check(book, NOW)
        assert self.status(book, "Beta after the hedge is within the band") == "FAIL"

    def test_a_hedge_that_takes_the_book_beyond_its_gross_limit_is_found(self, book):
        jobs.rebalance(book, NOW)
        book.write_value("TargetBeta", 5.0)
        jobs.hedge(book, NOW)
        assert self.status(book, "Gross exposure with the hedge is within its limit") == "WARN"

    def test_lots_too_large_for_the_equity_are_found(self, book):
        jobs.rebalance(book, NOW)
        assert self.status(book, "Lots let the weights be held") == "OK"
        book.write_value("Equity", 100.0)
        jobs.rebalance(book, NOW)
        assert self.status(book, "Lots let the weights be held") == "WARN"

    @staticmethod
    def _stress_a_thin_account(book, must_survive):
        """Five hundred thousand beneath the positions held: the larger falls liquidate."""
        book.write_value("Equity", 500_000.0)
        book.write_value("BookBasis", "current")
        block = book.table("Scenarios")
        place = block.index("MustSurvive")
        rows = [[*row[:place], must_survive, *row[place + 1 :]] for row in block.rows]
        book.write_table("Scenarios", rows, block.header)
        return jobs.stress(book, NOW)

    def test_the_shipped_scenarios_must_be_survived(self, book):
        assert set(book.table("Scenarios").column("MustSurvive")) == {"Y"}

    def test_a_liquidation_in_what_must_be_survived_fails_with_the_way_out(self, book):
        report = self._stress_a_thin_account(book, "Y")
        assert not report.passed
        assert "1 failed: What must be survived liquidates nothing" in report.verdict
        block = book.table("Checks")
        row = block.column("Check").index("What must be survived liquidates nothing")
        fallen = book.table("Stress").column("Verdict").count("liquidated")
        assert (block.column("Status")[row], block.column("Value")[row]) == ("FAIL", fallen)
        assert "add capital" in block.column("Remedy")[row]
        assert "2020-03-12 Covid crash" in block.column("Remedy")[row]

    @pytest.mark.parametrize("must_survive", ["N", None])
    def test_a_liquidation_elsewhere_only_warns(self, book, must_survive):
        report = self._stress_a_thin_account(book, must_survive)
        assert report.passed
        assert self.status(book, "What must be survived liquidates nothing") == "OK"
        assert self.status(book, "No other scenario liquidates a position") == "WARN"
        assert "warnings: Every bar has a price; No other scenario liquidates a position" in report.verdict
