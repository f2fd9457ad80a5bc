"""What is read as it stands and hardly meant so: said, with the place and the way out."""
