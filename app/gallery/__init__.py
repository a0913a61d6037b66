"""Looking at what is indexed: pictures by id, and a page on each index."""
