"""Template messages: a definition as it stands, or a send request with the definition that it names."""

from collections.abc import Callable

from torwart.entities import JsonObject, TemplateRef
from torwart.payload.definition import read_definition
from torwart.payload.draft import Draft
from torwart.payload.fields import PayloadError, identifier_at, object_from, text_at
from torwart.payload.request import Arguments, read_arguments

TemplateLookup = Callable[[str, str, str], JsonObject | None]
"""``(id, name, language)`` to the stored definition, with or without its wrapper, or ``None``."""

_CONTENT_KEYS = ("text", "format", "buttons", "add_security_recommendation", "code_expiration_minutes")


def read_template(draft: Draft, template: JsonObject, at: str, templates: TemplateLookup | None) -> None:
    """Read what stands under ``template``, or a bare definition."""
    reference = _reference(draft, template, at)
    draft.template = reference
    components = list(draft.objects(template, "components", at))
    if not _is_request(template, components):
        read_definition(draft, components, reference.category, None)
        return
    arguments = read_arguments(draft, components)
    if templates is not None and (reference.id or reference.name):
        stored = templates(reference.id, reference.name, reference.language)
        if stored is not None and _read_stored(draft, stored, reference, arguments):
            return
    if any(key in component for _, component in components for key in _CONTENT_KEYS):
        read_definition(draft, components, reference.category, arguments)
        if not draft.buttons:
            _add_buttons(draft, arguments)
    else:
        _read_unresolved(draft, arguments)


def _reference(draft: Draft, template: JsonObject, at: str) -> TemplateRef:
    language = template.get("language")
    if language.__class__ is dict:
        code = text_at(language, "code", f"{at}/language")
    else:
        code = text_at(template, "language", at)
    return TemplateRef(
        id=draft.clip(identifier_at(template, "id", at)),
        name=draft.clip(text_at(template, "name", at)),
        language=draft.clip(code),
        category=draft.clip(text_at(template, "category", at)).upper(),
    )


def _is_request(template: JsonObject, components: list[tuple[str, JsonObject]]) -> bool:
    """Tell a send request from a definition: it names its language by ``{code}``, or gives parameters, or nothing."""
    if not components or template.get("language").__class__ is dict:
        return True
    for at, component in components:
        kind = text_at(component, "type", at).lower()
        if "parameters" in component or kind == "button":
            return True
        if kind == "carousel":
            cards = component.get("cards")
            first = cards[0] if isinstance(cards, list) and cards else None
            if isinstance(first, dict) and "card_index" in first:
                return True
    return False


def _read_stored(draft: Draft, stored: JsonObject, asked: TemplateRef, arguments: Arguments) -> bool:
    """Read the stored definition; ``False``, and the draft as it was, if it is not one.

    The stored definition was checked when it was stored. Should it be damaged all the same, that is not the fault of
    the request, whose pointers would be wrong for it.
    """
    attempt = Draft(draft.type)
    attempt.media = list(draft.media)
    attempt.buttons = list(draft.buttons)
    attempt.flags = list(draft.flags)
    try:
        definition = object_from(stored.get("template") or stored, "")
        reference = _reference(attempt, definition, "")
        components = list(attempt.objects(definition, "components", ""))
        read_definition(attempt, components, reference.category or asked.category, arguments)
    except PayloadError:
        return False
    if not components:
        return False
    draft.header, draft.body, draft.footer = attempt.header, attempt.body, attempt.footer
    draft.media, draft.buttons, draft.flags = attempt.media, attempt.buttons, attempt.flags
    draft.withheld = attempt.withheld
    draft.template = TemplateRef(
        id=reference.id or asked.id,
        name=reference.name or asked.name,
        language=reference.language or asked.language,
        category=reference.category or asked.category,
    )
    return True


def _read_unresolved(draft: Draft, arguments: Arguments) -> None:
    """Take the parameters' texts, one a line. With none of them, nothing of the text is visible."""
    draft.flag("template_unresolved")
    draft.header = "\n".join(arguments.header.values()) or arguments.location
    draft.add_body(*arguments.body.values(), *arguments.others.values())
    _add_buttons(draft, arguments)
    for card in arguments.cards:
        draft.add_body(*card.header.values(), *card.body.values())
        _add_buttons(draft, card)
    draft.withheld = not (draft.header or draft.body)


def _add_buttons(draft: Draft, arguments: Arguments) -> None:
    """A URL button's parameter is the end of a URL whose beginning is not known, unless it is a whole one."""
    for type_, texts in arguments.buttons.values():
        text = texts[0] if texts else ""
        if text[:8].lower().startswith(("http://", "https://")):
            draft.add_button(type_, url=text)
        else:
            draft.add_button(type_, text)
