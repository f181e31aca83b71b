"""Fields of decoded JSON: each read once, with its type, or refused with a pointer to it.

Absent and ``null`` are the same everywhere. ``at`` is the JSON pointer of the object that holds the field; a field's
own pointer is only written when it is needed.
"""

from typing import Any

from torwart.entities import JsonObject


class PayloadError(ValueError):
    """A payload that cannot be a message.

    ``pointer`` is an RFC 6901 JSON pointer relative to the message object (the empty string is the object itself),
    ``detail`` a sentence about what was wrong there and what would be right.
    """

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(pointer, detail)
        self.pointer = pointer
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.pointer}: {self.detail}" if self.pointer else self.detail


def kind_of(value: object) -> str:
    """Name the JSON type of ``value``, with its article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list | tuple) else "an object"


def text_at(owner: JsonObject, key: str, at: str) -> str:
    """Return the string under ``key``, or an empty one. Raises :class:`PayloadError` for any other type."""
    value = owner.get(key)
    if value.__class__ is str:
        return value
    if value is None:
        return ""
    raise PayloadError(f"{at}/{key}", f"The field {key!r} must be a string, not {kind_of(value)}.")


def identifier_at(owner: JsonObject, key: str, at: str) -> str:
    """Return the string or integer under ``key`` as a string, or an empty one: the platform writes ids both ways."""
    value = owner.get(key)
    if value.__class__ is int:
        # Decimal conversion is quadratic and refused by Python past 4,300 digits; no id is beyond 64 bits.
        if -(1 << 63) <= value < 1 << 64:
            return str(value)
        raise PayloadError(f"{at}/{key}", f"The field {key!r} must be a string or an integer of at most 64 bits.")
    if value.__class__ is str:
        return value
    if value is None:
        return ""
    raise PayloadError(f"{at}/{key}", f"The field {key!r} must be a string or an integer, not {kind_of(value)}.")


def object_at(owner: JsonObject, key: str, at: str) -> JsonObject | None:
    """Return the object under ``key``, or ``None``. Raises :class:`PayloadError` for any other type."""
    value = owner.get(key)
    if value is None or value.__class__ is dict:
        return value
    raise PayloadError(f"{at}/{key}", f"The field {key!r} must be an object, not {kind_of(value)}.")


def array_at(owner: JsonObject, key: str, at: str) -> list[Any]:
    """Return the array under ``key``, or an empty one. Raises :class:`PayloadError` for any other type."""
    value = owner.get(key)
    if value.__class__ is list:
        return value
    if value is None:
        return []
    raise PayloadError(f"{at}/{key}", f"The field {key!r} must be an array, not {kind_of(value)}.")


def object_from(value: object, at: str) -> JsonObject:
    """Return ``value`` if it is an object. Raises :class:`PayloadError` with the pointer ``at`` otherwise."""
    if value.__class__ is dict:
        return value
    raise PayloadError(at, f"This must be an object, not {kind_of(value)}.")
