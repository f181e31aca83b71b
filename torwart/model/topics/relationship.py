"""What passed between sender and recipient."""

from typing import Final

from torwart.features.relationship import CLAIMED_RANK, RECORDED_RANK, UNKNOWN_RANK
from torwart.model.topics.topic import Facts, Told, Topic, counted

_OFTEN: Final = 5
_USUAL: Final = 0.5


def _consent(facts: Facts, raises: bool) -> Told | None:
    rank = facts["consent_rank"]
    if rank == RECORDED_RANK:
        return None if raises else Told("consent_recorded", "The recipient opted in, by the messenger's own record")
    if rank == CLAIMED_RANK:
        said = "Only the sender says that" if raises else "The sender says that"
        return Told("consent_claimed", f"{said} the recipient opted in")
    if not raises:
        return None
    if rank == UNKNOWN_RANK and facts["claimed_consent_share"] > _USUAL:
        return Told("no_consent", "The sender does not say that the recipient opted in, as it does of most others")
    if rank == UNKNOWN_RANK and facts["recorded_consent_share"] > _USUAL:
        return Told(
            "no_consent",
            "No opt-in of the recipient is recorded, though those of most others whom the sender writes to are",
        )
    if rank == UNKNOWN_RANK and facts["promotion_consent_share"] < _USUAL:
        return Told("no_consent", "For most of the sender's promotions it is not known that the recipient agreed")
    if rank == UNKNOWN_RANK:
        return Told("no_consent", "It is not known that the recipient agreed to messages from this sender")
    return Told("opted_out", "The recipient opted out of messages from this sender")


def _window(facts: Facts, raises: bool) -> Told | None:
    if raises or facts["in_service_window"] != 1.0:
        return None
    return Told("service_window", "The recipient wrote to the sender within the last 24 hours")


def _spoke(facts: Facts, raises: bool) -> Told | None:
    if raises or facts["spoke_before"] != 1.0:
        return None
    return Told("replied_before", "The recipient has written to this sender before")


def _contact(facts: Facts, raises: bool) -> Told | None:
    messages = facts["pair_messages"]
    if messages == 0.0:
        return Told("first_contact", "The sender has not written to this recipient before") if raises else None
    sent = facts.count("pair_messages")
    if sent == 0 or (raises and sent < _OFTEN):
        return None
    code = "frequent_contact" if raises else "known_contact"
    return Told(code, f"The sender has sent this recipient {counted(sent, 'message')} before")


def _is_missing(facts: Facts) -> bool:
    return facts["history_missing"] == 1.0


def _busy(facts: Facts, raises: bool) -> Told | None:  # noqa: ARG001 - it can count either way
    messages, strangers = facts.count("recipient_messages_7d"), facts.count("recipient_strangers_7d")
    if not messages:
        return None
    return Told(
        "recipient_busy",
        f"Businesses sent this recipient about {counted(messages, 'message')} lately, {strangers:,} as strangers",
    )


def _flag(name: str, code: str, sentence: str) -> Topic:
    def tell(facts: Facts, raises: bool) -> Told | None:
        return Told(code, sentence) if raises and facts[name] == 1.0 else None

    return Topic(name, (name,), tell)


TOPICS: Final = (
    Topic(
        "consent",
        (
            "consent_rank",
            "consent_days",
            "recorded_consent_share",
            "claimed_consent_share",
            "promotion_consent_share",
        ),
        _consent,
    ),
    Topic("service_window", ("in_service_window",), _window),
    Topic("spoke_before", ("spoke_before",), _spoke),
    Topic("contact", ("pair_messages", "pair_silence"), _contact),
    Topic(
        "recipient",
        ("recipient_messages_1d", "recipient_messages_7d", "recipient_strangers_7d", "recipient_reports_28d"),
        _busy,
        "history",
        _is_missing,
    ),
    _flag("pair_blocked", "recipient_blocked", "The recipient blocks this sender"),
    _flag("pair_stopped", "recipient_stopped", "The recipient said stop to this sender"),
    _flag("pair_reported", "recipient_reported_before", "The recipient reported this sender before"),
)
