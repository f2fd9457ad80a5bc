"""Choose: limits, portfolios, hedges, sizes, and the policies that put them together."""
