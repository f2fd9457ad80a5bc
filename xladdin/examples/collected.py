"""All examples, from the files that declare them, by category and in the order of the contract."""

from __future__ import annotations

import importlib

from .example import Example

__all__ = ["CATEGORIES", "example_of", "examples"]

CATEGORIES = {
    "Returns": "returns",
    "Beta": "beta",
    "CAPM": "capm",
    "Volatility": "volatility",
    "Sizing": "sizing",
    "Margin": "margin",
    "Portfolio": "portfolio",
    "Hedge": "hedge",
    "Stress": "stress",
    "Performance": "performance",
    "Help": "information",
}
"""The sheet of each category (without its `Perp`), and the file of `declared` that fills it."""


def examples(sheet: str) -> tuple[Example, ...]:
    """The examples of a sheet, and after them its deliberate slips."""
    module = importlib.import_module(f"{__package__}.declared.{CATEGORIES[sheet]}")
    return (*module.EXAMPLES, *module.SLIPS)


def example_of(function: str) -> Example | None:
    """The example of a function, or None where it has none yet."""
    every = (example for sheet in CATEGORIES for example in examples(sheet))
    return next((example for example in every if example.function == function and not example.slip), None)
