"""The whole frontier at once: an optimum for every weight of the reward."""
