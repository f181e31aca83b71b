"""One turn at the log: everything that a group of requests reads and writes, in one transaction.

A turn holds the write lock, so what it reads is the whole truth, and its events take the next numbers. An event is
applied to the state in memory as soon as it is appended: the next request of the same turn already sees it.
"""

from serving import registers
from serving.log import Log
from serving.registers import Registers
from torwart.events import Body, MessageScored, Record, encode_body
from torwart.features.records import record_of
from torwart.features.rows import NO_CAMPAIGNS, campaigns_in, let_through, unpack
from torwart.features.state import FoldState


class Memory:
    """What a worker holds in memory: a fold of the committed log, up to ``seq``."""

    def __init__(self) -> None:
        self.state = FoldState()
        self.registers = Registers()
        self.seq = 0
        self.received_at_us = 0

    def apply(self, record: Record) -> None:
        """Follow one record of the log, which must be the next."""
        self.state.advance(unpack(record.fold))
        self.registers.apply(record)
        self.seq = record.seq
        self.received_at_us = record.received_at_us


class Turn:
    """A transaction in progress; made by the worker, used by jobs, never kept."""

    def __init__(self, log: Log, memory: Memory, now_us: int) -> None:
        self.log = log
        self.memory = memory
        self.now_us = now_us
        self.appended: list[Record] = []
        self._messages: dict[str, Record | None] = {}

    def arrive(self, now_us: int) -> int:
        """Let the next events arrive at ``now_us``, or at the last event's time if that is later: the log's clock
        never goes back, whatever the machine's does."""
        self.now_us = max(now_us, self.memory.received_at_us)
        return self.now_us

    def look_up(self, message_ids: list[str]) -> None:
        """Ask for the earlier events of several messages at once, so that :meth:`message` need not."""
        if message_ids:
            found = self.log.messages(message_ids)
            self._messages = {message_id: found.get(message_id) for message_id in message_ids}

    def append(
        self,
        body: Body,
        at_us: int,
        *,
        sender_id: str = "",
        recipient_id: str = "",
        campaigns: tuple[int, ...] = NO_CAMPAIGNS,
    ) -> Record:
        """Add one event and let everything in memory follow it."""
        record = record_of(
            body,
            seq=self.memory.seq + 1,
            received_at_us=self.arrive(self.now_us),
            at_us=at_us,
            sender_id=sender_id,
            recipient_id=recipient_id,
            campaigns=campaigns,
        )
        registers.write(self.log, body, record)
        self._add(record)
        return record

    def append_message(self, body: MessageScored, fold: bytes, is_let_through: bool) -> None:
        """Add a scored message whose fold row was packed for reading; it gains only what the decision made of it."""
        case = body.case
        self._add(
            Record(
                seq=self.memory.seq + 1,
                kind="message",
                received_at_us=self.now_us,
                at_us=min(case.sent_at_us, self.now_us),
                sender_id=case.sender.id,
                recipient_id=case.recipient_id,
                message_id=case.message_id,
                fold=let_through(fold, is_let_through),
                body=encode_body(body),
            )
        )

    def _add(self, record: Record) -> None:
        self.appended.append(record)
        self.memory.apply(record)
        if record.kind == "message":
            self._messages[record.message_id] = record

    def message(self, message_id: str) -> Record | None:
        """The message event with this id, of this turn or an earlier one."""
        if message_id not in self._messages:
            self._messages[message_id] = self.log.messages([message_id]).get(message_id)
        return self._messages[message_id]

    def campaigns_of(self, message: Record | None) -> tuple[int, ...]:
        """The campaign keys that feedback on a message belongs to."""
        return NO_CAMPAIGNS if message is None else campaigns_in(message.fold)
