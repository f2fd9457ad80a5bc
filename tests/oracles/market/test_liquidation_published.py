"""Liquidation prices that venues and other software have published, to the last digit they print.

Where a source rounds to a tick, so do we; where it cuts off or follows a convention of its own, the test says which.
"""

import numpy as np
import pytest

from core.errors import DataWarning, UndefinedError
from core.market.contract import round_to_tick, settled_value
from core.market.liquidation import (
    bankruptcy_price,
    liquidation_price,
    safe_tick,
    tiered_liquidation_price,
)
from core.market.liquidation_cross import cross_liquidation_prices
from core.market.tiers import Tiers

CENT = 0.005
"""Half of the last digit of a price printed to the cent."""


def price(quantity, entry, collateral, rate, **terms):
    return float(liquidation_price(quantity, entry, collateral, rate, **terms)[0])


class TestBinance:
    """Binance FAQ b3c689c1f50a44cabb3a84e663b81d93 (USDⓈ-M) and ceccfcfb4e3a45e3b48b0b1bb1a8ae46 (COIN-M).

    The figures of the worked USDⓈ-M example are kept in freqtrade, tests/exchange/test_binance.py,
    `test_liquidation_price_binance`: 109.488 BTC from 32,481.98 and 3,683.979 ETH from 1,456.84.
    """

    WALLET = 1_535_443.01

    def test_bitcoin_and_ether_share_one_wallet(self):
        prices = cross_liquidation_prices(
            [109.488, 3683.979],
            [32481.98, 1456.84],
            [31967.27, 1335.18],
            self.WALLET,
            [0.025, 0.1],
            [16_300, 135_365],
        )
        np.testing.assert_allclose(prices, [26316.89, 1153.26], atol=CENT)

    def test_each_alone_with_the_same_wallet(self):
        prices = liquidation_price(
            [109.488, 3683.979], [32481.98, 1456.84], self.WALLET, [0.025, 0.1], [16_300, 135_365]
        )
        np.testing.assert_allclose(prices, [18778.73, 1114.78], atol=CENT)

    def test_a_coin_margined_long_of_ten_million(self):
        # dev.binance.vision, topic 6292: 101 BTC, 100,000 contracts of 100 USD long from 45,000. Binance's calculator
        # shows 33,599.40, the author finds 33,578.859744834. The FAQ gives 12.5 % for 300 BTC with an amount of
        # 11.605 BTC; its older text had 11.81 BTC. With the first the price is Binance's to its tick of 0.1, with
        # the second it is the author's: nothing but the table differed.
        terms = {"contract": "inverse", "multiplier": 100}
        shown = price(100_000, 45_000, 101, 0.125, maintenance_amount=11.605, **terms)
        assert round(shown, 1) == 33_599.4
        assert price(100_000, 45_000, 101, 0.125, maintenance_amount=11.81, **terms) == pytest.approx(
            33_578.859744834, abs=5e-10
        )

    def test_an_open_position_as_the_interface_reports_it(self):
        # GET /fapi/v2/positionRisk, DOGEUSDT of March 2024, 0.5 % in the first tier: isolatedWallet 0.88304001,
        # positionAmt -32, entryPrice 0.16395, liquidationPrice 0.19059204.
        assert price(-32, 0.16395, 0.88304001, 0.005) == pytest.approx(0.19059204, abs=5e-9)

    def test_a_price_below_zero_is_shown_as_none(self):
        # "If the liquidation price is less than 0, the UI display would be '--'".
        with pytest.warns(DataWarning, match="no price above 0 liquidates it"):
            assert np.isnan(price(1, 100, 150, 0.004))

    def test_maintenance_of_a_hundred_coin_margined_contracts(self):
        # The FAQ: 100 contracts of 100 USD at 25,000 are 0.4 BTC, and 0.4 % of them 0.0016 BTC.
        value = float(settled_value(100, 25_000, "inverse", 100))
        assert value == pytest.approx(0.4, rel=1e-15)
        assert float(Tiers([0], [5], [0.004], [0], [125]).maintenance(value)) == pytest.approx(0.0016, rel=1e-15)


