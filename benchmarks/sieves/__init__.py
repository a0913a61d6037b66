"""Which 64 bytes of each image tell best which images are worth measuring."""
