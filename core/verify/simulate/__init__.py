"""Days that have not happened, drawn from those that have."""
