"""A live example of every sheet function: what goes in, the formula, what must come out, what each figure means."""
