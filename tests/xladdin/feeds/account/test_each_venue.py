"""Every venue's account, through ccxt's own client: what is held there is what the desk gets, in the desk's units."""

from __future__ import annotations

import base64
import hashlib
import hmac
import math

import pytest

from core.errors import FeedError
from tests.recorded.accounts import ACCOUNTS, Held
from tests.xladdin.feeds.account.conftest import NAME, SECRET
from xladdin.feeds.account.positions import Account, Position

VENUES = sorted(ACCOUNTS)
LINEAR = [venue for venue in VENUES if venue != "binance-coin"]
INVERSE = [venue for venue in VENUES if venue not in ("binance", "hyperliquid")]
TELL_PROFIT = [venue for venue in VENUES if venue != "kraken"]
ISOLATE = [venue for venue in VENUES if venue not in ("deribit", "kraken")]
HEDGE = ("binance", "bybit", "okx", "gate")

MORE_THAN_READING = {
    "binance": "enableFutures",
    "binance-coin": "enableWithdrawals",
    "bybit": "Withdraw",
    "okx": "trade",
    "gate": "wallet",
    "deribit": "trade:read_write",
    "kraken": "transfer",
}


def held(account: Account, symbol: str) -> Position:
    return next(each for each in account.positions if each.symbol == symbol)


def symbol_of(venue: str, base: str, *, inverse: bool = False) -> str:
    if inverse:
        return "BTCUSD:BTC" if venue == "kraken" else "BTCUSD"
    return base + {"deribit": "USDC", "hyperliquid": "USDC", "kraken": "USD"}.get(venue, "USDT")


@pytest.mark.parametrize("venue", LINEAR)
def test_linear_positions_are_in_coins(there, venue: str) -> None:
    at = there(venue)
    at.holds(Held("BTC", 0.25, 61_000.5), Held("SOL", -40.0, 99.5), dollars=123_456.75)
    account = at.read()
    assert account.equity == 123_456.75
    bitcoin, sol = (held(account, symbol_of(venue, base)) for base in ("BTC", "SOL"))
    assert (bitcoin.held.quantity, sol.held.quantity) == (0.25, -40.0)
    assert (bitcoin.held.entry, sol.held.entry) == (61_000.5, 99.5)
    assert not bitcoin.inverse
    assert not bitcoin.held.isolated
    if venue in TELL_PROFIT:
        mark = Held("SOL", 1.0, 1.0).mark(at.tape)
        assert sol.held.mark == pytest.approx(mark, rel=1e-12)
        assert sol.held.profit == pytest.approx(-40.0 * (mark - 99.5), rel=1e-9)
    else:
        assert math.isnan(sol.held.profit)


@pytest.mark.parametrize("venue", INVERSE)
def test_inverse_positions_are_in_quote_currency_whatever_a_contract_is_worth(there, venue: str) -> None:
    at = there(venue)
    at.holds(Held("BTC", -5_000.0, 58_000.0, inverse=True), coins={"BTC": 1.5}, dollars=1_000.0)
    account = at.read()
    position = held(account, symbol_of(venue, "BTC", inverse=True))
    assert position.inverse
    assert position.held.quantity == -5_000.0
    assert position.held.entry == 58_000.0
    mark = Held("BTC", 1.0, 1.0, inverse=True).mark(at.tape)
    assert position.held.mark == pytest.approx(mark, rel=1e-12)
    if venue in TELL_PROFIT:
        assert position.held.profit == pytest.approx(-5_000.0 * (mark / 58_000.0 - 1), rel=1e-9)


@pytest.mark.parametrize("venue", ["binance-coin", "deribit", "gate", "kraken"])
def test_coins_of_an_account_are_worth_their_price(there, venue: str) -> None:
    at = there(venue)
    at.holds(coins={"BTC": 1.5}, dollars=1_000.0)
    price = at.tape.bars(at.tape.contract("BTC", inverse=venue in ("binance-coin", "deribit")))[-1].close
    dollars = 0.0 if venue == "binance-coin" else 1_000.0
    account = at.read()
    assert account.equity == pytest.approx(dollars + 1.5 * price, rel=1e-12)
    assert any("BTC" in note and "price" in note for note in account.notes)


@pytest.mark.parametrize("venue", ISOLATE)
def test_what_is_posted_for_an_isolated_position_is_without_its_profit(there, venue: str) -> None:
    at, inverse = there(venue), venue == "binance-coin"
    one = Held("BTC", 6_000.0, 59_000.0, inverse=True) if inverse else Held("SOL", 40.0, 99.5)
    posted = 0.02 if inverse else 512.25
    at.holds(Held(one.base, one.quantity, one.entry, one.inverse, isolated=True, posted=posted))
    (position,) = at.read().positions
    assert position.held.isolated
    assert position.held.posted == pytest.approx(posted * (position.held.mark if inverse else 1.0), rel=1e-9)


def test_kraken_does_not_say_what_is_posted(there) -> None:
    at = there("kraken")
    at.holds(Held("SOL", 40.0, 99.5, isolated=True))
    (position,) = at.read().positions
    assert position.held.isolated
    assert math.isnan(position.held.posted)


