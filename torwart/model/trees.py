"""Gradient-boosted trees, compiled: the numbers that scikit-learn gives, hundreds of times sooner for one row.

A row is first turned into codes: how many of the trees' thresholds of a feature lie below its value. Then a node is one
number of 8 bytes, and every step compares two small integers. The two children of a node stand side by side, so that
choosing one is an addition and not a jump, and a leaf leads to itself, so that several trees can be walked in step:
while one waits for its next node to come from memory, the others go on.
"""

from collections.abc import Mapping
from typing import Any, Final, Self

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from torwart.compiled import compiled

LEAF: Final = -1
"""Stands for a leaf's left child in the arrays that are stored."""

_IN_STEP: Final = 8

MAX_FEATURES: Final = 32_767
MAX_CUTS: Final = 65_535
MAX_NODES: Final = 1 << 22
MAX_TREES: Final = 10_000
MAX_DEPTH: Final = 64
"""Together they bound what one row can cost, whatever a file says, and let a node fit into 8 bytes."""

_FIELDS: Final[dict[str, np.dtype[Any]]] = {
    "feature": np.dtype("<i2"),
    "threshold": np.dtype("<f8"),
    "left": np.dtype("<i4"),
    "missing_left": np.dtype("?"),
    "value": np.dtype("<f8"),
    "roots": np.dtype("<i4"),
    "baseline": np.dtype("<f8"),
    "n_features": np.dtype("<i4"),
}

_SLOT: Final = np.uint64(48)
_CUT: Final = np.uint64(32)
_LOW: Final = np.uint64(0xFFFF)
"""A node, from its highest bits on: 16 for the slot of the codes that it asks, 16 for its cut, 32 for the place of its
left child. A row goes left if the code in the slot is at most the cut. There is a slot for each feature in which a
missing value lies above every cut, then one for each in which it lies below, and last a zero for the leaves, which
sends every row to where it is."""

_ABOVE: Final = MAX_CUTS + 1

_Nodes = NDArray[np.uint64]
_Floats = NDArray[np.float64]
_Ints = NDArray[np.int32]


@compiled
def _encode(x: _Floats, cuts: _Floats, starts: _Ints) -> _Ints:
    """How many thresholds of each feature lie below the row's value, by slot (2 n_features + 1,)."""
    count = x.size
    codes = np.empty(2 * count + 1, dtype=np.int32)
    codes[2 * count] = 0
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
            low += half * np.int32(cuts[low + half - 1] < value)
            size -= half
        codes[feature] = codes[count + feature] = low - first
    return codes


@compiled
def _next(node: Any, codes: _Ints) -> Any:
    """The place of the child that a row goes to from ``node``."""
    goes_right = codes[node >> _SLOT] > np.int32((node >> _CUT) & _LOW)
    return np.uint32(node) + np.uint32(goes_right)


