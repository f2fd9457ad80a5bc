"""What comes of a command, told to a person or to a program."""
