"""How a catalog is laid down in its file: the tables, their rows, and who writes them."""
