"""A book walked through a history, traded as somebody decides: what it held, what it made, and where that came from."""
