"""Decodes pictures ahead of the encoder, in processes that may die."""
