"""The file beside the workbook that holds a trained policy; `policy_text` says what stands in it.

Settings name the file in PolicyFile; what cannot be used is a reason, with which the base answers. What a policy is
made of is loaded where there is one.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import BookError
from core.records import dataclass

from ..books.workbook import Workbook

if TYPE_CHECKING:
    from core.decide.policy.learned.trained import TrainedTilt

__all__ = ["POLICY_FILE", "KeptPolicy", "keep_policy", "kept_policy"]

POLICY_FILE = "PolicyFile"
"""The named cell that holds the file's name."""

LONGEST_STEM = 150


@dataclass(frozen=True, eq=False)
class KeptPolicy:
    """What the file `name` holds, or why there is nothing in it to follow; no name: none is named."""

    name: str | None
    policy: TrainedTilt | str


def kept_policy(book: Workbook) -> KeptPolicy:
    """The policy in the file that Settings name."""
    value = book.value(POLICY_FILE).value
    file = None if value is None or not str(value).strip() else str(value).strip()
    if file is None:
        return KeptPolicy(None, f"{POLICY_FILE} on Settings is blank; train a policy, or name the file of one")
    from .policy_text import policy_of

    try:
        return KeptPolicy(file, policy_of(_beside(book, file), file))
    except BookError as error:
        return KeptPolicy(file, str(error))


def keep_policy(book: Workbook, trained: TrainedTilt) -> str:
    """Stage the policy as a file beside the book, under a name of its content, and that name in Settings; the name."""
    from .policy_text import written_policy

    content = written_policy(trained)
    stem = Path(book.name).stem.removesuffix(".results")[:LONGEST_STEM]
    name = f"{stem}.policy-{hashlib.sha256(content).hexdigest()[:12]}.json"
    book.write_beside(name, content)
    book.write_value(POLICY_FILE, name)
    return name


def _beside(book: Workbook, file: str) -> bytes:
    """Raises BookError."""
    try:
        return book.beside(file)
    except BookError:
        raise BookError(
            f"{POLICY_FILE} on Settings names '{file[:60]}', which is no file beside {book.name}; copy it there, or "
            "name the one that is"
        ) from None
