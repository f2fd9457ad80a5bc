"""Report: what the desk found, as one page that stands by itself, for the file of a compliance officer."""
