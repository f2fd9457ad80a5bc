"""What has no second statement says so, and why."""

from __future__ import annotations

__all__ = ["NotStatedError"]


class NotStatedError(Exception):
    """There is no second statement of this; the message says why."""
