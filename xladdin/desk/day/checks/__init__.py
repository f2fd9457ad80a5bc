"""Check: what stands in the result tables is held against the inputs and limits it should obey, one kind a file."""
