"""The list of all indexes that are compared, and what must be installed for each."""

from collections.abc import Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from itertools import product

from benchmarks.search.contenders import Contender
from benchmarks.search.faiss_indexes import Faiss
from benchmarks.search.libraries import Annoy, Falconn, Hnswlib
from benchmarks.search.ours import Exact, Plain, Tables, Tuned
from indexer.indexes.options import IndexOptions

OURS = "ours"
LIBRARIES = {
    "faiss-flat": "faiss",
    "faiss-lsh": "faiss",
    "faiss-ivf": "faiss",
    "faiss-hnsw": "faiss",
    "faiss-pca-hnsw": "faiss",
    "hnswlib": "hnswlib",
    "annoy": "annoy",
    "falconn": "falconn",
}
"""What must be imported for a curve; the other curves are our own."""

REPORTS = ((7, 2, 6.0), (8, 2, 4.0), (32, 8, 64.0))  # g, h, w on raw features
PLAIN = ((8, 8), (16, 8), (32, 8), (64, 8))  # g, h of the same scheme with our defaults
TUNED = (0.9, 0.95, 0.99)  # recalls that a build is told
REFINEMENTS = (1, 2, 3, 5, 10, 20, 40)  # times k vectors that faiss measures exactly
LISTS = (1, 2, 4, 8, 16, 32, 64)  # of an inverted file
CANDIDATES = (10, 16, 24, 32, 48, 64, 96, 128)  # of a graph


def entrants(threads: int, only: Sequence[str] | None = None) -> tuple[list[Contender], list[str]]:
    """Return the contenders of some curves, or of all, and the curves whose library is absent.

    Raises:
        SystemExit: there is no such curve.
    """
    everyone = list(_everyone(threads))
    curves = list(dict.fromkeys(each.curve for each in everyone))
    unknown = sorted(set(only or ()) - set(curves))
    if unknown:
        raise SystemExit(f"There is no {', '.join(unknown)}: choose of {', '.join(curves)}.")
    wanted = [curve for curve in curves if not only or curve in only]
    absent = [name for name in wanted if name in LIBRARIES and not find_spec(LIBRARIES[name])]
    present = [each for each in everyone if each.curve in wanted and each.curve not in absent]
    return present, absent


def _everyone(threads: int) -> Iterator[Contender]:
    yield Exact("exact scan", "exact", threads)
    for g, h, w in REPORTS:
        options = IndexOptions(family="plain", hash_space="raw", g=g, h=h, w=w)
        yield Plain(f"report's LSH g={g} h={h} w={w:g}", "report", threads, options)
    for g, h in PLAIN:
        yield Plain(
            f"plain LSH g={g} h={h}", "plain", threads, IndexOptions(family="plain", g=g, h=h)
        )
    yield Tables(OURS, OURS, threads, IndexOptions())
    for recall in TUNED:
        yield Tuned(f"ours, --recall {recall:g}", "ours-tuned", threads, recall)
    p_stable = IndexOptions(family="p-stable")
    yield Tables("ours, p-stable", "ours-p-stable", threads, p_stable)
    yield from _of_faiss(threads)
    yield Hnswlib("hnswlib M=24", "hnswlib", threads)
    yield Annoy("Annoy, 50 trees", "annoy", threads)
    yield Falconn("FALCONN, raw vectors", "falconn", threads)


def _of_faiss(threads: int) -> Iterator[Contender]:
    refined = [f"k_factor_rf={times}" for times in REFINEMENTS]
    graphs = [f"efSearch={length}" for length in CANDIDATES]
    both = [f"{graph},{times}" for graph, times in product(graphs, refined[1:5])]
    lists = [f"nprobe={number}" for number in LISTS]
    index = partial(Faiss, threads=threads)
    yield index("faiss Flat", "faiss-flat", factory="Flat")
    for bits in (256, 512, 1024):
        factory = f"LSH{bits}rt,RFlat"
        yield index(f"faiss LSH{bits} refined", "faiss-lsh", factory=factory, efforts=refined)
    yield index("faiss IVF1024", "faiss-ivf", factory="IVF1024,Flat", efforts=lists)
    yield index("faiss HNSW32", "faiss-hnsw", factory="HNSW32", efforts=graphs, graph=True)
    yield index(
        "faiss PCA64+HNSW32 refined",
        "faiss-pca-hnsw",
        factory="PCA64,HNSW32,RFlat",
        efforts=both,
        graph=True,
    )
