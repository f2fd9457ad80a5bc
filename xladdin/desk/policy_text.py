"""A trained policy as JSON: numbers and words that a person can read, and no code.

Whatever a text holds that is not exactly what is written here is refused in one sentence: another format, another
version, a number that is none, a byte that was changed (`checksum`, over all the rest).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from core.arrays import Array
from core.decide.policy.learned.judgement import Judgement
from core.decide.policy.learned.trained import Provenance, TrainedTilt
from core.errors import BookError, PerpDeskError
from core.learn.allocation.state import FIGURES, MARKET_FIGURES, Scales
from core.learn.allocation.tilt import TiltRule

__all__ = ["policy_of", "written_policy"]

FORMAT, FORMAT_VERSION, KIND = "PerpDesk trained policy", 1, "tilt"

LARGEST = 1_000_000
"""Bytes: a policy takes some three thousand, and its base the most of them."""


def written_policy(trained: TrainedTilt) -> bytes:
    """The policy as the bytes of a file; the same policy gives the same bytes."""
    judged, origin, rule = trained.judgement, trained.provenance, trained.rule
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "kind": KIND,
        "version": origin.version,
        "verdict": ("kept: " if judged.kept else "not kept: ") + judged.why,
        "cap": trained.cap,
        "figures": list(FIGURES),
        "counted_by": ["always", *MARKET_FIGURES],
        "weights": rule.theta.tolist(),
        "spread": rule.scales.spread.tolist(),
        "usual_regime": rule.scales.usual_regime,
        "judgement": {
            "kept": judged.kept,
            "t": _or_none(judged.t),
            "excess": judged.excess,
            "lower": _or_none(judged.lower),
            "upper": _or_none(judged.upper),
            "days": judged.days,
            "least_t": judged.least_t,
        },
        "symbols": list(origin.symbols),
        "first": str(origin.first),
        "last": str(origin.last),
        "data_hash": origin.data_hash,
        "base": dict(origin.base),
        "algorithm": origin.algorithm,
        "seed": origin.seed,
        "trials": origin.trials,
        "stopped_by": origin.stopped_by,
    }
    return json.dumps({**content, "checksum": _checksum(content)}, indent=1, allow_nan=False).encode() + b"\n"


def policy_of(content: bytes, name: str) -> TrainedTilt:
    """The policy in the bytes of a file called `name`. Raises BookError."""
    read = _parsed(content, name)
    if read.get("format") != FORMAT:
        raise BookError(f"{name} is no trained policy of PerpDesk; give one that training has written")
    if read.get("format_version") != FORMAT_VERSION or read.get("kind") != KIND:
        raise BookError(
            f"{name} was written by another version of PerpDesk (format {str(read.get('format_version'))[:20]}, kind "
            f"{str(read.get('kind'))[:20]}) and this one reads format {FORMAT_VERSION}, {KIND}; train it again"
        )
    checksum = read.pop("checksum", None)
    if checksum != _checksum(read):
        raise BookError(f"{name} is damaged or was changed after training; restore it, or train it again")
    try:
        return _policy(_Reader(read))
    except (KeyError, TypeError, ValueError, OverflowError, PerpDeskError) as error:
        raise BookError(f"{name} is no sound policy ({str(error)[:80]}); train it again") from None


def _policy(read: _Reader) -> TrainedTilt:
    judged = _Reader(read.of("judgement", dict))
    if read.words("figures") != FIGURES or read.words("counted_by") != ("always", *MARKET_FIGURES):
        raise ValueError("its weights are of other figures")
    return TrainedTilt(
        rule=TiltRule(read.block("weights"), Scales(read.block("spread"), read.number("usual_regime"))),
        cap=read.number("cap"),
        judgement=Judgement(
            kept=judged.of("kept", bool),
            t=judged.number("t", missing=math.nan),
            excess=judged.number("excess"),
            lower=judged.number("lower", missing=math.nan),
            upper=judged.number("upper", missing=math.nan),
            days=judged.of("days", int),
            least_t=judged.number("least_t"),
        ),
        provenance=Provenance(
            symbols=read.words("symbols"),
            first=read.time("first"),
            last=read.time("last"),
            data_hash=read.of("data_hash", str),
            base={str(name): str(value) for name, value in read.of("base", dict).items()},
            algorithm=read.of("algorithm", str),
            seed=read.of("seed", int),
            trials=read.of("trials", int),
            stopped_by=read.of("stopped_by", str),
            version=read.of("version", str),
        ),
    )


class _Reader:
    """Values of a file by name, each of the kind that is asked for; raises KeyError, TypeError or ValueError."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def of(self, name: str, kind: Callable[..., Any]) -> Any:
        value = self._values[name]
        if type(value) is not kind:
            raise TypeError(f"{name} is of another kind")
        return value

    def number(self, name: str, missing: float | None = None) -> float:
        value = self._values[name]
        if value is None and missing is not None:
            return missing
        if type(value) not in (int, float) or not math.isfinite(value):
            raise TypeError(f"{name} is no number")
        return float(value)

    def words(self, name: str) -> tuple[str, ...]:
        values = self.of(name, list)
        if not all(type(value) is str for value in values):
            raise TypeError(f"{name} are no words")
        return tuple(values)

    def block(self, name: str) -> Array:
        return np.array(self.of(name, list), dtype=np.float64)

    def time(self, name: str) -> np.datetime64:
        time = np.datetime64(self.of(name, str), "s")
        if np.isnat(time):
            raise ValueError(f"{name} is no time")
        return time


def _parsed(content: bytes, name: str) -> dict[str, Any]:
    """Raises BookError."""
    if len(content) > LARGEST:
        raise BookError(f"{name} is too large to be a trained policy; give one that training has written")
    try:
        read = json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise BookError(f"{name} is no trained policy, or is damaged; restore it, or train it again") from None
    if not isinstance(read, dict):
        raise BookError(f"{name} is no trained policy of PerpDesk; give one that training has written")
    return read


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _checksum(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
