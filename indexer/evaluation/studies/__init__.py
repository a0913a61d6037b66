"""The studies: a protocol run on several systems, and what the report says of it."""
