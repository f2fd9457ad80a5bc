"""Each sheet of results held against its second opinion."""
