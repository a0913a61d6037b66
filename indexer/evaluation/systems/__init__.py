"""What is compared: networks, and indexes that are built, each with its features of a task."""
