"""What a person types: how commands are declared, and how words are read as cells, settings and options."""
