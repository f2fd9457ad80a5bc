"""How VBA sources are packed: the run-length scheme of MS-OVBA 2.4.1, chunk by chunk of 4096 bytes.

A chunk is a header and groups of a flag byte and eight tokens. A token is one byte of text, or two bytes that say
"copy so many bytes from so far back"; the further the chunk has come, the more bits the distance takes.

Source: [MS-OVBA] Office VBA File Format Structure, 2.4.1.3.
"""

from __future__ import annotations

import struct
from collections import defaultdict

__all__ = ["compressed"]

CHUNK = 4096
SHORTEST = 3
"""Bytes that a copy must save to be worth its token."""

LOOKED_AT = 32
"""Earlier places with the same three bytes that are tried; the latest first."""


def compressed(text: bytes) -> bytes:
    """The bytes in the container that VBA reads: a signature, then the chunks."""
    return b"\x01" + b"".join(_chunk(text[start : start + CHUNK]) for start in range(0, len(text), CHUNK))


def _chunk(text: bytes) -> bytes:
    tokens = _tokens(text)
    packed = b"".join(_group(tokens[start : start + 8]) for start in range(0, len(tokens), 8))
    if len(packed) >= CHUNK and len(text) == CHUNK:
        return struct.pack("<H", 0x3000 | (CHUNK - 1)) + text
    return struct.pack("<H", 0xB000 | (len(packed) - 1)) + packed


def _group(tokens: list[bytes]) -> bytes:
    flags = sum(1 << bit for bit, token in enumerate(tokens) if len(token) == 2)
    return bytes([flags]) + b"".join(tokens)


def _tokens(text: bytes) -> list[bytes]:
    """Single bytes, and pairs of bytes that are copies."""
    places: defaultdict[bytes, list[int]] = defaultdict(list)
    tokens, position = [], 0
    while position < len(text):
        distance_bits = _distance_bits(position)
        longest = min((0xFFFF >> distance_bits) + SHORTEST, len(text) - position)
        length, distance = _longest_copy(text, position, places, longest)
        if length < SHORTEST:
            tokens.append(text[position : position + 1])
            length = 1
        else:
            tokens.append(struct.pack("<H", (distance - 1) << (16 - distance_bits) | (length - SHORTEST)))
        for each in range(position, position + length):
            places[text[each : each + SHORTEST]].append(each)
        position += length
    return tokens


def _longest_copy(text: bytes, position: int, places: defaultdict[bytes, list[int]], longest: int) -> tuple[int, int]:
    """Length and distance of the longest earlier run of the same bytes; 0, 0 where there is none."""
    best = (0, 0)
    if longest < SHORTEST:
        return best
    for earlier in reversed(places[text[position : position + SHORTEST]][-LOOKED_AT:]):
        length = SHORTEST
        while length < longest and text[earlier + length] == text[position + length]:
            length += 1
        if length > best[0]:
            best = (length, position - earlier)
    return best


def _distance_bits(position: int) -> int:
    """Bits of a token that hold the distance, after so many bytes of the chunk (MS-OVBA 2.4.1.3.19.1)."""
    return min(max((position - 1).bit_length(), 4), 12) if position else 4
