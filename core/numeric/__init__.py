"""Numbers without meaning: sums and moments, recursions, the solvers and the certificate every optimum carries."""
