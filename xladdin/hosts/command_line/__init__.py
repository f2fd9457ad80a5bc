"""The command line: every job and function, headless."""
