"""Simulated logs, and table 4: the same model in worlds of other brands and other texts."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from torwart.model.artifact import Model
from training.corpora import Corpus, read_corpora
from training.dataset import Dataset, read_dataset
from training.event_model import EventModel
from training.templates import DATA, Library, load
from training.world.given import library_of
from training.world.rates import load_rates
from training.world.series import Series
from training.world.simulate import simulate

from .figures import Figures, figures_of
from .fitting import SEED, last_part

NEEDED: Final = frozenset({"wanted", "promo", "fraud"})
"""What a language must have texts of, for businesses and spammers to write in it."""

MOST_TEXTS: Final = 500
"""Texts of a corpus, language and label, drawn at random."""

OTHERS_SEED: Final = SEED + 1


class World(msgspec.Struct, frozen=True):
    """How much is played."""

    days: int
    recipients: int

    @property
    def half(self) -> "World":
        """Half as many days."""
        return World(max(1, self.days // 2), self.recipients)


def play(folder: Path, world: World, *, seed: int = SEED, part: str = "world", library: Library | None = None) -> Path:
    """A log in ``folder``, which is returned."""
    library = load() if library is None else library
    series = Series(
        rates=load_rates(), library=library, days=world.days, recipients=world.recipients, seed=seed, part=part
    )
    simulate(folder, series)
    return folder


def strangers(model: Model, corpora: Path | None) -> list[Corpus]:
    """Texts that nothing was trained on: the project's held-out messages, and the corpora in a folder but for those
    that the model's text classifier learned from and the wanted texts of private chat."""
    read = [*read_corpora(DATA / "held_out"), *(() if corpora is None else read_corpora(corpora))]
    learned = model.manifest.training.data.keys()
    return [corpus for corpus in read if f"corpus {corpus.name}" not in learned]


def write_texts(path: Path, corpora: Sequence[Corpus]) -> Path:
    """A file of texts to simulate with, in the languages that have all that is needed."""
    cells: dict[tuple[str, str], list[str]] = {}
    rng = np.random.default_rng(SEED)
    for corpus in corpora:
        languages, labels = np.array(corpus.languages), np.array(corpus.labels)
        for language, label in sorted(set(zip(corpus.languages, corpus.labels, strict=True))):
            if label == "wanted" and corpus.about.personal:
                continue
            places = rng.permutation(np.flatnonzero((languages == language) & (labels == label)))[:MOST_TEXTS]
            cells.setdefault((language, label), []).extend(corpus.texts[place] for place in np.sort(places))
    labels_of: dict[str, set[str]] = {}
    for language, label in cells:
        labels_of.setdefault(language, set()).add(label)
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(("text", "label", "lang"))
        for (language, label), texts in cells.items():
            if labels_of[language] >= NEEDED:
                rows.writerows((text, label, language) for text in texts)
    return path


def measure(
    data: Dataset, fitted: EventModel, model: Model, world: World, corpora: Path | None, folder: Path
) -> list[Figures]:
    """``fitted``, which was made of ``data``, on the last part of it and in two other worlds, played into ``folder``:
    one of brands and templates that it never saw, one of :func:`strangers`' texts. ``model`` reads the texts."""
    texts = library_of(write_texts(folder / "texts.csv", strangers(model, corpora)), "judge")
    logs = {
        "other brands, other templates": play(folder / "brands", world, seed=OTHERS_SEED, part="judge"),
        "other brands, texts by other hands": play(
            folder / "texts", world, seed=OTHERS_SEED, part="judge", library=texts
        ),
    }
    judged = {"the log's last part": last_part(data)}
    judged |= {name: read_dataset(log, model.text) for name, log in logs.items()}
    return [
        figures_of(name, fitted.unwanted.predict(one.rows.matrix), one.unwanted, fitted.thresholds)
        for name, one in judged.items()
    ]