class TestFreqtrade:
    """freqtrade, tests/exchange/test_exchange.py, `test_get_liquidation_price`: a rate of 1 %, an amount of 0.01."""

    @pytest.mark.parametrize(
        ("side", "leverage", "entry", "amount", "expected"),
        [
            (-1, 5, 10, 1.0, 11.89108910891089),
            (-1, 3, 10, 1.0, 13.211221122079207),
            (-1, 5, 8, 1.0, 9.514851485148514),
            (-1, 5, 10, 0.6, 11.897689768976898),
            (1, 5, 10, 1.0, 8.070707070707071),
            (1, 5, 8, 1.0, 6.454545454545454),
            (1, 3, 10, 1.0, 6.723905723905723),
            (1, 5, 10, 0.6, 8.063973063973064),
        ],
    )
    def test_binance(self, side, leverage, entry, amount, expected):
        collateral = amount * entry / leverage
        found = price(side * amount, entry, collateral, 0.01, maintenance_amount=0.01)
        assert found == pytest.approx(expected, rel=1e-9)

    @pytest.mark.parametrize(
        ("side", "leverage", "entry", "amount", "expected"),
        [
            (-1, 5, 10, 1.0, 11.87413417771621),
            (-1, 5, 10, 2.0, 11.87413417771621),
            (-1, 3, 10, 1.0, 13.193482419684678),
            (-1, 5, 8, 1.0, 9.499307342172967),
            (1, 5, 10, 1.0, 8.085708510208207),
            (1, 3, 10, 1.0, 6.738090425173506),
        ],
    )
    def test_gate_and_okx_with_a_taker_fee_of_six_basis_points(self, side, leverage, entry, amount, expected):
        collateral = amount * entry / leverage
        found = price(side * amount, entry, collateral, 0.01, taker_fee=0.0006, style="rate_and_fee")
        assert found == pytest.approx(expected, rel=1e-12)

    @pytest.mark.parametrize(
        ("side", "leverage", "expected"),
        [
            (1, 1, 0.1),
            (1, 3, 6.7666666),
            (1, 5, 8.1),
            (1, 10, 9.1),
            (-1, 1, 19.9),
            (-1, 3, 13.233333),
            (-1, 5, 11.9),
            (-1, 10, 10.9),
        ],
    )
    def test_bybit(self, side, leverage, expected):
        found = price(side, 10, 10 / leverage, 0.01, style="initial_less_maintenance")
        assert found == pytest.approx(expected, rel=1e-6)

    def test_gate_as_its_application_shows_it(self):
        # Issue 7294: 0.5423 ETH from 1,680.05 with 182.81, 0.5 % and a fee of 7.5e-06: 1349.70 is "exactly what the
        # GateIO app shows", whose prices of ether come in ticks of 0.05.
        found = price(0.5423, 1680.05, 182.81, 0.005, taker_fee=7.5e-06, style="rate_and_fee")
        assert round_to_tick(found, 0.05) == 1349.70

    def test_a_rate_that_liquidates_at_once(self):
        # The same issue: with the 25 % of a high tier the formula puts a long of SHIB above its entry. That is no
        # liquidation price but a position that could not be opened, and we say so.
        with pytest.raises(UndefinedError, match="liquidation price lies beyond it"):
            price(65_997_400, 0.000013841, 184.05, 0.25, taker_fee=7.5e-06, style="rate_and_fee")


class TestBybit:
    def test_a_long_of_one_bitcoin_at_fifty_times(self):
        # Help centre, "Liquidation Price (USDT Contract)", example 1: 20,000 - (400 - 100) = 19,700.
        assert price(1, 20_000, 400, 0.005, style="initial_less_maintenance") == pytest.approx(19_700, rel=1e-14)

    def test_a_margin_added_moves_the_price_by_itself_over_the_size(self):
        # The page's second formula: what is added to the margin of 1 BTC is added to the distance.
        plain, padded = (
            price(-1, 20_000, 400 + extra, 0.005, style="initial_less_maintenance") for extra in (0, 3_000)
        )
        assert plain == pytest.approx(20_300, rel=1e-14)
        assert padded == pytest.approx(23_300, rel=1e-14)

    def test_an_inverse_short_of_sixty_thousand(self):
        # "Liquidation Price Calculation under Isolated Mode": value 1.2 BTC, initial margin 0.12, maintenance 0.006,
        # price = 60,000 / (1.2 - (0.12 - 0.006)).
        found = price(-60_000, 50_000, 0.12, 0.005, contract="inverse", style="initial_less_maintenance")
        assert found == pytest.approx(60_000 / 1.086, rel=1e-14)

    def test_an_inverse_cross_position_with_the_fee_at_bankruptcy(self):
        # Help centre 360039261334: 0.5 BTC, long 10,000 from 8,000, 0.5 % and a fee of 0.075 %. Bybit took the fee at
        # the bankruptcy price out of the balance, and rounds a long up to the next half dollar.
        bankrupt = price(10_000, 8_000, 0.5, 0, taker_fee=0.00075, contract="inverse", style="rate_and_fee")
        assert bankrupt == pytest.approx(5718.57, abs=CENT)
        after_fee = 0.5 - 10_000 * 0.00075 / bankrupt
        found = price(10_000, 8_000, after_fee, 0.005, contract="inverse", style="initial_less_maintenance")
        assert safe_tick(found, 10_000, 0.5) == 5739.5

    def test_bankruptcy_of_a_long_at_fifty_times(self):
        # Help centre, "Bankruptcy Price (USDT Contract)": 10,000 x (1 - 2 %) = 9,800.
        assert bankruptcy_price(1, 10_000, 200) == pytest.approx([9_800], rel=1e-15)


