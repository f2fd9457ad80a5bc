"""What the book survives: scenarios, the worst stretches of the past, and how far it can go."""
