"""What a send request gives to a template: its parameters, by component."""

from collections.abc import Iterable

from torwart.entities import JsonObject
from torwart.payload.draft import MEDIA_TYPES, Draft
from torwart.payload.fields import identifier_at, object_at, text_at
from torwart.payload.limits import MAX_TEXT

_FALLBACK_TYPES = frozenset({"currency", "date_time"})


class Arguments:
    """A send request's parameters, sorted by what they fill.

    ``header`` and ``body`` map a placeholder (its number or its name) to a text; ``buttons`` maps a button's index to
    its type and the texts given to it; ``cards`` are a carousel's; ``location`` is a header's location as text;
    ``media`` says whether a header's media was given; ``others`` are texts for components that are not known here.
    """

    __slots__ = ("body", "buttons", "cards", "header", "location", "media", "others")

    def __init__(self) -> None:
        self.header: dict[str, str] = {}
        self.body: dict[str, str] = {}
        self.buttons: dict[str, tuple[str, list[str]]] = {}
        self.cards: list[Arguments] = []
        self.location = ""
        self.media = False
        self.others: dict[str, str] = {}


def read_arguments(draft: Draft, components: Iterable[tuple[str, JsonObject]], *, in_card: bool = False) -> Arguments:
    """Sort the parameters of ``components``; media and tap targets are complete in themselves and go into the draft."""
    arguments = Arguments()
    for at, component in components:
        kind = text_at(component, "type", at).lower()
        if kind == "carousel" and not in_card:
            for card_at, card in draft.objects(component, "cards", at):
                components_of_card = draft.objects(card, "components", card_at)
                arguments.cards.append(read_arguments(draft, components_of_card, in_card=True))
        elif kind == "button":
            _read_button(draft, arguments, component, at)
        else:
            values = {"header": arguments.header, "body": arguments.body}.get(kind, arguments.others)
            _read_values(draft, arguments, values, component, at)
    return arguments


def _read_button(draft: Draft, arguments: Arguments, component: JsonObject, at: str) -> None:
    index = identifier_at(component, "index", at) or str(len(arguments.buttons))
    type_ = text_at(component, "sub_type", at).upper()
    texts: list[str] = []
    for parameter_at, parameter in draft.objects(component, "parameters", at):
        text = text_at(parameter, "text", parameter_at) or text_at(parameter, "coupon_code", parameter_at)
        if text:
            texts.append(text)
    arguments.buttons[index] = (type_, texts)


def _read_values(draft: Draft, arguments: Arguments, values: dict[str, str], component: JsonObject, at: str) -> None:
    position = 0
    for parameter_at, parameter in draft.objects(component, "parameters", at):
        kind = text_at(parameter, "type", parameter_at).lower()
        if kind in MEDIA_TYPES:
            if (media := object_at(parameter, kind, parameter_at)) is not None:
                draft.add_media(kind, media, f"{parameter_at}/{kind}")
                arguments.media = True
        elif kind == "location":
            location = object_at(parameter, "location", parameter_at) or {}
            parts = (text_at(location, key, f"{parameter_at}/location") for key in ("name", "address"))
            arguments.location = "\n".join(part for part in parts if part)
        elif kind == "tap_target_configuration":
            for target_at, target in draft.objects(parameter, kind, parameter_at):
                draft.add_button("URL", text_at(target, "title", target_at), text_at(target, "url", target_at))
        elif (text := _value(parameter, kind, parameter_at)) is not None:
            position += 1
            values[text_at(parameter, "parameter_name", parameter_at) or str(position)] = draft.clip(text, MAX_TEXT)


def _value(parameter: JsonObject, kind: str, at: str) -> str | None:
    """Return the text that a parameter puts into the message, or ``None`` where it shows nothing."""
    if kind in _FALLBACK_TYPES:
        inner = object_at(parameter, kind, at) or {}
        return text_at(inner, "fallback_value", f"{at}/{kind}")
    if kind == "coupon_code":
        return text_at(parameter, "coupon_code", at)
    return text_at(parameter, "text", at) if parameter.get("text") is not None else None
