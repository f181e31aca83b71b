"""Defences to compare with: none, the two buttons, and reading the text alone."""

from collections import deque
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from torwart.entities import Action, Case, Cause
from torwart.events import Body, Record, Reported
from torwart.policy import Ruling
from training.world.clock import DAY
from training.world.gate import BLOCKED, DELIVERED, Gate

WINDOW_US: Final = 7 * DAY
"""How long a report counts towards a ban."""

_BANNED: Final = Ruling(Action.BLOCK, Cause.ENFORCEMENT, "sender_suspended")
_SPAM: Final = Ruling(Action.BLOCK, Cause.MODEL)


class Measure(Struct, frozen=True):
    """What a defence did to a sender. ``end_us`` is 0 where it does not end."""

    sender_id: str
    cause: str
    start_us: int
    end_us: int = 0


class Defence(Gate):
    """A gate that says which senders it took measures against."""

    def __init__(self) -> None:
        self.measures: list[Measure] = []


class Undefended(Defence):
    """Everything is delivered; the buttons do nothing."""

    reads_text = False

    def judge(self, case: Case, record: Record, *, blocked: bool) -> Ruling:  # noqa: ARG002
        """Deliver it."""
        return DELIVERED

    def follow(self, record: Record, body: Body) -> None:
        """Nothing is remembered."""


class Buttons(Defence):
    """A block stops that sender for that person; ``reports`` people who report a sender within a week ban it for
    good."""

    reads_text = False

    def __init__(self, reports: int) -> None:
        super().__init__()
        self._needed = reports
        self._reporters: dict[str, deque[tuple[int, str]]] = {}
        self._banned: set[str] = set()

    def judge(self, case: Case, record: Record, *, blocked: bool) -> Ruling:  # noqa: ARG002
        """Deliver it, unless the recipient blocks the sender or it is banned."""
        if blocked:
            return BLOCKED
        return _BANNED if case.sender.id in self._banned else DELIVERED

    def follow(self, record: Record, body: Body) -> None:
        """Count reports, whoever they come from."""
        sender_id, now_us = record.sender_id, record.received_at_us
        if not isinstance(body, Reported) or sender_id in self._banned:
            return
        reporters = self._reporters.setdefault(sender_id, deque())
        reporters.append((now_us, record.recipient_id))
        while reporters[0][0] <= now_us - WINDOW_US:
            reporters.popleft()
        if len({person for _, person in reporters}) >= self._needed:
            self._banned.add(sender_id)
            del self._reporters[sender_id]
            self.measures.append(Measure(sender_id, f"{self._needed} reports", now_us))


class Content(Defence):
    """The block button, and a filter that reads the text and nothing else. ``is_spam`` is asked once a text."""

    reads_text = True

    def __init__(self, is_spam: Callable[[str], bool]) -> None:
        super().__init__()
        self._is_spam = is_spam
        self._verdicts: dict[str, bool] = {}

    def judge(self, case: Case, record: Record, *, blocked: bool) -> Ruling:  # noqa: ARG002
        """Deliver it, unless the recipient blocks the sender or the text reads like spam."""
        if blocked:
            return BLOCKED
        text = case.message.text
        verdict = self._verdicts.get(text)
        if verdict is None:
            verdict = self._verdicts[text] = self._is_spam(text)
        return _SPAM if verdict else DELIVERED

    def follow(self, record: Record, body: Body) -> None:
        """Nothing is remembered."""
