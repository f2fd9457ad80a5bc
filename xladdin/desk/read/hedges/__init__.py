"""The sheet Hedges: what is entered of instruments beside the contracts, and what a blank there stands for."""
