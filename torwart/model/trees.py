"""Gradient-boosted trees, compiled: the numbers that scikit-learn gives, hundreds of times sooner for one row."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

import numpy as np
from msgspec import Struct
from numpy.typing import ArrayLike, NDArray

from torwart.compiled import compiled
from torwart.model.walk import (
    CUT,
    IN_STEP,
    LOW,
    SLOT,
    Cuts,
    Floats,
    Parts,
    Walk,
    encode,
    heights,
    walked,
)

LEAF: Final = -1
"""Stands for a leaf's left child in the arrays that are stored."""

MAX_FEATURES: Final = 32_767
MAX_CUTS: Final = 32_767
MAX_NODES: Final = 1 << 22
MAX_TREES: Final = 10_000
MAX_DEPTH: Final = 64
"""Together they bound what one row can cost, whatever a file says, and let a node of two such models together fit into
8 bytes."""

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


@compiled
def _log_odds_many(parts: Parts, rows: Floats, out: Floats) -> None:
    for index in range(rows.shape[0]):
        out[index] = walked(Walk(*parts[:5]), encode(Cuts(*parts[5:]), rows[index]))


class Trees(Struct, frozen=True, eq=False):
    """The fitted trees of a binary classifier, as arrays that cannot be changed. Made by :meth:`from_arrays`."""

    walk: Walk
    cuts: Cuts

    @property
    def n_features(self) -> int:
        """How many numbers a row has."""
        return len(self.cuts.starts) - 1

    def __len__(self) -> int:
        return len(self.walk.roots)

    @property
    def expected(self) -> float:
        """The log-odds of nobody in particular: the baseline and what every root is worth."""
        return self.walk.baseline + float(self.walk.values[self.walk.roots].sum())

    def log_odds_many(self, rows: ArrayLike) -> Floats:
        """The log-odds of many rows: shape (n, n_features) in, float64, NaN where missing; (n,) out.

        Raises ``ValueError`` for another shape.
        """
        table = np.ascontiguousarray(rows, dtype=np.float64)
        if table.ndim != 2 or table.shape[1] != self.n_features:
            raise ValueError(f"The rows have shape {table.shape}; what fits is (n, {self.n_features}).")
        out = np.empty(len(table))
        _log_odds_many((*self.walk, *self.cuts), table, out)
        return out

    def over(self, cuts: Cuts) -> Walk:
        """The same trees by other thresholds, among which all of their own are."""
        starts, ends = self.cuts.starts[:-1], self.cuts.starts[1:]
        places = [
            np.searchsorted(cuts.thresholds[cuts.starts[feature] : cuts.starts[feature + 1]], own)
            for feature, (start, end) in enumerate(zip(starts, ends, strict=True))
            if len(own := self.cuts.thresholds[start:end])
        ]
        _, inner, feature = self._asked()
        nodes = self.walk.nodes.copy()
        place = np.concatenate([*places, np.empty(0, dtype=np.int64)])[self._cut(inner, feature)]
        nodes[inner] = nodes[inner] & ~(LOW << CUT) | place.astype(np.uint64) << CUT
        nodes.setflags(write=False)
        return self.walk._replace(nodes=nodes)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The trees as plain arrays, the inverse of :meth:`from_arrays`."""
        slot, inner, feature = self._asked()
        nodes = self.walk.nodes
        threshold = np.full(len(nodes), np.inf)
        threshold[inner] = self.cuts.thresholds[self._cut(inner, feature)]
        return {
            "feature": feature.astype(np.int16),
            "threshold": threshold,
            "left": np.where(inner, nodes.astype(np.uint32), LEAF).astype(np.int32),
            "missing_left": slot >= self.n_features,
            "value": self.walk.values.copy(),
            "roots": self.walk.roots.copy(),
            "baseline": np.array(self.walk.baseline),
            "n_features": np.array(self.n_features, dtype=np.int32),
        }

    def _asked(self) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
        """Of each node: the slot, whether it is an inner one, and the feature; shape (n_nodes,)."""
        slot = (self.walk.nodes >> SLOT).astype(np.int64)
        return slot, slot < 2 * self.n_features, slot % self.n_features

    def _cut(self, inner: NDArray[np.bool_], feature: NDArray[np.int64]) -> NDArray[np.int64]:
        """The place of each inner node's threshold among all thresholds."""
        own = ((self.walk.nodes[inner] >> CUT) & LOW).astype(np.int64)
        return self.cuts.starts[feature[inner]] + own

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
        depths = heights(left, LEAF)[roots]
        _check(depths.max(initial=0) <= MAX_DEPTH, f"A tree is deeper than {MAX_DEPTH} nodes.")
        _check(bool(np.isfinite(given["baseline"])), "The baseline must be a number.")
        _check(bool(np.isfinite(values).all()), "Every node's value must be a number.")
        feature, threshold = given["feature"][inner].astype(np.int64), given["threshold"][inner]
        _check(not np.isnan(threshold).any(), "Every inner node's threshold must be a number.")
        in_range = (feature >= 0) & (feature < n_features)
        _check(bool(in_range.all()), f"Every inner node's feature must lie between 0 and {n_features - 1}.")

        cuts, place = _placed(feature, threshold, n_features)
        most = int(np.diff(cuts.starts).max())
        _check(most <= MAX_CUTS, f"A feature has {most} thresholds; there may be {MAX_CUTS}.")
        nodes = np.uint64(2 * n_features) << SLOT | np.arange(len(left), dtype=np.uint64)
        nodes[inner] = (
            (feature + n_features * given["missing_left"][inner]).astype(np.uint64) << SLOT
            | place.astype(np.uint64) << CUT
            | left[inner].astype(np.uint64)
        )
        levels = np.array([max(depths[at : at + IN_STEP]) for at in range(0, len(roots), IN_STEP)], dtype=np.int32)
        for array in (nodes, values, roots, levels):
            array.setflags(write=False)
        return cls(Walk(nodes, values, roots, levels, float(given["baseline"])), cuts)


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


def cuts_of(models: Iterable[Trees]) -> Cuts:
    """The thresholds of several models over the same features, together."""
    arrays = [trees.arrays() for trees in models]
    inner = [some["left"] != LEAF for some in arrays]
    feature, threshold = (
        np.concatenate([some[name][where] for some, where in zip(arrays, inner, strict=True)])
        for name in ("feature", "threshold")
    )
    return _placed(feature.astype(np.int64), threshold, int(arrays[0]["n_features"]))[0]


def _placed(feature: NDArray[np.int64], threshold: Floats, n_features: int) -> tuple[Cuts, NDArray[np.int64]]:
    """The distinct thresholds by feature, and every node's place among its feature's."""
    order = np.lexsort((threshold, feature))
    by_feature, ascending = feature[order], threshold[order]
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = (np.diff(by_feature) != 0) | (ascending[1:] != ascending[:-1])
    starts = np.searchsorted(by_feature[is_new], np.arange(n_features + 1)).astype(np.int32)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.cumsum(is_new) - 1 - starts[by_feature]
    thresholds = ascending[is_new]
    for array in (thresholds, starts):
        array.setflags(write=False)
    return Cuts(thresholds, starts), place
