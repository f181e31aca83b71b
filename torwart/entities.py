"""The vocabulary: what a sender, a message, a report, a decision is.

Plain immutable values without behaviour beyond reading themselves. Times are integers, microseconds since
1970-01-01T00:00:00Z, wherever the name ends in ``_us``; RFC 3339 exists only at the edges.
"""

from enum import StrEnum
from typing import Any

from msgspec import Struct


class VerificationStatus(StrEnum):
    """What the messenger knows about who a sender is, worst to best: see :data:`VERIFICATION_RANK`."""

    REVOKED = "revoked"
    NOT_VERIFIED = "not_verified"
    PENDING = "pending"
    VERIFIED = "verified"
    OFFICIAL = "official"


VERIFICATION_RANK: dict[str, int] = {
    VerificationStatus.REVOKED: 0,
    VerificationStatus.NOT_VERIFIED: 1,
    VerificationStatus.PENDING: 2,
    VerificationStatus.VERIFIED: 3,
    VerificationStatus.OFFICIAL: 4,
}
"""Higher is more trustworthy; the score never rises with it."""


class AccountSize(StrEnum):
    """How large the business is."""

    SMALL = "small"
    MEDIUM = "medium"


class ConsentState(StrEnum):
    """What a recipient agreed to."""

    OPTED_IN = "opted_in"
    OPTED_OUT = "opted_out"
    UNKNOWN = "unknown"


class ConsentSource(StrEnum):
    """Who says so: a claim of the sender's is weaker than a record of the messenger's."""

    MESSENGER = "messenger"
    SENDER = "sender"


class Action(StrEnum):
    """What to do with a message, mildest to harshest: see :data:`HARSHNESS`."""

    ALLOW = "allow"
    LABEL = "label"
    THROTTLE = "throttle"
    REVIEW = "review"
    BLOCK = "block"


HARSHNESS: dict[str, int] = {action: rank for rank, action in enumerate(Action)}
"""Rank of an action; a comparison of two actions is a comparison of these."""

DELIVERED_ACTIONS = frozenset({Action.ALLOW, Action.LABEL})
"""Actions after which the recipient gets the message at once."""


class Cause(StrEnum):
    """Who decided: the recipient, a standing enforcement, the policy, or the model."""

    RECIPIENT = "recipient"
    ENFORCEMENT = "enforcement"
    POLICY = "policy"
    MODEL = "model"


class QualityRating(StrEnum):
    """What recipients' feedback says of a sender or a template."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"
    UNKNOWN = "UNKNOWN"


class CanSend(StrEnum):
    """Whether a sender may send, in the words of the WhatsApp Business platform."""

    AVAILABLE = "AVAILABLE"
    LIMITED = "LIMITED"
    BLOCKED = "BLOCKED"


class Sender(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A business account. Everything but the id may be unknown; unknown is ``None``, never a default."""

    id: str
    display_name: str | None = None
    verification_status: VerificationStatus | None = None
    verified_at_us: int | None = None
    account_size: AccountSize | None = None
    created_at_us: int | None = None
    website: str | None = None
    portfolio_id: str | None = None
    updated_at_us: int | None = None

    @property
    def is_verified(self) -> bool:
        """Whether the messenger has verified who this is."""
        return self.verification_status in (VerificationStatus.VERIFIED, VerificationStatus.OFFICIAL)


class Button(Struct, frozen=True, omit_defaults=True):
    """A button under a message. ``type`` is upper case and open-ended (``URL``, ``QUICK_REPLY``, ``OTP``, …)."""

    type: str
    text: str = ""
    url: str = ""
    phone_number: str = ""


class Media(Struct, frozen=True, omit_defaults=True):
    """A picture, video, document or sound, by reference: its content is never read.

    ``hash`` is the SHA-256 that the wire carries, else the media id, else the link, else empty.
    """

    type: str
    hash: str = ""
    mime_type: str = ""
    filename: str = ""


class TemplateRef(Struct, frozen=True, omit_defaults=True):
    """Which template a message was made from. ``category`` is upper case and open-ended."""

    id: str = ""
    name: str = ""
    language: str = ""
    category: str = ""


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sent, whichever of the wire's shapes it came in.

    ``type`` is lower case and open-ended. ``links`` are the URLs in texts and buttons, in order of appearance,
    each once. ``text_withheld`` says that the messenger may not see the text (end-to-end encryption), which is
    not the same as an empty text. ``flags`` names what was odd about the payload, see ``payload.FLAGS``.
    """

    type: str
    header: str = ""
    body: str = ""
    footer: str = ""
    buttons: tuple[Button, ...] = ()
    links: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    template: TemplateRef | None = None
    text_withheld: bool = False
    flags: tuple[str, ...] = ()

    @property
    def category(self) -> str:
        """The template's category, or an empty string outside templates."""
        return self.template.category if self.template is not None else ""

    @property
    def text(self) -> str:
        """Header, body, footer and button labels, one a line: what a person reads."""
        labels = [button.text for button in self.buttons] if self.buttons else []
        return "\n".join(filter(None, (self.header, self.body, self.footer, *labels)))


class Consent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the recipient agreed to. ``category`` is empty when it is about everything the sender sends."""

    state: ConsentState
    source: ConsentSource = ConsentSource.SENDER
    at_us: int | None = None
    category: str = ""

    def covers(self, category: str) -> bool:
        """Whether it is about messages of this category: it names none, or this one."""
        return not self.category or self.category == category


class Context(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the caller knows about sender and recipient at the time of sending."""

    consent: Consent | None = None
    last_user_message_at_us: int | None = None


class Case(Struct, frozen=True, kw_only=True):
    """One message to judge, with who sends it to whom, when, and what the caller knows."""

    message_id: str
    sent_at_us: int
    sender: Sender
    recipient_id: str
    message: Message
    context: Context = Context()

    @property
    def consent_state(self) -> "ConsentState":
        """What the recipient agreed to, as far as it is about messages of this category."""
        consent = self.context.consent
        if consent is None or not consent.covers(self.message.category):
            return ConsentState.UNKNOWN
        return consent.state


class Categories(Struct, frozen=True):
    """How a score divides; the three sum to one."""

    wanted: float
    unsolicited: float
    fraud: float


class Reason(Struct, frozen=True):
    """Why, in a sentence. ``contribution`` is in log-odds; zero where a rule and not the model decided."""

    code: str
    direction: str
    contribution: float
    detail: str


class Verdict(Struct, frozen=True):
    """What the model says of one case: calibrated P(unwanted), P(fraud given unwanted) and the reasons."""

    score: float
    fraud_given_unwanted: float
    reasons: tuple[Reason, ...] = ()

    @property
    def categories(self) -> Categories:
        """The score, divided into kinds."""
        fraud = self.score * self.fraud_given_unwanted
        return Categories(wanted=1.0 - self.score, unsolicited=self.score - fraud, fraud=fraud)


JsonObject = dict[str, Any]
"""A decoded JSON object of unknown shape."""
