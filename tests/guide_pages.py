"""The pages of the guide as the tests read them: headings, anchors, links, names in code, and blocks of snippets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.source_tree import ROOT
from xladdin.hosts.guide.markdown import slug

DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = tuple(sorted([README, *DOCS.rglob("*.md")]))

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
ANCHOR = re.compile(r'<a id="([^"]+)"></a>')
HEADING = re.compile(r"^#+ (.+)$", re.M)


@dataclass(frozen=True)
class Page:
    """One page in parts: what a person reads, and the blocks of code in it with their language."""

    path: Path
    words: str
    blocks: tuple[tuple[str, str], ...]

    @property
    def anchors(self) -> set[str]:
        """Every place that a link to it can name."""
        headings = (slug(re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", found)) for found in HEADING.findall(self.words))
        return {*headings, *ANCHOR.findall(self.words)}

    @property
    def links(self) -> list[str]:
        """Where it leads to inside the project."""
        return [link for link in LINK.findall(self.words) if not re.match(r"\w+:", link)]

    @property
    def spans(self) -> list[str]:
        """What stands in code among the words."""
        return CODE.findall(self.words)


@cache
def page(path: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    return Page(path, FENCE.sub("\n", text), tuple(FENCE.findall(text)))
