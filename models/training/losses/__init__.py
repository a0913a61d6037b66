"""What networks are to get right: pure functions of Keras tensors, for any of its backends."""
