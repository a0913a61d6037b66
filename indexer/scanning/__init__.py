"""Finds the files of a gallery, and says of each whether it can be searched."""
