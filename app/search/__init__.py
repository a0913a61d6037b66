"""Searching in the browser: upload, results, more like this."""
