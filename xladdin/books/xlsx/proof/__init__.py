"""The proof that a changed file differs from the original in what was written, and nowhere else."""
