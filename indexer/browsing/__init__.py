"""Looking through what a catalog holds: classes, and pages in time that does not grow with it."""
