"""A refusal as a person is told of it: its sentence, and the page of the guide where one tells more."""

from __future__ import annotations

from collections.abc import Iterator

from ..see_also import desk_page, with_page

__all__ = ["refusal"]


def refusal(sentence: str, kind: type[Exception]) -> str:
    """The sentence of an error of that kind, with its page; see `see_also`."""
    return with_page(sentence, desk_page(sentence, kind, _sheet_names, _setting_names))


def _sheet_names() -> Iterator[str]:
    """Every sheet; asked only where a sentence speaks of one, which loads the desk's layout if nothing has yet."""
    from ..desk.layout.sheets import SHEETS

    yield from (sheet.name for sheet in SHEETS)


def _setting_names() -> Iterator[str]:
    from ..desk.layout.settings import SETTINGS

    yield from (setting.name for setting in SETTINGS)
