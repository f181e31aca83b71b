"""Every reason code: which way it can count, whether a sender may be told, and what it means."""

from typing import Final

from msgspec import Struct

RAISES: Final = "raises"
LOWERS: Final = "lowers"


class Code(Struct, frozen=True):
    """The declaration of a reason code. ``directions`` are those it can have; ``sender_may_know`` is false for what
    would tell a sender who, or how many, reported or blocked it, or what one recipient did."""

    meaning: str
    directions: tuple[str, ...]
    sender_may_know: bool = True


def _raises(meaning: str, *, sender_may_know: bool = True) -> Code:
    return Code(meaning, (RAISES,), sender_may_know)


def _lowers(meaning: str, *, sender_may_know: bool = True) -> Code:
    return Code(meaning, (LOWERS,), sender_may_know)


def _either(meaning: str) -> Code:
    return Code(meaning, (RAISES, LOWERS))


CODES: Final[dict[str, Code]] = {
    "sender_verified": _lowers("The messenger verified who the sender is"),
    "sender_verified_recently": _raises("The sender was verified a short time ago"),
    "sender_not_verified": _raises("Who the sender is has not been verified, or no longer counts as verified"),
    "sender_established": _lowers("The sender's account has existed for long"),
    "sender_new": _raises("The sender's account is new"),
    "sender_age_unknown": _raises("Nobody told how old the sender's account is"),
    "profile_complete": _lowers("The sender's profile says what there is to say"),
    "profile_incomplete": _raises("The sender's profile leaves things out"),
    "verification_changed": _raises("The sender's verification status changed lately"),
    "sender_name_imitates_brand": _raises("The sender's name is a well-known one that is not its own"),
    "text_borrows_brand": _raises("The message opens with a well-known name that is not the sender's"),
    "text_looks_fraudulent": _raises("The text reads like fraud"),
    "text_looks_like_spam": _raises("The text reads like spam"),
    "text_looks_promotional": _raises("The text reads like advertising"),
    "text_looks_ordinary": _lowers("The text reads like an ordinary business message"),
    "text_withheld": _either("The text is not visible to Torwart"),
    "text_obfuscated": _raises("The text is written so that machines misread it"),
    "text_style": _either("How the text is written: length, capitals, digits, emoji, exclamation marks"),
    "message_form": _either("What the message is made of: type, category, buttons, media, header, footer"),
    "category_mismatch": _raises("Filed as a service message, but reads like advertising"),
    "no_links": _lowers("There is no link"),
    "link_to_own_website": _lowers("A link leads to the sender's website"),
    "link_elsewhere": _raises("No link leads to the sender's website"),
    "link_imitates_brand": _raises("A link looks like a well-known business's, and is not"),
    "link_imitates_sender": _raises("A link looks like the sender's website, and is not"),
    "link_wears_name": _raises("A link holds a name from the message and more around it"),
    "link_shortened": _raises("A link hides where it leads"),
    "link_suspicious": _raises("A link's host has something that honest links rarely have"),
    "link_form": _either("How the links are built: how many, how long, how many hosts"),
    "consent_recorded": _lowers("The messenger recorded that the recipient opted in"),
    "consent_claimed": _either("The sender says that the recipient opted in"),
    "no_consent": _raises("It is not known that the recipient opted in"),
    "opted_out": _raises("The recipient opted out"),
    "service_window": _lowers("The recipient wrote to the sender within 24 hours"),
    "replied_before": _lowers("The recipient has written to the sender"),
    "first_contact": _raises("The sender has not written to this recipient before"),
    "known_contact": _lowers("The sender has written to this recipient before"),
    "frequent_contact": _raises("The sender writes to this recipient often"),
    "recipient_blocked": _raises("The recipient blocks the sender", sender_may_know=False),
    "recipient_stopped": _raises("The recipient said stop to the sender", sender_may_know=False),
    "recipient_reported_before": _raises("The recipient reported the sender before", sender_may_know=False),
    "history_missing": _either("No history was available"),
    "no_sending_history": _either("The sender has not sent anything lately"),
    "sender_burst": _raises("The sender sends far more than it usually does"),
    "new_sender_burst": _raises("A sender not seen before sends much at once"),
    "writes_to_strangers": _raises("Most of the sender's messages go to people it never wrote to"),
    "sending_volume": _either("How much the sender sends, and to how many"),
    "sender_returned": _raises("The sender was silent for long"),
    "reported_by_recipients": _raises("Recipients reported the sender", sender_may_know=False),
    "few_reports": _lowers("Hardly anybody reported the sender", sender_may_know=False),
    "blocked_by_recipients": _raises("Recipients blocked the sender", sender_may_know=False),
    "few_blocks": _lowers("Hardly anybody blocked the sender", sender_may_know=False),
    "stopped_by_recipients": _raises("Recipients said stop to the sender", sender_may_know=False),
    "recipients_reply": _lowers("Recipients answer the sender"),
    "recipients_do_not_reply": _raises("Recipients do not answer the sender"),
    "campaign_seen": _raises("Many messages like this one were sent lately"),
    "message_familiar": _lowers("One sender often sends messages like this one"),
    "campaign_reported": _raises("Recipients reported messages like this one", sender_may_know=False),
    "template_reported": _raises("Recipients reported messages of the same template", sender_may_know=False),
    "recipient_busy": _either("How much others write to the recipient"),
}
