"""The compiled part of gradient-boosted trees: a row's codes, and the way of the codes to the leaves.

A row is first turned into codes: how many of the trees' thresholds of a feature lie below its value. Then a node is one
number of 8 bytes, and every step compares two small integers. The two children of a node stand side by side, so that
choosing one is an addition and not a jump, and a leaf leads to itself, so that several trees can be walked in step:
while one waits for its next node to come from memory, the others go on.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled

IN_STEP: Final = 8
"""How many trees are walked in step."""

SLOT: Final = np.uint64(48)
CUT: Final = np.uint64(32)
LOW: Final = np.uint64(0xFFFF)
"""A node, from its highest bits on: 16 for the slot of the codes that it asks, 16 for its cut, 32 for the place of its
left child. A row goes left if the code in the slot is at most the cut. There is a slot for each feature in which a
missing value lies above every cut, then one for each in which it lies below, and last a zero for the leaves, which
sends every row to where it is."""

_ABOVE: Final = 1 << 16
"""The code of what lies above every cut."""

Nodes = NDArray[np.uint64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

Parts = tuple[Any, ...]
"""What a compiled function is given of a model, as one plain tuple: entering compiled code with named ones takes three
times as long, a microsecond and a half more for a pair."""


class Cuts(NamedTuple):
    """The thresholds of each feature, ascending: those of the feature ``f`` from ``starts[f]`` to ``starts[f + 1]``."""

    thresholds: Floats
    starts: Ints


class Walk(NamedTuple):
    """The trees of one classifier.

    ``nodes`` (n_nodes,): see :data:`LOW`; ``values`` (n_nodes,): what a node is worth in log-odds, in an inner node the
    mean of its leaves weighted by the training rows in them; ``roots`` (n_trees,); ``levels``: the steps that the trees
    take, :data:`IN_STEP` at a time; ``baseline``: log-odds before the first tree.
    """

    nodes: Nodes
    values: Floats
    roots: Ints
    levels: Ints
    baseline: float


@compiled
def encode(cuts: Cuts, x: Floats) -> Ints:
    """How many thresholds of each feature lie below the row's value, by slot (2 n_features + 1,)."""
    count = x.size
    codes = np.empty(2 * count + 1, dtype=np.int32)
    codes[2 * count] = 0
    thresholds, starts = cuts.thresholds, cuts.starts
    for feature in range(count):
        value = x[feature]
        first = starts[feature]
        low, size = first, starts[feature + 1] - first
        if np.isnan(value):
            codes[feature], codes[count + feature] = _ABOVE, 0
            continue
        # Additions instead of branches, which no processor could foretell.
        while size > 0:
            half = (size + 1) >> 1
            low += half * np.int32(thresholds[low + half - 1] < value)
            size -= half
        codes[feature] = codes[count + feature] = low - first
    return codes


@compiled
def _next(node: Any, codes: Ints) -> Any:
    """The place of the child that a row goes to from ``node``."""
    goes_right = codes[node >> SLOT] > np.int32((node >> CUT) & LOW)
    return np.uint32(node) + np.uint32(goes_right)


@compiled
def walked(walk: Walk, codes: Ints) -> float:
    """The log-odds of a row with these codes."""
    nodes, values, roots = walk.nodes, walk.values, walk.roots
    result = walk.baseline
    places = np.empty(IN_STEP, dtype=np.uint32)
    for first in range(0, roots.size, IN_STEP):
        size = min(IN_STEP, roots.size - first)
        # Always as many at once, so that the loop is unrolled: what is too many is walked again and not added.
        for index in range(IN_STEP):
            places[index] = roots[first + index % size]
        for _ in range(walk.levels[first // IN_STEP]):
            for index in range(IN_STEP):
                places[index] = _next(nodes[places[index]], codes)
        for index in range(size):
            result += values[places[index]]
    return result


@compiled
def credited(walk: Walk, codes: Ints, groups: Ints, out: Floats) -> float:
    """The log-odds of a row with these codes; what each step is worth is added up in ``out`` by the group of the
    feature that was asked."""
    nodes, values, roots = walk.nodes, walk.values, walk.roots
    owners = np.empty(codes.size, dtype=np.int32)
    owners[: groups.size] = owners[groups.size : -1] = groups
    owners[-1] = 0
    out[:] = 0.0
    result = walk.baseline
    places = np.empty(IN_STEP, dtype=np.uint32)
    for first in range(0, roots.size, IN_STEP):
        size = min(IN_STEP, roots.size - first)
        for index in range(size):
            places[index] = roots[first + index]
        for _ in range(walk.levels[first // IN_STEP]):
            for index in range(size):
                place = places[index]
                node = nodes[place]
                following = _next(node, codes)
                # Nothing is added at a leaf, which leads to itself.
                out[owners[node >> SLOT]] += values[following] - values[place]
                places[index] = following
        for index in range(size):
            result += values[places[index]]
    return result


@compiled
def heights(left: Ints, leaf: int) -> Ints:
    """How many steps it is at most from each node to a leaf, whose left child is ``leaf``; children stand after their
    parent."""
    found = np.zeros(left.size, dtype=np.int32)
    for place in range(left.size - 1, -1, -1):
        if left[place] != leaf:
            found[place] = 1 + max(found[left[place]], found[left[place] + 1])
    return found
