"""What every search spends its time in, compiled once and kept on disk."""
