"""Names a query's own bucket in each table, and the steps that lead to the buckets beside it.

Both families of hash functions are made of h parts for each table. For every part there is a
list of alternatives, each with a cost: how far the query lies from where it would be hashed so.
A bucket's key is the sum, modulo 2**64, of what its h parts add to it; so a step from one
alternative of a part to another adds a constant to the key.
"""

import numpy as np

from indexer.indexes.kernels.compiling import inner_kernel, kernel

STEPS = 32
"""Steps that are kept for each table, those of least cost."""


@inner_kernel
def keep_step(steps, table, count, cost, part, alternative):
    """Insert a step into a table's list, which is sorted by cost, and holds as many as it is long.

    A step is one number: its cost, as the bits of a float32 that is not negative, and below them
    its part and its alternative.

    Returns:
        how many steps the list holds then.
    """
    bits = np.uint64(np.float32(cost).view(np.uint32)) << np.uint64(32)
    step = bits | np.uint64(part << 16) | np.uint64(alternative)
    at, most = count, steps.shape[1]
    if count == most:
        at = most - 1
        if step >= steps[table, at]:
            return count
    while at > 0 and steps[table, at - 1] > step:
        steps[table, at] = steps[table, at - 1]
        at -= 1
    steps[table, at] = step
    return min(count + 1, most)


@inner_kernel
def cost_of(step):
    """Return the cost of a step, float32."""
    return np.uint32(step >> np.uint64(32)).view(np.float32)


@inner_kernel
def part_of(step):
    """Return the part that a step changes."""
    return np.int64((step >> np.uint64(16)) & np.uint64(0xFFFF))


@inner_kernel
def alternative_of(step):
    """Return the alternative that a step leads to."""
    return np.int64(step & np.uint64(0xFFFF))


@kernel
def cross_polytope_steps(rotations, factors, coordinates, steps, additions, counts, keys):
    """Find the own bucket of a query in each table, and the nearest steps away from it.

    The cost of another vertex is the squared difference of the two vertices' inner products with
    the rotated query. Vertex i < d is the unit vector i, vertex d + i its opposite.

    Source: Andoni, Indyk, Laarhoven, Razenshteyn, Schmidt, "Practical and optimal LSH for angular
    distance", 2015, section 5.

    Args:
        rotations: float32 (d, g, h, d), the row i of each table's and each part's rotation, by
            whose transposes points are turned.
        factors: uint64 (g, h), by which each part's vertex is multiplied in the key.
        coordinates: float32 (>= d,), of the query.
        steps: uint64 (g, s), written in ascending order of their costs.
        additions: uint64 (g, s), written: what each step adds to the key.
        counts: int64 (g,), written: how many steps there are.
        keys: uint64 (g,), written: the own bucket.
    """
    g, h = rotations.shape[1], rotations.shape[2]
    turned = _turned(rotations, coordinates)
    own = np.empty(h, np.int64)
    for table in range(g):
        keys[table], counts[table] = np.uint64(0), 0
        for part in range(h):
            values = turned[table, part]
            own[part] = _nearest_vertex(values)
            keys[table] += factors[table, part] * np.uint64(own[part])
            counts[table] = _keep_vertices(steps, table, counts[table], part, own[part], values)
        for at in range(counts[table]):
            part = part_of(steps[table, at])
            change = np.uint64(alternative_of(steps[table, at]) - own[part])
            additions[table, at] = factors[table, part] * change


@kernel
def _turned(rotations, coordinates):
    """Return a query's coordinates in each table and part, float32 (g, h, d)."""
    size, g, h = rotations.shape[0], rotations.shape[1], rotations.shape[2]
    rows = rotations.reshape(size, g * h * size)
    found = np.zeros(g * h * size, np.float32)
    for i in range(size):
        for at in range(len(found)):
            found[at] += rows[i, at] * coordinates[i]
    return found.reshape(g, h, size)


@inner_kernel
def _nearest_vertex(values):
    """Return the vertex that is nearest to a point, float32 (d,)."""
    most, vertex = np.float32(-1.0), 0
    for i in range(len(values)):
        if abs(values[i]) > most:
            most = abs(values[i])
            vertex = i if values[i] >= 0 else len(values) + i
    return vertex


@inner_kernel
def _keep_vertices(steps, table, count, part, own, values):
    """Insert the steps to all vertices but the own one; return how many the list holds then."""
    size = len(values)
    most = abs(values[own % size])
    for i in range(size):
        if i != own % size:
            cost = (most - abs(values[i])) * (most - abs(values[i]))
            count = keep_step(steps, table, count, cost, part, i if values[i] >= 0 else size + i)
    # The vertices on the other side are further than all these.
    if count == steps.shape[1] and cost_of(steps[table, count - 1]) < most * most:
        return count
    for i in range(size):
        cost = (most + abs(values[i])) * (most + abs(values[i]))
        count = keep_step(steps, table, count, cost, part, size + i if values[i] >= 0 else i)
    return count


@kernel
def stable_steps(projections, offsets, factors, coordinates, steps, additions, counts, keys):
    """Find the own bucket of a query in each table of p-stable hash functions, and the steps.

    The cost of a step is the squared distance to the border behind which its interval lies.
    Alternatives 0 and 1 are the next intervals below and above, 2 and 3 those after.

    Source: Datar, Immorlica, Indyk, Mirrokni, "Locality-sensitive hashing scheme based on p-stable
    distributions", 2004, section 3.2; Lv, Josephson, Wang, Charikar, Li, "Multi-probe LSH", 2007,
    section 4.4.

    Args:
        projections: float64 (g, h, d), divided by w.
        offsets: float64 (g, h), divided by w.
        factors, steps, additions, counts, keys: as for cross_polytope_steps.
        coordinates: float32 (>= d,), of the query.
    """
    g, h, size = projections.shape
    for table in range(g):
        key, count = np.uint64(0), 0
        for part in range(h):
            position = offsets[table, part]
            for j in range(size):
                position += projections[table, part, j] * np.float64(coordinates[j])
            floor = np.floor(position)
            key += factors[table, part] * np.uint64(np.int64(floor))
            for far in range(2):
                below, above = position - floor + far, floor + 1 - position + far
                count = keep_step(steps, table, count, below * below, part, 2 * far)
                count = keep_step(steps, table, count, above * above, part, 2 * far + 1)
        keys[table], counts[table] = key, count
        for at in range(count):
            alternative = alternative_of(steps[table, at])
            distance = np.uint64((alternative >> 1) + 1)
            addition = factors[table, part_of(steps[table, at])] * distance
            additions[table, at] = addition if alternative & 1 else np.uint64(0) - addition
