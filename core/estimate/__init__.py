"""Infer: what history says of beta, volatility, covariance, premium and funding; the CAPM stands on the landing."""
