"""What the book survives: plain loops."""
