"""What is known of messages like this one."""

from typing import Final

from torwart.beta import REPORT_PRIOR
from torwart.model.topics.topic import Facts, Told, Topic, counted

_SOME: Final = 3
_USUAL_RATE: Final = REPORT_PRIOR[0] / sum(REPORT_PRIOR)


def _is_missing(facts: Facts) -> bool:
    return facts["history_missing"] == 1.0


def _seen(facts: Facts, raises: bool) -> Told | None:
    messages, senders = facts.count("campaign_messages_7d"), facts.count("campaign_senders")
    if messages < _SOME:
        return None
    times = f"About {counted(messages, 'message')} like this one"
    if not raises:
        return Told("message_familiar", f"{times} came from one sender lately") if senders == 1 else None
    return Told("campaign_seen", f"{times} came from about {counted(senders, 'sender')} lately")


def _reported(facts: Facts, raises: bool) -> Told | None:
    rate = facts["campaign_report_rate"]
    if not raises or not rate > _USUAL_RATE:
        return None
    return Told("campaign_reported", f"Recipients reported messages like this one (about {rate:.1%} of them)")


def _template_reported(facts: Facts, raises: bool) -> Told | None:
    rate = facts["template_report_rate"]
    if not raises or not rate > _USUAL_RATE:
        return None
    return Told("template_reported", f"Recipients reported messages of this template (about {rate:.1%} of them)")


TOPICS: Final = (
    Topic(
        "campaign",
        (
            "campaign_messages_1h", "campaign_messages_1d", "campaign_messages_7d", "campaign_senders",
            "campaign_recipients", "campaign_age", "template_messages_7d",
        ),
        _seen,
        "history",
        _is_missing,
    ),
    Topic(
        "campaign_reports", ("campaign_report_rate", "campaign_report_rate_lower"), _reported, "history", _is_missing
    ),
    Topic(
        "template_reports",
        ("template_report_rate", "template_report_rate_lower"),
        _template_reported,
        "history",
        _is_missing,
    ),
)  # fmt: skip
