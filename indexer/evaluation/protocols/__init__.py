"""The protocols: each makes tasks of pictures and of what is known of them."""
