"""A webhook's envelope, and the messages in it."""

from collections.abc import Iterator

from torwart.entities import JsonObject
from torwart.payload.fields import array_at, object_at, object_from

_MESSAGE_KEYS = ("messages", "message_echoes")


def is_envelope(payload: JsonObject) -> bool:
    """Tell a webhook's envelope from a message."""
    return "entry" in payload and "type" not in payload


def messages_in(envelope: object) -> Iterator[tuple[str, JsonObject]]:
    """Yield every message and message echo of a webhook, with its JSON pointer from the envelope, in order.

    An envelope about something else (statuses, template updates, …) yields nothing. Raises
    :class:`~torwart.payload.PayloadError` when it reaches a part of the envelope with the wrong JSON type.
    """
    root = object_from(envelope, "")
    for entry_at, entry in _objects(root, "entry", ""):
        for change_at, change in _objects(entry, "changes", entry_at):
            value = object_at(change, "value", change_at)
            if value is not None:
                for key in _MESSAGE_KEYS:
                    yield from _objects(value, key, f"{change_at}/value")


def _objects(owner: JsonObject, key: str, at: str) -> Iterator[tuple[str, JsonObject]]:
    for index, item in enumerate(array_at(owner, key, at)):
        if item is not None:
            pointer = f"{at}/{key}/{index}"
            yield pointer, object_from(item, pointer)
