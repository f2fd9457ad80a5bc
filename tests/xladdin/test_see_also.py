"""Which page a refusal leads to: by the limit, the setting or the sheet that it names, or by its kind."""

from __future__ import annotations

import pytest

import xladdin
from core.errors import (
    AccountError,
    ArgumentError,
    BookError,
    FeedError,
    InfeasibleError,
    NotConvergedError,
    UnreachableError,
)
from tests.guide_pages import page
from tests.source_tree import ROOT
from xladdin.desk.layout.sheets import SETTINGS, SHEETS
from xladdin.see_also import PAGES_OF_KINDS, desk_page, limit_page, with_page

RETURNS, COVARIANCE = ((0.16, 0.13),), ((0.25, 0.1), (0.1, 0.36))


def sheets():
    return [sheet.name for sheet in SHEETS]


def settings():
    return [setting.name for setting in SETTINGS]


@pytest.mark.parametrize(
    ("limits", "objective", "place"),
    [
        ((("gross_max", 0.5), ("net", 1)), "max_sharpe", "#gross_max"),
        ((("max_turnover", "x"),), "max_sharpe", "#max_turnover"),
        ((("target_beta", 0.5),), "max_sharpe", "#target_beta"),
        ((("net", 1), ("net", 2)), "max_sharpe", "#net"),
        ((("max_turnovr", 1),), "max_sharpe", ""),
        ((("group_1", 1, 0),), "max_sharpe", ""),
        (None, "target_return", "#target_return"),
        (None, "max_sharp", "#objectives"),
    ],
)
def test_a_cell_that_refuses_limits_leads_to_them(limits, objective, place):
    xladdin.call("PERP_OPTIMIZE", RETURNS, COVARIANCE, objective, limits, caller="Book!A1")
    why = xladdin.call("PERP_WHY", "Book!A1")
    assert "docs/limits.md" in why
    assert place in why
    _, _, anchor = why.removesuffix(")").rpartition("docs/limits.md")
    assert not anchor or anchor[1:] in page(ROOT / "docs/limits.md").anchors


def test_other_cells_say_what_they_said():
    xladdin.call("PERP_BETA", ((1, 2, 3),), ((1, 2),), caller="Book!A2")
    assert "docs/" not in xladdin.call("PERP_WHY", "Book!A2")


@pytest.mark.parametrize(
    ("sentence", "kind", "leads_to"),
    [
        ("Settings!C14 is blank and HedgeMode is needed; fill it in", BookError, "docs/settings.md#HedgeMode"),
        ("sheet 'Settings': Window is 9 bars; lengthen it", BookError, "docs/settings.md#Window"),
        ("refresh with more bars, or shorten Window on Settings", BookError, "docs/settings.md#Window"),
        ("Settings!C14 holds a picture", BookError, "docs/settings.md"),
        ("sheet 'Limits': limits row 'net' is stated twice", BookError, "docs/limits.md#net"),
        ("Limits!B9 holds what no limit is", BookError, "docs/limits.md"),
        ("Universe!F9 holds -1; Price must be at least 0", BookError, "docs/sheets.md#universe"),
        ("net 1 and what else cannot hold together", InfeasibleError, "docs/limits.md#net"),
        ("what is asked cannot hold together", InfeasibleError, PAGES_OF_KINDS[InfeasibleError]),
        ("the venue does not answer", UnreachableError, PAGES_OF_KINDS[UnreachableError]),
        ("a.csv has no column 'close'", FeedError, "docs/files.md"),
        ("a.csv has no column 'quantity'", AccountError, "docs/positions.md"),
        ("desk.xlsx does not exist", BookError, ""),
        ("there is no setting Windo", ArgumentError, ""),
        ("sheet 'Mine' has a table of that name", BookError, ""),
    ],
)
def test_a_job_that_is_refused_leads_to_what_it_names(sentence, kind, leads_to):
    assert desk_page(sentence, kind, sheets, settings) == leads_to


def test_pages_and_their_places_are_there():
    for each in PAGES_OF_KINDS.values():
        file, _, anchor = each.partition("#")
        assert not anchor or anchor in page(ROOT / file).anchors, each


def test_every_sheet_of_the_desk_has_its_place():
    for sheet in SHEETS:
        file, _, anchor = desk_page(f"{sheet.name}!B7 holds a word", BookError, sheets, list).partition("#")
        assert not anchor or anchor in page(ROOT / file).anchors, sheet.name
        assert file


def test_only_what_speaks_of_settings_asks_for_their_names():
    def never():
        raise AssertionError("nothing here is a setting")

    assert desk_page("a.csv has no column 'close'", FeedError, never, never)


def test_a_page_stands_behind_its_sentence():
    assert with_page("It is so", "docs/files.md") == "It is so (see docs/files.md)"
    assert with_page("It is so", "") == "It is so"
    assert limit_page("no route reached it", NotConvergedError) == PAGES_OF_KINDS[NotConvergedError]
