"""Galleries and indexes: many vectors become an index that answers."""
