"""Placeholders in a template's texts, ``{{1}}`` or ``{{order_id}}``, and what fills them."""

import re
from collections.abc import Mapping

from torwart.entities import JsonObject
from torwart.payload.draft import Draft
from torwart.payload.limits import MAX_ITEMS, MAX_TEXT

_PLACEHOLDER = re.compile(r"\{\{\s{0,4}([A-Za-z0-9_]{1,64})\s{0,4}\}\}")
_NO_VALUES: Mapping[str, str] = {}


def fill(draft: Draft, text: str, given: Mapping[str, str] | None, examples: Mapping[str, str]) -> str:
    """Put the given values into ``text``, an example where none is given; what has neither stays as it is.

    The result is bounded by ``MAX_TEXT`` plus one value, so that a long value named often costs no more than once.
    """
    given = given if given is not None else _NO_VALUES
    parts: list[str] = []
    length = end = 0
    for match in _PLACEHOLDER.finditer(text):
        name = match[1]
        value = given.get(name)
        if value is None:
            value = examples.get(name)
            if value is None:
                draft.flag("placeholder_unfilled")
                value = match[0]
            else:
                draft.flag("example_used")
        before = text[end : match.start()]
        end = match.end()
        parts += (before, value)
        length += len(before) + len(value)
        if length > MAX_TEXT:
            draft.flag("truncated")
            return "".join(parts)
    parts.append(text[end:])
    return "".join(parts)


def examples_of(component: JsonObject, kind: str) -> dict[str, str]:
    """Return a component's example values by placeholder; ``kind`` is ``header`` or ``body``.

    Examples are hints for a reviewer, in several historical shapes: whatever is not text in them is skipped, never
    refused.
    """
    example = component.get("example")
    if not isinstance(example, dict):
        return {}
    values: dict[str, str] = {}
    texts = example.get(f"{kind}_text")
    while isinstance(texts, list) and texts and isinstance(texts[0], list):
        texts = texts[0]
    if isinstance(texts, str):
        texts = [texts]
    if isinstance(texts, list):
        values.update({str(i): text for i, text in enumerate(texts[:MAX_ITEMS], 1) if isinstance(text, str)})
    named = example.get(f"{kind}_text_named_params")
    if isinstance(named, list):
        for item in named[:MAX_ITEMS]:
            if isinstance(item, dict):
                name, text = item.get("param_name"), item.get("example")
                if isinstance(name, str) and isinstance(text, str):
                    values[name] = text
    return values


def first_text(value: object) -> str:
    """Return ``value`` if it is a string, its first element if it is a list that begins with one, else nothing."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, str) else ""
