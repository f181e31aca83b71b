"""The model card: what a model is for, how it was made, how good it is and where it is not, from its real figures."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from torwart.model.manifest import Manifest
from training.corpora import LABELS, CorporaReport, Corpus
from training.evaluation import EventReport, Slice
from training.masks import EVERYTHING_KNOWN
from training.report import actions, calibration, false_positives, modes, recall, text_by_kind
from training.table import percent

SMALLEST_WORTH_NAMING: Final = 30
"""Messages that a slice must hold to be named as a weakness: below, the interval says nothing."""

NAMED: Final = 5


def card(manifest: Manifest, events: EventReport, text: CorporaReport, sources: Sequence[Corpus]) -> str:
    """The card in Markdown. ``events`` are the figures on the last part of the log, ``text`` those of the text
    classifier on templates that nothing was trained on, ``sources`` the corpora that it was trained on."""
    training = manifest.training
    origin = "**simulated**: no figure below comes from real traffic" if events.simulated else "labelled by people"
    sections = [
        f"# {manifest.name} {manifest.version}",
        "Scores business messages inside a messenger before they are delivered: the probability that a message is "
        "unwanted (fraud, sent after an opt-out or block, or promotional without consent), and of fraud among those. "
        "Not made for private chat, and not for judging people or businesses: it judges one message at a time.",
        "## How it was made",
        _block("\n".join(training.commands)),
        f"The events are {origin}. The text classifier learned from hand-written templates (`data/templates`, part "
        "*text*); the events are written in other families of templates and by other brands, so its evidence was "
        "honest while the event classifier learned; after that it was fitted again, with part *world* as well. Two "
        "gradient-boosted heads were fitted on the first 60 % of the log, stopped on the next 10 %, calibrated on the "
        "next 15 % and judged on the last 15 %. Rows lost their text, history or profile at random, so that every mode "
        "is trained.",
        _facts(manifest),
        *([_corpora(sources)] if sources else []),
        "## False positives first",
        f"{events.part.capitalize()}: {events.messages:,} messages, {events.wanted:,} of them wanted. Intervals are "
        "exact 95 % ones; thresholds were set on earlier data.",
        _block(false_positives(events)),
        _block(actions(events)),
        "## What it catches",
        _block(recall(events)),
        "## Calibration and modes",
        _block(calibration(events)),
        _block(modes(events)),
        "## The text classifier alone",
        "On templates of the judging part: families and brands that nothing was trained on. It is evidence for the "
        "event classifier, not a verdict.",
        _block(text_by_kind(text)),
        "## What it is not good at",
        "\n".join(f"- {line}" for line in _weaknesses(events)),
    ]
    return "\n\n".join(sections) + "\n"


def _facts(manifest: Manifest) -> str:
    training = manifest.training
    lines = [
        f"- Made {manifest.created_at:%Y-%m-%d} by Torwart {manifest.torwart}, seed {training.seed}, from "
        f"{training.rows:,} labelled messages.",
        *(f"- SHA-256 of {name}: `{digest}`" for name, digest in training.data.items()),
        f"- Catalogue of features: `{manifest.catalogue_hash}`",
        "- " + ", ".join(f"{name} {version}" for name, version in training.packages.items()),
    ]
    return "\n".join(lines)


def _corpora(sources: Sequence[Corpus]) -> str:
    """The corpora that the text classifier was trained on, with their licences; none of their texts is in the model."""
    lines = ["The text classifier also learned from these public corpora:", ""]
    for corpus in sources:
        counts = Counter(corpus.labels)
        rows = ", ".join(f"{counts[label]:,} {label}" for label in LABELS.values() if counts[label])
        title = corpus.about.title or "a corpus of one's own"
        lines.append(f"- `{corpus.name}`: {title}; licence: {corpus.about.licence}; {rows}; SHA-256 `{corpus.sha256}`")
    return "\n".join(lines)


def _weaknesses(events: EventReport) -> list[str]:
    found = []
    if events.simulated:
        found.append("It has only seen a simulated world. Real senders, texts and habits differ; expect worse figures.")
    seen = {one.value: one.strict.n for one in events.false_positives if one.by == "sender seen"}
    if seen.get("in fitting"):
        found.append(
            f"{percent(seen['in fitting'] / events.wanted)} of the wanted messages judged here come from senders whose "
            "earlier messages were fitted on, in the same families of templates. Elsewhere false positives are more "
            "frequent: judge it on other brands and templates (`torwart simulate --part judge`, `torwart evaluate`)."
        )
    full = next(one for one in events.modes if one.mode == EVERYTHING_KNOWN)
    found += [
        f"With {one.mode}: recall {percent(one.recall.strict.rate)} instead of "
        f"{percent(full.recall.strict.rate)}, false positives {percent(one.false_positives.strict.rate)} "
        "(threshold of 0.1 %)."
        for one in events.modes
        if one.mode != full.mode
    ]
    least = sorted(_worth_naming(events.recall, ("kind", "strategy")), key=lambda one: one.strict.rate)[:NAMED]
    if least:
        named = ", ".join(f"{one.value} ({percent(one.strict.rate)} of {one.strict.n:,})" for one in least)
        found.append(f"Caught least, at the threshold of 0.1 %: {named}.")
    most = sorted(_worth_naming(events.false_positives, ("kind",)), key=lambda one: -one.lenient.rate)[:NAMED]
    named = ", ".join(f"{one.value} ({percent(one.lenient.rate)} of {one.lenient.n:,})" for one in most)
    if most:
        found.append(f"Wrongly flagged most, at the threshold of 1 %: {named}.")
    found.append("It does not look into pictures, documents or sounds, and not behind links.")
    return found


def _worth_naming(slices: Iterable[Slice], by: tuple[str, ...]) -> list[Slice]:
    return [one for one in slices if one.by in by and one.strict.n >= SMALLEST_WORTH_NAMING]


def _block(text: str) -> str:
    return f"```text\n{text}\n```"
