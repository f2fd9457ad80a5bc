"""What was read from venues, kept on this machine: append-only, versioned, readable after any crash."""
