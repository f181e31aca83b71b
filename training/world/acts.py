"""What agents do: orders to send a message, and deeds that are events as they stand."""

from collections import deque
from collections.abc import Iterator
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from torwart.entities import Sender
from torwart.events import Body
from torwart.features.rows import NO_CAMPAIGNS
from training.world.texts import Script


class ConsentPractice(StrEnum):
    """How an account's opt-ins show in what it sends."""

    MESSENGER = "messenger"
    """The messenger recorded them."""
    CLAIM = "claim"
    """The sender claims them."""
    SILENT = "silent"
    """Nobody says anything."""


class Order(Struct, frozen=True):
    """A message somebody means to send. ``recipient`` is a row of ``People``; ``opted_in`` says whether that person
    truly agreed to promotions, since when (µs; 0: never). ``again``: it was refused before, and is tried once more."""

    at_us: int
    account: "Account"
    recipient: int
    script: Script
    opted_in_us: int = 0
    again: bool = False


class Deed(Struct, frozen=True):
    """An event that is no message: when it happens and what. Ids and campaigns stand in where the body has none."""

    at_us: int
    body: Body
    sender_id: str = ""
    recipient_id: str = ""
    campaigns: tuple[int, ...] = NO_CAMPAIGNS


Act = Order | Deed


class Sent(Struct, frozen=True):
    """A message that was let through, as somebody who watches an account remembers it."""

    recipient: int
    message_id: str
    campaigns: tuple[int, ...]


class Agent(Protocol):
    """Somebody who acts: plans each day, and answers when a person writes."""

    def plan(self, day: int) -> Iterator[Act]:
        """What is to happen on a day (from 0), in any order."""

    def answer(self, account: "Account", recipient: int, at_us: int) -> Iterator[Act]:
        """What follows when a person wrote to one of the agent's accounts."""


class Account:
    """A business account as it stands now, and how whoever holds it behaves."""

    def __init__(
        self,
        profile: Sender,
        agent: Agent,
        practice: ConsentPractice,
        *,
        claims_falsely: bool = False,
        heeds_stops: bool = True,
        patience: int = 1_000_000,
    ) -> None:
        self.profile = profile
        self.agent = agent
        self.practice = practice
        self.claims_falsely = claims_falsely
        self.heeds_stops = heeds_stops
        self.patience = patience
        """Messages to somebody who blocked it before it gives up."""
        self.watched: deque[Sent] | None = None
        """The last messages that were let through, for those who watch it; ``None`` while nobody does."""

    @property
    def id(self) -> str:
        """The sender's id."""
        return self.profile.id
