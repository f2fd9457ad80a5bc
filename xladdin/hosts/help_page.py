"""A page for the browser on all sheet functions and their arguments, as the catalogue declares them."""

from __future__ import annotations

from html import escape

from ..catalog import FunctionSpec, functions
from ..version import __version__

__all__ = ["page"]

STYLE = """\
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em }
code { font: 14px ui-monospace, Consolas, monospace } dt { margin-left: 2em } dd { margin-left: 4em }
h3 { margin-bottom: 0 }"""


def page() -> str:
    """The page in HTML."""
    specs = functions()
    categories = dict.fromkeys(spec.category for spec in specs)
    chapters = [
        f"<h2>{escape(category)}</h2>" + "".join(_entry(spec) for spec in specs if spec.category == category)
        for category in categories
    ]
    title = f"PerpDesk {escape(__version__)}: {len(specs)} functions"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
        f"<h1>{title}</h1>{''.join(chapters)}</html>\n"
    )


def _entry(spec: FunctionSpec) -> str:
    arguments = "".join(f"<dt><code>{each.name}</code></dt><dd>{escape(each.help)}</dd>" for each in spec.args)
    return (
        f'<h3 id="{spec.name}"><code>{escape(spec.signature)}</code></h3>'
        f"<p>{escape(spec.summary)}</p><dl>{arguments}</dl>\n"
    )
