"""Learned forecasts, scored on data they have not seen."""
