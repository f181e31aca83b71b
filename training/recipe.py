"""The whole way from events to a model folder, in the order of the command line's progress."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import joblib
import msgspec
import numpy as np

from torwart.model.artifact import Model, save
from torwart.model.manifest import Manifest, Training, new_manifest
from torwart.text.classifier import CLASSES, TextClassifier
from training.card import card
from training.corpora import About, CorporaReport, Corpus, corpora_samples, evaluate_corpora, read_corpora
from training.dataset import Dataset, LabelError, fingerprint, read_dataset
from training.evaluation import LENIENT, STRICT, EventReport, evaluate
from training.event_model import HYPERPARAMETERS, EventModel, fit, parts_of
from training.families import KINDS
from training.log import count_records
from training.plots import plot_events
from training.samples import Samples, templates_fingerprint, text_samples
from training.templates import Library, load
from training.text import fit as fit_text
from training.text import fit_evidence
from training.tracking import track
from training.world.simulate import SUMMARY, Summary

NAME: Final = "torwart"
PACKAGES: Final = ("msgspec", "numba", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy")
"""What a figure may depend on."""

LAST_PART: Final = "the last part of the log, after everything that the model was made from"
FLATTERED: Final = " (written in templates that the text classifier has learned from; --part judge simulates others)"

TEXT_PARTS: Final = ("text", "world")
"""The parts of the templates that the shipped text classifier has learned from."""

EVENTS: Final = "events"
TEMPLATES: Final = "templates"


class OutputError(ValueError):
    """A place where no model can be written."""


@dataclass(frozen=True)
class Trained:
    """A finished model folder and what was found out about it."""

    manifest: Manifest
    events: EventReport
    text: CorporaReport
    run_id: str


def train(events: Path, out: Path, *, seed: int, commands: tuple[str, ...], corpora: Path | None = None) -> Trained:
    """Make a model from the log in ``events`` and write its folder to ``out``, which must be empty or absent.

    The text classifier learns from templates and, where one is named, from a folder of corpora (see
    :mod:`training.corpora`). Twice: the event classifier learns from the evidence of one that never saw the world's
    templates; the one that is shipped has learned from those as well, and nobody but the judging part judges it.
    ``commands`` are those that made the events and this model, for its card. The run is logged to the MLflow store
    beside ``out``. Raises :class:`OutputError`, :class:`~training.log.LogError`,
    :class:`~training.dataset.LabelError`, :class:`~training.event_model.DataError` or
    :class:`~training.corpora.CorpusError` with a sentence.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(f"{out} exists and is not an empty folder; a model is never written over another.")
    count_records(events)
    library = load()
    sources = () if corpora is None else read_corpora(corpora)
    samples = samples_of(library.part("text"), sources, seed)
    witness = fit_witness(samples)
    data = read_dataset(events, witness)
    _check_unseen(data, samples)
    model = fit(data, seed)
    report = judge_last_part(model, data)
    samples = samples_of(library.part(*TEXT_PARTS), sources, seed)
    text, text_pipeline = fit_text(
        samples.texts,
        samples.labels,
        samples.groups,
        domains=samples.domains,
        seed=seed,
        sample_weight=samples.weights,
    )
    text_report = judge_text(text, library, seed)
    now = datetime.now(UTC)
    manifest = new_manifest(
        name=NAME,
        version=f"{now:%Y%m%d%H%M%S}",
        created_at=now,
        thresholds=model.thresholds,
        training=Training(
            commands=commands,
            data=_fingerprints(events, sources),
            rows=len(data),
            seed=seed,
            packages={name: metadata.version(name) for name in PACKAGES},
        ),
        metrics={"events": msgspec.to_builtins(report), "text": msgspec.to_builtins(text_report)},
    )
    buffer = io.BytesIO()
    joblib.dump({"text": text_pipeline, **model.boosting}, buffer, compress=("xz", 6))
    manifest = save(
        out,
        Model(manifest=manifest, text=text, unwanted=model.unwanted, fraud=model.fraud),
        card=card(manifest, report, text_report, sources),
        witness=witness,
        pipeline=buffer.getvalue(),
    )
    run_id = track(
        out.resolve().parent,
        name=f"{NAME} {manifest.version}",
        parameters=_parameters(manifest, len(samples.texts), model),
        metrics=_figures(report, text_report),
        model=out,
    )
    return Trained(manifest, report, text_report, run_id)


def samples_of(library: Library, sources: Sequence[Corpus], seed: int) -> Samples:
    """What a text classifier learns from: filled templates, and the corpora if there are any."""
    samples = text_samples(library, seed)
    return samples.with_(corpora_samples(sources)) if sources else samples


def fit_witness(samples: Samples) -> TextClassifier:
    """The text classifier whose evidence the event classifier learns from: it must not know the events' texts."""
    return fit_evidence(samples.texts, samples.labels, sample_weight=samples.weights)


def judge_last_part(model: EventModel, data: Dataset) -> EventReport:
    """The figures on the part that neither fitting nor calibration saw."""
    known = frozenset(data.about["sender_id"].iloc[model.parts.fit].tolist())
    return evaluate(
        model.unwanted,
        model.fraud,
        model.thresholds,
        data.part(model.parts.test),
        part=LAST_PART,
        known_senders=known,
    )


