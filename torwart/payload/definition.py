"""A template's definition, rendered with the parameters that were given to it."""

from collections.abc import Iterable

from torwart.entities import JsonObject
from torwart.payload.draft import MEDIA_TYPES, Draft
from torwart.payload.fields import identifier_at, object_at, text_at
from torwart.payload.placeholders import examples_of, fill, first_text
from torwart.payload.request import Arguments

# What the platform shows for authentication templates, whose texts no sender can choose. In English, whatever the
# template's language: it stands for the kind of notice, and carries nothing else.
CODE_TEXT = "{code} is your verification code."
CODE_TEXT_WITHOUT_CODE = "Here is your verification code."
SECURITY_TEXT = "For your security, do not share this code."
EXPIRY_TEXT = "This code expires in {minutes} minutes."


def read_definition(
    draft: Draft, components: Iterable[tuple[str, JsonObject]], category: str, arguments: Arguments | None
) -> None:
    """Render ``components``. Without ``arguments`` placeholders take the template's examples."""
    body_seen = False
    for at, component in components:
        kind = text_at(component, "type", at).upper()
        if kind == "BODY":
            body_seen = True
            _read_body(draft, component, at, category, arguments)
        elif kind == "HEADER":
            _read_header(draft, component, at, arguments)
        elif kind == "FOOTER":
            _read_footer(draft, component, at)
        elif kind == "BUTTONS":
            for index, (button_at, button) in enumerate(draft.objects(component, "buttons", at)):
                _read_button(draft, button, button_at, str(index), arguments)
        elif kind == "CAROUSEL":
            _read_cards(draft, component, at, arguments)
        elif kind == "LIMITED_TIME_OFFER":
            offer = object_at(component, "limited_time_offer", at) or {}
            draft.add_body(text_at(offer, "text", f"{at}/limited_time_offer"))
        elif kind == "CALL_PERMISSION_REQUEST":
            draft.add_button(kind)
        elif kind != "BUTTON":
            _read_unknown(draft, component)
    if arguments is not None:
        draft.add_body(*arguments.others.values())
    if not body_seen:
        draft.withheld = not (draft.header or draft.body)


def _read_unknown(draft: Draft, component: JsonObject) -> None:
    if "parameters" not in component:
        draft.flag("unknown_component")
    if isinstance(text := component.get("text"), str):
        draft.add_body(text)


def _read_body(draft: Draft, component: JsonObject, at: str, category: str, arguments: Arguments | None) -> None:
    given = arguments.body if arguments is not None else None
    text = text_at(component, "text", at)
    if "{{" in text:
        text = fill(draft, text, given, examples_of(component, "body"))
    if component.get("text") is not None:
        draft.add_body(text)
    elif category == "AUTHENTICATION" or "add_security_recommendation" in component:
        code = given.get("1", "") if given is not None else ""
        draft.add_body(CODE_TEXT.format(code=code) if code else CODE_TEXT_WITHOUT_CODE)
        if component.get("add_security_recommendation") is True:
            draft.body = f"{draft.body} {SECURITY_TEXT}"
        draft.flag("platform_text")
    else:
        draft.withheld = True


def _read_header(draft: Draft, component: JsonObject, at: str, arguments: Arguments | None) -> None:
    format_ = text_at(component, "format", at).lower()
    if format_ in MEDIA_TYPES:
        if arguments is not None and arguments.media:
            return
        example = component.get("example")
        handle = first_text(example.get("header_handle")) if isinstance(example, dict) else ""
        if handle:
            draft.flag("example_used")
        draft.add_handle(format_, handle)
    elif format_ == "location":
        draft.header = arguments.location if arguments is not None else ""
    else:
        text = text_at(component, "text", at)
        if "{{" in text:
            given = arguments.header if arguments is not None else None
            text = fill(draft, text, given, examples_of(component, "header"))
        draft.header = text


def _read_footer(draft: Draft, component: JsonObject, at: str) -> None:
    draft.footer = text_at(component, "text", at)
    minutes = identifier_at(component, "code_expiration_minutes", at)
    if minutes and not draft.footer:
        draft.footer = EXPIRY_TEXT.format(minutes=minutes)
        draft.flag("platform_text")


def _read_cards(draft: Draft, component: JsonObject, at: str, arguments: Arguments | None) -> None:
    """Render the cards one below the other; every card is a small template of its own, without cards."""
    for index, (card_at, card) in enumerate(draft.objects(component, "cards", at)):
        given = arguments.cards[index] if arguments is not None and index < len(arguments.cards) else None
        for inner_at, inner in draft.objects(card, "components", card_at):
            kind = text_at(inner, "type", inner_at).upper()
            if kind == "HEADER":
                header, draft.header = draft.header, ""
                _read_header(draft, inner, inner_at, given)
                draft.add_body(draft.header)
                draft.header = header
            elif kind == "BODY":
                values = given.body if given is not None else None
                draft.add_body(fill(draft, text_at(inner, "text", inner_at), values, examples_of(inner, "body")))
            elif kind == "BUTTONS":
                for position, (button_at, button) in enumerate(draft.objects(inner, "buttons", inner_at)):
                    _read_button(draft, button, button_at, str(position), given)


def _read_button(draft: Draft, button: JsonObject, at: str, index: str, arguments: Arguments | None) -> None:
    kind = text_at(button, "type", at).upper()
    text = text_at(button, "text", at)
    url = text_at(button, "url", at)
    given = arguments.buttons.get(index) if arguments is not None else None
    if "{{" in url:
        url = _filled_url(draft, url, button, given[1] if given is not None else [])
    if kind == "COPY_CODE" and not text:
        if given is not None and given[1]:
            text = given[1][0]
        elif text := first_text(button.get("example")):
            draft.flag("example_used")
    draft.add_button(kind, text, url, text_at(button, "phone_number", at))


def _filled_url(draft: Draft, url: str, button: JsonObject, given: list[str]) -> str:
    """Put the suffix into a button's URL. Its example may be the suffix or the whole URL: both are in use."""
    example = first_text(button.get("example"))
    fixed = url[: url.index("{{")]
    if not given and fixed and example.startswith(fixed):
        draft.flag("example_used")
        return example
    values = {str(position): value for position, value in enumerate(given, 1)}
    return fill(draft, url, values, {"1": example} if example else {})
