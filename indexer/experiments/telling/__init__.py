"""What cards, pages and the terminal tell of a training, in the same words."""
