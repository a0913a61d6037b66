"""How fast ways of searching are at equal recall: ours, the report's, and those of others."""
