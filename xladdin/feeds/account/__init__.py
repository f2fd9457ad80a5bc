"""What an account holds: read with a key that may only read, or from an export of its positions."""
