"""What the parameters of an index mean in few words; docs/lsh.md and docs/hamming.md say more."""

from app.words import lazy

MEANINGS = {
    "family": lazy("how features are hashed"),
    "g": lazy("hash functions, each with a table"),
    "h": lazy("parts of each hash function"),
    "w": lazy("width of a bucket along a projection"),
    "components": lazy("principal components that are hashed"),
    "hash_space": lazy("what is hashed of a feature"),
    "keep": lazy("candidates that are measured"),
    "probes": lazy("buckets that a search opens"),
    "reach": lazy("share of the distance in which buckets are opened"),
    "residual": lazy("weight of what the components leave out"),
    "seed": lazy("of all that is random"),
    "unit": lazy("whether features are scaled to length 1"),
    "bits": lazy("of a code"),
    "parts": lazy("pieces of a code, each with a table"),
}
"""Name, as builds and manifests write it, -> meaning."""
