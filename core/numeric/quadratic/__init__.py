"""One quadratic program, one certified optimum."""
