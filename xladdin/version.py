"""The one place where the version stands; packaging reads it from here."""

__all__ = ["__version__"]

__version__ = "0.1.0"
