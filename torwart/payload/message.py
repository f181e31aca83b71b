"""One message, whichever shape it comes in."""

from itertools import islice

from torwart.entities import JsonObject, Message
from torwart.payload.content import READERS, SILENT_TYPES, read_unknown
from torwart.payload.draft import Draft
from torwart.payload.envelope import is_envelope, messages_in
from torwart.payload.fields import PayloadError, kind_of, object_at, text_at
from torwart.payload.template import TemplateLookup, read_template


def parse_message(payload: object, templates: TemplateLookup | None = None) -> Message:
    """Read a message from decoded JSON, in time linear in its size.

    ``payload`` is a template's definition, a send request, a webhook's message, or a webhook's envelope with exactly
    one message in it; ``None`` is a message that the messenger may not see. ``templates`` is asked for the stored
    definition of a template that a send request names: ``templates(id, name, language)``, empty strings for what is
    not known.

    ``body`` holds all running text: a caption, a carousel's cards, a location's name and address, contacts, the emoji
    of a reaction. A list's rows are buttons of type ``ROW``. ``to``, ``from``, ``id`` and ``timestamp`` are not read.

    Raises :class:`~torwart.payload.PayloadError` when ``payload`` is neither an object nor ``None``, when a known field
    has the wrong JSON type, and for an envelope with no message or several.
    """
    if payload is None:
        return Message(type="unknown", text_withheld=True, flags=("text_withheld",))
    if payload.__class__ is not dict:
        raise PayloadError("", f"A message must be an object or null, not {kind_of(payload)}.")
    message: JsonObject = payload
    if is_envelope(message):
        return _read(*_only_message(message), templates)
    return _read("", message, templates)


def _only_message(envelope: JsonObject) -> tuple[str, JsonObject]:
    found = list(islice(messages_in(envelope), 2))
    if len(found) != 1:
        count = "several messages" if found else "no message"
        raise PayloadError("", f"The webhook has {count}; exactly one is needed here.")
    return found[0]


def _read(at: str, message: JsonObject, templates: TemplateLookup | None) -> Message:
    type_ = _type_of(message, at)
    edited = False
    while type_ == "edit" and (edit := object_at(message, "edit", at)) is not None:
        edited = True
        replacement = object_at(edit, "message", f"{at}/edit")
        if replacement is None:
            break
        at = f"{at}/edit/message"
        message = replacement
        type_ = _type_of(message, at)

    draft = Draft(type_)
    if edited or type_ == "edit":
        draft.flag("edited")
    if type_ == "template":
        _read_template(draft, message, at, templates)
    else:
        _read_content(draft, message, at)
    _read_circumstances(draft, message, at)
    return draft.finish()


def _type_of(message: JsonObject, at: str) -> str:
    """Return the type that a message names, or must have by the content that it holds."""
    if type_ := text_at(message, "type", at).lower():
        return type_
    for key in ("template", *READERS, "edit", "revoke"):
        if message.get(key) is not None:
            return key
    is_definition = "components" in message or ("name" in message and "language" in message)
    return "template" if is_definition else "unknown"


def _read_template(draft: Draft, message: JsonObject, at: str, templates: TemplateLookup | None) -> None:
    template = object_at(message, "template", at)
    if template is not None:
        read_template(draft, template, f"{at}/template", templates)
    elif "components" in message or "language" in message:
        read_template(draft, message, at, templates)
    else:
        draft.withheld = True


def _read_content(draft: Draft, message: JsonObject, at: str) -> None:
    reader = READERS.get(draft.type)
    if reader is not None:
        if message.get(draft.type) is None:
            draft.withheld = True
        else:
            reader(draft, message, at)
    elif draft.type == "revoke":
        draft.flag("revoked")
    elif draft.type in ("edit", "unsupported"):
        draft.withheld = True
    elif draft.type not in SILENT_TYPES:
        draft.flag("unknown_type")
        read_unknown(draft, message)


def _read_circumstances(draft: Draft, message: JsonObject, at: str) -> None:
    """Note where a message comes from and what went wrong with it."""
    if (context := message.get("context")) is not None and context.__class__ is dict:
        if context.get("forwarded") is True:
            draft.flag("forwarded")
        if context.get("frequently_forwarded") is True:
            draft.flag("frequently_forwarded")
    if object_at(message, "referral", at) is not None:
        draft.flag("answers_ad")
    if message.get("errors"):
        draft.flag("platform_errors")
