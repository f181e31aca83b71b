"""Small closed worlds, played in this process."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from torwart.entities import Action, Case, Cause
from torwart.events import Body, Record
from torwart.policy import Ruling
from training.loop.gates import Defence
from training.loop.tally import Outcome, Tally
from training.loop.world import Attempt, ClosedWorld
from training.templates import Library, load
from training.truth import Truth
from training.world.clock import Clock
from training.world.rates import Rates, changed, load_rates

DAYS, RECIPIENTS = 3, 150


class Fixed(Defence):
    """A gate that answers every message alike."""

    reads_text = True

    def __init__(self, ruling: Ruling) -> None:
        super().__init__()
        self.ruling = ruling
        self.cases: list[Case] = []

    def judge(self, case: Case, record: Record, *, blocked: bool) -> Ruling:  # noqa: ARG002
        self.cases.append(case)
        if self.ruling.action is Action.REVIEW:
            return self.ruling._replace(hold_until_us=record.received_at_us + 3_600_000_000)
        return self.ruling

    def follow(self, record: Record, body: Body) -> None:
        pass


class Watching(Tally):
    """A tally that also keeps what it saw."""

    def __init__(self, *given: int) -> None:
        super().__init__(*given)
        self.attempts: list[Attempt] = []
        self.late: list[Attempt] = []

    def saw(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        super().saw(attempt)

    def released(self, attempt: Attempt, at_us: int) -> None:
        self.late.append(attempt)
        super().released(attempt, at_us)


class Played(NamedTuple):
    outcome: Outcome
    records: list[tuple[Record, Truth | None]]
    tally: Watching
    world: ClosedWorld

    def kinds(self) -> set[str]:
        return {record.kind for record, _ in self.records}


@pytest.fixture(scope="session")
def library() -> Library:
    return load()


@pytest.fixture(scope="session")
def rates() -> Rates:
    return load_rates()


@pytest.fixture(scope="session")
def play(library: Library, rates: Rates) -> Callable[..., Played]:
    def played(
        gate: Defence, *, days: int = DAYS, recipients: int = RECIPIENTS, seed: int = 1, **values: Any
    ) -> Played:
        some = changed(rates, {name.replace("__", "."): value for name, value in values.items()})
        tally = Watching(Clock(rates.start, days).start_us, days)
        world = ClosedWorld(
            some, library, part="judge", days=days, recipients=recipients, seed=seed, gate=gate, observer=tally
        )
        records = list(world.run())
        attacked = {brigade.target.account.id for brigade in world.brigades}
        return Played(tally.outcome(gate.measures, attacked), records, tally, world)

    return played


@pytest.fixture
def block_all() -> Fixed:
    return Fixed(Ruling(Action.BLOCK, Cause.MODEL))
