"""With a key too nothing can trade: what is not on a venue's list of reads never leaves, whatever of ccxt is called."""

from __future__ import annotations

import ast
import contextlib
import inspect
import re
from typing import Any

import ccxt
import pytest
from ccxt.base.types import Entry

from core.errors import FeedError
from tests.source_tree import ROOT
from tests.xladdin.feeds.account.conftest import There
from xladdin.feeds.account.keyed import KeyedClient
from xladdin.feeds.account.reading import INTERFACES
from xladdin.feeds.venue.client import Line
from xladdin.feeds.venue.declared import VENUES, venue_named

ROOM = ROOT / "xladdin" / "feeds" / "account"

QUESTIONS = {
    *("private_get_v5_user_query_api", "private_get_v5_account_info", "private_get_v5_position_list"),
    *("private_get_v5_account_wallet_balance", "sapi_get_account_apirestrictions", "fapiprivatev3_get_positionrisk"),
    *("fapiprivatev3_get_account", "dapiprivate_get_positionrisk", "dapiprivate_get_account"),
    *("private_get_account_config", "private_get_account_positions", "private_get_account_balance"),
    *("private_account_get_main_keys", "private_futures_get_settle_positions", "private_futures_get_settle_accounts"),
    *("private_unified_get_accounts", "public_get_auth", "private_get_get_positions"),
    *("private_get_get_account_summaries", "public_post_info", "private_get_openpositions", "private_get_accounts"),
    "request",
}
"""Of ccxt; each reads an account. `request` is Kraken's question for what a key may do, whose address ccxt lacks."""

ON_THE_CLIENT = {"logger", "session", "walletAddress", "apiKey", "secret", "password", "fetch"}

TRADING = re.compile(r"^(create|cancel|edit|close|set|add|reduce|transfer|withdraw|borrow|repay|modify|sign_?in)")


def keyed(there: There) -> KeyedClient:
    interface = INTERFACES[venue_named(there.venue).exchange]
    return KeyedClient(venue_named(there.venue), there.line(), there.key, interface.reads, 0.0, interface.access)


def sent(there: There) -> set[str]:
    return {path for path, _ in there.exchange.asked}


def permitted(there: There, path: str) -> bool:
    reads = [read.split(" ")[1] for read in INTERFACES[venue_named(there.venue).exchange].reads]
    return any(re.fullmatch(read, path) for read in reads)


@pytest.mark.parametrize("venue", VENUES)
def test_of_every_address_that_ccxt_knows_only_those_on_the_list_are_asked(there, venue: str) -> None:
    at = there(venue)
    client = keyed(at)._exchange
    entries = [name for name in dir(type(client)) if isinstance(inspect.getattr_static(client, name), Entry)]
    assert len(entries) > (1 if venue == "hyperliquid" else 20)
    every = {"settle": "usdt", "type": "order", "symbol": "BTCUSDT", "instId": "BTC-USDT-SWAP"}
    for name in entries:
        with contextlib.suppress(FeedError, ccxt.BaseError, KeyError, TypeError, AttributeError, ValueError):
            getattr(client, name)(dict(every))
    assert all(permitted(at, path) for path in sent(at)), sent(at)
    assert not any(
        word in path for path in sent(at) for word in ("order", "withdraw", "transfer", "leverage", "private/buy")
    )


@pytest.mark.parametrize("venue", VENUES)
def test_no_method_of_ccxt_that_trades_sends_anything(there, venue: str) -> None:
    at = there(venue)
    client = keyed(at)._exchange
    tried: list[tuple[Any, ...]] = [
        ("BTC/USDT:USDT", "market", "buy", 1.0),
        ("id", "BTC/USDT:USDT"),
        ("USDT", 1.0, "spot", "swap"),
        ("USDT", 1.0, "0x" + "0" * 40),
        (5, "BTC/USDT:USDT"),
    ]
    names = [name for name in dir(client) if TRADING.match(name) and callable(getattr(client, name))]
    assert {"create_order", "cancel_order", "withdraw", "transfer", "set_leverage"} <= set(names)
    for name in names:
        for words in tried:
            with contextlib.suppress(Exception):
                getattr(client, name)(*words)
    assert all(permitted(at, path) for path in sent(at)), sent(at)


def test_a_question_that_is_not_on_the_list_is_refused_in_words(there) -> None:
    at = there("bybit")
    with pytest.raises(
        FeedError, match=r"'POST /v5/order/create with a body' is not among what PerpDesk asks .* not sent"
    ):
        keyed(at).ask("private_post_v5_order_create", {"symbol": "BTCUSDT"})
    assert at.exchange.asked == []


def test_only_questions_about_an_account_are_asked_with_a_key() -> None:
    asked = set()
    for path in sorted(ROOM.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "ask":
                first = node.args[0]
                if isinstance(first, ast.Name) and path.name == "keyed.py":
                    continue  # the line itself, which hands on what it was asked
                assert isinstance(first, ast.Constant), f"{path}: a question that no reader sees"
                asked.add(first.value)
    assert asked == QUESTIONS
    assert not any(re.search(r"post|put|delete|patch", name) for name in asked - {"public_post_info"})


def test_the_client_with_a_key_is_touched_for_nothing_that_sends() -> None:
    tree = ast.parse((ROOM / "keyed.py").read_text(encoding="utf-8"))
    touched = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "made"
    }
    assert touched == ON_THE_CLIENT


def test_a_key_is_sent_over_https_only_but_on_this_machine(there) -> None:
    at = there("bybit")
    reads = INTERFACES["bybit"].reads
    with pytest.raises(FeedError, match="a key is sent over https only"):
        KeyedClient(VENUES["bybit"], Line("http://api.example.com"), at.key, reads, 0.0, {})
    KeyedClient(VENUES["bybit"], Line("https://api.example.com"), at.key, reads, 0.0, {})
