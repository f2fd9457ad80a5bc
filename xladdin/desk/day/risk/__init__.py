"""The risk of the book held and of the target, side by side: who brings it, what binds, what is open."""
