"""How fast a build is, beside the network alone and beside plain Keras, and what it needs."""
