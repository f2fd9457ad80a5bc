"""Performance: what returns were worth for their risk, where they came from, and how far to believe them."""
