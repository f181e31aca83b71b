"""Requests in tables: a row whose columns are named by JSON path, as ``pandas.json_normalize`` names them."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from torwart.entities import JsonObject
from torwart.request import RequestError, ScoreRequest, convert_request

UNNAMED: Final = "unknown"
"""Stands for an id that a table does not have. Nothing is known about it, and it tells nothing."""

NO_TIME: Final = "1970-01-01T00:00:00Z"
"""Stands for the time of sending in a table without any times, where it makes no difference."""

_FIELDS: Final = frozenset(ScoreRequest.__struct_fields__)
_STRINGS: Final = frozenset(
    {
        "message_id",
        "recipient_id",
        "sender.id",
        "sender.display_name",
        "sender.portfolio_id",
        "message.text.body",
        "message.template.id",
        "message.template.name",
        "text",
    }
)
"""What a table reader may have taken for a number."""
_PROSE: Final = frozenset({"body", "text", "caption", "name", "title", "display_name", "link", "url"})
"""Last steps of paths to texts, which are not JSON even where they begin with a bracket."""
_TIMES: Final = (("sender", "verified_at"), ("sender", "created_at"), ("context", "last_user_message_at"))


def from_flat(row: Mapping[str, object]) -> ScoreRequest:
    """The request in one row.

    A column is a path (``sender.id``, ``message.text.body``); or it holds an object, a list, or either of them as JSON
    (``message``, ``message.template.components``); or it is ``text``, which stands for a message of that text. Other
    columns are ignored, missing cells (None, NaN, NaT, NA) are absent, and a row whose message is missing is a message
    that may not be seen. See :func:`completed` for what is filled in.

    Raises :class:`~torwart.request.RequestError`.
    """
    document: JsonObject = {}
    text: object = None
    names_message = False
    # Short names first: an object in a column is the ground on which longer paths are laid.
    for name in sorted(row):
        head = name.partition(".")[0]
        names_message = names_message or head in ("message", "text")
        if head not in _FIELDS and name != "text":
            continue
        value = _cell(row[name], name)
        if value is None:
            continue
        if name == "text":
            text = value
        else:
            _put(document, name.split("."), value)
    if not names_message:
        raise RequestError("", "There is no message: name a column message, columns message.…, or a column text.")
    if text is not None and "message" not in document:
        document["message"] = text_message(str(text))
    document.setdefault("message", None)
    return convert_request(completed(document), strict=False)


def text_message(text: str) -> JsonObject:
    """A message that is nothing but a text, in the wire's format."""
    return {"type": "text", "text": {"body": text}}


def completed(document: JsonObject) -> JsonObject:
    """A copy of a request in which missing ids are :data:`UNNAMED`, and a missing time of sending is :data:`NO_TIME`.

    Raises :class:`~torwart.request.RequestError` when ``sent_at`` is missing though the request holds other times: how
    old an account is cannot be told without it.
    """
    full = {"message_id": UNNAMED, "recipient_id": UNNAMED, **document}
    sender = full.get("sender") or {}
    if isinstance(sender, dict):
        full["sender"] = {"id": UNNAMED, **sender}
    if full.get("sent_at") is None:
        if _names_times(full):
            raise RequestError("/sent_at", "The time of sending is missing; the other times mean nothing without it.")
        full["sent_at"] = NO_TIME
    return full


def _names_times(document: JsonObject) -> bool:
    for owner, name in _TIMES:
        if isinstance(document.get(owner), dict) and document[owner].get(name) is not None:
            return True
    context = document.get("context")
    consent = context.get("consent") if isinstance(context, dict) else None
    return isinstance(consent, dict) and consent.get("at") is not None


def _put(document: JsonObject, path: list[str], value: object) -> None:
    """Lay a cell into the document; a cell that holds the whole object wins over cells that hold its parts."""
    *owners, last = path
    place = document
    for step in owners:
        place = place.setdefault(step, {})
        if not isinstance(place, dict):
            return
    place.setdefault(last, value)


def _cell(value: object, name: str) -> object:
    """A cell as decoded JSON would hold it, None where it is missing; JSON is read where an object or list can be."""
    if not isinstance(value, str):
        return _plain(value, name)
    is_prose = name.rpartition(".")[2] in _PROSE and name != "message.text"
    if is_prose or value[:1] not in ("{", "["):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return value


def _plain(value: Any, name: str) -> object:
    if value is None or value.__class__.__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "tolist"):  # a NumPy scalar or array
        value = value.tolist()
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, Mapping):
        plain = {str(key): _plain(item, f"{name}.{key}") for key, item in value.items()}
        return {key: item for key, item in plain.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_plain(item, name) for item in value]
    if name in _STRINGS and isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value)) if value == value // 1 else str(value)
    return value
