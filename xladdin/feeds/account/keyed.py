"""The line to a venue with a key: it sends what a list permits, which is reading, and tells nothing of the key.

The list is held where a request leaves, behind everything that ccxt can do: what is not on it is never sent, whatever
was called. Messages lose what was signed, errors their causes, and the logs of the packages below stay silent.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

from core.errors import AccountError, FeedError, PerpDeskError

from ..venue.client import Client, Line
from ..venue.declared import Venue
from .key import Key

__all__ = ["KeyedClient"]

CHATTY = ("urllib3.connectionpool", "urllib3.util.retry", "charset_normalizer")
"""Loggers that would write down addresses with their signatures."""

HERE = ("127.0.0.1", "::1", "localhost")

MASK = "***"
QUERY = re.compile(r"\?\S+")
LONG_WORD = re.compile(r"[0-9A-Za-z+=_-]{24,}")
"""No word of a sentence is as long; signatures, tokens and keys are."""


class KeyedClient(Client):
    """A venue that answers questions about one account.

    Args:
        venue: the venue.
        line: how it is reached; with a key over https only, or on this machine.
        key: the key, which may only read.
        reads: patterns of what may be sent.
        skew: seconds that the venue's clock is ahead of this machine's.
        access: addresses that ccxt does not have.
    """

    def __init__(
        self, venue: Venue, line: Line, key: Key, reads: tuple[str, ...], skew: float, access: Mapping[str, Any]
    ) -> None:
        super().__init__(venue, line)
        parts = urlsplit(line.base_url or "https://")
        if parts.scheme != "https" and parts.hostname not in HERE:
            raise AccountError("a key is sent over https only; give --base-url with https")
        self.key = key
        self._reads = [re.compile(each) for each in reads]
        self._skew, self._access = skew, access

    def ask(self, question: str, *words: Any, **more: Any) -> Any:
        """What ccxt's method of this name answers, if what it sends is on the list.

        Raises UnreachableError, AccountError, NotInstalledError; none has a cause, which could show what was sent.
        """
        with _silenced():
            try:
                return super().ask(question, *words, **more)
            except PerpDeskError as error:
                kind = AccountError if type(error) is FeedError else type(error)
                refused: PerpDeskError = kind(str(error))
            except Exception as error:  # of a package below: its words may hold what was signed
                refused = AccountError(f"{self.venue.title} could not be asked ({type(error).__name__}); check the key")
        raise refused

    @cached_property
    def _exchange(self) -> Any:
        """ccxt's client with the key, behind the list."""
        made = self._made(self._access)
        made.logger = logging.Logger("of no record", level=logging.CRITICAL + 1)
        made.session.max_redirects = 0  # a key goes nowhere else
        if self.key.secret is None:
            made.walletAddress = self.key.name
        else:
            made.apiKey, made.secret, made.password = self.key.name, self.key.secret, self.key.passphrase
        fetch = made.fetch

        def permitted(url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
            asked = _described(url, method, body)
            if not any(read.fullmatch(asked) for read in self._reads):
                raise AccountError(f"'{asked}' is not among what PerpDesk asks of an account, and was not sent")
            return fetch(url, method, headers, body)

        made.fetch = permitted
        return made

    def _shown(self, text: str) -> str:
        for each in self.key.hidden:
            for shown in (each, quote(each, safe="")):
                text = text.replace(shown, MASK)
        return LONG_WORD.sub(MASK, QUERY.sub(f"?{MASK}", text))

    def _unkeyed(self, error: Exception) -> str:
        return (
            f"{self.venue.title} refuses the key ({self._words(error)}); see that it is the right one, may read "
            "positions and the account, and may be used from this address"
        )


def _described(url: str, method: str, body: Any) -> str:
    """A request as the list has it."""
    asked = f"{method} {urlsplit(url).path}"
    if not body:
        return asked
    try:
        content = json.loads(body)
    except (TypeError, ValueError):
        content = None
    return f"{asked} {content['type'] if isinstance(content, dict) and 'type' in content else 'with a body'}"


@contextmanager
def _silenced() -> Iterator[None]:
    """Nothing of what is asked meanwhile is written down by the packages below."""
    loggers = [logging.getLogger(name) for name in CHATTY]

    def drop(record: logging.LogRecord) -> bool:
        return False

    for logger in loggers:
        logger.addFilter(drop)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(drop)
