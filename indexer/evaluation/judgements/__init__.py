"""Measures features by judgements: of pairs, of triplets, and people's scores of hits."""
