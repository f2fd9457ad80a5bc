"""Sample desks are estimated once in a process, not once a test."""

from __future__ import annotations

import pytest

from tests.remembered import remembering


@pytest.fixture(autouse=True)
def _estimated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fits and regimes of rows that were asked for before are remembered."""
    remembering(monkeypatch)
