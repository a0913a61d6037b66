"""Reads runs back for those who look, while they learn and afterwards."""
