"""Lets a network learn from labelled pictures, from a plan to an encoder measured and a card."""
