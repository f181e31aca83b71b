"""What a message of each type other than ``template`` holds under the key of its type's name."""

from collections.abc import Callable

from torwart.entities import JsonObject
from torwart.payload.draft import Draft
from torwart.payload.fields import object_at, text_at
from torwart.payload.interactive import read_interactive

Reader = Callable[[Draft, JsonObject, str], None]
"""Fills the draft from a message whose content is there; the string is the message's pointer."""

SILENT_TYPES = frozenset({"request_welcome"})
"""Known types that never have a content."""

_TEXT_KEYS = ("body", "text", "caption", "title")


def _content(draft: Draft, message: JsonObject, at: str) -> tuple[JsonObject, str]:
    return object_at(message, draft.type, at) or {}, f"{at}/{draft.type}"


def _read_text(draft: Draft, message: JsonObject, at: str) -> None:
    content, at = _content(draft, message, at)
    draft.body = text_at(content, "body", at)
    draft.withheld = content.get("body") is None


def _read_media(draft: Draft, message: JsonObject, at: str) -> None:
    content, at = _content(draft, message, at)
    draft.add_media(draft.type, content, at)
    draft.body = text_at(content, "caption", at)


def _read_location(draft: Draft, message: JsonObject, at: str) -> None:
    content, at = _content(draft, message, at)
    draft.add_body(text_at(content, "name", at), text_at(content, "address", at))
    draft.links.append(text_at(content, "url", at))


def _read_contacts(draft: Draft, message: JsonObject, at: str) -> None:
    for contact_at, contact in draft.objects(message, "contacts", at):
        name = object_at(contact, "name", contact_at) or {}
        company = object_at(contact, "org", contact_at) or {}
        draft.add_body(
            text_at(name, "formatted_name", f"{contact_at}/name"), text_at(company, "company", f"{contact_at}/org")
        )
        for key, part in (("phones", "phone"), ("emails", "email")):
            for item_at, item in draft.objects(contact, key, contact_at):
                draft.add_body(text_at(item, part, item_at))
        for item_at, item in draft.objects(contact, "urls", contact_at):
            draft.links.append(text_at(item, "url", item_at))


def _read_button(draft: Draft, message: JsonObject, at: str) -> None:
    content, at = _content(draft, message, at)
    draft.body = text_at(content, "text", at)


def _read_order(draft: Draft, message: JsonObject, at: str) -> None:
    content, at = _content(draft, message, at)
    draft.body = text_at(content, "text", at)


def _read_system(draft: Draft, message: JsonObject, at: str) -> None:
    content, at = _content(draft, message, at)
    draft.body = text_at(content, "body", at)


def _read_reaction(draft: Draft, message: JsonObject, at: str) -> None:
    content, at = _content(draft, message, at)
    draft.body = text_at(content, "emoji", at)


def _read_interactive(draft: Draft, message: JsonObject, at: str) -> None:
    content, at = _content(draft, message, at)
    read_interactive(draft, content, at)


READERS: dict[str, Reader] = {
    "interactive": _read_interactive,
    "image": _read_media,
    "video": _read_media,
    "document": _read_media,
    "audio": _read_media,
    "voice": _read_media,
    "sticker": _read_media,
    "location": _read_location,
    "contacts": _read_contacts,
    "button": _read_button,
    "order": _read_order,
    "reaction": _read_reaction,
    "text": _read_text,
    "system": _read_system,
}
"""The reader of each type, in the order in which a missing type is guessed from the keys that are there."""


def read_unknown(draft: Draft, message: JsonObject) -> None:
    """Take what reads like text from a content of an unknown type; nothing there means that the text is not visible."""
    content = message.get(draft.type)
    if isinstance(content, str):
        draft.add_body(content)
    elif isinstance(content, dict):
        draft.add_body(*(text for key in _TEXT_KEYS if isinstance(text := content.get(key), str)))
    draft.withheld = not draft.body
