"""The guide in a browser: every page of docs/ is there, its links lead on, and one that is lost is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from core.errors import PerpDeskError
from tests.guide_pages import DOCS
from xladdin.hosts.guide import browser
from xladdin.hosts.guide.browser import write_for_browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_for_browser(tmp_path_factory.mktemp("guide")).parent


def tree(path):
    return etree.fromstring(path.read_bytes(), etree.HTMLParser(encoding="utf-8"))


def test_every_page_is_there_under_its_title(folder):
    pages = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}
    assert {path.relative_to(folder) for path in folder.rglob("*.html")} == pages
    assert tree(folder / "limits.html").findtext(".//title").startswith("The limits block")


def test_links_lead_to_places_that_are_there(folder):
    anchors = {path: set(tree(path).xpath("//@id")) for path in folder.rglob("*.html")}
    for path in anchors:
        for link in tree(path).xpath("//a/@href"):
            file, _, anchor = link.partition("#")
            if "://" in file:
                continue
            target = (path.parent / file).resolve() if file else path
            assert target in anchors, f"{path.name} leads to {link}"
            assert not anchor or anchor in anchors[target], f"{path.name} leads to {link}"


def test_tables_and_signs_are_shown_as_they_are_meant(folder):
    cells = tree(folder / "limits.html").xpath("//td/code/text()")
    assert "sum |w_i| <= gross_max" in cells


def test_a_guide_that_is_not_there_is_said(monkeypatch, tmp_path: Path):
    monkeypatch.setattr(browser, "PLACES", (tmp_path / "docs",))
    with pytest.raises(PerpDeskError, match="install it again"):
        write_for_browser(tmp_path)
