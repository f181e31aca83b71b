"""What the simulated world says, in the shapes of the HTTP API."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from torwart.entities import Case, Message, Sender
from torwart.events import Body, ConsentChanged

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def request_of(case: Case) -> dict[str, Any]:
    """A case as a score request."""
    request: dict[str, Any] = {
        "message_id": case.message_id,
        "sent_at": moment(case.sent_at_us),
        "sender": {"id": case.sender.id, **profile_of(case.sender)},
        "recipient_id": case.recipient_id,
        "message": message_of(case.message),
        "context": {},
    }
    consent, last_us = case.context.consent, case.context.last_user_message_at_us
    if consent is not None:
        request["context"]["consent"] = consent_of(consent.state, consent.source, consent.at_us)
    if last_us is not None:
        request["context"]["last_user_message_at"] = moment(last_us)
    return request


def message_of(message: Message) -> dict[str, Any]:
    """A message in the shapes of the WhatsApp Cloud API."""
    buttons = [
        {"type": one.type, "text": one.text, "url": one.url, "phone_number": one.phone_number}
        for one in message.buttons
    ]
    if message.template is None:
        if message.media:
            return {"type": "image", "image": {"id": message.media[0].hash, "caption": message.text}}
        if not buttons:
            return {"type": "text", "text": {"body": message.body}}
        replies = [{"type": "reply", "reply": {"id": one["text"], "title": one["text"]}} for one in buttons]
        body: dict[str, Any] = {"type": "button", "body": {"text": message.body}, "action": {"buttons": replies}}
        link = next((one for one in buttons if one["url"]), None)
        if link is not None:
            parameters = {"display_text": link["text"], "url": link["url"]}
            body |= {"type": "cta_url", "action": {"name": "cta_url", "parameters": parameters}}
        return {"type": "interactive", "interactive": body}
    components: list[dict[str, Any]] = [{"type": "BODY", "text": message.body}]
    if message.media:
        components.append({"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [message.media[0].hash]}})
    if message.header:
        components.append({"type": "HEADER", "format": "TEXT", "text": message.header})
    if message.footer:
        components.append({"type": "FOOTER", "text": message.footer})
    if buttons:
        components.append({"type": "BUTTONS", "buttons": buttons})
    return {"type": "template", "template": {**msgspec.to_builtins(message.template), "components": components}}


def profile_of(sender: Sender) -> dict[str, Any]:
    """A profile as the API takes it."""
    times = {name: getattr(sender, f"{name}_us") for name in ("verified_at", "created_at")}
    profile = {
        "display_name": sender.display_name,
        "verification_status": sender.verification_status,
        "account_size": sender.account_size,
        "website": sender.website,
        **{name: moment(at_us) for name, at_us in times.items() if at_us is not None},
    }
    return {name: value for name, value in profile.items() if value is not None}


def event_of(body: Body, at_us: int) -> dict[str, Any]:
    """Anything that goes to ``/v1/events``."""
    event: dict[str, Any] = {name: value for name, value in msgspec.to_builtins(body).items() if value}
    if isinstance(body, ConsentChanged):
        consent = body.consent
        event["consent"] = consent_of(consent.state, consent.source, consent.at_us)
    return event | {"at": moment(at_us)}


def consent_of(state: str, source: str, at_us: int | None) -> dict[str, Any]:
    """A consent as the API takes it."""
    at = {} if at_us is None else {"at": moment(at_us)}
    return {"state": state, "source": source, **at}


def moment(at_us: int) -> str:
    """A time in RFC 3339."""
    return (_EPOCH + timedelta(microseconds=at_us)).isoformat()
