"""Compares encoders by themselves, without a system or a report."""
