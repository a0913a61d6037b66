"""How networks learn: the pictures they are shown, their teachers and the lessons."""
