"""Putting PerpDesk into LibreOffice and taking it out again."""

from __future__ import annotations

__all__: list[str] = []