def judge(model: Model, events: Path, plots: Path | None) -> tuple[EventReport, list[Path]]:
    """The figures of a model on the log in ``events``, and the plots written to the folder ``plots``, if one is named.

    If the model was made from this very log, only the last part judges it. Raises what
    :func:`~training.dataset.read_dataset` and :func:`~training.evaluation.evaluate` do.
    """
    data = read_dataset(events, model.text)
    part, known = "the whole log", frozenset[str]()
    if model.manifest.training.data.get(EVENTS) == fingerprint(events):
        parts = parts_of(len(data))
        part, known = LAST_PART, frozenset(data.about["sender_id"].iloc[parts.fit].tolist())
        data = data.part(parts.test)
    if {family.id for family in load().part(*TEXT_PARTS).families} & set(data.about["family"].unique()):
        part += FLATTERED
    report = evaluate(model.unwanted, model.fraud, model.manifest.thresholds, data, part=part, known_senders=known)
    if plots is None:
        return report, []
    return report, plot_events(plots, report, model.unwanted.predict(data.rows.matrix), data.unwanted)


def commands_for(events: Path, out: Path, seed: int, corpora: Path | None = None) -> tuple[str, ...]:
    """The commands that make this model again, from the simulation if the log says how it was played, and from those
    that made the model that guarded it."""
    train = f"torwart train --events {events} --out {out} --seed {seed}"
    if corpora is not None:
        train += f" --corpora {corpora}"
    try:
        world = msgspec.json.decode((events / SUMMARY).read_bytes(), type=Summary)
    except (OSError, msgspec.DecodeError):
        return (train,)
    part = "" if world.part == "world" else f" --part {world.part}"
    simulate = f"torwart simulate --out {events} --days {world.days} --recipients {world.recipients}"
    many = f" --worlds {world.worlds}" if world.worlds > 1 else ""
    vary = " --vary" if world.varied else ""
    guard = f" --guard {world.guard.folder}" if world.guard is not None else ""
    before = () if world.guard is None else world.guard.commands
    return *before, f"{simulate} --seed {world.seed}{part}{many}{vary}{guard}", train


def judge_text(text: TextClassifier, library: Library, seed: int) -> CorporaReport:
    """The text classifier on texts from the judging part's templates, one corpus a kind."""
    samples = text_samples(library.part("judge"), seed)
    kind_of = {family.id: family.kind for family in library.families}
    language_of = {family.id: family.language for family in library.families}
    corpora = []
    for kind in KINDS:
        own = [place for place, family in enumerate(samples.groups) if kind_of[family] == kind]
        if own:
            corpora.append(
                Corpus(
                    name=kind,
                    about=About(),
                    texts=tuple(samples.texts[place] for place in own),
                    labels=tuple(samples.labels[place] for place in own),
                    languages=tuple(language_of[samples.groups[place]] for place in own),
                )
            )
    return evaluate_corpora(text, tuple(corpora))


def _check_unseen(data: Dataset, samples: Samples) -> None:
    """Refuse events written in families that the text classifier was trained on: its evidence would flatter itself."""
    both = set(data.about["family"].unique()) & set(samples.groups)
    if both:
        raise LabelError(
            f"{len(both)} families of templates, {sorted(both)[0]} among them, wrote the events and trained the text "
            "classifier; simulate the events with another part of the templates (--part world)."
        )


def _fingerprints(events: Path, sources: Sequence[Corpus]) -> dict[str, str]:
    """The SHA-256 (hex) of everything a model is made from, by name."""
    corpora = {f"corpus {corpus.name}": corpus.sha256 for corpus in sources}
    return {EVENTS: fingerprint(events), TEMPLATES: templates_fingerprint(), **corpora}


def _parameters(manifest: Manifest, texts: int, model: EventModel) -> dict[str, object]:
    training = manifest.training
    return {
        "seed": training.seed,
        "rows": training.rows,
        "texts": texts,
        **{f"data_{name}": digest for name, digest in training.data.items()},
        **HYPERPARAMETERS,
        **{f"trees_{name}": boosting.n_iter_ for name, boosting in model.boosting.items()},
        "classes": ",".join(CLASSES),
    }


def _figures(events: EventReport, text: CorporaReport) -> dict[str, float]:
    """The figures worth comparing between runs, all finite."""
    found: dict[str, Any] = {f"threshold_{name}": value for name, value in events.thresholds.items()}
    for mode in events.modes:
        prefix = mode.mode.replace(" ", "_")
        for name, of in ((STRICT, "strict"), (LENIENT, "lenient")):
            found[f"{prefix}.false_positives.{name}"] = getattr(mode.false_positives, of).rate
            found[f"{prefix}.recall.{name}"] = getattr(mode.recall, of).rate
        found[f"{prefix}.average_precision"] = mode.average_precision
        found[f"{prefix}.slope"] = mode.calibration.slope
        found[f"{prefix}.brier_skill"] = mode.calibration.brier_skill
    found["text.false_positives"] = text.business.wanted.rate
    found["text.recall_fraud"] = text.business.fraud.rate
    found["text.recall_spam"] = text.business.spam.rate
    return {name: float(value) for name, value in found.items() if value is not None and np.isfinite(value)}
