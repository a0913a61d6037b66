"""Reads which pictures are right for which queries, from the files that protocols publish."""
