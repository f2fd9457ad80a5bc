"""Numerical kernels: one seam to the solvers of quadratic programmes and the certificate every optimum carries."""
