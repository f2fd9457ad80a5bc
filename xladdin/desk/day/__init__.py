"""The day's work: each job's middle, between what was read and what is written."""
