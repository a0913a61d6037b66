"""The description of all that programs can ask, made of the code itself: OpenAPI 3.1."""
