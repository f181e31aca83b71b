"""Senders' profiles and templates: what is registered about who writes, and with what."""

from datetime import datetime

import msgspec

from serving.problems import Problem, invalid
from serving.scoring import Scorer
from serving.turn import Turn
from serving.wire import SenderAnswer, SenderUpdate, TemplateAnswer, TemplateDefinition, micros, moment
from torwart.entities import JsonObject
from torwart.events import SenderChanged, TemplateChanged
from torwart.payload import PayloadError, parse_message
from torwart.request import RequestError, sender_of


def put_sender(turn: Turn, scorer: Scorer, sender_id: str, profile: SenderUpdate) -> tuple[int, SenderAnswer]:
    """Set a sender's whole profile. An older ``updated_at`` than the stored one's is refused, so that a late retry
    does not undo a newer change."""
    stored = turn.memory.registers.senders.get(sender_id)
    now_us = turn.arrive(turn.now_us)
    # A date in the future would lock the profile until then: it counts as now.
    updated_at_us = now_us if profile.updated_at is None else min(now_us, micros(profile.updated_at, "/updated_at"))
    if stored is not None and stored.updated_at_us is not None and updated_at_us < stored.updated_at_us:
        raise Problem(
            409,
            "stale_update",
            f"The stored profile was updated at {moment(stored.updated_at_us).isoformat()}, later than this one. "
            "Read it again, then send the profile with a later updated_at.",
        )
    try:
        given = sender_of(sender_id, profile)
    except RequestError as error:
        raise invalid(error.pointer, error.detail) from error
    sender = msgspec.structs.replace(given, updated_at_us=updated_at_us)
    if stored != sender:
        turn.append(SenderChanged(sender), min(updated_at_us, turn.now_us))
    return (201 if stored is None else 200), sender_answer(turn, scorer, sender_id)


def sender_answer(turn: Turn, scorer: Scorer, sender_id: str) -> SenderAnswer:
    """A sender's stored profile and standing; 404 if nobody ever told of it."""
    stored = turn.memory.registers.senders.get(sender_id)
    if stored is None:
        raise Problem(404, "sender_unknown", f"No profile is stored for sender {sender_id!r}. PUT one first.")
    quality, _, can_send = scorer.standing(turn.memory, sender_id, turn.now_us)
    return SenderAnswer(
        id=sender_id,
        display_name=stored.display_name,
        verification_status=stored.verification_status,
        verified_at=_moment(stored.verified_at_us),
        account_size=stored.account_size,
        created_at=_moment(stored.created_at_us),
        website=stored.website,
        portfolio_id=stored.portfolio_id,
        updated_at=_moment(stored.updated_at_us),
        quality_rating=quality,
        can_send_message=can_send,
    )


def put_template(
    turn: Turn, template_id: str, known: TemplateDefinition, definition: JsonObject
) -> tuple[int, TemplateAnswer]:
    """Store a template's definition as it came; messages that name it are resolved against it."""
    definition = {**definition, "id": template_id}
    try:
        parse_message({"type": "template", "template": definition})
    except PayloadError as error:
        raise invalid(error.pointer.removeprefix("/template"), error.detail) from error
    stored = turn.memory.registers.template(template_id, "", "")
    if stored != definition:
        turn.append(TemplateChanged(template_id, known.name, known.language, definition), turn.now_us)
    return (201 if stored is None else 200), template_answer(turn, template_id)


def template_answer(turn: Turn, template_id: str) -> TemplateAnswer:
    """A stored template; 404 if there is none."""
    definition = turn.memory.registers.template(template_id, "", "")
    if definition is None:
        raise Problem(404, "template_unknown", f"No template is stored as {template_id!r}. PUT one first.")
    category = definition.get("category")
    return TemplateAnswer(
        id=template_id,
        name=definition["name"],
        language=definition["language"],
        category=category if isinstance(category, str) else "",
        definition=definition,
    )


def _moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)
