"""What the figures depend on."""

from pathlib import Path
from typing import Any, Final

import msgspec

from torwart.model.artifact import Model
from training.corpora import read_corpora
from training.dataset import fingerprint
from training.samples import templates_fingerprint
from training.world.simulate import SUMMARY

from ..output import machine
from .fitting import SEED

PACKAGES: Final = ("torwart", "numba", "numpy", "scikit-learn", "scipy")


def environment(log: Path, model: Model, corpora: Path | None) -> dict[str, Any]:
    """Of a run on ``log`` with the text classifier of ``model``."""
    played = log / SUMMARY
    return {
        **machine(PACKAGES),
        "seed": SEED,
        "model": f"{model.manifest.name} {model.manifest.version}",
        "events": fingerprint(log),
        "world": msgspec.json.decode(played.read_bytes()) if played.is_file() else None,
        "templates": templates_fingerprint(),
        "corpora": {} if corpora is None else {corpus.name: corpus.sha256 for corpus in read_corpora(corpora)},
    }
