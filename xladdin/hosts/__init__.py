"""The doors: each lets a person reach the desk and its functions from where they work."""
