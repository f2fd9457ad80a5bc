"""A key that may read an account: from the environment, else from the system's keyring, and never written anywhere.

    PERPDESK_BYBIT_KEY, PERPDESK_BYBIT_SECRET      and PERPDESK_OKX_PASSPHRASE where a venue asks for one
    keyring set perpdesk bybit-key                 the same names in the keyring, in small letters

Hyperliquid knows accounts by their address, which signs nothing: PERPDESK_HYPERLIQUID_ADDRESS.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field

from core.errors import AccountError, listed
from core.records import dataclass

from ..venue.declared import Venue

__all__ = ["PARTS", "Key", "hidden_variables", "key_of"]

PREFIX, SERVICE = "PERPDESK_", "perpdesk"

PARTS: Mapping[str, tuple[str, ...]] = {
    "binanceusdm": ("key", "secret"),
    "binancecoinm": ("key", "secret"),
    "bybit": ("key", "secret"),
    "okx": ("key", "secret", "passphrase"),
    "gate": ("key", "secret"),
    "deribit": ("key", "secret"),
    "hyperliquid": ("address",),
    "krakenfutures": ("key", "secret"),
}
"""What each exchange asks for, by ccxt's name of it."""

SHORTEST = 8
"""Characters: no venue gives a shorter key, secret or address."""


@dataclass(frozen=True)
class Key:
    """Who asks, and what the questions are signed with; it shows neither.

    venue       the venue's name in the variables and in the keyring
    name        the key as the venue lists it, or the address of an account
    secret      None where nothing is signed
    passphrase  None where the venue asks for none
    """

    venue: str
    name: str = field(repr=False)
    secret: str | None = field(repr=False, default=None)
    passphrase: str | None = field(repr=False, default=None)

    @property
    def hidden(self) -> tuple[str, ...]:
        """What no message may show."""
        return tuple(filter(None, (self.name, self.secret, self.passphrase)))

    def __reduce__(self) -> str:
        raise TypeError("a key is kept in no file and sent to no other process")


def key_of(venue: Venue, environment: Mapping[str, str] = os.environ) -> Key:
    """The key for a venue. Raises AccountError that names what is missing, and shows nothing of what is there."""
    owner = venue.name.partition("-")[0]  # an account of Binance has one key for both its markets
    parts = PARTS[venue.exchange]
    variables = {part: f"{PREFIX}{owner}_{part}".upper() for part in parts}
    found = {part: environment.get(variable, "").strip() for part, variable in variables.items()}
    where = "the environment"
    if not any(found.values()):
        found, where = {part: _kept(f"{owner}-{part}") for part in parts}, "the keyring"
    missing = [part for part in parts if not found[part]]
    if len(missing) == len(parts):
        kept = listed(f"`keyring set {SERVICE} {owner}-{part}`" for part in parts)
        raise AccountError(
            f"there is no key for {venue.title}: set {listed(variables.values())} in the environment, or keep them "
            f"with {kept}; make it one that may only read"
        )
    if missing:
        raise AccountError(
            f"{where} has only a part of the key for {venue.title}; {listed(variables[each] for each in missing)} "
            "is missing"
        )
    for part, value in found.items():
        if len(value) < SHORTEST or not (value.isascii() and value.replace("\n", "").isprintable()):
            raise AccountError(f"{variables[part]} in {where} is no {part} of {venue.title}; copy it there again")
    name = found.get("key") or found["address"]
    return Key(owner, name, found.get("secret"), found.get("passphrase"))


def hidden_variables(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The variables of an environment that hold parts of keys."""
    endings = tuple(f"_{part}".upper() for part in ("key", "secret", "passphrase"))
    return tuple(name for name in environment if name.upper().startswith(PREFIX) and name.upper().endswith(endings))


def _kept(name: str) -> str:
    """What the system's keyring has under this name; blank where it has nothing, or there is no keyring."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return ""
    try:
        return (keyring.get_password(SERVICE, name) or "").strip()
    except keyring.errors.NoKeyringError:
        return ""
    except keyring.errors.KeyringError as error:
        raise AccountError(
            f"the system's keyring does not open ({type(error).__name__}); unlock it, or set the key in the environment"
        ) from None
