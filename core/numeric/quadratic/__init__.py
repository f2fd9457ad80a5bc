"""One quadratic programme, one certified optimum."""
