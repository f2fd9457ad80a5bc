"""A refusal as a person is told of it: its sentence, and the page of the guide where one tells more."""

from __future__ import annotations

from collections.abc import Iterator

from ..see_also import desk_page, with_page

__all__ = ["refusal"]


def refusal(sentence: str, kind: type[Exception]) -> str:
    """The sentence of an error of that kind, with its page; see `see_also`."""
    return with_page(sentence, desk_page(sentence, kind, _setting_names))


def _setting_names() -> Iterator[str]:
    """Every setting; asked only where a sentence speaks of one, which loads the desk if nothing has yet."""
    from ..desk.layout.settings import SETTINGS

    yield from (setting.name for setting in SETTINGS)
