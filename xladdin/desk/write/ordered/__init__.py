"""Orders as their sheet shows them, and as a venue takes them."""
