"""Choose: weights under limits, the frontier, the size of a position and the hedge of a book."""
