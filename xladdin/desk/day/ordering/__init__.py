"""Orders: one netted list of what Weights and Hedge trade, without dust, and what holds it to both."""
