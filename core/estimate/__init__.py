"""Infer: what history says of beta, of the CAPM and of covariance."""
