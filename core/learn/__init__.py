"""Learning from a history: what a model adds to a simple rule, judged on rows that it has not seen."""
