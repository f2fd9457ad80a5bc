"""What goes around a policy, each a policy itself: sizes, a hedge, a band, a clock, a stop."""
