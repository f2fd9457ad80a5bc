"""What was learned, as a policy asks it: what it was worth where it had not learned, and where it comes from."""
