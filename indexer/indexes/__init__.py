"""Index kinds: each arranges the features so that the nearest to a query are found."""
