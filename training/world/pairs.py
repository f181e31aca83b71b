"""What stands between each account and each person: blocks, stops, and when the person last wrote."""

from torwart.events import Blocked, Body, PreferenceChanged, Replied, Unblocked


class Pair:
    """One account and one person."""

    __slots__ = ("blocked", "failures", "stopped_us", "wrote_us")

    def __init__(self) -> None:
        self.blocked = False
        self.stopped_us = 0
        """Since when the person wants no promotions; 0 while there is no such wish."""
        self.wrote_us = 0
        """When the person last wrote; 0 for never."""
        self.failures = 0
        """Messages that the block held up."""


NOTHING: Pair = Pair()
"""Between those who have not met; never changed."""


class Pairs:
    """All pairs between whom something happened."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], Pair] = {}

    def of(self, sender_id: str, recipient_id: str) -> Pair:
        """How things stand, to be read only."""
        return self._pairs.get((sender_id, recipient_id), NOTHING)

    def apply(self, body: Body, at_us: int) -> bool:
        """Change what the event changes; ``False`` for a block or a stop that stands already."""
        match body:
            case Blocked(sender_id, recipient_id):
                pair = self._known(sender_id, recipient_id)
                is_new, pair.blocked = not pair.blocked, True
                return is_new
            case Unblocked(sender_id, recipient_id):
                pair = self._known(sender_id, recipient_id)
                pair.blocked, pair.failures = False, 0
            case PreferenceChanged(sender_id, recipient_id, value):
                pair = self._known(sender_id, recipient_id)
                if value == "stop" and pair.stopped_us:
                    return False
                pair.stopped_us = at_us if value == "stop" else 0
            case Replied(sender_id, recipient_id):
                self._known(sender_id, recipient_id).wrote_us = at_us
        return True

    def fail(self, sender_id: str, recipient_id: str) -> None:
        """A message was held up by a block."""
        self._known(sender_id, recipient_id).failures += 1

    def _known(self, sender_id: str, recipient_id: str) -> Pair:
        return self._pairs.setdefault((sender_id, recipient_id), Pair())
