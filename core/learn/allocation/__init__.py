"""A tilt of a base book, learned by reinforcement: the market it acts in, what it is told, how it is searched for."""
