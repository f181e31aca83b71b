"""Playing one world under several defences, each in a process of its own."""

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from torwart.detector import Detector
from torwart.policy import Policy
from torwart.text.classifier import unwanted
from training.loop.gates import Buttons, Content, Defence, Undefended
from training.loop.keeper import Keeper
from training.loop.tally import Outcome, Tally
from training.loop.world import ClosedWorld
from training.templates import Library, load
from training.world.clock import Clock
from training.world.given import library_of
from training.world.rates import RATES, Rates, changed, load_rates

POLICIES: Final = ("none", "buttons", "content", "torwart")

REPORTS: Final = (1, 2, 3, 5, 8, 13, 21, 34)
"""How many reports within a week ban a sender under ``buttons``: one of these, the one that delivers least unwanted."""

WORKERS: Final = 2

MOST_BLOCKED: Final = 10e-6
"""Share of the wanted messages that may be blocked under ``buttons``."""


class Setting(Struct, frozen=True, kw_only=True):
    """Which world, and what Torwart is made of.

    It begins on ``start``, else as the rates say; ``changes`` are rates to change, by dotted name; ``withheld``: as if
    the messenger could not see the texts.
    """

    days: int
    recipients: int
    seed: int
    model: Path
    part: str = "judge"
    world: Path = RATES
    texts: Path | None = None
    start: date | None = None
    changes: tuple[tuple[str, float], ...] = ()
    withheld: bool = False


class Play(Struct, frozen=True):
    """One world under one defence; ``reports`` is for ``buttons``."""

    policy: str
    reports: int = 0


class Comparison(Struct, frozen=True, kw_only=True):
    """The same world under each defence. ``buttons_frontier`` has what each number of reports comes to."""

    setting: Setting
    model: str
    outcomes: dict[str, Outcome]
    buttons_frontier: dict[int, Outcome]
    buttons_reports: int = 0
    """The number of reports that ``buttons`` goes by; 0 where it was not played."""
    buttons_within_caps: bool = True
    """Whether any number of reports harms few enough; if none does, ``buttons`` goes by the least harmful."""


def compare(
    setting: Setting, policies: Iterable[str] = POLICIES, progress: Callable[[int, int], None] | None = None
) -> Comparison:
    """Play the world under each of ``policies``, in two processes.

    ``progress`` is called with how many plays are done and how many there are. Raises what :class:`ClosedWorld`,
    ``load_rates``, ``library_of`` and ``Detector.load`` raise.
    """
    plays = [Play(policy) for policy in policies if policy != "buttons"]
    if "buttons" in policies:
        plays += [Play("buttons", reports) for reports in REPORTS]
    # What is wrong with the input, this process says, before any other is started.
    _rates(setting)
    _library(setting.texts, setting.part)
    detector = _detector(setting.model)
    # The longest first.
    plays.sort(key=lambda play: ("torwart", "content", "buttons", "none").index(play.policy))
    found: dict[Play, Outcome] = {}
    with ProcessPoolExecutor(min(WORKERS, len(plays)), mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(played, setting, play): play for play in plays}
        for future in as_completed(futures):
            found[futures[future]] = future.result()
            if progress is not None:
                progress(len(found), len(plays))
    frontier = {play.reports: found[play] for play in plays if play.policy == "buttons"}
    outcomes = {play.policy: outcome for play, outcome in found.items() if play.policy != "buttons"}
    reports, within = best(frontier) if frontier else (0, True)
    if frontier:
        outcomes["buttons"] = frontier[reports]
    return Comparison(
        setting=setting,
        model=f"{detector.name} {detector.version}",
        outcomes={policy: outcomes[policy] for policy in POLICIES if policy in outcomes},
        buttons_frontier=frontier,
        buttons_reports=reports,
        buttons_within_caps=within,
    )


def played(setting: Setting, play: Play) -> Outcome:
    """Play the world once, in this process."""
    return run(setting, _defence(setting, play))


def run(setting: Setting, gate: Defence) -> Outcome:
    """Play the world once under ``gate``, in this process."""
    rates = _rates(setting)
    tally = Tally(Clock(rates.start, setting.days).start_us, setting.days)
    world = ClosedWorld(
        rates,
        _library(setting.texts, setting.part),
        part=setting.part,
        days=setting.days,
        recipients=setting.recipients,
        seed=setting.seed,
        gate=gate,
        observer=tally,
    )
    for _ in world.run():
        pass
    return tally.outcome(gate.measures, {brigade.target.account.id for brigade in world.brigades})


def best(frontier: dict[int, Outcome]) -> tuple[int, bool]:
    """Which number of reports bans a sender: the one under which least unwanted is delivered while few enough wanted
    messages are blocked; if there is none, the least harmful one. Also whether there is one."""
    harmless = [
        number for number, found in frontier.items() if found.wanted_blocked <= MOST_BLOCKED * found.wanted_sent
    ]
    if harmless:
        return min(harmless, key=lambda number: (frontier[number].unwanted_delivered, number)), True
    return min(frontier, key=lambda number: (frontier[number].wanted_blocked, number)), False


def _rates(setting: Setting) -> Rates:
    rates = changed(load_rates(setting.world), dict(setting.changes))
    return rates if setting.start is None else replace(rates, start=setting.start)


def _defence(setting: Setting, play: Play) -> Defence:
    if play.policy == "none":
        return Undefended()
    if play.policy == "buttons":
        return Buttons(play.reports)
    detector = _detector(setting.model)
    if play.policy == "content":
        text = detector.text
        return Content(lambda read: bool(unwanted(text.logits([read]))[0] >= text.threshold))
    return Keeper(detector, Policy.default(), withheld=setting.withheld)


@cache
def _detector(model: Path) -> Detector:
    return Detector.load(model)


@cache
def _library(texts: Path | None, part: str) -> Library:
    return load() if texts is None else library_of(texts, part)
