"""The guide as pages for a browser, which Help opens: the Markdown of docs/, page by page, with links that lead on."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import PerpDeskError

from ...version import __version__
from .markdown import slug

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = ["FUNCTIONS", "write_for_browser"]

PLACES = (Path(__file__).with_name("docs"), Path(__file__).resolve().parents[3] / "docs")
"""Beside this file where the package is installed, in the folder docs where the project itself stands."""

INDEX = "README"
FUNCTIONS = "functions.html#{name}"
"""Where a function is explained, seen from the first page; `{name}` is its name in small letters."""

SHORTCUTS = {
    "The guide": INDEX,
    "Settings": "settings",
    "Limits": "limits",
    "Functions": "functions",
    "Checks": "checks",
}
"""What stands above each page."""

STYLE = """\
body { font: 15px/1.5 system-ui, sans-serif; max-width: 64em; margin: 1em auto 4em; padding: 0 1em; color: #222 }
nav a { margin-right: 1.2em } code, pre { font: 13px/1.45 ui-monospace, Consolas, monospace }
pre { background: #f5f6f8; padding: .7em 1em; overflow-x: auto } code { background: #f5f6f8 } pre code { padding: 0 }
table { border-collapse: collapse } th, td { border: 1px solid #ddd; padding: .3em .6em; vertical-align: top }
th { background: #eef2f7; text-align: left } h1, h2, h3 { line-height: 1.25 } a { color: #0b5cad }
:target { background: #fff3bf }"""


def write_for_browser(folder: Path) -> Path:
    """Write every page of the guide into a folder; the path of the first. Raises PerpDeskError where there is none."""
    docs = next((place for place in PLACES if (place / f"{INDEX}.md").is_file()), None)
    if docs is None:
        raise PerpDeskError("the guide is not among the files of this PerpDesk; install it again, or read its docs/")
    for source in docs.rglob("*.md"):
        target = folder / source.relative_to(docs).with_suffix(".html")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_page(source, docs), encoding="utf-8")
    return folder / f"{INDEX}.html"


def _page(source: Path, docs: Path) -> str:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = parser.parse(source.read_text(encoding="utf-8"))
    title = next((token.content for token in tokens if token.type == "inline"), source.stem)
    _name_headings(tokens)
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                _lead_on(child, source.parent, docs)
    up = "../" * (len(source.relative_to(docs).parts) - 1)
    shortcuts = "".join(f'<a href="{up}{page}.html">{words}</a>' for words, page in SHORTCUTS.items())
    body = parser.renderer.render(tokens, parser.options, {})
    title = f"{escape(title)} - PerpDesk {__version__}"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style><nav>{shortcuts}</nav>{body}</html>\n"
    )


def _name_headings(tokens: Sequence[Token]) -> None:
    """The anchor of each heading, as GitHub has it."""
    for heading, words in pairwise(tokens):
        if heading.type == "heading_open":
            heading.attrSet("id", slug(words.content.replace("`", "")))


def _lead_on(link: Token, folder: Path, docs: Path) -> None:
    """A link to a page of the guide leads to the page made of it; one out of the guide is words only."""
    target = str(link.attrGet("href") or "")
    file, _, anchor = target.partition("#")
    if not file or "://" in target:
        return
    if docs.resolve() in (folder / file).resolve().parents and file.endswith(".md"):
        link.attrSet("href", f"{file.removesuffix('.md')}.html{'#' + anchor if anchor else ''}")
    else:
        del link.attrs["href"]
