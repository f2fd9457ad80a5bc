"""Objectives: what a portfolio can be best at, each with what it needs and the way it is solved."""
