"""The settings by the heading that they stand under, each declared once: what it means and which jobs read it."""
