"""Judging: people say of hits how good they are, and searches follow what they said."""
