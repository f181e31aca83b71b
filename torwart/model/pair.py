"""Two classifiers over the same features, asked together: a row is turned into codes once for both."""

from typing import Self

from msgspec import Struct

from torwart.compiled import compiled
from torwart.model.trees import Trees, cuts_of
from torwart.model.walk import Cuts, Floats, Ints, Parts, Walk, credited, encode, walked


@compiled
def _log_odds(parts: Parts, x: Floats) -> tuple[float, float]:
    codes = encode(Cuts(*parts[10:]), x)
    return walked(Walk(*parts[:5]), codes), walked(Walk(*parts[5:10]), codes)


@compiled
def _contributions(parts: Parts, x: Floats, groups: Ints, out: Floats) -> tuple[float, float]:
    codes = encode(Cuts(*parts[10:]), x)
    return credited(Walk(*parts[:5]), codes, groups, out), walked(Walk(*parts[5:10]), codes)


class Pair(Struct, frozen=True, eq=False):
    """The trees of both over the thresholds of both. Made by :meth:`of`."""

    cuts: Cuts
    parts: Parts

    @classmethod
    def of(cls, first: Trees, second: Trees) -> Self:
        """The pair of two, which say the same together as alone. Raises ``ValueError`` unless their features are the
        same in number."""
        if first.n_features != second.n_features:
            raise ValueError(f"The trees were fitted on {first.n_features} and on {second.n_features} features.")
        cuts = cuts_of((first, second))
        return cls(cuts, (*first.over(cuts), *second.over(cuts), *cuts))

    def log_odds(self, x: Floats) -> tuple[float, float]:
        """The log-odds of one row by each: shape (n_features,), float64, NaN where missing.

        Raises ``ValueError`` for another shape.
        """
        self._check(x)
        return _log_odds(self.parts, x)

    def contributions(self, x: Floats, groups: Ints, out: Floats) -> tuple[float, float]:
        """The same, with those of the first divided among groups of features.

        Each step from a node to its child moves what the row is worth; the step is credited to the group of the feature
        that was asked (Saabas 2014, "Interpreting random forests"). So :attr:`Trees.expected` and ``out.sum()`` make
        the log-odds. ``groups`` (n_features,) int32 maps a feature to its place in ``out`` (n_groups,), which is
        overwritten; every place must exist. Raises ``ValueError`` for other shapes.
        """
        self._check(x, groups)
        return _contributions(self.parts, x, groups, out)

    def _check(self, *arrays: Floats | Ints) -> None:
        n_features = len(self.cuts.starts) - 1
        for array in arrays:
            if array.shape != (n_features,):
                raise ValueError(f"The row or its groups have shape {array.shape}; what fits is ({n_features},).")
