"""What is currently so: profiles, templates, blocks, stops, consents, enforcements.

Kept in memory by every worker and in tables beside the log. Both change by the same events, in the log's order.
"""

from typing import Final

import msgspec

from serving.decision_ids import seq_of
from serving.log import Log
from torwart.entities import Consent, JsonObject, Sender
from torwart.events import (
    Blocked,
    Body,
    ConsentChanged,
    Enforced,
    PreferenceChanged,
    Record,
    Reviewed,
    SenderChanged,
    TemplateChanged,
    Unblocked,
    decode_body,
)
from torwart.features.rows import pair_key

REGISTERED_KINDS: Final = frozenset({"sender", "block", "unblock", "preference", "consent", "enforcement", "template"})
"""The kinds of event that change a register."""

_PROFILE: Final = msgspec.json.Decoder(Sender)
_CONSENT: Final = msgspec.json.Decoder(Consent)
_ENFORCED: Final = msgspec.json.Decoder(Enforced)


def merged(given: Sender, stored: Sender | None) -> Sender:
    """The profile that serves a decision: what the caller gave, and what is stored where it gave nothing."""
    if stored is None:
        return given
    # Field by field, because this stands in the path of every message.
    return Sender(
        id=given.id,
        display_name=stored.display_name if given.display_name is None else given.display_name,
        verification_status=stored.verification_status
        if given.verification_status is None
        else given.verification_status,
        verified_at_us=stored.verified_at_us if given.verified_at_us is None else given.verified_at_us,
        account_size=stored.account_size if given.account_size is None else given.account_size,
        created_at_us=stored.created_at_us if given.created_at_us is None else given.created_at_us,
        website=stored.website if given.website is None else given.website,
        portfolio_id=stored.portfolio_id if given.portfolio_id is None else given.portfolio_id,
        updated_at_us=stored.updated_at_us if given.updated_at_us is None else given.updated_at_us,
    )


class Registers:
    """The registers in memory. Pairs are looked up by ``rows.pair_key``."""

    def __init__(self) -> None:
        self.senders: dict[str, Sender] = {}
        self.blocked: set[int] = set()
        self.stopped: set[int] = set()
        self.consents: dict[int, Consent] = {}
        self.enforcements: dict[str, Enforced] = {}
        self._templates: dict[str, JsonObject] = {}
        self._template_ids: dict[tuple[str, str], str] = {}

    def load(self, log: Log) -> None:
        """Read all registers from the tables, into registers that are still empty."""
        for identifier, profile in log.execute("SELECT id, profile FROM senders"):
            self.senders[identifier] = _PROFILE.decode(profile)
        for sender_id, recipient_id in log.execute("SELECT sender_id, recipient_id FROM blocks"):
            self.blocked.add(pair_key(sender_id, recipient_id))
        for sender_id, recipient_id in log.execute("SELECT sender_id, recipient_id FROM stops"):
            self.stopped.add(pair_key(sender_id, recipient_id))
        for sender_id, recipient_id, consent in log.execute("SELECT sender_id, recipient_id, consent FROM consents"):
            self.consents[pair_key(sender_id, recipient_id)] = _CONSENT.decode(consent)
        for sender_id, enforced in log.execute("SELECT sender_id, enforced FROM enforcements"):
            self.enforcements[sender_id] = _ENFORCED.decode(enforced)
        for identifier, name, language, definition in log.execute(
            "SELECT id, name, language, definition FROM templates ORDER BY set_by"
        ):
            self._put_template(identifier, name, language, msgspec.json.decode(definition))

    def _put_template(self, identifier: str, name: str, language: str, definition: JsonObject) -> None:
        before = self._templates.get(identifier)
        if before is not None:
            named = (before["name"], before["language"])
            if self._template_ids.get(named) == identifier:
                del self._template_ids[named]
        self._templates[identifier] = definition
        self._template_ids[name, language] = identifier

    def template(self, identifier: str, name: str, language: str) -> JsonObject | None:
        """A stored definition by id, or by name and language; ``None`` if there is none."""
        found = self._templates.get(identifier)
        if found is None:
            found = self._templates.get(self._template_ids.get((name, language), ""))
        return found

    def apply(self, record: Record) -> None:
        """Follow one event of the log in memory."""
        if record.kind in REGISTERED_KINDS:
            self._apply(decode_body(record.body))

    def _apply(self, body: Body) -> None:
        if isinstance(body, SenderChanged):
            self.senders[body.sender.id] = body.sender
        elif isinstance(body, Blocked):
            self.blocked.add(pair_key(body.sender_id, body.recipient_id))
        elif isinstance(body, Unblocked):
            self.blocked.discard(pair_key(body.sender_id, body.recipient_id))
        elif isinstance(body, PreferenceChanged):
            change = self.stopped.add if body.value == "stop" else self.stopped.discard
            change(pair_key(body.sender_id, body.recipient_id))
        elif isinstance(body, ConsentChanged):
            self.consents[pair_key(body.sender_id, body.recipient_id)] = body.consent
        elif isinstance(body, Enforced):
            self.enforcements[body.sender_id] = body
        elif isinstance(body, TemplateChanged):
            self._put_template(body.template_id, body.name, body.language, body.definition)


def write(log: Log, body: Body, record: Record) -> None:
    """Follow one event in the tables, inside the transaction that appends it."""
    at_us = record.at_us
    if isinstance(body, SenderChanged):
        log.execute("REPLACE INTO senders VALUES (?, ?)", (body.sender.id, msgspec.json.encode(body.sender)))
    elif isinstance(body, Blocked):
        log.execute(
            "INSERT INTO blocks VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (body.sender_id, body.recipient_id, at_us, body.reason),
        )
    elif isinstance(body, Unblocked):
        log.execute("DELETE FROM blocks WHERE sender_id = ? AND recipient_id = ?", (body.sender_id, body.recipient_id))
    elif isinstance(body, PreferenceChanged) and body.value == "stop":
        log.execute(
            "INSERT INTO stops VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (body.sender_id, body.recipient_id, at_us)
        )
    elif isinstance(body, PreferenceChanged):
        log.execute("DELETE FROM stops WHERE sender_id = ? AND recipient_id = ?", (body.sender_id, body.recipient_id))
    elif isinstance(body, ConsentChanged):
        log.execute(
            "REPLACE INTO consents VALUES (?, ?, ?)",
            (body.sender_id, body.recipient_id, msgspec.json.encode(body.consent)),
        )
    elif isinstance(body, Enforced):
        log.execute("REPLACE INTO enforcements VALUES (?, ?)", (body.sender_id, msgspec.json.encode(body)))
    elif isinstance(body, TemplateChanged):
        log.execute(
            "REPLACE INTO templates VALUES (?, ?, ?, ?, ?)",
            (body.template_id, body.name, body.language, msgspec.json.encode(body.definition), record.seq),
        )
    elif isinstance(body, Reviewed):
        log.execute(
            "INSERT INTO reviews VALUES (?, ?, ?, ?, ?)",
            (seq_of(body.decision_id), at_us, body.outcome, body.by, body.note),
        )
