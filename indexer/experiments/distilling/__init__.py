"""Lets a small network learn from a trained one, from folders of pictures to a card."""