@pytest.mark.parametrize("venue", HEDGE)
def test_long_and_short_of_one_contract_are_netted_and_told(there, venue: str) -> None:
    at = there(venue)
    at.holds(Held("SOL", 50.0, 90.0, side="long"), Held("SOL", -20.0, 105.0, side="short"))
    account = at.read()
    (position,) = account.positions
    mark = position.held.mark
    assert position.held.quantity == pytest.approx(30.0)
    assert position.held.entry == pytest.approx((50 * 90.0 - 20 * 105.0) / 30)
    assert position.held.profit == pytest.approx(50 * (mark - 90.0) - 20 * (mark - 105.0))
    assert any("SOLUSDT is held long and short in 2 positions, netted to 30" in note for note in account.notes)


def test_pages_of_positions_are_turned(there) -> None:
    at = there("bybit")
    at.holds(
        *(Held(base, 1.0, 10.0) for base in ("BTC", "1000PEPE", "SOL", "NEW")), Held("SOL", -3.0, 9.0, side="short")
    )
    assert {each.symbol for each in at.read().positions} == {"BTCUSDT", "1000PEPEUSDT", "SOLUSDT", "NEWUSDT"}


@pytest.mark.parametrize("venue", MORE_THAN_READING)
def test_a_key_that_may_do_more_than_read_is_refused_before_the_account_is_looked_at(there, venue: str) -> None:
    at = there(venue)
    at.holds(Held("BTC", 0.25, 61_000.5, inverse=venue == "binance-coin"), may=(MORE_THAN_READING[venue],))
    with pytest.raises(FeedError, match=r"may do more than read \(.*\), and was not used; make one that may only read"):
        at.read()
    asked = [path for path, _ in at.exchange.asked]
    assert not any(word in path for path in asked for word in ("osition", "balance", "account/info", "summar"))


def test_a_permission_that_nobody_knows_yet_counts_as_more_than_reading(there) -> None:
    at = there("binance")
    at.holds(may=("enableTeleport",))
    with pytest.raises(FeedError, match="enableTeleport"):
        at.read()


def test_what_is_no_perpetual_is_left_out_and_told(there) -> None:
    at = there("okx")
    at.holds(Held("SOL", 40.0, 99.5))

    def dated(path: str, answer: dict) -> dict:
        if path.endswith("/positions"):
            answer["data"].append({**answer["data"][0], "instId": "SOL-USDT-240927", "instType": "FUTURES"})
        return answer

    at.exchange.change = dated
    account = at.read()
    assert [each.symbol for each in account.positions] == ["SOLUSDT"]
    assert any("left out" in note and "SOL-USDT-240927" in note for note in account.notes)


def test_an_empty_account_holds_nothing(there) -> None:
    for venue in VENUES:
        assert there(venue).read().positions == ()


def test_a_unified_account_of_gate_is_worth_what_gate_says(there) -> None:
    at = there("gate")
    at.holds(Held("SOL", 40.0, 99.5), dollars=77_000.0, portfolio=True)
    assert at.read().equity == 77_000.0


def test_binance_tells_which_coins_beside_usdt_are_not_counted(there) -> None:
    at = there("binance")
    at.holds(coins={"USDC": 5_000.0})
    account = at.read()
    assert account.equity == 100_000.0
    assert any("USDC is not counted in equity" in note for note in account.notes)


@pytest.mark.parametrize(
    ("venue", "path", "field"),
    [
        ("bybit", "position/list", "symbol"),
        ("okx", "positions", "posSide"),
        ("deribit", "get_positions", "direction"),
        ("gate", "positions", "contract"),
    ],
)
def test_an_answer_of_another_shape_is_refused_by_the_field_that_it_lacks(there, venue, path, field) -> None:
    at = there(venue)
    at.holds(Held("SOL", 40.0, 99.5))

    def without(asked: str, answer: object) -> object:
        if path in asked:
            rows = answer if isinstance(answer, list) else answer.get("data") or answer["result"]
            for row in rows["list"] if isinstance(rows, dict) else rows:
                del row[field]
        return answer

    at.exchange.change = without
    with pytest.raises(FeedError, match=rf"not as documented \(field '{field}'\)"):
        at.read()


def test_a_quantity_that_is_no_number_is_refused(there) -> None:
    at = there("okx")
    at.holds(Held("SOL", 40.0, 99.5))

    def odd(path: str, answer: dict) -> dict:
        if path.endswith("/positions"):
            answer["data"][0]["pos"] = "NaN"
        return answer

    at.exchange.change = odd
    with pytest.raises(FeedError, match="the quantity of SOLUSDT is no number"):
        at.read()


def test_kraken_s_question_for_the_key_is_signed_as_documented(there) -> None:
    """Authent = HMAC-SHA512(SHA-256(what is posted + nonce + path), secret), in base64."""
    at = there("kraken")
    at.read()
    place = next(number for number, (path, _) in enumerate(at.exchange.asked) if "api-keys" in path)
    path, sent = at.exchange.asked[place][0], at.exchange.headers[place]
    message = hashlib.sha256(path.encode()).digest()
    signed = base64.b64encode(hmac.new(base64.b64decode(SECRET), message, hashlib.sha512).digest()).decode()
    assert {name.lower(): value for name, value in sent.items()}["authent"] == signed


def test_deribit_s_session_is_signed_as_documented(there) -> None:
    at = there("deribit")
    at.read()
    (asked,) = at.exchange.asked_for("public/auth")
    message = f"{asked['timestamp']}\n{asked['nonce']}\n"
    assert asked["signature"] == hmac.new(SECRET.encode(), message.encode(), hashlib.sha256).hexdigest()
    assert asked["client_id"] == NAME
    assert SECRET not in str(at.exchange.asked)
