"""Commands of `flask train`, in groups of what they take."""
