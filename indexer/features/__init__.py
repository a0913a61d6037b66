"""Features on disk: written once, kept by content, and shortened where that is asked for."""
