"""The pictures of the commands, drawn as lines on a field of 24 x 24, readable on a light and on a dark toolbar."""

from __future__ import annotations

__all__ = ["icon"]

BLUE, GREEN, AMBER = "#3b82c4", "#3f9d63", "#d08a2e"

STROKES: dict[str, tuple[tuple[str, str], ...]] = {
    "refresh": (("M19 12a7 7 0 1 1-2.2-5.1", BLUE), ("M19 3v5h-5", BLUE)),
    "rebalance": (("M12 4v16M8 20h8M4 8h16", BLUE), ("M1.5 14 4 8l2.5 6zM17.5 14 20 8l2.5 6z", AMBER)),
    "hedge": (("M12 3 4.5 6v5.5c0 4.5 3 7.5 7.5 9.5 4.5-2 7.5-5 7.5-9.5V6z", BLUE), ("M8.5 14l3-3 2 2 3-4", GREEN)),
    "stress": (("M4 3v17h17", BLUE), ("M7 7l4 3 3-1 5 8M19 13v4h-4", AMBER)),
    "backtest": (("M3.5 12a8.5 8.5 0 1 0 2.8-6.3M3.5 3.5v4h4", BLUE), ("M12 7.5V12l3.5 2", AMBER)),
    "train": (("M12 4 2 9l10 5 10-5zM6 11.5V17c3.5 2.5 8.5 2.5 12 0v-5.5", BLUE), ("M22 9v6", AMBER)),
    "check": (("M4 4h16v16H4z", BLUE), ("M8 12l3 3 5-6", GREEN)),
    "verify": (("M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM14.5 14.5 20 20", BLUE), ("M7.5 10l2 2 3-3.5", GREEN)),
    "new_desk": (("M14 3H5v18h14V8zM14 3v5h5", BLUE), ("M12 11v6M9 14h6", GREEN)),
    "examples": (("M4 5h16v14H4zM4 10h16M10 10v9", BLUE), ("M13 14.5h4", AMBER)),
    "why": (
        ("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", BLUE),
        ("M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 17v.2", AMBER),
    ),
    "doctor": (("M4 8h16v11H4zM9 8V5h6v3", BLUE), ("M12 10.5v6M9 13.5h6", GREEN)),
    "help": (("M5 4h10l4 4v12H5z", BLUE), ("M8.5 11h7M8.5 15h7", AMBER)),
}
"""For each command its lines, as paths of SVG, and their colours."""


def icon(name: str) -> str:
    """The picture of a command, as SVG."""
    lines = "".join(f'<path d="{path}" stroke="{colour}"/>' for path, colour in STROKES[name])
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none" '
        f'stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{lines}</svg>\n'
    )