@compiled
def _log_odds(
    nodes: _Nodes,
    values: _Floats,
    roots: _Ints,
    levels: _Ints,
    cuts: _Floats,
    starts: _Ints,
    baseline: float,
    x: _Floats,
) -> float:
    codes = _encode(x, cuts, starts)
    result = baseline
    places = np.empty(_IN_STEP, dtype=np.uint32)
    for first in range(0, roots.size, _IN_STEP):
        size = min(_IN_STEP, roots.size - first)
        # Always as many at once, so that the loop is unrolled: what is too many is walked again and not added.
        for index in range(_IN_STEP):
            places[index] = roots[first + index % size]
        for _ in range(levels[first // _IN_STEP]):
            for index in range(_IN_STEP):
                places[index] = _next(nodes[places[index]], codes)
        for index in range(size):
            result += values[places[index]]
    return result


@compiled
def _log_odds_many(
    nodes: _Nodes,
    values: _Floats,
    roots: _Ints,
    levels: _Ints,
    cuts: _Floats,
    starts: _Ints,
    baseline: float,
    rows: _Floats,
    out: _Floats,
) -> None:
    for index in range(rows.shape[0]):
        out[index] = _log_odds(nodes, values, roots, levels, cuts, starts, baseline, rows[index])


@compiled
def _contributions(
    nodes: _Nodes,
    values: _Floats,
    roots: _Ints,
    levels: _Ints,
    cuts: _Floats,
    starts: _Ints,
    baseline: float,
    x: _Floats,
    groups: _Ints,
    out: _Floats,
) -> float:
    codes = _encode(x, cuts, starts)
    owners = np.empty(codes.size, dtype=np.int32)
    owners[: x.size] = owners[x.size : -1] = groups
    owners[-1] = 0
    out[:] = 0.0
    result = baseline
    places = np.empty(_IN_STEP, dtype=np.uint32)
    for first in range(0, roots.size, _IN_STEP):
        size = min(_IN_STEP, roots.size - first)
        for index in range(size):
            places[index] = roots[first + index]
        for _ in range(levels[first // _IN_STEP]):
            for index in range(size):
                place = places[index]
                node = nodes[place]
                following = _next(node, codes)
                # Nothing is added at a leaf, which leads to itself.
                out[owners[node >> _SLOT]] += values[following] - values[place]
                places[index] = following
        for index in range(size):
            result += values[places[index]]
    return result


@compiled
def _heights(left: _Ints) -> _Ints:
    """How many steps it is at most from each node to a leaf; children stand after their parent."""
    heights = np.zeros(left.size, dtype=np.int32)
    for place in range(left.size - 1, -1, -1):
        if left[place] != LEAF:
            heights[place] = 1 + max(heights[left[place]], heights[left[place] + 1])
    return heights


class Trees(Struct, frozen=True, eq=False):
    """The fitted trees of a binary classifier, as arrays that cannot be changed. Made by :meth:`from_arrays`.

    ``nodes`` (n_nodes,): see ``_SLOT``; ``values`` (n_nodes,): what a node is worth in log-odds, in an inner node the
    mean of its leaves weighted by the training rows in them; ``roots`` (n_trees,); ``levels``: the steps that the trees
    take, eight at a time; ``cuts``: the thresholds of each feature, ascending, those of the feature ``f`` from
    ``starts[f]`` to ``starts[f + 1]``; ``baseline``: log-odds before the first tree.
    """

    nodes: _Nodes
    values: _Floats
    roots: _Ints
    levels: _Ints
    cuts: _Floats
    starts: _Ints
    baseline: float
    n_features: int

    @property
    def expected(self) -> float:
        """The log-odds of nobody in particular: the baseline and what every root is worth."""
        return self.baseline + float(self.values[self.roots].sum())

    def log_odds(self, x: _Floats) -> float:
        """The log-odds of one row, shape (n_features,), float64, NaN where missing.

        Raises ``ValueError`` for another shape.
        """
        if x.shape != (self.n_features,):
            raise ValueError(f"The row has shape {x.shape}; these trees were fitted on {self.n_features} features.")
        return _log_odds(*self._parts(), x)

    def log_odds_many(self, rows: ArrayLike) -> _Floats:
        """The log-odds of many rows: shape (n, n_features) in, (n,) out. Raises ``ValueError`` for another shape."""
        table = np.ascontiguousarray(rows, dtype=np.float64)
        if table.ndim != 2 or table.shape[1] != self.n_features:
            raise ValueError(f"The rows have shape {table.shape}; what fits is (n, {self.n_features}).")
        out = np.empty(len(table))
        _log_odds_many(*self._parts(), table, out)
        return out

    def contributions(self, x: _Floats, groups: _Ints, out: _Floats) -> float:
        """Divide the log-odds of one row among groups of features, and return the log-odds.

        Each step from a node to its child moves what the row is worth; the step is credited to the group of the feature
        that was asked (Saabas 2014, "Interpreting random forests"). So ``expected + out.sum()`` is the log-odds.
        ``groups`` (n_features,) int32 maps a feature to its place in ``out`` (n_groups,), which is overwritten; every
        place must exist. Raises ``ValueError`` for other shapes.
        """
        if x.shape != (self.n_features,) or groups.shape != (self.n_features,):
            raise ValueError(
                f"The row has shape {x.shape} and its groups {groups.shape}; "
                f"these trees were fitted on {self.n_features} features."
            )
        return _contributions(*self._parts(), x, groups, out)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The trees as plain arrays, the inverse of :meth:`from_arrays`."""
        slot = (self.nodes >> _SLOT).astype(np.int64)
        inner = slot < 2 * self.n_features
        feature = slot % self.n_features
        threshold = np.full(len(self.nodes), np.inf)
        cut = ((self.nodes >> _CUT) & _LOW).astype(np.int64)
        threshold[inner] = self.cuts[self.starts[feature[inner]] + cut[inner]]
        return {
            "feature": feature.astype(np.int16),
            "threshold": threshold,
            "left": np.where(inner, self.nodes.astype(np.uint32), LEAF).astype(np.int32),
            "missing_left": slot >= self.n_features,
            "value": self.values.copy(),
            "roots": self.roots.copy(),
            "baseline": np.array(self.baseline),
            "n_features": np.array(self.n_features, dtype=np.int32),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, ArrayLike]) -> Self:
        """Trees from the arrays that :meth:`arrays` names.

        Everything that the compiled code relies on is checked, so that no file can make it read beyond an array or run
        for ever; raises ``ValueError`` with a sentence otherwise.
        """
        given = {name: _array(arrays, name, dtype) for name, dtype in _FIELDS.items()}
        values, roots, left = given["value"], given["roots"], given["left"]
        n_features = int(given["n_features"])
        _check_sizes(given, n_features)
        inner = left != LEAF
        _check_links(left, roots, inner)
        depths = _heights(left)[roots]
        _check(depths.max(initial=0) <= MAX_DEPTH, f"A tree is deeper than {MAX_DEPTH} nodes.")
        _check(bool(np.isfinite(given["baseline"])), "The baseline must be a number.")
        _check(bool(np.isfinite(values).all()), "Every node's value must be a number.")
        feature, threshold = given["feature"][inner].astype(np.int64), given["threshold"][inner]
        _check(not np.isnan(threshold).any(), "Every inner node's threshold must be a number.")
        in_range = (feature >= 0) & (feature < n_features)
        _check(bool(in_range.all()), f"Every inner node's feature must lie between 0 and {n_features - 1}.")

        cuts, starts, place = _cuts(feature, threshold, n_features)
        most = int(np.diff(starts).max())
        _check(most <= MAX_CUTS, f"A feature has {most} thresholds; there may be {MAX_CUTS}.")
        nodes = np.uint64(2 * n_features) << _SLOT | np.arange(len(left), dtype=np.uint64)
        nodes[inner] = (
            (feature + n_features * given["missing_left"][inner]).astype(np.uint64) << _SLOT
            | place.astype(np.uint64) << _CUT
            | left[inner].astype(np.uint64)
        )
        levels = np.array([max(depths[at : at + _IN_STEP]) for at in range(0, len(roots), _IN_STEP)], dtype=np.int32)
        for array in (nodes, values, roots, levels, cuts, starts):
            array.setflags(write=False)
        return cls(
            nodes=nodes,
            values=values,
            roots=roots,
            levels=levels,
            cuts=cuts,
            starts=starts,
            baseline=float(given["baseline"]),
            n_features=n_features,
        )

    def _parts(self) -> tuple[_Nodes, _Floats, _Ints, _Ints, _Floats, _Ints, float]:
        return self.nodes, self.values, self.roots, self.levels, self.cuts, self.starts, self.baseline


def _check(holds: bool, sentence: str) -> None:
    if not holds:
        raise ValueError(sentence)


def _array(arrays: Mapping[str, ArrayLike], name: str, dtype: np.dtype[Any]) -> NDArray[Any]:
    if name not in arrays:
        raise ValueError(f"The array {name!r} of the trees is missing.")
    array = np.asarray(arrays[name])
    if not np.can_cast(array.dtype, dtype, casting="safe"):
        raise ValueError(f"The array {name!r} of the trees is of type {array.dtype}; {dtype} is needed.")
    return array.astype(dtype)


def _check_sizes(given: Mapping[str, NDArray[Any]], n_features: int) -> None:
    shape = given["left"].shape
    _check(len(shape) == 1 and 1 <= shape[0] <= MAX_NODES, f"There must be 1 to {MAX_NODES} nodes, in one dimension.")
    for name in ("feature", "threshold", "missing_left", "value"):
        _check(given[name].shape == shape, f"The array {name!r} has shape {given[name].shape}, the nodes {shape}.")
    roots = given["roots"]
    _check(roots.ndim == 1 and roots.size <= MAX_TREES, f"There must be at most {MAX_TREES} trees, in one dimension.")
    _check(given["baseline"].shape == (), "The baseline must be one number.")
    _check(1 <= n_features <= MAX_FEATURES, f"There must be 1 to {MAX_FEATURES} features, not {n_features}.")


def _check_links(left: NDArray[Any], roots: NDArray[Any], inner: NDArray[np.bool_]) -> None:
    """Children stand after their parent, so there is no cycle."""
    size = len(left)
    own = np.arange(size)
    in_range = (left[inner] > own[inner]) & (left[inner] < size - 1)
    _check(bool(in_range.all()), "Both children of an inner node must stand after it, within the nodes.")
    _check(bool(((roots >= 0) & (roots < size)).all()), f"Every root must lie between 0 and {size - 1}.")


def _cuts(feature: NDArray[np.int64], threshold: _Floats, n_features: int) -> tuple[_Floats, _Ints, NDArray[np.int64]]:
    """The distinct thresholds by feature, where each feature's begin, and every node's place among its feature's."""
    order = np.lexsort((threshold, feature))
    by_feature, ascending = feature[order], threshold[order]
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = (np.diff(by_feature) != 0) | (ascending[1:] != ascending[:-1])
    starts = np.searchsorted(by_feature[is_new], np.arange(n_features + 1)).astype(np.int32)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.cumsum(is_new) - 1 - starts[by_feature]
    return ascending[is_new], starts, place
