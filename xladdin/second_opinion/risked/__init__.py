"""The risk of the books, and what is open on positions, by pandas, scipy and plain loops."""
