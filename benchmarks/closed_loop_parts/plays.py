"""What is played: one system in one world, each in a process of its own."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

import msgspec
import numpy as np
from tqdm.auto import tqdm

from training.loop.gates import Content
from training.loop.play import REPORTS, Play, Setting, played, run
from training.loop.tally import Outcome
from training.recipe import TEXT_PARTS
from training.samples import text_samples
from training.templates import load

from ..peers.bogofilter import Bogofilter

WORKERS: Final = 2

HAM_FLAGGED: Final = 0.005
"""Share of the wanted validation texts that bogofilter's threshold flags at most, as in benchmarks/content.py."""


class Task(msgspec.Struct, frozen=True):
    """One system in one world, done by a worker."""

    system: str
    setting: Setting
    reports: int = 0


def tasks_of(setting: Setting) -> list[Task]:
    """What is played in one world, the longest first."""
    withheld = msgspec.structs.replace(setting, withheld=True)
    peer = [] if Bogofilter().missing() else [Task("bogofilter", setting)]
    return [
        Task("torwart", setting),
        *peer,
        Task("torwart, text withheld", withheld),
        Task("content", setting),
        *(Task("buttons", setting, reports) for reports in REPORTS),
        Task("none", setting),
    ]


def done(tasks: Sequence[Task], title: str) -> dict[Task, Outcome]:
    """Do the tasks in two processes."""
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        outcomes = tqdm(pool.map(do, tasks), title, total=len(tasks), unit="plays", disable=None)
        return dict(zip(tasks, outcomes, strict=True))


def do(task: Task) -> Outcome:
    """Play one world under one system, in this process."""
    if task.system == "bogofilter":
        return with_bogofilter(task.setting)
    return played(task.setting, Play(task.system.partition(",")[0], task.reports))


def with_bogofilter(setting: Setting) -> Outcome:
    """The block button and bogofilter. What an undefended world writes is scored at once, what is new, one by one."""
    samples = text_samples(load().part(*TEXT_PARTS), setting.seed)
    texts, labels = np.array(samples.texts, dtype=object), np.array(samples.labels)
    # Every fifth family sets the threshold.
    _, family = np.unique(samples.groups, return_inverse=True)
    validates = family % 5 == 0
    peer = Bogofilter()
    try:
        peer.fit(texts[~validates].tolist(), np.isin(labels[~validates], ("spam", "fraud")))
        ham = texts[validates & (labels == "wanted")].tolist()
        threshold = np.nextafter(np.quantile(peer.scores(ham), 1.0 - HAM_FLAGGED), 2.0)
        seen: dict[str, bool] = {}

        def remember(text: str) -> bool:
            seen[text] = False
            return False

        run(setting, Content(remember))
        seen = dict(zip(seen, (peer.scores(list(seen)) >= threshold).tolist(), strict=True))
        return run(
            setting, Content(lambda text: seen[text] if text in seen else bool(peer.scores([text])[0] >= threshold))
        )
    finally:
        peer.close()
