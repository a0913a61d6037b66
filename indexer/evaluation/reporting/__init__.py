"""Turns findings into a report: tables, figures and pictures, on disk."""
