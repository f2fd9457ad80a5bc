"""What exchanges publish of perpetual futures, read through ccxt: prices, settlements, terms. No key, no order."""
