"""Putting PerpDesk into Excel and taking it out again: every step is an action that can be listed, done and undone."""

from __future__ import annotations

__all__: list[str] = []
