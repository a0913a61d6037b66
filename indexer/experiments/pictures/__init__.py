"""The pictures of a fine-tuning: which are chosen, and what of them is kept to learn from."""