class TestOthers:
    def test_kucoin_short_of_five_contracts(self):
        # kucoin.com/support/4408061803033: 5 contracts of 0.001 BTC short from 28,000 at 100 times and 0.4 %.
        assert price(-0.005, 28_000, 1.4, 0.004, style="initial_less_maintenance") == pytest.approx(28_168, rel=1e-14)

    def test_phemex_long_of_five_hundred(self):
        # phemex.com/help-center/liq-price-for-USDTM: (200 - 40.096) / (0.9994 - 0.01) / 500 = 0.3232...
        found = price(500, 0.4, 40.096, 0.01, taker_fee=0.0006, style="rate_and_fee")
        assert int(found * 1e4) == 3232  # the page cuts off

    def test_mcs_inverse_at_ten_times(self):
        # help.mcs.io 360041008371 prints 1,826.48 and 2,209.94 from 2,000; blog.mycoinstory.com 9,132.42 from 10,000.
        terms = {"contract": "inverse", "style": "initial_less_maintenance"}
        assert price(2_000, 2_000, 0.1, 0.005, **terms) == pytest.approx(1826.48, abs=CENT)
        assert price(-2_000, 2_000, 0.1, 0.005, **terms) == pytest.approx(2209.94, abs=CENT)
        assert price(10_000, 10_000, 0.1, 0.005, **terms) == pytest.approx(9132.42, abs=CENT)

    def test_10101_inverse_short_at_two_times(self):
        # github.com/get10101/10101, issue 2419: 10 short from 110,000 on 4,545 satoshi, maintenance 10 %: 183,333.
        found = price(-10, 110_000, 10 / 220_000, 0.1, contract="inverse", style="initial_less_maintenance")
        assert int(found) == 183_333

    def test_jesse_short_at_two_times(self):
        # jesse, TestLiquidationInIsolatedModeForShortTrade: 14.96 and 15 from 10, with 0.4 %.
        assert price(-2_000, 10, 10_000, 0.004, style="initial_less_maintenance") == pytest.approx(14.96, rel=1e-14)
        assert bankruptcy_price(-2_000, 10, 10_000) == pytest.approx([15], rel=1e-15)

    @pytest.mark.parametrize("side", [1, -1])
    def test_gate_inverse_formula(self, side):
        # Gate support (gate.com/post/status/3870211): q x entry (1 +- (rate + fee)) / (q +- margin x entry).
        size, entry, margin, rate, fee = 12_000, 30_000, 0.05, 0.006, 0.00075
        expected = size * entry * (1 + side * (rate + fee)) / (size + side * margin * entry)
        found = price(side * size, entry, margin, rate, taker_fee=fee, contract="inverse", style="rate_and_fee")
        assert found == pytest.approx(expected, rel=1e-14)


class TestTiers:
    """Tables of 2021, and the search through them that highfestiva's gist b71e76f5 read from Binance's own page."""

    ROWS = (
        (0, 50_000, 0.004, 0, 125),
        (50_000, 250_000, 0.005, 50, 100),
        (250_000, 1_000_000, 0.01, 1_300, 50),
        (1_000_000, 10_000_000, 0.025, 16_300, 20),
        (10_000_000, 20_000_000, 0.05, 266_300, 10),
        (20_000_000, 50_000_000, 0.1, 1_266_300, 5),
        (50_000_000, 100_000_000, 0.125, 2_516_300, 4),
        (100_000_000, 200_000_000, 0.15, 5_016_300, 3),
        (200_000_000, 300_000_000, 0.25, 25_016_300, 2),
        (300_000_000, 500_000_000, 0.5, 100_016_300, 1),
    )

    def searched(self, wallet, quantity, entry):
        """The gist: the price by each tier in turn, until the notional there fits into the tier."""
        found = np.nan
        for _, end, rate, amount, _ in self.ROWS:
            found = (wallet + amount - quantity * entry) / (abs(quantity) * (rate - np.sign(quantity)))
            if found * abs(quantity) <= end:
                break
        return found

    def test_the_published_amounts_are_sound(self):
        Tiers.from_rows(self.ROWS)

    def test_the_search_finds_the_same_price(self):
        rng = np.random.default_rng(5)
        size = 500
        entry = rng.uniform(10_000, 60_000, size)
        quantity = rng.choice([-1, 1], size) * 10 ** rng.uniform(-1, 3.5, size)
        wallet = np.abs(quantity) * entry * rng.uniform(0.55, 0.95, size)
        expected = [self.searched(*position) for position in zip(wallet, quantity, entry, strict=True)]
        prices = tiered_liquidation_price(quantity, entry, wallet, Tiers.from_rows(self.ROWS))
        np.testing.assert_allclose(prices, expected, rtol=1e-12)
