"""The risk of a book as it stands: how much may be lost, who brings it, and what is open on it."""
