"""Looking at reports: what evaluations have found, on pages and as files."""
