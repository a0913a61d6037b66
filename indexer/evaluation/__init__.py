"""Evaluation: how well vectors find what they should, by protocols and measures of the field."""
