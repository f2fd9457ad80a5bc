"""Every link of the guide leads somewhere: to a page, to a place on it, to a file of the project."""

from __future__ import annotations

import re

import pytest

from tests.guide_pages import DOCS, PAGES, page
from tests.source_tree import ROOT, SOURCES, label

INDEX = DOCS / "README.md"
NAMED = re.compile(r"docs/[\w./-]+\.md(?:#[\w-]+)?")


def lost(start, link):
    """Why a link leads nowhere; nothing where it is well."""
    file, _, anchor = link.partition("#")
    target = (start.parent / file).resolve() if file else start
    if not target.exists():
        return f"{link}: there is no such file"
    if anchor and anchor not in page(target).anchors:
        return f"{link}: {target.name} has no place of that name"
    return ""


@pytest.mark.parametrize("path", PAGES, ids=label)
def test_links_lead_somewhere(path):
    assert [why for link in page(path).links if (why := lost(path, link))] == []


def test_a_lost_link_is_seen():
    assert "no such file" in lost(INDEX, "nowhere.md")
    assert "no place" in lost(INDEX, "limits.md#gross_most")
    assert lost(INDEX, "limits.md#gross_max") == ""


def test_the_index_leads_to_every_page():
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in page(INDEX).links}
    others = {path for path in PAGES if DOCS in path.parents} - {INDEX}
    assert sorted(label(path) for path in others - linked) == [], "give it a line in docs/README.md"


def test_the_readme_leads_to_the_index():
    assert any((ROOT / link).resolve() == INDEX for link in page(ROOT / "README.md").links)


def test_pages_that_the_code_names_are_there():
    named = {(label(path), link) for path in SOURCES for link in NAMED.findall(path.read_text(encoding="utf-8"))}
    assert named
    assert [(file, why) for file, link in sorted(named) if (why := lost(ROOT / "README.md", link))] == []
