"""Ways to learn from labelled pictures: what a feature must get right."""
