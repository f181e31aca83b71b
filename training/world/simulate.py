"""Playing a world into a folder: the event log, the truth beside it, and what it came to."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from torwart.events import Record
from training.log import LogWriter, replace_whole
from training.truth import Truth, TruthWriter
from training.world.clock import DAY
from training.world.series import Series
from training.world.source import Guard, Source

SUMMARY: Final = "world.json"


class Summary(Struct, frozen=True, kw_only=True):
    """What a simulated log holds. All counts are of messages unless the name says otherwise."""

    simulated: bool = True
    part: str
    seed: int
    days: int
    recipients: int
    worlds: int = 1
    varied: bool = False
    """Whether each world drew its own rates."""
    guard: Guard | None = None
    """The model that guarded the worlds, if one did."""
    world: Source | None = None
    """The file of rates …"""
    texts: Source | None = None
    """… and of texts, where they are not the shipped templates."""
    records: int
    senders: int
    spam_senders: int
    messages: int
    labels: dict[str, int]
    strategies: dict[str, int]
    sender_kinds: dict[str, int]
    events: dict[str, int]
    """Records by kind of event."""


class _Tally:
    def __init__(self) -> None:
        self.events: Counter[str] = Counter()
        self.labels: Counter[str] = Counter()
        self.strategies: Counter[str] = Counter()
        self.sender_kinds: Counter[str] = Counter()
        self.senders: set[str] = set()
        self.spam_senders: set[str] = set()

    def add(self, record: Record, truth: Truth | None) -> None:
        self.events[record.kind] += 1
        self.senders.add(record.sender_id)
        if truth is not None:
            self.labels[truth.label] += 1
            self.sender_kinds[truth.sender_kind] += 1
            if truth.strategy:
                self.strategies[truth.strategy] += 1
            if truth.sender_kind == "spammer":
                self.spam_senders.add(record.sender_id)

    def summary(self, series: Series, records: int, world: Source | None, texts: Source | None) -> Summary:
        """What has been added up, of a whole series."""
        return Summary(
            part=series.part,
            seed=series.seed,
            days=series.days,
            recipients=series.recipients,
            worlds=series.worlds,
            varied=series.vary is not None,
            guard=series.guard,
            world=world,
            texts=texts,
            records=records,
            senders=len(self.senders),
            spam_senders=len(self.spam_senders),
            messages=self.events["message"],
            labels=_sorted(self.labels),
            strategies=_sorted(self.strategies),
            sender_kinds=_sorted(self.sender_kinds),
            events=_sorted(self.events),
        )


def simulate(
    folder: Path | str,
    series: Series,
    *,
    world_file: Source | None = None,
    texts_file: Source | None = None,
    progress: Callable[[int], None] | None = None,
) -> Summary:
    """Play ``series`` into ``folder``: ``training.log`` reads it back. The same series gives the same records.

    ``world_file`` and ``texts_file`` say where rates and texts come from; ``progress`` is called with the number of
    whole days played so far, whenever it grows. Writes ``world.json``, the summary, last. Raises ``LogError`` where
    ``folder`` holds a log, ``ValueError`` where a world would be empty.
    """
    folder = Path(folder)
    # Before anything is written: it says what is wrong with the series.
    first = series.first()
    tally = _Tally()
    played = 0
    with _collector_paused(), LogWriter(folder) as log, TruthWriter(folder) as truths:
        for record, truth in series.run(first):
            log.append(record)
            if truth is not None:
                truths.append(truth)
            tally.add(record, truth)
            done = (record.received_at_us - first.clock.start_us) // DAY
            if progress is not None and done > played:
                progress(done)
            played = done
    if progress is not None:
        progress(series.worlds * series.days)
    summary = tally.summary(series, log.records, world_file, texts_file)
    replace_whole(folder / SUMMARY, msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n")
    return summary


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A world drops nothing in cycles while it is played, and looking for them costs a tenth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))
