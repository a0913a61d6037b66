"""What the programming interface and the pages' twins send and take, as plain dataclasses.

`/openapi.json` is made of their types and docstrings.
"""
