"""Networks: an image becomes a vector."""
