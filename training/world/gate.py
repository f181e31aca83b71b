"""What stands between a message and the person it is for."""

from typing import Protocol

from torwart.entities import Action, Case, Cause
from torwart.events import Body, Record
from torwart.policy import Ruling


class Gate(Protocol):
    """Says what happens to every message, and sees everything else that happens. It never sees the truth."""

    reads_text: bool
    """Whether it looks at what messages say; if not, a world need not write them."""

    def judge(self, case: Case, record: Record, *, blocked: bool) -> Ruling:
        """What happens to a message. ``record`` is its line in the log, which the gate follows as well; ``blocked``
        says whether the recipient blocks the sender."""

    def follow(self, record: Record, body: Body) -> None:
        """Any other event, in order of arrival."""


class Open:
    """A messenger in which nothing but a person's block stops a message."""

    reads_text = True

    def judge(self, case: Case, record: Record, *, blocked: bool) -> Ruling:  # noqa: ARG002
        """Deliver it, unless the recipient blocks the sender."""
        return BLOCKED if blocked else DELIVERED

    def follow(self, record: Record, body: Body) -> None:
        """Nothing is remembered."""


DELIVERED = Ruling(Action.ALLOW, Cause.POLICY)
BLOCKED = Ruling(Action.BLOCK, Cause.RECIPIENT, "recipient_blocked_sender")
